import { always } from '../kernel/access/access.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { idOf, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseFilters } from '../licenses/license.filters.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { idsOfProduct } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import { machineAccess } from '../machines/machine.access.ts';
import { machineDocument } from '../machines/machine.document.ts';
import { machineFilters } from '../machines/machine.filters.ts';
import { machineRecords } from '../machines/machine.records.ts';
import { machines } from '../machines/machine.table.ts';
import { policyAccess } from '../policies/policy.access.ts';
import { policyDocument } from '../policies/policy.document.ts';
import { policyRecords } from '../policies/policy.records.ts';
import { policies } from '../policies/policy.table.ts';
import { userAccess } from '../users/user.access.ts';
import { userDocument } from '../users/user.document.ts';
import { rolesFilter } from '../users/user.filters.ts';
import { userRecords } from '../users/user.records.ts';
import { idsOfProductUsers } from '../users/user.sight.ts';
import { users } from '../users/user.table.ts';
import { productAccess as access } from './product.access.ts';
import { distribution } from './product.distribution.ts';
import { productDocument as document } from './product.document.ts';
import { productRecords as records } from './product.records.ts';
import { productRules as rules } from './product.rules.ts';
import { createProduct, updateProduct } from './product.schema.ts';
import { removeProduct } from './remove-product.ts';

const defaults = { code: null, distributionStrategy: 'LICENSED', url: null, platforms: null, metadata: {} };

/** spec/licensing.md 1 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list' });
  on.show({ can: 'show' });
  on.create({
    can: 'create',
    body: createProduct,
    emits: 'product.created',
    draft({ data }, context) {
      refuseUnknownPermissions(data.attributes.permissions, records);
      const permissions = [...defaultPermissions.product];
      return { ...defaults, permissions, ...data.attributes, ...newRow(context, { environmentId: idOf(data.relationships.environment) }) };
    },
  });
  on.update({
    can: 'update',
    body: updateProduct,
    emits: 'product.updated',
    diff: true,
    assign(_, { data }) {
      refuseUnknownPermissions(data.attributes.permissions, records);
      return data.attributes;
    },
  });
  on.remove({
    can: 'delete',
    emits: 'product.deleted',
    before: ({ accountId, id }, change) => change.enqueue(removeProduct, { accountId, productId: id }),
  });

  on.children('policies', {
    can: 'show-policies',
    of: { records: policyRecords, document: policyDocument, access: policyAccess },
    children: ({ id }) => eq(policies.productId, id),
  });
  on.children('licenses', {
    can: 'show-licenses',
    of: { records: licenseRecords, document: licenseDocument, access: licenseAccess },
    filters: { policy: licenseFilters.policy, user: licenseFilters.user, suspended: licenseFilters.suspended },
    children: ({ id }) => eq(licenses.productId, id),
  });
  on.children('machines', {
    can: 'show-machines',
    of: { records: machineRecords, document: machineDocument, access: machineAccess },
    filters: { fingerprint: machineFilters.fingerprint, license: machineFilters.license, user: machineFilters.user },
    children: ({ accountId, id }) => sql`${machines.licenseId} in ${idsOfProduct(accountId, id)}`,
  });
  on.children('users', {
    can: 'show-users',
    of: { records: userRecords, document: userDocument, access: userAccess },
    // products see customers only, the others everybody who has a license
    each: { ...userAccess.may.show.who, ...always('environment') },
    filters: { roles: rolesFilter },
    children: ({ accountId, id }) => sql`${users.id} in ${idsOfProductUsers(accountId, id)}`,
  });
  distribution(on);
});
