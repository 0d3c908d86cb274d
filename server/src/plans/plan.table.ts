import { instant, int64 } from '../kernel/database/columns.ts';
import { boolean, index, integer, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

/** What the operator sells; of no account. A limit of null is none (spec/accounts.md 7). */
export const plans = pgTable(
  'plans',
  {
    id: uuid().primaryKey(),
    createdAt: instant().notNull(),
    updatedAt: instant().notNull(),
    name: text(),
    /** Per interval, in the currency's smallest unit; null and 0 are free. */
    price: integer(),
    interval: text(),
    trialDuration: integer(),
    /** Seconds. */
    requestLogRetentionDuration: integer(),
    eventLogRetentionDuration: integer(),
    /** Per day. */
    maxReqs: integer(),
    maxAdmins: integer(),
    maxUsers: integer(),
    maxPolicies: integer(),
    maxLicenses: integer(),
    maxProducts: integer(),
    /** Bytes. */
    maxStorage: int64(),
    maxTransfer: int64(),
    maxUpload: int64(),
    private: boolean().notNull().default(false),
    /** The payment provider's price. */
    planId: text(),
  },
  (t) => [index('plans_order').on(t.createdAt, t.id), index('plans_plan_id').on(t.planId)],
);
export type Plan = typeof plans.$inferSelect;
