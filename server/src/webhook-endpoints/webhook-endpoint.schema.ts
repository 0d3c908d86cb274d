import { array, body, environmentRelationship, string, toOneOrNone } from '../kernel/http/params.ts';
import { apiVersions } from '../kernel/versions/supported.ts';

const optional = {
  subscriptions: array(string).allowBlank(),
  signatureAlgorithm: string,
  apiVersion: string.oneOf(apiVersions),
};
const product = toOneOrNone('products');

/** spec/events.md 3.3 */
export const createWebhookEndpoint = body('webhook-endpoints', {
  attributes: { url: string.required(), ...optional },
  relationships: { product, environment: environmentRelationship },
});
export const updateWebhookEndpoint = body('webhook-endpoints', {
  id: 'ignored',
  attributes: { url: string, ...optional },
  attributesRequired: false,
  relationships: { product },
});
