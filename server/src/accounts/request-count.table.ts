import { index, integer, pgTable, primaryKey, text, uuid } from '../kernel/database/drizzle.ts';

/** Requests of an account and a UTC day (spec/accounts.md 11.2). */
export const requestCounts = pgTable('request_counts', { accountId: uuid().notNull(), day: text().notNull(), count: integer().notNull() }, (t) => [
  primaryKey({ name: 'request_counts_pkey', columns: [t.accountId, t.day] }),
  index('request_counts_day').on(t.day),
]);
