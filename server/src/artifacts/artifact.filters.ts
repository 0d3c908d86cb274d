/** How lists of artifacts can be narrowed, and artifacts of one filename told apart; on `artifacts` with what is joined to them (spec/distribution.md 7.5). */
import { arches } from '../arches/arch.table.ts';
import { filetypeKey } from '../dimensions/dimension.key.ts';
import type { DimensionTable } from '../dimensions/dimension.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { and, eq, isNull, or, type PgColumn, sql } from '../kernel/database/drizzle.ts';
import { parseUuid } from '../kernel/id.ts';
import { nameFilter, textFilter } from '../kernel/jsonapi/filters.ts';
import type { Filters } from '../kernel/jsonapi/list.ts';
import { platforms } from '../platforms/platform.table.ts';
import { productRecords } from '../products/product.records.ts';
import { releaseFilters } from '../releases/release.filters.ts';
import { releaseRecords } from '../releases/release.records.ts';
import { artifacts } from './artifact.table.ts';

const statuses = ['WAITING', 'PROCESSING', 'UPLOADED', 'FAILED', 'YANKED'] as const;

/** Those that name a row by its key or id. @param keyOf what is stored of a text; null: nothing is */
const named = (table: DimensionTable, column: PgColumn, keyOf: (text: string) => string | null = (text) => text) =>
  textFilter((text, { accountId }) => {
    const key = keyOf(text);
    const id = parseUuid(text);
    const called = or(key === null ? undefined : equalsHashed(table.key, key), id === undefined ? undefined : eq(table.id, id));
    return called !== undefined && sql`${column} in (select ${table.id} from ${table} where ${and(eq(table.accountId, accountId), called)})`;
  });

/** Those of a release's artifacts, where what is blank counts as absent. */
export const filtersOfRelease = {
  status: nameFilter(statuses, (status) => eq(artifacts.status, status)),
  filetype: named(filetypes, artifacts.filetypeId, filetypeKey),
  platform: named(platforms, artifacts.platformId),
  arch: named(arches, artifacts.archId),
} satisfies Filters;

const orWithout = (filter: (typeof filtersOfRelease)['arch'], column: PgColumn) =>
  Object.assign(((value, context) => filter(value, context)) as typeof filter, { whenBlank: isNull(column) });

/** Those of a product's. */
export const filtersOfProduct = {
  channel: releaseFilters.channel,
  status: filtersOfRelease.status,
  package: releaseFilters.package,
  engine: releaseFilters.engine,
  filetype: orWithout(filtersOfRelease.filetype, artifacts.filetypeId),
  platform: orWithout(filtersOfRelease.platform, artifacts.platformId),
  arch: orWithout(filtersOfRelease.arch, artifacts.archId),
} satisfies Filters;

export const artifactFilters = {
  ...filtersOfProduct,
  product: textFilter((text) => productRecords.called(text)),
  release: textFilter((text) => releaseRecords.called(text)),
} satisfies Filters;
