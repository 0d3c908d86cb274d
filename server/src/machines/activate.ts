/** A machine joins a license (spec/machines.md 2). */
import { insertNested, mostNested } from '../components/component.nested.ts';
import { and, eq, ne } from '../kernel/database/drizzle.ts';
import { lockName } from '../kernel/database/locks.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { idOf, insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import type { LicenseRecord } from '../licenses/license.records.ts';
import { countActivation } from '../tokens/activations.ts';
import { firstHeartbeat } from './heartbeat.ts';
import { countNew } from './machine.counters.ts';
import { licenseOf, ownerOf } from './machine.locks.ts';
import { machineRecords } from './machine.records.ts';
import type { MachineDraft } from './machine.rules.ts';
import type { createMachine } from './machine.schema.ts';
import { machines } from './machine.table.ts';

type Body = (typeof createMachine)['value'];

/** A 64-bit figure as its column wants it. */
export const int64 = (value: number | bigint | null | undefined): bigint | null => (value === null || value === undefined ? null : BigInt(value));

const untouched = { maxProcesses: null, lastCheckOutAt: null, lastDeathEventSentAt: null, heartbeatMonitorId: null };

/** What a machine has of its license. Without one it is a draft that rules refuse. */
function ofLicense(license: LicenseRecord | undefined, now: Date) {
  const beat = license ? firstHeartbeat(license.policy, now) : null;
  return { license, policy: license?.policy, policyId: license?.policyId, lastHeartbeatAt: beat, knownHeartbeatAt: beat } as Pick<
    MachineDraft,
    'license' | 'policy' | 'policyId' | 'lastHeartbeatAt' | 'knownHeartbeatAt'
  >;
}

/** The unsaved machine, as far as it must be known to be authorized. */
export async function draftMachine({ data }: Body, context: Context): Promise<MachineDraft> {
  const { license: named, owner, group, components, environment } = data.relationships;
  const { memory, disk, ...attributes } = data.attributes;
  const license = await licenseOf(context.db, context.accountId, named.data.id);
  return {
    ...untouched,
    ...{ name: null, ip: null, hostname: null, platform: null, cores: null, metadata: {} },
    ...attributes,
    ...{ memory: int64(memory), disk: int64(disk) },
    ...newRow(context, { id: data.id, environmentId: idOf(environment), parentEnvironmentId: license?.environmentId ?? null }),
    ...ofLicense(license, context.now),
    licenseId: named.data.id,
    ...{ ownerId: idOf(owner) ?? null, owner: null, groupId: idOf(group) ?? null },
    chosenId: data.id !== undefined,
    components: components?.data.map(({ attributes: component }) => ({ metadata: {}, ...component })),
  };
}

/** Locks the license, so that its activations follow one another, and completes the draft with what it inherits. @throws {ApiError} 422 */
export async function lockMachine(draft: MachineDraft, { db, now, accountId }: Change): Promise<MachineDraft> {
  if ((draft.components?.length ?? 0) > mostNested) throw apiError('TOO_MANY_RECORDS');
  const license = await licenseOf(db, accountId, draft.licenseId, 'update');
  const owner = await ownerOf(db, accountId, draft.ownerId);
  return { ...draft, ...ofLicense(license, now), owner, groupId: draft.groupId ?? license?.groupId ?? owner?.groupId ?? null };
}

/** Ids that clients choose must be unknown to every account (spec/machines.md 13.2). @throws {ApiError} 409 */
async function reserveId({ id }: MachineDraft, { db, accountId }: Change): Promise<void> {
  await lockName(db, 'machine', id);
  const [other] = await db
    .select({ id: machines.id })
    .from(machines)
    .where(and(eq(machines.id, id), ne(machines.accountId, accountId)))
    .limit(1);
  if (other) throw apiError('CONFLICT');
}

/** Stores a machine that has passed its rules, its components and what they count for. @throws {ApiError} 409; 422 when the token may activate no more */
export async function storeMachine(machine: MachineDraft, change: Change, _: Body, context: Context): Promise<MachineDraft> {
  await countActivation(change, context);
  if (machine.chosenId) await reserveId(machine, change);
  await insertRow(change, machineRecords, machine);
  await insertNested(machine.components ?? [], machine, change);
  await countNew(change.db, machine);
  return machine;
}
