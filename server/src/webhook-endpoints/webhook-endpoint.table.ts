import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { scopedColumns, scopedKeys, textArray } from '../kernel/database/columns.ts';

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
  (t) => [...scopedKeys('webhook_endpoints', t), index('webhook_endpoints_product').on(t.accountId, t.productId)],
);
export type WebhookEndpoint = typeof webhookEndpoints.$inferSelect;
