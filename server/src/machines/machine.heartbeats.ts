import { sql } from '../kernel/database/drizzle.ts';
import { policies } from '../policies/policy.table.ts';
import type { HeartbeatKind } from './beat.ts';
import { machineAccess } from './machine.access.ts';
import { countAllGone } from './machine.counters.ts';
import { machineDocument } from './machine.document.ts';
import { lockLicensesOfMachines } from './machine.locks.ts';
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
    { among: sql`${machines.knownHeartbeatAt} is not null`, since: machines.knownHeartbeatAt },
    { among: sql`${machines.knownHeartbeatAt} is null and ${policies.requireHeartbeat}`, since: machines.createdAt },
  ],
  lock: lockLicensesOfMachines,
  discount: (dead, { db, accountId }) => countAllGone(db, accountId, dead),
};

export const [sweepMachines, watchMachine] = monitors(machineHeartbeats);
