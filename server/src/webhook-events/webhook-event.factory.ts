import { randomBytes } from 'node:crypto';
import { currentVersion } from '../kernel/versions/supported.ts';
import { factory } from '../testkit/factory.ts';
import { webhookEvents } from './webhook-event.table.ts';

export const webhookEventFactory = factory({
  type: 'webhook_event',
  table: webhookEvents,
  parents: { webhook_endpoint_id: 'webhook_endpoint' },
  canonical: ({ payload, ...attributes }) => ({
    ...attributes,
    ...(payload !== undefined && { payload: typeof payload === 'object' && payload !== null ? JSON.stringify(payload) : payload }),
  }),
  defaults: async ({ find }, given) => {
    const endpoint = await find('webhook_endpoint', { id: given.webhook_endpoint_id });
    return {
      endpoint: endpoint?.url ?? 'https://hooks.example.com/',
      event: 'license.created',
      api_version: endpoint?.api_version ?? currentVersion,
      payload: '{"data":null}',
      idempotency_token: `${randomBytes(31).toString('hex')}v3`,
    };
  },
});
