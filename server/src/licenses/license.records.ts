import { environments } from '../environments/environment.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { alias } from '../kernel/database/drizzle.ts';
import { inner, left, type Records, type Row, records, sameAccount, shared } from '../kernel/database/records.ts';
import { policies } from '../policies/policy.table.ts';
import { users } from '../users/user.table.ts';
import { licenses, licenseUsers } from './license.table.ts';

export const licenseOwners = alias(users, 'license_owner');

const joined = records(licenses, {
  type: 'licenses',
  noun: 'license',
  aliases: [(key) => equalsHashed(licenses.key, key)],
  joins: {
    policy: shared(inner(policies, sameAccount(licenses, licenses.policyId, policies))),
    owner: left(licenseOwners, sameAccount(licenses, licenses.ownerId, licenseOwners)),
    environment: shared(left(environments, sameAccount(licenses, licenses.environmentId, environments))),
  },
});

/** `rawKey`: the key of a legacy encrypted license; `hasChosenId`: the client chose the id. Both are known only while it is created. */
export type LicenseRecord = Row<typeof joined> & { rawKey?: string; hasChosenId?: boolean };

/** A license comes with its policy, its owner and its environment: nearly every rule and the document need them. */
export const licenseRecords: Records<LicenseRecord> & { table: typeof licenses } = joined;

export const licenseUserRecords = records(licenseUsers, { type: 'license-users', noun: 'license user', topic: 'licenses' });
export type LicenseUserRecord = Row<typeof licenseUserRecords>;
