import { scopedColumns, scopedKeys } from '../kernel/database/columns.ts';
import { index, integer, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

/** One delivery: an event for an endpoint. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    ...scopedColumns(),
    /** Kept when the endpoint is deleted. */
    webhookEndpointId: uuid(),
    /** The endpoint's URL at the time. */
    endpoint: text().notNull(),
    event: text().notNull(),
    apiVersion: text(),
    /** A document, as text. */
    payload: text(),
    status: text().$type<'DELIVERING' | 'DELIVERED' | 'FAILING' | 'FAILED'>().default('DELIVERING'),
    lastResponseCode: integer(),
    lastResponseBody: text(),
    idempotencyToken: text().notNull(),
  },
  (t) => [...scopedKeys('webhook_events', t), index('webhook_events_event').on(t.accountId, t.event), index('webhook_events_age').on(t.createdAt)],
);
export type WebhookEvent = typeof webhookEvents.$inferSelect;
