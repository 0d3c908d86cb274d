import { document, linked } from '../kernel/jsonapi/document.ts';
import { type WebhookEndpointRecord, webhookEndpointRecords } from './webhook-endpoint.records.ts';

/** spec/events.md 3.1, 3.2 */
export const webhookEndpointDocument = document<WebhookEndpointRecord>(webhookEndpointRecords, {
  attributes: { url: 'url', subscriptions: 'subscriptions', signatureAlgorithm: 'signatureAlgorithm', apiVersion: 'apiVersion' },
  relationships: { product: linked('products', (row) => row.productId) },
});
