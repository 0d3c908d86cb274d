import { type Row, records } from '../kernel/database/records.ts';
import { webhookEvents } from './webhook-event.table.ts';

export const webhookEventRecords = records(webhookEvents, { type: 'webhook-events', noun: 'webhook event' });
export type WebhookEventRecord = Row<typeof webhookEventRecords>;
