/** Changes of a machine's group and owner (spec/machines.md 7.1, 7.2). */
import { groupRecords } from '../groups/group.records.ts';
import { groups } from '../groups/group.table.ts';
import type { Subject } from '../kernel/access/access.ts';
import { and, eq, getTableColumns } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { difference } from '../kernel/events/difference.ts';
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { machineAccess as access } from './machine.access.ts';
import { machineDocument as document } from './machine.document.ts';
import { licenseOf, ownerOf } from './machine.locks.ts';
import { type MachineRecord, machineRecords as records } from './machine.records.ts';
import { machineRules } from './machine.rules.ts';

interface Target {
  data: { id: string } | null;
}
type Changes = Partial<Pick<MachineRecord, 'groupId' | 'ownerId' | 'owner'>>;

const above = (machine: MachineRecord) => ({ parents: [{ noun: records.noun, environmentId: machine.environmentId }], judged: [machine] });

/** The new group is what is authorized (spec/environments.md 8.2); none, or an unknown one, is no record. */
export async function groupSubject(machine: MachineRecord, context: Context, { data }: Target): Promise<Subject<never>> {
  const [group] = data ? await groupRecords.find(context.db, and(eq(groups.accountId, context.accountId), eq(groups.id, data.id))) : [];
  return { record: (group ?? null) as never, ...above(machine) };
}

/** The current owner is what is authorized. */
export const ownerSubject = (machine: MachineRecord): Subject<never> => ({ record: machine.owner as never, ...above(machine) });

async function relate(found: MachineRecord, context: Context, event: string, changesOf: (machine: MachineRecord, change: Change) => Promise<Changes>) {
  return context.change(async (change) => {
    await licenseOf(change.db, found.accountId, found.licenseId, 'update');
    const machine = await lockRow(change, records, found);
    if (!machine) throw notFound(records.noun, context.params.id);
    const changes = await changesOf(machine, change);
    const next: MachineRecord = { ...machine, ...changes, updatedAt: context.now };
    const changed = new Set((['groupId', 'ownerId'] as const).filter((name) => next[name] !== machine[name]));
    await validate(machineRules, next, { db: change.db, now: context.now, changed, config: context.services.config });
    await updateRow(change, records, machine, { groupId: next.groupId, ownerId: next.ownerId, updatedAt: next.updatedAt });
    await change.emit(event, { document, access, row: next }, { log: { diff: difference(machine, next, Object.keys(getTableColumns(records.table))) } });
    return next;
  });
}

/** @throws {ApiError} 422 for an unknown or a full group */
export const changeGroup = (machine: MachineRecord, context: Context, { data }: Target): Promise<MachineRecord> =>
  relate(machine, context, 'machine.group.updated', async () => ({ groupId: data?.id ?? null }));

/** A machine without group joins that of its new owner. @throws {ApiError} 422 for an unknown user, one who is not the license's, and when that group is full */
export const changeOwner = (machine: MachineRecord, context: Context, { data }: Target): Promise<MachineRecord> =>
  relate(machine, context, 'machine.owner.updated', async ({ groupId }, { db, accountId }) => {
    const ownerId = data?.id ?? null;
    const owner = await ownerOf(db, accountId, ownerId);
    return { ownerId, owner, groupId: groupId ?? owner?.groupId ?? null };
  });
