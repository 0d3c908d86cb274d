import { equalsHashed } from '../kernel/database/columns.ts';
import { alias } from '../kernel/database/drizzle.ts';
import { inner, left, type Row, records, sameAccount, shared } from '../kernel/database/records.ts';
import { licenses } from '../licenses/license.table.ts';
import { policies } from '../policies/policy.table.ts';
import { users } from '../users/user.table.ts';
import { machines } from './machine.table.ts';

export const machineOwners = alias(users, 'machine_owner');

/** A machine comes with its license, the license's current policy, and its owner. */
export const machineRecords = records(machines, {
  type: 'machines',
  noun: 'machine',
  aliases: [(fingerprint) => equalsHashed(machines.fingerprint, fingerprint)],
  joins: {
    license: inner(licenses, sameAccount(machines, machines.licenseId, licenses)),
    policy: shared(inner(policies, sameAccount(licenses, licenses.policyId, policies))),
    owner: left(machineOwners, sameAccount(machines, machines.ownerId, machineOwners)),
  },
});
/** `revived`: a ping has just brought it back; never stored. */
export type MachineRecord = Row<typeof machineRecords> & { revived?: boolean };
