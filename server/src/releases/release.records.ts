import { channels } from '../channels/channel.table.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { inner, type Row, records, sameAccount } from '../kernel/database/records.ts';
import { products } from '../products/product.table.ts';
import { releases } from './release.table.ts';

export const equalsVersion = (version: string): SQL => equalsHashed(releases.version, version);

/** A release comes with its product, its channel, and the ids of the entitlements that it asks for. */
export const releaseRecords = records(releases, {
  type: 'releases',
  noun: 'release',
  aliases: [equalsVersion, releases.tag],
  joins: {
    product: inner(products, sameAccount(releases, releases.productId, products)),
    channel: inner(channels, sameAccount(releases, releases.channelId, channels)),
  },
  extras: {
    constraints: sql<string[]>`array(select ${constraints.entitlementId}::text from ${constraints}
      where ${constraints.accountId} = ${releases.accountId} and ${constraints.releaseId} = ${releases.id})`,
  },
});
export type ReleaseRecord = Row<typeof releaseRecords>;
