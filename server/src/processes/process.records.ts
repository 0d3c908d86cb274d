import { inner, type Row, records, sameAccount, shared } from '../kernel/database/records.ts';
import { licenses } from '../licenses/license.table.ts';
import { machines } from '../machines/machine.table.ts';
import { policies } from '../policies/policy.table.ts';
import { processes } from './process.table.ts';

/** A process comes with its machine, and that with its license and policy. */
export const processRecords = records(processes, {
  type: 'processes',
  noun: 'machine process',
  joins: {
    machine: inner(machines, sameAccount(processes, processes.machineId, machines)),
    license: inner(licenses, sameAccount(machines, machines.licenseId, licenses)),
    policy: shared(inner(policies, sameAccount(licenses, licenses.policyId, policies))),
  },
});
/** `revived`: a ping has just brought it back; never stored. */
export type ProcessRecord = Row<typeof processRecords> & { revived?: boolean };
