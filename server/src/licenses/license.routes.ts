import { entitlementAccess } from '../entitlements/entitlement.access.ts';
import { entitlementDocument } from '../entitlements/entitlement.document.ts';
import { entitlementRecords, licenseEntitlementRecords } from '../entitlements/entitlement.records.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { groupDocument } from '../groups/group.document.ts';
import { groupRecords } from '../groups/group.records.ts';
import { groups } from '../groups/group.table.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, inArray, sql } from '../kernel/database/drizzle.ts';
import { attachable } from '../kernel/jsonapi/attach.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { type Routes, resource } from '../kernel/jsonapi/resource.ts';
import { machineAccess } from '../machines/machine.access.ts';
import { machineDocument } from '../machines/machine.document.ts';
import { machineFilters } from '../machines/machine.filters.ts';
import { machineRecords } from '../machines/machine.records.ts';
import { machines } from '../machines/machine.table.ts';
import { policyDocument } from '../policies/policy.document.ts';
import { policyRecords } from '../policies/policy.records.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { userAccess } from '../users/user.access.ts';
import { userDocument } from '../users/user.document.ts';
import { userRecords } from '../users/user.records.ts';
import { idsOfLicensees } from '../users/user.sight.ts';
import { users } from '../users/user.table.ts';
import { licenseAccess as access, type LicenseAction } from './license.access.ts';
import { reassign, regroup, relatedSubject, transfer, transferSubject } from './license.change.ts';
import { licenseDocument as document } from './license.document.ts';
import { columnsOf, draftLicense, holdParents, rowOf, storeLicense } from './license.draft.ts';
import { licenseFilters } from './license.filters.ts';
import { type LicenseRecord, licenseUserRecords, licenseRecords as records } from './license.records.ts';
import { removeWithLicense } from './license.removal.ts';
import { licenseRules as rules } from './license.rules.ts';
import { createLicense, groupBody, ownerBody, policyBody, updateLicense } from './license.schema.ts';
import { licenseEntitlementDocument } from './license-entitlement.document.ts';
import { licenseUserDocument } from './license-user.document.ts';
import { refusesUsers, usersAttached, usersDetached } from './license-users.ts';

type On = Routes<LicenseRecord, LicenseAction>;

/** The to-one relationships: shown, and where they can be, changed. */
function relations(on: On): void {
  on.related('product', {
    can: 'show-product',
    of: { records: productRecords, document: productDocument },
    id: ({ productId }) => productId,
    whenUnset: 'not found',
  });
  on.related('policy', {
    can: 'show-policy',
    of: { records: policyRecords, document: policyDocument },
    id: ({ policyId }) => policyId,
    whenUnset: 'not found',
  });
  on.below('policy.update', '/policy', {
    summary: 'Move a license to another policy',
    methods: ['PATCH', 'PUT'],
    can: 'change-policy',
    body: policyBody,
    bodyFirst: true,
    subject: (license, context, { data }) => transferSubject(license, context, data.id),
    run: (license, context, { data }) => transfer(license, context, data.id),
  });
  on.related('group', { can: 'show-group', of: { records: groupRecords, document: groupDocument }, id: ({ groupId }) => groupId, whenUnset: 'not found' });
  on.below('group.update', '/group', {
    summary: 'Put a license into a group',
    methods: ['PATCH', 'PUT'],
    can: 'change-group',
    body: groupBody,
    bodyFirst: true,
    subject: async (license, { db, accountId }, { data }) => relatedSubject(license, await rowOf(db, groups, accountId, data?.id ?? null)),
    run: (license, context, { data }) => regroup(license, context, data?.id ?? null),
  });
  for (const name of ['owner', 'user'] as const) {
    on.related(name, { can: `show-${name}`, of: { records: userRecords, document: userDocument }, id: ({ ownerId }) => ownerId, whenUnset: 'null' });
    on.below(`${name}.update`, `/${name}`, {
      summary: 'Give a license an owner',
      methods: ['PATCH', 'PUT'],
      can: `change-${name}`,
      body: ownerBody,
      subject: (license) => relatedSubject(license, license.owner),
      run: (license, context, { data }) => reassign(license, context, data?.id ?? null, `license.${name}.updated`),
    });
  }
}

/** The attached users, and the owner among those that are shown. */
function licensees(on: On): void {
  on.children('users', {
    can: 'show-users',
    of: { records: userRecords, document: userDocument, access: userAccess },
    children: ({ id, accountId }) => sql`${users.id} in ${idsOfLicensees(accountId, sql`(${id}::uuid)`)}`,
  });
  attachable(on, 'users', {
    can: { attach: 'attach-users', detach: 'detach-users' },
    items: userRecords,
    joins: { records: licenseUserRecords, document: licenseUserDocument, parent: 'licenseId', item: 'userId' },
    emits: 'license.users',
    refuses: refusesUsers,
    attached: usersAttached,
    detached: usersDetached,
    absent: (id) => `cannot detach user '${id}' (user is not attached)`,
    inherited: {
      among: async (ids, { ownerId }) => ids.filter((id) => id === ownerId),
      detail: (id) => `cannot detach user '${id}' (user is attached through owner)`,
    },
  });
}

const ofPolicy = ({ accountId, policyId }: LicenseRecord) =>
  sql`select ${policyEntitlements.entitlementId} from ${policyEntitlements} where ${policyEntitlements.accountId} = ${accountId} and ${policyEntitlements.policyId} = ${policyId}`;
const ofItself = ({ accountId, id }: LicenseRecord) =>
  sql`select ${licenseEntitlements.entitlementId} from ${licenseEntitlements} where ${licenseEntitlements.accountId} = ${accountId} and ${licenseEntitlements.licenseId} = ${id}`;

/** Its own entitlements and, among those that are shown, its policy's. */
function entitled(on: On): void {
  on.children('entitlements', {
    can: 'show-entitlements',
    of: { records: entitlementRecords, document: entitlementDocument, access: entitlementAccess },
    children: (license) => sql`${entitlements.id} in (${ofItself(license)} union ${ofPolicy(license)})`,
    child: { by: [] },
  });
  attachable(on, 'entitlements', {
    can: { attach: 'attach-entitlements', detach: 'detach-entitlements' },
    items: entitlementRecords,
    joins: { records: licenseEntitlementRecords, document: licenseEntitlementDocument, parent: 'licenseId', item: 'entitlementId' },
    emits: 'license.entitlements',
    log: (items) => ({ codes: items.map(({ code }) => code) }),
    async refuses(ids, license, { db }) {
      const inherited = await inheritedAmong(ids, license, db);
      const failure = { subject: '~entitlement', kind: 'CONFLICT', detail: 'already exists (entitlement is attached through policy)' };
      return ({ id }) => (inherited.includes(id) ? failure : undefined);
    },
    absent: (id) => `cannot detach entitlement '${id}' (entitlement is not attached)`,
    inherited: {
      among: (ids, license, { db }) => inheritedAmong(ids, license, db),
      detail: (id) => `cannot detach entitlement '${id}' (entitlement is attached through policy)`,
    },
  });
}

/** Which entitlements a license has through its policy. */
async function inheritedAmong(ids: readonly string[], { accountId, policyId }: LicenseRecord, db: Db): Promise<string[]> {
  const { entitlementId } = policyEntitlements;
  const attached = and(eq(policyEntitlements.accountId, accountId), eq(policyEntitlements.policyId, policyId), inArray(entitlementId, [...ids]));
  return (await db.select({ id: entitlementId }).from(policyEntitlements).where(attached)).map(({ id }) => id);
}

/** spec/licenses.md */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: licenseFilters });
  on.show({ can: 'show', hot: true });
  on.create({
    can: 'create',
    body: createLicense,
    emits: 'license.created',
    draft: draftLicense,
    lock: holdParents,
    store: (draft, change, _, context) => storeLicense(draft, change, context),
  });
  on.update({
    can: 'update',
    body: updateLicense,
    emits: 'license.updated',
    diff: true,
    assign(_, { data: { attributes } }) {
      refuseUnknownPermissions(attributes.permissions, records);
      return columnsOf(attributes);
    },
  });
  on.remove({ can: 'delete', emits: 'license.deleted', before: removeWithLicense });
  relations(on);
  licensees(on);
  entitled(on);
  const { fingerprint, product, user } = machineFilters;
  on.children('machines', {
    can: 'show-machines',
    of: { records: machineRecords, document: machineDocument, access: machineAccess },
    children: ({ id }) => eq(machines.licenseId, id),
    filters: { fingerprint, product, user: (value, context) => (context.bearer?.role === 'user' ? undefined : user(value, context)) },
  });
});
