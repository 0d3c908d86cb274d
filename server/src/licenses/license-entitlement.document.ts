import { type LicenseEntitlementRecord, licenseEntitlementRecords } from '../entitlements/entitlement.records.ts';
import { document, linked } from '../kernel/jsonapi/document.ts';

/** spec/licenses.md 10.6 */
export const licenseEntitlementDocument = document<LicenseEntitlementRecord>(licenseEntitlementRecords, {
  attributes: {},
  relationships: { entitlement: linked('entitlements', ({ entitlementId }) => entitlementId), license: linked('licenses', ({ licenseId }) => licenseId) },
  path: ({ licenseId, entitlementId }) => `/licenses/${licenseId}/entitlements/${entitlementId}`,
  link: 'related',
});
