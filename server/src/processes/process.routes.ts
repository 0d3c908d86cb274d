import { and, eq, ne } from '../kernel/database/drizzle.ts';
import { lockName } from '../kernel/database/locks.ts';
import type { Change } from '../kernel/events/change.ts';
import { apiError } from '../kernel/http/errors.ts';
import { insertRow, lockRow, resource } from '../kernel/jsonapi/resource.ts';
import { pingRoutes } from '../machines/beat.ts';
import { onMachineFilters, statusFilter } from '../machines/machine.filters.ts';
import { lockLicensesOfMachines } from '../machines/machine.locks.ts';
import { machineRecords } from '../machines/machine.records.ts';
import { draftOnMachine, relatedThroughMachine } from '../machines/on-machine.ts';
import { processAccess as access } from './process.access.ts';
import { processDocument as document } from './process.document.ts';
import { processHeartbeats } from './process.heartbeats.ts';
import { processRecords as records } from './process.records.ts';
import { type ProcessDraft, processRules as rules } from './process.rules.ts';
import { createProcess, updateProcess } from './process.schema.ts';
import { processes } from './process.table.ts';

/** The license's processes follow one another, whichever scope they are counted in; what the machine has is read again under the lock. */
async function lockLease(draft: ProcessDraft, change: Change): Promise<ProcessDraft> {
  await lockLicensesOfMachines(change, [draft.machineId]);
  const machine = draft.machine && (await lockRow(change, machineRecords, draft.machine));
  if (!machine) return { ...draft, machine: undefined as never };
  return { ...draft, machine, license: machine.license, policy: machine.policy, policyId: machine.policyId };
}

/** Ids that clients choose must be unknown to every account (spec/machines.md 13.2). @throws {ApiError} 409 */
async function storeProcess(process: ProcessDraft, change: Change): Promise<ProcessDraft> {
  if (process.chosenId) {
    await lockName(change.db, 'process', process.id);
    const elsewhere = and(eq(processes.id, process.id), ne(processes.accountId, process.accountId));
    if ((await change.db.select({ id: processes.id }).from(processes).where(elsewhere).limit(1)).length > 0) throw apiError('CONFLICT');
  }
  await insertRow(change, records, process);
  return process;
}

/** spec/machines.md 10 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: { ...onMachineFilters, status: statusFilter(processes) } });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createProcess,
    emits: 'process.created',
    async draft(input, context): Promise<ProcessDraft> {
      const draft = await draftOnMachine(input, context);
      const alive = { lastHeartbeatAt: context.now, knownHeartbeatAt: context.now, lastDeathEventSentAt: null, heartbeatMonitorId: null };
      return { ...draft, ...alive, policyId: draft.machine?.policyId, ...input.data.attributes, chosenId: input.data.id !== undefined };
    },
    lock: lockLease,
    store: storeProcess,
  });
  on.update({ can: 'update', body: updateProcess, emits: 'process.updated' });
  on.remove({ can: 'delete', emits: 'process.deleted' });
  pingRoutes(on, processHeartbeats, ['ping']);
  relatedThroughMachine(on);
});
