/** A release that is to be made (spec/distribution.md 3.3, 4). */
import { type Channel, channels } from '../channels/channel.table.ts';
import { insertNested, mostNested } from '../constraints/constraint.nested.ts';
import { entitlementsOf } from '../constraints/constraint.schema.ts';
import { dimensionId } from '../dimensions/dimension.id.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { idOf, insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import { products } from '../products/product.table.ts';
import { packageOf } from './package-of.ts';
import { type ReleaseRecord, releaseRecords } from './release.records.ts';
import type { ReleaseDraft } from './release.rules.ts';
import type { createRelease } from './release.schema.ts';
import { requireRoom } from './release-limit.ts';
import { versionColumns } from './version.columns.ts';
import { parseVersion, type Version } from './version.ts';

type Body = (typeof createRelease)['value'];

/** @throws {ApiError} 400 when a number of it cannot be stored */
function readVersion(text: string): Version | null {
  const parsed = parseVersion(text);
  if (parsed === 'too large') throw apiError('INTEGER_TOO_LARGE');
  return parsed === 'invalid' ? null : parsed;
}

const defaults = { name: null, description: null, status: 'DRAFT', tag: null, backdatedAt: null, metadata: {} };
const counts = { downloadCount: 0n, upgradeCount: 0n, yankedAt: null };

/** The unsaved release, as far as it must be known to be authorized and judged. @throws {ApiError} 422 for too many constraints */
export async function draftRelease({ data }: Body, context: Context): Promise<ReleaseRecord> {
  const { product: named, package: inPackage, constraints, environment } = data.relationships;
  const { channel, version, ...attributes } = data.attributes;
  const parsed = readVersion(version);
  const constrainedBy = constraints && entitlementsOf(constraints.data);
  if ((constrainedBy?.length ?? 0) > mostNested) throw apiError('TOO_MANY_RECORDS');
  const { db, accountId } = context;
  const [product] = await db
    .select()
    .from(products)
    .where(and(eq(products.accountId, accountId), eq(products.id, named.data.id)));
  const packageId = idOf(inPackage) ?? null;
  const draft = {
    ...{ ...defaults, ...counts, ...attributes },
    ...newRow(context, { environmentId: idOf(environment), parentEnvironmentId: product?.environmentId ?? null }),
    ...{ productId: named.data.id, product: product ?? null, packageId, nextPackage: await packageOf(db, accountId, packageId) },
    ...{ version, ...(parsed && versionColumns(parsed)), sent: { version, parsed }, apiVersion: context.version },
    channel: { key: channel } as Channel,
    constraints: constrainedBy ?? [],
    ...(constrainedBy && { constrainedBy }),
  };
  return draft as ReleaseDraft as ReleaseRecord;
}

/** Stores a release that has passed its rules, with its channel and constraints. @throws {ApiError} 422 when the account's plan has room for no more */
export async function storeRelease(release: ReleaseRecord, change: Change, _: Body, context: Context): Promise<ReleaseRecord> {
  await requireRoom(change, context);
  const { db, accountId, now } = change;
  const channelId = await dimensionId(db, channels, accountId, release.channel.key, now);
  const stored = { ...release, channelId };
  await insertRow(change, releaseRecords, stored);
  await insertNested((release as ReleaseDraft).constrainedBy ?? [], stored, change);
  return stored;
}
