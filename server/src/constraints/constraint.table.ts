import { entitlements } from '../entitlements/entitlement.table.ts';
import { belongsTo, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, uuid } from '../kernel/database/drizzle.ts';
import { releases } from '../releases/release.table.ts';

/** The entitlements that a license needs, all of them, to have a release (spec/distribution.md 10). */
export const constraints = pgTable('constraints', { ...scopedColumns(), releaseId: uuid().notNull(), entitlementId: uuid().notNull() }, (t) => [
  ...scopedKeys('constraints', t),
  belongsTo('constraints_release', t, t.releaseId, () => releases),
  belongsTo('constraints_entitlement', t, t.entitlementId, () => entitlements),
  uniqueInAccount('constraints_pair', t, t.releaseId, t.entitlementId),
  index('constraints_by_entitlement').on(t.accountId, t.entitlementId),
]);
export type Constraint = typeof constraints.$inferSelect;
