import { accountColumns, accountKeys, belongsTo, instant, uniqueInAccount } from '../kernel/database/columns.ts';
import { boolean, index, integer, pgTable, primaryKey, text, uuid } from '../kernel/database/drizzle.ts';
import type { SubscriptionState } from '../kernel/services.ts';

/** An account's subscription with the payment provider, as last reported; one per account (spec/accounts.md 8.1). */
export const billings = pgTable(
  'billings',
  {
    ...accountColumns(),
    state: text().$type<SubscriptionState>().notNull().default('pending'),
    customerId: text(),
    /** Kept when the subscription has ended. */
    subscriptionId: text(),
    /** In the provider's words. */
    subscriptionStatus: text(),
    subscriptionPeriodStart: instant(),
    subscriptionPeriodEnd: instant(),
    /** The first instant of the month. */
    cardExpiry: instant(),
    cardBrand: text(),
    cardLast4: text(),
    cardAddedAt: instant(),
    referralId: text(),
  },
  (t) => [
    primaryKey({ name: 'billings_pkey', columns: [t.accountId, t.id] }),
    uniqueInAccount('billings_account', t),
    // The provider's callbacks name the customer only.
    index('billings_customer').on(t.customerId),
  ],
);
export type Billing = typeof billings.$inferSelect;

/** Invoices, paid or not; the same one may have several (spec/accounts.md 8.5, 10). */
export const receipts = pgTable(
  'receipts',
  {
    ...accountColumns(),
    billingId: uuid().notNull(),
    invoiceId: text().notNull(),
    /** In the currency's smallest unit. */
    amount: integer().notNull(),
    paid: boolean().notNull().default(false),
  },
  (t) => [
    ...accountKeys('receipts', t),
    belongsTo('receipts_billing', t, t.billingId, () => billings),
    index('receipts_by_billing').on(t.accountId, t.billingId),
  ],
);
export type Receipt = typeof receipts.$inferSelect;
