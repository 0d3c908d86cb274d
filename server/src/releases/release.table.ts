import { channels } from '../channels/channel.table.ts';
import { byteOrdered, hashOf, instant, int64, metadataColumn, refersTo, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, sql, text, uuid } from '../kernel/database/drizzle.ts';

/** spec/distribution.md 3.1, 4.3 */
export const releases = pgTable(
  'releases',
  {
    ...scopedColumns(),
    /** Never changes. */
    productId: uuid().notNull(),
    packageId: uuid(),
    /** Never changes. */
    channelId: uuid().notNull(),
    name: text(),
    description: text(),
    status: text().notNull(),
    tag: text(),
    /** As `formatVersion` writes it; what sorts it follows (version.ts). */
    version: text().notNull(),
    semverMajor: int64().notNull(),
    semverMinor: int64().notNull(),
    semverPatch: int64().notNull(),
    semverPreWord: byteOrdered(),
    semverPreNum: int64(),
    semverBuildWord: byteOrdered(),
    semverBuildNum: int64(),
    backdatedAt: instant(),
    yankedAt: instant(),
    /** Of the request that created it: those of 1.0 may repeat a version. */
    apiVersion: text().notNull(),
    downloadCount: int64().notNull().default(sql`0`),
    upgradeCount: int64().notNull().default(sql`0`),
    metadata: metadataColumn(),
  },
  (t) => {
    // Releases without a package are among themselves, as if their product were one.
    const place = sql`coalesce(${t.packageId}, ${t.productId})`;
    return [
      ...scopedKeys('releases', t),
      refersTo('releases_channel', t, t.channelId, () => channels),
      uniqueInAccount('releases_version', t, t.productId, place, hashOf(t.version)).where(sql`${t.apiVersion} <> '1.0'`),
      uniqueInAccount('releases_tag', t, t.productId, place, t.tag),
      index('releases_by_version').on(t.accountId, hashOf(t.version), t.productId),
      index('releases_by_tag').on(t.accountId, t.tag),
      index('releases_product').on(t.accountId, t.productId, t.createdAt),
      index('releases_highest').on(t.accountId, t.productId, t.semverMajor, t.semverMinor, t.semverPatch),
      index('releases_package').on(t.accountId, t.packageId),
      index('releases_by_channel').on(t.accountId, t.channelId),
      index('releases_metadata').using('gin', t.metadata.op('jsonb_path_ops')),
    ];
  },
);
export type Release = typeof releases.$inferSelect;
