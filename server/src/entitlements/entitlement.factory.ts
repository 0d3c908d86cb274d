import { factory } from '../testkit/factory.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from './entitlement.table.ts';

export const entitlementFactory = factory({
  type: 'entitlement',
  table: entitlements,
  defaults: ({ sequence }) => ({ name: `Entitlement ${sequence}`, code: `ENTITLEMENT_${sequence}` }),
});
export const policyEntitlementFactory = factory({
  type: 'policy_entitlement',
  table: policyEntitlements,
  parents: { policy_id: 'policy', entitlement_id: 'entitlement' },
});
export const licenseEntitlementFactory = factory({
  type: 'license_entitlement',
  table: licenseEntitlements,
  parents: { license_id: 'license', entitlement_id: 'entitlement' },
});
