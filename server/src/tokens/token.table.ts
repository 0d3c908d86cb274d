import type { BearerKind } from '../kernel/access/roles.ts';
import { instant, permissionsColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, integer, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

export const tokens = pgTable(
  'tokens',
  {
    ...scopedColumns(),
    name: text(),
    /** Of the secret, which is never stored (kernel/crypto/token-secrets.ts). */
    digest: text().notNull(),
    bearerType: text().$type<BearerKind>().notNull(),
    bearerId: uuid().notNull(),
    expiry: instant(),
    /** `{*}`: whatever its bearer may. */
    permissions: permissionsColumn().default(['*']),
    maxActivations: integer(),
    activations: integer().notNull().default(0),
    maxDeactivations: integer(),
    deactivations: integer().notNull().default(0),
  },
  (t) => [
    ...scopedKeys('tokens', t),
    uniqueInAccount('tokens_digest', t, t.digest),
    index('tokens_bearer').on(t.accountId, t.bearerType, t.bearerId),
    index('tokens_expiry').on(t.expiry),
  ],
);
export type Token = typeof tokens.$inferSelect;
