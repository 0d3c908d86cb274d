import { artifacts } from '../artifacts/artifact.table.ts';
import { channels } from '../channels/channel.table.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { filetypes } from '../filetypes/filetype.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { inner, type Row, records, sameAccount } from '../kernel/database/records.ts';
import { platforms } from '../platforms/platform.table.ts';
import { products } from '../products/product.table.ts';
import { releases } from './release.table.ts';

export const equalsVersion = (version: string): SQL => equalsHashed(releases.version, version);

/** What older versions show of an artifact. */
interface ShownArtifact {
  id: string;
  filename: string;
  filesize: number | null;
  filetype: string | null;
  platform: string | null;
  signature: string | null;
  checksum: string | null;
}

const newestArtifact = sql<ShownArtifact | null>`(select json_build_object('id', ${artifacts.id}, 'filename', ${artifacts.filename}, 'filesize', ${artifacts.filesize},
    'filetype', (select "key" from ${filetypes} where ${filetypes.accountId} = ${artifacts.accountId} and ${filetypes.id} = ${artifacts.filetypeId}),
    'platform', (select "key" from ${platforms} where ${platforms.accountId} = ${artifacts.accountId} and ${platforms.id} = ${artifacts.platformId}),
    'signature', ${artifacts.signature}, 'checksum', ${artifacts.checksum})
  from ${artifacts} where ${artifacts.accountId} = ${releases.accountId} and ${artifacts.releaseId} = ${releases.id}
  order by ${artifacts.createdAt} desc, ${artifacts.id} desc limit 1)`;

/** A release comes with its product, its channel, the ids of the entitlements that it asks for, and its newest artifact. */
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
    artifact: newestArtifact,
  },
});
export type ReleaseRecord = Row<typeof releaseRecords>;
