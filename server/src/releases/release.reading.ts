/** Whether a release that a bearer has found may be read: the licenses decide, by what the visible set does not look at (spec/distribution.md 2.3). */
import { licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { type Asker, type Condition, type Line, unexplained } from '../kernel/access/access.ts';
import { idIn } from '../kernel/database/columns.ts';
import { and, asc, eq, sql } from '../kernel/database/drizzle.ts';
import { idsOfBearer } from '../licenses/license.sight.ts';
import { isExpired, revokesAccess } from '../licenses/license.status.ts';
import { licenses } from '../licenses/license.table.ts';
import { policies } from '../policies/policy.table.ts';
import { users } from '../users/user.table.ts';
import { type AccessedRelease, isOpen } from './accessible.ts';

/** A release as far as reading it is concerned. */
export type ReadRelease = Omit<AccessedRelease, 'status'> & { productId: string };

/** A license as far as its releases are concerned. */
export interface ReadingLicense {
  productId: string;
  suspended: boolean;
  expiry: Date | null;
  expirationStrategy: string | null;
  ownerBannedAt: Date | null;
  /** Ids of its own and of its policy's. */
  entitlements: readonly string[];
}

type Reason = readonly [reason: string, holds: (license: ReadingLicense, release: ReadRelease, now: Date) => boolean];

const reasons: readonly Reason[] = [
  ['license is suspended', ({ suspended }) => suspended],
  ['license is banned', ({ ownerBannedAt }) => ownerBannedAt !== null],
  ['license is expired', (license, _, now) => revokesAccess(license) && isExpired(license, now)],
  [
    'license expiry falls outside of access window',
    ({ expiry, expirationStrategy }, { backdatedAt, createdAt }) =>
      expiry !== null && expirationStrategy !== 'ALLOW_ACCESS' && (backdatedAt ?? createdAt) > expiry,
  ],
  ['license is missing entitlements', ({ entitlements }, { constraints }) => !constraints.every((id) => entitlements.includes(id))],
];

/**
 * Why licenses do not let their bearer read a release; undefined: one of them does, or none is needed.
 * @param held the bearer's, oldest first
 */
export function whyUnreadable(release: ReadRelease, held: readonly ReadingLicense[], now: Date): string | undefined {
  if (isOpen(release)) return undefined;
  const own = held.filter(({ productId }) => productId === release.productId);
  if (own.length === 0) return unexplained;
  if (release.product.distributionStrategy === 'CLOSED') return 'release distribution strategy is closed';
  const refusals = own.map((license) => reasons.find(([, holds]) => holds(license, release, now))?.[0]);
  return refusals.includes(undefined) ? undefined : refusals[0];
}

const entitlementIds = sql<string[]>`array(select ${licenseEntitlements.entitlementId}::text from ${licenseEntitlements}
    where ${licenseEntitlements.accountId} = ${licenses.accountId} and ${licenseEntitlements.licenseId} = ${licenses.id}
  union select ${policyEntitlements.entitlementId}::text from ${policyEntitlements}
    where ${policyEntitlements.accountId} = ${licenses.accountId} and ${policyEntitlements.policyId} = ${licenses.policyId})`;

/** The bearer's licenses of some products, oldest first. */
async function licensesOf({ db, accountId, bearer }: Asker, productIds: readonly string[]): Promise<ReadingLicense[]> {
  return await db
    .select({
      productId: licenses.productId,
      suspended: licenses.suspended,
      expiry: licenses.expiry,
      expirationStrategy: policies.expirationStrategy,
      ownerBannedAt: users.bannedAt,
      entitlements: entitlementIds,
    })
    .from(licenses)
    .innerJoin(policies, and(eq(policies.accountId, licenses.accountId), eq(policies.id, licenses.policyId)))
    .leftJoin(users, and(eq(users.accountId, licenses.accountId), eq(users.id, licenses.ownerId)))
    .where(and(eq(licenses.accountId, accountId), idIn(licenses.productId, productIds), sql`${licenses.id} in ${idsOfBearer(accountId, bearer!)}`))
    .orderBy(asc(licenses.createdAt), asc(licenses.id));
}

/**
 * The `unless` of whatever is read as its release is: `refusesUnlicensed(({ release }: ArtifactRecord) => release)`. Of a list the licenses are read once.
 * @param releaseOf the release of a record
 */
export function refusesUnlicensed<Row>(releaseOf: (record: Row) => ReadRelease): NonNullable<Line<Row>['unless']> {
  const read = new WeakMap<readonly Row[], Promise<ReadingLicense[]>>();
  const licensesFor = (asker: Asker, records: readonly Row[]): Promise<ReadingLicense[]> => {
    const known = read.get(records) ?? licensesOf(asker, [...new Set(records.map((record) => releaseOf(record).productId))]);
    read.set(records, known);
    return known;
  };
  return async (asker, record, records) => {
    const release = releaseOf(record);
    if (isOpen(release)) return undefined;
    const { bearer } = asker;
    if (bearer === null) return 'authentication is required';
    if (bearer.role !== 'user' && bearer.role !== 'license') return undefined;
    return whyUnreadable(release, await licensesFor(asker, records), asker.now);
  };
}

/** The bearer is the product, or the release is anyone's. */
export const ofProductOrOpen: Condition<ReadRelease> = (bearer, release) => release.productId === bearer.id || isOpen(release);

/** The bearer has a license of the product. */
export async function hasLicenseOf({ db, accountId, bearer }: Asker, productId: string): Promise<boolean> {
  const own = and(eq(licenses.accountId, accountId), eq(licenses.productId, productId), sql`${licenses.id} in ${idsOfBearer(accountId, bearer!)}`);
  return (await db.select({ id: licenses.id }).from(licenses).where(own).limit(1)).length > 0;
}
