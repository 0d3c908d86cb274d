import { authorize } from '../kernel/access/access.ts';
import { idOf, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { webhookEndpointAccess as access } from './webhook-endpoint.access.ts';
import { webhookEndpointDocument as document } from './webhook-endpoint.document.ts';
import { webhookEndpointRecords as records } from './webhook-endpoint.records.ts';
import { webhookEndpointRules as rules } from './webhook-endpoint.rules.ts';
import { createWebhookEndpoint, updateWebhookEndpoint } from './webhook-endpoint.schema.ts';

/** Names once each; what is mixed with `*` is left as it is, for the rules to refuse. */
const unique = (names: readonly string[]): string[] => (names.includes('*') ? [...names] : [...new Set(names)]);

const unlogged = { logged: false } as const;

/** spec/events.md 3.3 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list', ...unlogged });
  on.show({ can: 'show', ...unlogged });
  on.create({
    can: 'create',
    ...unlogged,
    body: createWebhookEndpoint,
    draft: ({ data: { attributes, relationships } }, context) => {
      const { signatureAlgorithm = 'ed25519', apiVersion = context.version, subscriptions = ['*'], url } = attributes;
      const product = idOf(relationships.product);
      const ofBearer = context.bearer?.kind === 'product' ? context.bearer.id : null;
      return {
        ...{ url, signatureAlgorithm, apiVersion, subscriptions: unique(subscriptions) },
        productId: product === undefined ? ofBearer : product,
        ...newRow(context, { environmentId: idOf(relationships.environment) }),
      };
    },
  });
  on.update({
    can: 'update',
    ...unlogged,
    body: updateWebhookEndpoint,
    async assign(row, { data: { attributes, relationships } }, context) {
      const productId = idOf(relationships.product);
      const changes = {
        ...attributes,
        ...(attributes.subscriptions && { subscriptions: unique(attributes.subscriptions) }),
        ...(productId !== undefined && { productId }),
      };
      await authorize(context, access.may.update, { record: { ...row, ...changes } });
      return changes;
    },
  });
  on.remove({ can: 'delete', ...unlogged });
});
