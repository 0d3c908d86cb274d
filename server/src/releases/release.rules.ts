/** What must hold of a release (spec/distribution.md 4, 19). */
import { nestedConstraints } from '../constraints/constraint.nested.ts';
import { and, eq, ne, type SQL, sql } from '../kernel/database/drizzle.ts';
import { mustExist } from '../kernel/jsonapi/association-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { type Facts, longer, metadataRule, type OpenRule, reserved, rules, tooLong, touches } from '../kernel/jsonapi/rules.ts';
import { type Package, packages } from '../packages/package.table.ts';
import { type Product, products } from '../products/product.table.ts';
import { equalsVersion, type ReleaseRecord, releaseRecords } from './release.records.ts';
import { releases } from './release.table.ts';
import { formatVersion, type Version } from './version.ts';

/** A release with what rules need besides. Of one that is not stored yet, all may be missing. */
export type ReleaseDraft = Omit<ReleaseRecord, 'product'> & {
  product: Product | null;
  /** The package that it is to be in. */
  nextPackage?: Package | null;
  /** The version as it was sent, and what it says; null when it is none. */
  sent?: { version: string; parsed: Version | null };
  /** Entitlements of the constraints that come with it. */
  constrainedBy?: readonly string[];
};

/** spec/distribution.md 4.2 */
const channelRule: OpenRule<ReleaseDraft> = ({ channel: { key }, sent }) => {
  if (!sent) return undefined;
  const { parsed } = sent;
  const fail = (detail: string) => ({ subject: 'version', kind: 'CHANNEL_INVALID', detail });
  const version = parsed ? formatVersion(parsed) : '';
  if (key === 'stable') return parsed && parsed.prerelease !== null ? fail(`version does not match stable channel (expected x.y.z got ${version})`) : undefined;
  if (parsed?.prerelease?.startsWith(key)) return undefined;
  return fail(`version does not match prerelease channel (expected x.y.z-${key}.n got ${version})`);
};

/** Whether another release in its place, which is its package or, without one, its product, answers to a WHERE (spec/distribution.md 4.3). */
async function isTaken({ id, accountId, productId, packageId }: ReleaseDraft, same: SQL, { db }: Facts): Promise<boolean> {
  const place = and(eq(releases.accountId, accountId), eq(releases.productId, productId), sql`${releases.packageId} is not distinct from ${packageId}::uuid`);
  const [found] = await db
    .select({ id: releases.id })
    .from(releases)
    .where(and(place, ne(releases.id, id), same))
    .limit(1);
  return found !== undefined;
}

const moves = (facts: Facts): boolean => touches(facts, 'packageId');

export const releaseRules = rules<ReleaseDraft>(releaseRecords, [
  mustExist('product', products, ({ productId }) => productId),
  channelRule,
  (release, facts) => nestedConstraints(release.constrainedBy ?? [], release, facts),
  compatibleWith<ReleaseDraft>([
    ['product', ({ product }) => product],
    ['package', ({ nextPackage }) => nextPackage],
  ]),
  mustExist('package', packages, ({ packageId }) => packageId),
  ['version', 'must be a valid version', 'INVALID', ({ sent }) => sent?.parsed === null],
  [
    'version',
    'version already exists',
    'TAKEN',
    // those of 1.0 may repeat a version
    (release, facts) => moves(facts) && release.apiVersion !== '1.0' && isTaken(release, equalsVersion(release.sent?.version ?? release.version), facts),
  ],
  [
    'tag',
    'tag already exists',
    'TAKEN',
    (release, facts) => {
      const { tag } = release;
      return (moves(facts) || touches(facts, 'tag')) && tag !== null && tag.trim() !== '' && isTaken(release, eq(releases.tag, tag), facts);
    },
  ],
  ['tag', 'is reserved', 'NOT_ALLOWED', ({ tag }) => reserved(tag)],
  ['tag', tooLong(255), 'TOO_LONG', ({ tag }) => longer(tag, 255)],
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  ['description', tooLong(16384), 'TOO_LONG', ({ description }) => longer(description, 16384)],
  metadataRule,
  ['backdated', 'must be in the past', 'INVALID', ({ backdatedAt }, { now }) => backdatedAt !== null && backdatedAt >= now],
  [
    '~package',
    'package product must match release product',
    'NOT_ALLOWED',
    ({ productId, nextPackage }) => nextPackage !== undefined && nextPackage !== null && nextPackage.productId !== productId,
  ],
]);
