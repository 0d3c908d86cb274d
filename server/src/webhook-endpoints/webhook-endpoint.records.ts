import { type Row, records } from '../kernel/database/records.ts';
import { webhookEndpoints } from './webhook-endpoint.table.ts';

export const webhookEndpointRecords = records(webhookEndpoints, { type: 'webhook-endpoints', noun: 'webhook endpoint' });
export type WebhookEndpointRecord = Row<typeof webhookEndpointRecords>;
