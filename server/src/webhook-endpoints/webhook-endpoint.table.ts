import { belongsTo, scopedColumns, scopedKeys, textArray } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';
import { products } from '../products/product.table.ts';

export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    ...scopedColumns(),
    productId: uuid(),
    url: text().notNull(),
    /** `{*}`: everything; empty: disabled. */
    subscriptions: textArray().notNull().default(['*']),
    signatureAlgorithm: text().default('ed25519'),
    apiVersion: text(),
  },
  (t) => [
    ...scopedKeys('webhook_endpoints', t),
    // An endpoint without a product hears everything, so it goes with its product.
    belongsTo('webhook_endpoints_of_product', t, t.productId, () => products),
    index('webhook_endpoints_product').on(t.accountId, t.productId),
  ],
);
export type WebhookEndpoint = typeof webhookEndpoints.$inferSelect;
