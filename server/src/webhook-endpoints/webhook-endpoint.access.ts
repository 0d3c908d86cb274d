import { access, always, type Condition, each, lax, strict } from '../kernel/access/access.ts';
import { eq } from '../kernel/database/drizzle.ts';
import type { WebhookEndpointRecord } from './webhook-endpoint.records.ts';
import { webhookEndpoints } from './webhook-endpoint.table.ts';

const own: Condition<WebhookEndpointRecord> = (bearer, row) => row.productId === bearer.id;

const readers = { ...always('admin', 'developer', 'read-only', 'environment'), ...each(own, 'product') };
const writers = { ...always('admin', 'developer', 'environment'), ...each(own, 'product') };

/** spec/events.md 3.3 */
export const webhookEndpointAccess = access<WebhookEndpointRecord, 'list' | 'show' | 'create' | 'update' | 'delete'>({
  visible: {
    staff: true,
    environment: true,
    product: (bearer) => eq(webhookEndpoints.productId, bearer.id),
    user: false,
    license: false,
    anonymous: false,
  },
  may: {
    list: lax('webhook-endpoint.read', readers),
    show: lax('webhook-endpoint.read', readers),
    create: strict('webhook-endpoint.create', writers),
    update: strict('webhook-endpoint.update', writers),
    delete: strict('webhook-endpoint.delete', writers),
  },
});
