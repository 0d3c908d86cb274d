import { groupDocument } from '../groups/group.document.ts';
import { groupRecords } from '../groups/group.records.ts';
import { always, each, staff } from '../kernel/access/access.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { booleanFilter, textFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { type LicenseRecord, licenseRecords } from '../licenses/license.records.ts';
import { idsOfUser } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import { machineAccess } from '../machines/machine.access.ts';
import { machineDocument } from '../machines/machine.document.ts';
import { type MachineRecord, machineRecords } from '../machines/machine.records.ts';
import { machines } from '../machines/machine.table.ts';
import { productAccess } from '../products/product.access.ts';
import { productDocument } from '../products/product.document.ts';
import { type ProductRecord, productRecords } from '../products/product.records.ts';
import { products } from '../products/product.table.ts';
import { draftUser } from './create-user.ts';
import { removeWithUser } from './remove-user.ts';
import { changePassword } from './update-password.ts';
import { runUpdate } from './update-user.ts';
import { userAccess as access } from './user.access.ts';
import { userDocument as document } from './user.document.ts';
import { userFilters } from './user.filters.ts';
import { userRecords as records } from './user.records.ts';
import { userRules as rules } from './user.rules.ts';
import { changeGroup, createUser, updatePassword, updateUser } from './user.schema.ts';
import { moveToGroup, setBan } from './user-actions.ts';

/** Identifiers are e-mails, too, and echoed as they are compared. */
const find = { lowerCase: true };
const everybodyElse = { ...staff, ...always('environment', 'user') };

/** spec/users.md 2, 5 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({
    can: 'list',
    filters: userFilters,
    query: {
      'roles[]': 'Roles to list; role `user` alone when absent.',
      product: 'Users that own or are attached to a license of the product.',
      license: 'Owner and attached users of the license.',
      group: 'Members of the group.',
      status: 'ACTIVE, INACTIVE or BANNED.',
      assigned: 'Whether they own a license.',
      'metadata[key]': 'A metadata value.',
    },
  });
  on.create({ can: 'create', body: createUser, emits: 'user.created', auth: 'optional', draft: draftUser });
  on.show({ can: 'show', find, gated: false });
  on.route('update', ['PATCH', 'PUT'], '/:id', { summary: 'Update a user', body: updateUser, answers: 'users', gated: false, run: runUpdate });
  on.remove({ can: 'delete', emits: 'user.deleted', find, before: removeWithUser });

  on.action('ban', { can: 'ban', find, gated: false, run: setBan('user.banned') });
  on.action('unban', { can: 'unban', find, gated: false, run: setBan('user.unbanned') });
  on.action('update-password', { can: 'update-password', find, gated: false, body: updatePassword, run: changePassword });

  on.related('group', { can: 'show-group', find, of: { records: groupRecords, document: groupDocument }, id: ({ groupId }) => groupId, whenUnset: 'null' });
  on.below('group.update', '/group', { can: 'change-group', methods: ['PATCH', 'PUT'], find, body: changeGroup, run: moveToGroup });
  on.children('licenses', {
    can: 'show-licenses',
    find,
    of: { records: licenseRecords, document: licenseDocument, access: licenseAccess },
    children: ({ accountId, id }) => sql`${licenses.id} in ${idsOfUser(accountId, id)}`,
    each: { ...everybodyElse, ...each<LicenseRecord>((product, license) => license.productId === product.id, 'product') },
    filters: { product: uuidFilter(licenses.productId), policy: uuidFilter(licenses.policyId), suspended: booleanFilter(licenses.suspended) },
  });
  on.children('machines', {
    can: 'show-machines',
    find,
    of: { records: machineRecords, document: machineDocument, access: machineAccess },
    children: ({ accountId, id }) => sql`${machines.licenseId} in ${idsOfUser(accountId, id)}`,
    each: { ...everybodyElse, ...each<MachineRecord>((product, machine) => machine.license.productId === product.id, 'product') },
    filters: {
      fingerprint: textFilter((text) => equalsHashed(machines.fingerprint, text)),
      product: uuidFilter(licenses.productId),
      license: uuidFilter(machines.licenseId),
    },
  });
  on.children('products', {
    can: 'show-products',
    find,
    of: { records: productRecords, document: productDocument, access: productAccess },
    children: ({ accountId, id }) =>
      sql`${products.id} in (select ${licenses.productId} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.id} in ${idsOfUser(accountId, id)})`,
    child: { by: [] },
    each: { ...everybodyElse, ...each<ProductRecord>((bearer, product) => product.id === bearer.id, 'product') },
  });
});
