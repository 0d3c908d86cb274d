import { document } from '../kernel/jsonapi/document.ts';
import { type WebhookEventRecord, webhookEventRecords } from './webhook-event.records.ts';

/** spec/events.md 4.1 */
export const webhookEventDocument = document<WebhookEventRecord>(webhookEventRecords, {
  attributes: {
    endpoint: 'endpoint',
    apiVersion: 'apiVersion',
    payload: 'payload',
    event: 'event',
    status: 'status',
    lastResponseCode: 'lastResponseCode',
    lastResponseBody: 'lastResponseBody',
  },
  meta: ({ idempotencyToken }) => ({ idempotencyToken }),
});
