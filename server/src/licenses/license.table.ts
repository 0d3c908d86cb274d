import { hashOf, instant, int64, metadataColumn, permissionsColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { boolean, index, integer, isNotNull, pgTable, sql, text, uuid } from '../kernel/database/drizzle.ts';

export const licenses = pgTable(
  'licenses',
  {
    ...scopedColumns(),
    policyId: uuid().notNull(),
    /** The policy's, kept here for visibility and validation. */
    productId: uuid().notNull(),
    ownerId: uuid(),
    groupId: uuid(),
    name: text(),
    /** Of legacy encrypted licenses: the digest of the raw key. */
    key: text().notNull(),
    expiry: instant(),
    suspended: boolean().notNull().default(false),
    /** null reads the policy's. */
    protected: boolean(),
    uses: integer().notNull().default(0),
    /** The license's own limits; null and 0 read the policy's (spec/licenses.md 1.2). */
    maxMachines: integer(),
    maxProcesses: integer(),
    maxUsers: integer(),
    maxCores: integer(),
    maxMemory: int64(),
    maxDisk: int64(),
    maxUses: integer(),
    /** Counters, kept with the rows that they count. */
    usersCount: integer().notNull().default(0),
    machinesCount: integer().notNull().default(0),
    machinesCoreCount: integer().notNull().default(0),
    machinesMemory: int64().notNull().default(sql`0`),
    machinesDisk: int64().notNull().default(sql`0`),
    lastValidatedAt: instant(),
    lastValidatedChecksum: text(),
    lastValidatedVersion: text(),
    lastCheckInAt: instant(),
    lastCheckOutAt: instant(),
    lastExpirationEventSentAt: instant(),
    lastExpiringSoonEventSentAt: instant(),
    lastCheckInEventSentAt: instant(),
    lastCheckInSoonEventSentAt: instant(),
    permissions: permissionsColumn(),
    metadata: metadataColumn(),
  },
  (t) => [
    ...scopedKeys('licenses', t),
    uniqueInAccount('licenses_key', t, hashOf(t.key)),
    // Ids that clients choose must be unknown to every account (spec/licenses.md 4.3).
    index('licenses_id').on(t.id),
    index('licenses_policy').on(t.accountId, t.policyId, t.createdAt),
    index('licenses_check_in').on(t.accountId, t.policyId, t.lastCheckInAt).where(isNotNull(t.lastCheckInAt)),
    index('licenses_product').on(t.accountId, t.productId, t.createdAt),
    index('licenses_owner').on(t.accountId, t.ownerId),
    index('licenses_group').on(t.accountId, t.groupId),
    index('licenses_expiry').on(t.expiry),
    index('licenses_metadata').using('gin', t.metadata.op('jsonb_path_ops')),
  ],
);
export type License = typeof licenses.$inferSelect;

export const licenseUsers = pgTable('license_users', { ...scopedColumns(), licenseId: uuid().notNull(), userId: uuid().notNull() }, (t) => [
  ...scopedKeys('license_users', t),
  uniqueInAccount('license_users_pair', t, t.licenseId, t.userId),
  index('license_users_by_user').on(t.accountId, t.userId),
]);
export type LicenseUser = typeof licenseUsers.$inferSelect;
