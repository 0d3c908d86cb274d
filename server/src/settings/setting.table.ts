import { accountColumns, accountKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { jsonb, pgTable, text } from '../kernel/database/drizzle.ts';

export const settings = pgTable('settings', { ...accountColumns(), key: text().notNull(), value: jsonb().$type<unknown>() }, (t) => [
  ...accountKeys('settings', t),
  uniqueInAccount('settings_key', t, t.key),
]);
export type Setting = typeof settings.$inferSelect;
