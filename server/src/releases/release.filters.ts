/** How lists of releases can be narrowed, and releases of one version or tag told apart; on `releases` (spec/distribution.md 3.4). */
import { arches } from '../arches/arch.table.ts';
import { artifacts } from '../artifacts/artifact.table.ts';
import { channelKeys } from '../channels/channel.keys.ts';
import { channels } from '../channels/channel.table.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { namedBy } from '../dimensions/dimension.filters.ts';
import { filetypeKey } from '../dimensions/dimension.key.ts';
import { engines } from '../engines/engine.table.ts';
import { entitlements } from '../entitlements/entitlement.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { eq, inArray, isNull, ne, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import { textFilter as readText, yankedFilter as readYanked } from '../kernel/http/query-readers.ts';
import { parseUuid } from '../kernel/id.ts';
import { nameFilter, textFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { packages } from '../packages/package.table.ts';
import { platforms } from '../platforms/platform.table.ts';
import { inheritedChannels } from './inherited-channels.ts';
import { equalsVersion } from './release.records.ts';
import { releases } from './release.table.ts';

const statuses = ['DRAFT', 'PUBLISHED', 'YANKED'] as const;

/** Ids of the channels whose releases a channel has; false when there is no such channel. @param name its key or id */
function idsOfChannels(accountId: string, name: string): SQL | false {
  const ids = sql`select ${channels.id} from ${channels} where ${channels.accountId} = ${accountId}`;
  const key = channelKeys.find((known) => known === name);
  if (key) return sql`(${ids} and ${inArray(channels.key, [...inheritedChannels(key)])})`;
  const id = parseUuid(name);
  if (id === undefined) return false;
  const pairs = channelKeys.flatMap((named) => inheritedChannels(named).map((inherited) => `('${named}', '${inherited}')`));
  const named = sql`(select "key" from ${channels} as named where named.account_id = ${accountId} and named.id = ${id})`;
  return sql`(${ids} and (${named}, ${channels.key}) in (${sql.raw(pairs.join(', '))}))`;
}

/** Releases that a channel has, its own and inherited ones; false when there is no such channel. @param name its key or id */
export function inChannel(accountId: string, name: string): SQL | false {
  const ids = idsOfChannels(accountId, name);
  return ids && sql`${releases.channelId} in ${ids}`;
}

/** What is called by a text: its key, or its id. */
const called = (table: typeof packages | typeof engines, text: string): SQL => {
  const id = parseUuid(text);
  return id === undefined ? equalsKey(table, text) : or(equalsKey(table, text), eq(table.id, id))!;
};
const equalsKey = (table: typeof packages | typeof engines, text: string): SQL =>
  table === packages ? eq(packages.key, text) : equalsHashed(engines.key, text);

const inPackage = textFilter(
  (text, { accountId }) =>
    sql`${releases.packageId} in (select ${packages.id} from ${packages} where ${packages.accountId} = ${accountId} and ${called(packages, text)})`,
);

const withEngines = sql`select ${packages.id} from ${packages} join ${engines} on ${engines.accountId} = ${packages.accountId} and ${engines.id} = ${packages.engineId}`;
const ofEngine = textFilter(
  (text, { accountId }) => sql`${releases.packageId} in (${withEngines} where ${packages.accountId} = ${accountId} and ${called(engines, text)})`,
);
const ofNoEngine = sql`not exists (${withEngines} where ${packages.accountId} = ${releases.accountId} and ${packages.id} = ${releases.packageId})`;

const yanked: Filter = (value) => {
  const wanted = readYanked(value);
  if (wanted === undefined) return undefined;
  return wanted ? eq(releases.status, 'YANKED') : ne(releases.status, 'YANKED');
};

/** Codes that constraints must be among. */
const constrainedTo: Filter = (value) => {
  const codes = Array.isArray(value) ? value.map(readText).filter((code) => code !== undefined) : [];
  if (codes.length === 0) return undefined;
  return sql`not exists (select 1 from ${constraints} join ${entitlements} on ${entitlements.accountId} = ${constraints.accountId} and ${entitlements.id} = ${constraints.entitlementId}
    where ${constraints.accountId} = ${releases.accountId} and ${constraints.releaseId} = ${releases.id} and not ${inArray(entitlements.code, codes)})`;
};

const ofArtifact = (within: SQL): SQL =>
  sql`${releases.id} in (select ${artifacts.releaseId} from ${artifacts} where ${artifacts.accountId} = ${releases.accountId} and ${within})`;
const onlyAt1_0 =
  (filter: Filter): Filter =>
  (value, context) =>
    context.version === '1.0' ? filter(value, context) : undefined;

/** Filters of version 1.0, whose releases have one artifact; later ones ignore them (spec/distribution.md 16.3). */
export const releaseFiltersOf1_0 = {
  version: onlyAt1_0(textFilter(equalsVersion)),
  filetype: onlyAt1_0(namedBy(filetypes, artifacts.filetypeId, filetypeKey, ofArtifact)),
  platform: onlyAt1_0(namedBy(platforms, artifacts.platformId, undefined, ofArtifact)),
  arch: onlyAt1_0(namedBy(arches, artifacts.archId, undefined, ofArtifact)),
} satisfies Filters;

/** Every filter; nested lists take those that they have. */
export const releaseFilters = {
  channel: textFilter((name, { accountId }) => inChannel(accountId, name)),
  product: uuidFilter(releases.productId),
  package: Object.assign(inPackage, { whenBlank: isNull(releases.packageId) }),
  engine: Object.assign(ofEngine, { whenBlank: ofNoEngine }),
  status: nameFilter(statuses, (status) => eq(releases.status, status)),
  yanked: Object.assign(yanked, { whenBlank: ne(releases.status, 'YANKED') }),
  entitlements: constrainedTo,
  constraints: constrainedTo,
  ...releaseFiltersOf1_0,
} satisfies Filters;
