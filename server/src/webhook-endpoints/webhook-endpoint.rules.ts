import { environments } from '../environments/environment.table.ts';
import { isInEnvironment } from '../kernel/access/access.ts';
import { isSigningAlgorithm } from '../kernel/crypto/signing.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { isEventName } from '../kernel/events/catalogue.ts';
import { type OpenRule, rules, touches } from '../kernel/jsonapi/rules.ts';
import { urlRules } from '../kernel/jsonapi/url-rules.ts';
import { products } from '../products/product.table.ts';
import { type WebhookEndpointRecord, webhookEndpointRecords } from './webhook-endpoint.records.ts';

/** The product exists, and an endpoint of its environment may have it (spec/environments.md 7). */
const productFits: OpenRule<WebhookEndpointRecord> = async ({ accountId, productId, environmentId }, facts) => {
  if (productId === null || !touches(facts, 'productId')) return undefined;
  const [product] = await facts.db
    .select({ environmentId: products.environmentId })
    .from(products)
    .where(and(eq(products.accountId, accountId), eq(products.id, productId)))
    .for('key share');
  if (!product) return { subject: '~product', detail: 'must exist', kind: 'NOT_FOUND' };
  const [environment] =
    environmentId === null
      ? []
      : await facts.db
          .select()
          .from(environments)
          .where(and(eq(environments.accountId, accountId), eq(environments.id, environmentId)));
  if (isInEnvironment(product.environmentId, environment ?? null)) return undefined;
  return { subject: '~environment', detail: 'must be compatible with product environment', kind: 'NOT_ALLOWED' };
};

const everything = (subscriptions: readonly string[]): boolean => subscriptions.length === 1 && subscriptions[0] === '*';

/** spec/events.md 3.4, in the order in which several errors are reported */
export const webhookEndpointRules = rules<WebhookEndpointRecord>(webhookEndpointRecords, [
  productFits,
  ['subscriptions', 'must have at least 1 webhook event subscription', 'TOO_SHORT', ({ subscriptions }) => subscriptions.length === 0],
  ...urlRules(['https'], 4096),
  [
    'signatureAlgorithm',
    'unsupported signature algorithm',
    'NOT_ALLOWED',
    ({ signatureAlgorithm }) => signatureAlgorithm !== null && !isSigningAlgorithm(signatureAlgorithm),
  ],
  [
    'subscriptions',
    'unsupported webhook event type for subscription',
    'NOT_ALLOWED',
    ({ subscriptions }) => !everything(subscriptions) && !subscriptions.every(isEventName),
  ],
]);
