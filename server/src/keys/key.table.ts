import { hashOf, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

/** License keys that wait in the pool of a policy. */
export const keys = pgTable('keys', { ...scopedColumns(), policyId: uuid().notNull(), key: text().notNull() }, (t) => [
  ...scopedKeys('keys', t),
  uniqueInAccount('keys_key', t, hashOf(t.key)),
  index('keys_pool').on(t.accountId, t.policyId, t.createdAt, t.id),
]);
export type Key = typeof keys.$inferSelect;
