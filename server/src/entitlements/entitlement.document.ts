import { document, linked } from '../kernel/jsonapi/document.ts';
import { type EntitlementRecord, entitlementRecords, type PolicyEntitlementRecord, policyEntitlementRecords } from './entitlement.records.ts';

export const entitlementDocument = document<EntitlementRecord>(entitlementRecords, { attributes: { name: 'name', code: 'code', metadata: 'metadata' } });

export const policyEntitlementDocument = document<PolicyEntitlementRecord>(policyEntitlementRecords, {
  attributes: {},
  relationships: { entitlement: linked('entitlements', (join) => join.entitlementId), policy: linked('policies', (join) => join.policyId) },
  path: (join) => `/policies/${join.policyId}/entitlements/${join.entitlementId}`,
  link: 'related',
});
