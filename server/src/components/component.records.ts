import { inner, type Row, records, sameAccount, shared } from '../kernel/database/records.ts';
import { licenses } from '../licenses/license.table.ts';
import { machines } from '../machines/machine.table.ts';
import { policies } from '../policies/policy.table.ts';
import { components } from './component.table.ts';

/** A component comes with its machine, and that with its license and policy. */
export const componentRecords = records(components, {
  type: 'components',
  noun: 'machine component',
  joins: {
    machine: inner(machines, sameAccount(components, components.machineId, machines)),
    license: inner(licenses, sameAccount(machines, machines.licenseId, licenses)),
    policy: shared(inner(policies, sameAccount(licenses, licenses.policyId, policies))),
  },
});
export type ComponentRecord = Row<typeof componentRecords>;
