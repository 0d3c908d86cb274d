import { entitlementAccess } from '../entitlements/entitlement.access.ts';
import { entitlementDocument, policyEntitlementDocument } from '../entitlements/entitlement.document.ts';
import { entitlementRecords, policyEntitlementRecords } from '../entitlements/entitlement.records.ts';
import { entitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { attachable } from '../kernel/jsonapi/attach.ts';
import { uuidFilter } from '../kernel/jsonapi/filters.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { keyAccess } from '../keys/key.access.ts';
import { keyDocument } from '../keys/key.document.ts';
import { keyRecords } from '../keys/key.records.ts';
import { keys } from '../keys/key.table.ts';
import { licenseAccess } from '../licenses/license.access.ts';
import { licenseDocument } from '../licenses/license.document.ts';
import { licenseFilters } from '../licenses/license.filters.ts';
import { licenseRecords } from '../licenses/license.records.ts';
import { licenses } from '../licenses/license.table.ts';
import { productDocument } from '../products/product.document.ts';
import { productRecords } from '../products/product.records.ts';
import { policyAccess as access } from './policy.access.ts';
import { newPolicy, policyColumns } from './policy.attributes.ts';
import { policyDocument as document } from './policy.document.ts';
import { type PolicyRecord, policyRecords as records } from './policy.records.ts';
import { policyRules as rules } from './policy.rules.ts';
import { createPolicy, updatePolicy } from './policy.schema.ts';
import { policies } from './policy.table.ts';
import { popFromPool } from './pop.ts';
import { removePolicy } from './remove-policy.ts';

const attached = ({ accountId, id }: PolicyRecord) =>
  sql`${entitlements.id} in (select ${policyEntitlements.entitlementId} from ${policyEntitlements} where ${policyEntitlements.accountId} = ${accountId} and ${policyEntitlements.policyId} = ${id})`;

/** spec/licensing.md 2 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', filters: { product: uuidFilter(policies.productId) } });
  on.show({ can: 'show' });
  on.create({ can: 'create', body: createPolicy, emits: 'policy.created', draft: newPolicy });
  on.update({ can: 'update', body: updatePolicy, emits: 'policy.updated', diff: true, assign: (_, { data }) => policyColumns(data.attributes) });
  on.remove({
    can: 'delete',
    emits: 'policy.deleted',
    async before({ accountId, id }, change) {
      await change.db.delete(policyEntitlements).where(and(eq(policyEntitlements.accountId, accountId), eq(policyEntitlements.policyId, id)));
      await change.enqueue(removePolicy, { accountId, policyId: id });
    },
  });

  on.related('product', {
    can: 'show-product',
    of: { records: productRecords, document: productDocument },
    id: ({ productId }) => productId,
    whenUnset: 'not found',
  });
  on.children('licenses', {
    can: 'show-licenses',
    of: { records: licenseRecords, document: licenseDocument, access: licenseAccess },
    filters: { product: licenseFilters.product, user: licenseFilters.user, suspended: licenseFilters.suspended },
    children: ({ id }) => eq(licenses.policyId, id),
  });
  on.children('entitlements', {
    can: 'show-entitlements',
    of: { records: entitlementRecords, document: entitlementDocument, access: entitlementAccess },
    children: attached,
    child: { by: [] },
  });
  attachable(on, 'entitlements', {
    can: { attach: 'attach-entitlements', detach: 'detach-entitlements' },
    items: entitlementRecords,
    joins: { records: policyEntitlementRecords, document: policyEntitlementDocument, parent: 'policyId', item: 'entitlementId' },
    emits: 'policy.entitlements',
    log: (items) => ({ codes: items.map(({ code }) => code) }),
    absent: (id) => `cannot detach entitlement '${id}' (entitlement is not attached)`,
  });
  on.children('pool', {
    can: 'show-pool',
    of: { records: keyRecords, document: keyDocument, access: keyAccess },
    children: ({ id }) => eq(keys.policyId, id),
  });
  on.below('pool.pop', '/pool', { summary: 'Pop a key from a pool', method: 'DELETE', can: 'pop', answers: keyRecords.type, run: popFromPool });
});
