import { instant } from '../database/columns.ts';
import { index, pgTable, primaryKey, text, uuid } from '../database/drizzle.ts';

/** Requests that were sent with a key, and what they were answered (docs/idempotency.md). */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    accountId: uuid().notNull(),
    /** Kind and id, such as `user:<id>`. */
    bearer: text().notNull(),
    key: text().notNull(),
    fingerprint: text().notNull(),
    /** Sealed, since some answers hold secrets that are kept nowhere else. Null only within the transaction that does the work. */
    response: text(),
    createdAt: instant().notNull(),
  },
  (t) => [primaryKey({ name: 'idempotency_keys_pkey', columns: [t.accountId, t.bearer, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
);

/** How long an answer is kept. */
export const keptForMs = 86_400_000;
