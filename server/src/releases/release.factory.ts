import { artifacts } from '../artifacts/artifact.table.ts';
import { channelKeys } from '../channels/channel.keys.ts';
import { channels } from '../channels/channel.table.ts';
import { withDimensions } from '../dimensions/dimension.factory.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { type Attributes, type FactoryContext, factory } from '../testkit/factory.ts';
import { releases } from './release.table.ts';
import { versionColumns } from './version.columns.ts';
import { parseVersion, type Version } from './version.ts';

function versionOf(text: unknown): Version {
  const version = parseVersion(String(text));
  if (typeof version === 'string') throw new TypeError(`the version ${text} of a release is ${version}`);
  return version;
}

/** The channel that a version belongs to. */
const channelOf = ({ prerelease }: Version): string => channelKeys.find((key) => prerelease?.startsWith(key)) ?? 'stable';

/** The product that is given, or whose package is, or a new one. */
async function productOf({ find, create }: FactoryContext, given: Attributes): Promise<Attributes> {
  const { account_id, environment_id, package_id } = given;
  const id = given.product_id ?? (package_id ? (await find('release_package', { id: package_id }))?.product_id : undefined);
  if (id !== undefined) return (await find('product', { id })) ?? { id };
  return create('product', { account_id, ...(environment_id !== undefined && { environment_id }) });
}

/** A version of the given channel, and the channel of the given version. */
async function versioned({ find, sequence }: FactoryContext, given: Attributes): Promise<Attributes> {
  const row = given.channel_id ? await find('release_channel', { id: given.channel_id }) : undefined;
  const channel = given.channel ?? row?.key;
  const version = given.version ?? (channel === undefined || channel === 'stable' ? `1.0.${sequence}` : `1.0.0-${channel}.${sequence}`);
  return { version, ...(channel === undefined && { channel: channelOf(versionOf(version)) }) };
}

/** `channel` is a channel's key. */
export const releaseFactory = factory({
  type: 'release',
  table: releases,
  aliases: { backdated: 'backdated_at', yanked: 'yanked_at', release_package_id: 'package_id', release_channel_id: 'channel_id' },
  async defaults(context, given) {
    const product = await productOf(context, given);
    const { id: product_id, environment_id } = product;
    return { product_id, environment_id, status: 'DRAFT', api_version: currentVersion, ...(await versioned(context, given)) };
  },
  async prepare(context, attributes) {
    const columns = await withDimensions(context, attributes, { channel: { table: channels } });
    if (columns.status === 'YANKED') columns.yanked_at ??= context.now;
    return { columns: columns.version === undefined ? columns : { ...columns, ...versionColumns(versionOf(columns.version)) } };
  },
  async after({ db }, row) {
    const [accountId, id, productId] = [row.account_id, row.id, row.product_id].map(String) as [string, string, string];
    await db
      .update(artifacts)
      .set({ productId })
      .where(and(eq(artifacts.accountId, accountId), eq(artifacts.releaseId, id)));
  },
});
