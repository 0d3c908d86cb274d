/** Creating licenses (spec/licenses.md 4). */
import { environments } from '../environments/environment.table.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, ne, sql } from '../kernel/database/drizzle.ts';
import type { AccountTable } from '../kernel/database/records.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { idOf, insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import { type Failure, refuse } from '../kernel/jsonapi/rules.ts';
import { popKey } from '../keys/pop-key.ts';
import { type Policy, policies } from '../policies/policy.table.ts';
import { defaultPermissionsOf } from '../settings/default-permissions.ts';
import { type User, users } from '../users/user.table.ts';
import { initialExpiry } from './expiry.ts';
import { keyOf, type MadeKey } from './license.key.ts';
import { type LicenseRecord, licenseRecords } from './license.records.ts';
import type { createLicense, updateLicense } from './license.schema.ts';
import { licenses } from './license.table.ts';
import { planRefusesLicense } from './plan-limit.ts';

type Created = typeof createLicense.value;
type Attributes = Created['data']['attributes'] & (typeof updateLicense.value)['data']['attributes'];

/** A row of the account by id; `share` keeps it from being deleted until the transaction ends. */
export async function rowOf<T extends AccountTable>(
  db: Db,
  table: T,
  accountId: string,
  id: string | null,
  lock?: 'key share',
): Promise<T['$inferSelect'] | null> {
  if (id === null) return null;
  const query = db
    .select()
    .from(table as AccountTable)
    .where(and(eq(table.accountId, accountId), eq(table.id, id)))
    .$dynamic();
  const [row] = await (lock ? query.for(lock) : query);
  return (row as T['$inferSelect'] | undefined) ?? null;
}

const int64 = (value: number | bigint | null): bigint | null => (value === null ? null : BigInt(value));

/** Attributes as columns have them. */
export function columnsOf({ maxMemory, maxDisk, ...attributes }: Partial<Attributes>) {
  return {
    ...attributes,
    ...(maxMemory !== undefined && { maxMemory: int64(maxMemory) }),
    ...(maxDisk !== undefined && { maxDisk: int64(maxDisk) }),
  };
}

const unset = {
  name: null,
  suspended: false,
  uses: 0,
  maxMachines: null,
  maxProcesses: null,
  maxUsers: null,
  maxCores: null,
  maxMemory: null,
  maxDisk: null,
  maxUses: null,
  usersCount: 0,
  machinesCount: 0,
  machinesCoreCount: 0,
  machinesMemory: 0n,
  machinesDisk: 0n,
  lastValidatedAt: null,
  lastValidatedChecksum: null,
  lastValidatedVersion: null,
  lastCheckOutAt: null,
  lastExpirationEventSentAt: null,
  lastExpiringSoonEventSentAt: null,
  lastCheckInEventSentAt: null,
  lastCheckInSoonEventSentAt: null,
};

/** What a license takes over from its policy; nothing from one that does not exist, which the rules refuse. */
const inherited = (policy: Policy | null, expiry: Date | null, now: Date) => ({
  productId: policy?.productId ?? '',
  expiry: policy ? initialExpiry(expiry, policy, 'FROM_CREATION', now) : expiry,
  protected: policy?.protected ?? false,
  lastCheckInAt: policy?.requireCheckIn ? now : null,
});

/** The unsaved license. Its key is the one that was sent, or empty; its policy is null if there is none. */
export async function draftLicense({ data }: Created, context: Context): Promise<LicenseRecord> {
  const { attributes, relationships, id } = data;
  refuseUnknownPermissions(attributes.permissions, licenseRecords);
  const { db, accountId, now } = context;
  const policyId = relationships.policy.data.id;
  const ownerId = idOf(relationships.owner) ?? null;
  const [policy, owner, permissions] = await Promise.all([
    rowOf(db, policies, accountId, policyId),
    rowOf(db, users, accountId, ownerId),
    attributes.permissions ?? defaultPermissionsOf(db, accountId, 'license'),
  ]);
  const own = newRow(context, { id, environmentId: idOf(relationships.environment), parentEnvironmentId: policy?.environmentId ?? null });
  const { expiry = null, ...given } = columnsOf(attributes);
  return {
    ...unset,
    ...own,
    policyId,
    ownerId,
    groupId: idOf(relationships.group) ?? owner?.groupId ?? null,
    metadata: {},
    ...inherited(policy, expiry, now),
    ...given,
    key: attributes.key ?? '',
    permissions: [...permissions],
    policy: policy as Policy,
    owner,
    environment: await rowOf(db, environments, accountId, own.environmentId),
    hasChosenId: id !== undefined,
  };
}

/** Keeps policy and owner from being deleted until the license is stored. */
export async function holdParents(draft: LicenseRecord, { db, accountId }: Change): Promise<LicenseRecord> {
  const policy = (await rowOf(db, policies, accountId, draft.policyId, 'key share')) as Policy;
  const owner: User | null = await rowOf(db, users, accountId, draft.ownerId, 'key share');
  return { ...draft, policy, owner };
}

async function pooledKey(license: LicenseRecord, change: Change): Promise<MadeKey | Failure> {
  const popped = await popKey(change, license.policy);
  return popped ? { key: popped.key } : { subject: '~policy', kind: 'POOL_EMPTY', detail: 'pool is empty' };
}

/** Ids are unknown to every account, but keys of tables are per account: whoever chooses an id waits for others that choose the same. */
async function claimId({ id, accountId }: LicenseRecord, { db }: Change): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${id}, 0))`);
  const foreign = await db
    .select({ id: licenses.id })
    .from(licenses)
    .where(and(eq(licenses.id, id), ne(licenses.accountId, accountId)));
  if (foreign.length > 0) throw apiError('CONFLICT');
}

/** Makes the key and stores the license. @throws {ApiError} 402 for an account at its plan's limit, 422 for a key that cannot be made, 409 for an id or key that is taken meanwhile */
export async function storeLicense(draft: LicenseRecord, change: Change, context: Context): Promise<LicenseRecord> {
  const { noun, topic } = licenseRecords;
  const beyondPlan = await planRefusesLicense(change, context);
  if (beyondPlan) refuse([beyondPlan], noun, topic);
  if (draft.hasChosenId) await claimId(draft, change);
  const given = draft.key === '' ? null : draft.key;
  const maker = { keys: context.account.keys, issuer: context.services.config.names.issuer };
  const made = draft.policy.usePool && given === null ? await pooledKey(draft, change) : await keyOf(draft, given, maker);
  if ('subject' in made) {
    refuse([made], noun, topic);
    return draft;
  }
  const license = { ...draft, ...made };
  await insertRow(change, licenseRecords, license);
  return license;
}
