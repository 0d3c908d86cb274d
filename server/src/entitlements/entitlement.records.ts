import { equalsThroughLower } from '../kernel/database/columns.ts';
import { type Row, records } from '../kernel/database/records.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from './entitlement.table.ts';

export const entitlementRecords = records(entitlements, {
  type: 'entitlements',
  noun: 'entitlement',
  aliases: [(code) => equalsThroughLower(entitlements.code, code)],
});
export type EntitlementRecord = Row<typeof entitlementRecords>;

export const policyEntitlementRecords = records(policyEntitlements, { type: 'policy-entitlements', noun: 'policy entitlement', topic: 'entitlements' });
export type PolicyEntitlementRecord = Row<typeof policyEntitlementRecords>;

export const licenseEntitlementRecords = records(licenseEntitlements, { type: 'license-entitlements', noun: 'license entitlement', topic: 'entitlements' });
export type LicenseEntitlementRecord = Row<typeof licenseEntitlementRecords>;
