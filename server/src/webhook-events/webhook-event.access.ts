import { access, always, lax, strict } from '../kernel/access/access.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { webhookEndpoints } from '../webhook-endpoints/webhook-endpoint.table.ts';
import type { WebhookEventRecord } from './webhook-event.records.ts';
import { webhookEvents } from './webhook-event.table.ts';

const readers = always('admin', 'developer', 'read-only', 'environment', 'product');
const writers = always('admin', 'developer', 'environment');

/** spec/events.md 4.2 */
export const webhookEventAccess = access<WebhookEventRecord, 'list' | 'show' | 'delete' | 'retry'>({
  visible: {
    staff: true,
    environment: true,
    product: (bearer, { accountId }) =>
      sql`${webhookEvents.webhookEndpointId} in (select ${webhookEndpoints.id} from ${webhookEndpoints}
        where ${webhookEndpoints.accountId} = ${accountId} and ${webhookEndpoints.productId} = ${bearer.id})`,
    user: false,
    license: false,
    anonymous: false,
  },
  may: {
    list: lax('webhook-event.read', readers),
    show: lax('webhook-event.read', readers),
    delete: strict('webhook-event.delete', writers),
    retry: strict('webhook-event.retry', writers),
  },
});
