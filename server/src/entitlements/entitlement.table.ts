import { belongsTo, lower, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

export const entitlements = pgTable('entitlements', { ...scopedColumns(), name: text().notNull(), code: text().notNull(), metadata: metadataColumn() }, (t) => [
  ...scopedKeys('entitlements', t),
  uniqueInAccount('entitlements_code', t, lower(t.code)),
]);
export type Entitlement = typeof entitlements.$inferSelect;

export const policyEntitlements = pgTable('policy_entitlements', { ...scopedColumns(), policyId: uuid().notNull(), entitlementId: uuid().notNull() }, (t) => [
  ...scopedKeys('policy_entitlements', t),
  belongsTo('policy_entitlements_entitlement', t, t.entitlementId, () => entitlements),
  uniqueInAccount('policy_entitlements_pair', t, t.policyId, t.entitlementId),
  index('policy_entitlements_by_entitlement').on(t.accountId, t.entitlementId),
]);
export type PolicyEntitlement = typeof policyEntitlements.$inferSelect;

export const licenseEntitlements = pgTable(
  'license_entitlements',
  { ...scopedColumns(), licenseId: uuid().notNull(), entitlementId: uuid().notNull() },
  (t) => [
    ...scopedKeys('license_entitlements', t),
    belongsTo('license_entitlements_entitlement', t, t.entitlementId, () => entitlements),
    uniqueInAccount('license_entitlements_pair', t, t.licenseId, t.entitlementId),
    index('license_entitlements_by_entitlement').on(t.accountId, t.entitlementId),
  ],
);
export type LicenseEntitlement = typeof licenseEntitlements.$inferSelect;
