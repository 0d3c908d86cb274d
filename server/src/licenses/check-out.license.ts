/** What license files are made of, and what they and machine files can embed of a license (spec/validation.md 11.2). */
import { entitlementDocument } from '../entitlements/entitlement.document.ts';
import { entitlementRecords } from '../entitlements/entitlement.records.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { environmentDocument } from '../environments/environment.document.ts';
import { environmentRecords } from '../environments/environment.records.ts';
import { groupDocument } from '../groups/group.document.ts';
import { groupRecords } from '../groups/group.records.ts';
import type { Permission } from '../kernel/access/permissions.ts';
import { eq, inArray, or, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Records } from '../kernel/database/records.ts';
import type { DocumentOf } from '../kernel/jsonapi/document.ts';
import { policyDocument } from '../policies/policy.document.ts';
import { policyRecords } from '../policies/policy.records.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { userDocument } from '../users/user.document.ts';
import { userRecords } from '../users/user.records.ts';
import { users } from '../users/user.table.ts';
import { checkedOutJob, type Include } from './check-out.ts';
import { licenseDocument } from './license.document.ts';
import type { LicenseRecord } from './license.records.ts';
import { type License, licenses, licenseUsers } from './license.table.ts';

interface Row {
  id: string;
  accountId: string;
  createdAt: Date;
  updatedAt: Date;
}

/** The one record that a column names. */
export const theOne = <Holder, R extends Row>(
  permission: Permission,
  of: { records: Records<R> & { table: { id: PgColumn } }; document: DocumentOf<R> },
  id: (row: Holder) => string | null,
): Include<Holder> => ({
  permission,
  find: async (row, find) => {
    const wanted = id(row);
    return wanted === null ? [] : find(of, eq(of.records.table.id, wanted));
  },
});

export const environmentOf = { records: environmentRecords, document: environmentDocument };
export const groupOf = { records: groupRecords, document: groupDocument };
export const userOf = { records: userRecords, document: userDocument };

const entitledThrough = ({ accountId, id, policyId }: License): SQL => sql`${entitlements.id} in (
  select ${licenseEntitlements.entitlementId} from ${licenseEntitlements} where ${licenseEntitlements.accountId} = ${accountId} and ${licenseEntitlements.licenseId} = ${id}
  union select ${policyEntitlements.entitlementId} from ${policyEntitlements} where ${policyEntitlements.accountId} = ${accountId} and ${policyEntitlements.policyId} = ${policyId})`;

const usersOf = ({ accountId, id, ownerId }: License): SQL | undefined => {
  const attached = sql`(select ${licenseUsers.userId} from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.licenseId} = ${id})`;
  return or(ownerId === null ? undefined : eq(users.id, ownerId), inArray(users.id, attached));
};

export const licenseIncludes = {
  entitlements: {
    permission: 'entitlement.read',
    many: true,
    find: (license: License, find) => find({ records: entitlementRecords, document: entitlementDocument }, entitledThrough(license)),
  },
  environment: theOne('environment.read', environmentOf, (license: License) => license.environmentId),
  product: theOne('product.read', { records: productRecords, document: productDocument }, (license: License) => license.productId),
  policy: theOne('policy.read', { records: policyRecords, document: policyDocument }, (license: License) => license.policyId),
  group: theOne('group.read', groupOf, (license: License) => license.groupId),
  owner: theOne('user.read', userOf, (license: License) => license.ownerId),
  users: { permission: 'user.read', many: true, find: (license: License, find) => find(userOf, usersOf(license)) },
} satisfies Record<string, Include<License>>;

export const licenseCheckedOut = checkedOutJob('licenses.checked-out', licenses);

export const licenseFiles = {
  kind: 'license' as const,
  document: licenseDocument,
  includes: licenseIncludes,
  aliases: { user: 'owner' },
  secret: (license: LicenseRecord) => license.key,
  scheme: (license: LicenseRecord) => license.policy.scheme,
  of: (license: LicenseRecord) => ({ license: ['licenses', license.id] as [string, string] }),
  checkedOut: licenseCheckedOut,
};
