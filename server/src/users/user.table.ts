import { instant, metadataColumn, permissionsColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

export const users = pgTable(
  'users',
  {
    ...scopedColumns(),
    firstName: text(),
    lastName: text(),
    /** Trimmed and in lower case. */
    email: text().notNull(),
    /** As stored: `sales_agent`. */
    role: text().notNull().default('user'),
    permissions: permissionsColumn(),
    passwordDigest: text(),
    passwordResetDigest: text(),
    passwordResetSentAt: instant(),
    bannedAt: instant(),
    groupId: uuid(),
    metadata: metadataColumn(),
    ssoProfileId: text(),
    ssoConnectionId: text(),
    ssoIdpId: text(),
  },
  (t) => [
    ...scopedKeys('users', t),
    uniqueInAccount('users_email', t, t.email),
    uniqueInAccount('users_sso_profile', t, t.ssoProfileId),
    index('users_group').on(t.accountId, t.groupId),
    index('users_role').on(t.accountId, t.role),
  ],
);
export type User = typeof users.$inferSelect;
