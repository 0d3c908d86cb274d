/** `GET /releases/:id/upgrade` (spec/distribution.md 11). */
import { authorize, sightOf, where } from '../kernel/access/access.ts';
import { eq, isNull, ne, sql } from '../kernel/database/drizzle.ts';
import { lateWrite } from '../kernel/database/late-write.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { badParameter, notFound } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { releaseAccess as access } from './release.access.ts';
import { addToCounts } from './release.counts.ts';
import { releaseDocument as document } from './release.document.ts';
import { inChannel } from './release.filters.ts';
import { type ReleaseRecord, releaseRecords as records } from './release.records.ts';
import { upgradeQuery } from './release.schema.ts';
import { releases } from './release.table.ts';
import { higher, satisfying } from './upgrade.candidates.ts';
import { parseConstraint, type VersionConstraint } from './upgrade.ts';
import { highestFirst } from './version.columns.ts';
import { parseVersion, sortKey, type Version } from './version.ts';

interface Wanted {
  channel?: string | undefined;
  constraint?: VersionConstraint | undefined;
}

/** @throws {ApiError} 400 */
function readQuery({ query, sender }: Context): Wanted {
  const { channel, constraint: text } = checkParams(upgradeQuery, query, sender, 'query');
  const constraint = text === undefined ? undefined : parseConstraint(text);
  if (text === undefined || constraint) return { channel, constraint };
  const error = badParameter('invalid constraint format', { parameter: 'constraint' });
  error.errors[0]!.code = 'CONSTRAINT_INVALID';
  throw error;
}

/** The release that one is upgraded to, among those that the bearer sees, in whatever environment. */
export async function findUpgrade(context: Context, current: ReleaseRecord, { channel, constraint }: Wanted): Promise<ReleaseRecord | undefined> {
  const { accountId, productId, packageId, id, version } = current;
  const candidates = where(
    eq(releases.accountId, accountId),
    eq(releases.productId, productId),
    packageId === null ? isNull(releases.packageId) : eq(releases.packageId, packageId),
    eq(releases.status, 'PUBLISHED'),
    ne(releases.id, id),
    ne(releases.version, version),
    higher(sortKey(parseVersion(version) as Version)),
    constraint && satisfying(constraint),
    inChannel(accountId, channel ?? current.channel.key),
    sightOf(access.visible, context),
  );
  const by = sql`${highestFirst}, ${releases.createdAt} desc, ${releases.id} desc`;
  return (await records.find(context.db, candidates, { by, limit: 1 }))[0];
}

interface Upgraded {
  accountId: string;
  releaseId: string;
}

/** Counts upgrades with the releases that they led to. */
const countUpgrades = lateWrite<Upgraded>({
  name: 'upgrade counts',
  write: (upgrades, database) => addToCounts(database.drizzle, 'upgrade', upgrades),
});

/** Answers with the newer release, and tells of it. @throws {ApiError} 400; 404 when there is none; 403 when it may not be read */
export async function upgrade(current: ReleaseRecord, context: Context): Promise<Answer> {
  const next = await findUpgrade(context, current, readQuery(context));
  if (!next) throw notFound(records.noun);
  await authorize(context, access.may.show, { record: next });
  const meta = { current: current.version, next: next.version };
  const log = { product: next.productId, package: next.packageId, prev: current.version, next: next.version };
  context.emitLater('release.upgraded', { document, access, row: next }, { meta, log });
  context.writeLater(countUpgrades, { accountId: next.accountId, releaseId: next.id });
  return { status: 200, document: { data: document.render(next, { now: context.now, context: 'response' }), meta } };
}
