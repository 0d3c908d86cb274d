import { sql } from 'drizzle-orm';
import { deleteRow } from '../kernel/jsonapi/resource.ts';
import { policies } from '../policies/policy.table.ts';
import type { HeartbeatKind } from './beat.ts';
import { machineAccess } from './machine.access.ts';
import { countGone } from './machine.counters.ts';
import { machineDocument } from './machine.document.ts';
import { lockLicenseOfMachine } from './machine.locks.ts';
import { type MachineRecord, machineRecords } from './machine.records.ts';
import { machines } from './machine.table.ts';
import { monitors } from './monitor.ts';

export const machineHeartbeats: HeartbeatKind<MachineRecord> = {
  noun: 'machine',
  table: machines,
  records: machineRecords,
  document: machineDocument,
  access: machineAccess,
  deaths: [
    { among: sql`${machines.lastHeartbeatAt} is not null`, since: machines.lastHeartbeatAt },
    { among: sql`${machines.lastHeartbeatAt} is null and ${policies.requireHeartbeat}`, since: machines.createdAt },
  ],
  lock: lockLicenseOfMachine,
  async cull(machine, change) {
    await countGone(change.db, machine);
    await deleteRow(change, machineRecords, machine);
  },
};

export const [sweepMachines, watchMachine] = monitors(machineHeartbeats);
