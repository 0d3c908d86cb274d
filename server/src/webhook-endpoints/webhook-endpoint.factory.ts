import { currentVersion } from '../kernel/versions/supported.ts';
import { factory } from '../testkit/factory.ts';
import { webhookEndpoints } from './webhook-endpoint.table.ts';

export const webhookEndpointFactory = factory({
  type: 'webhook_endpoint',
  table: webhookEndpoints,
  defaults: async ({ sequence, find }, given) => ({
    url: `https://hooks-${sequence}.example.com/`,
    subscriptions: ['*'],
    signature_algorithm: 'ed25519',
    api_version: (await find('account', { id: given.account_id }))?.api_version ?? currentVersion,
  }),
});
