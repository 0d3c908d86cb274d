/** Which endpoints hear of an event (spec/events.md 1.1, 1.3). */
import { environments } from '../environments/environment.table.ts';
import { type Asker, allows, type CurrentEnvironment, sightOf, where } from '../kernel/access/access.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { Reader } from '../kernel/database/reader.ts';
import type { Audience, Payload } from '../kernel/events/change.ts';
import { type Product, products } from '../products/product.table.ts';
import { productBearer } from '../tokens/bearer.ts';
import { type WebhookEndpoint, webhookEndpoints } from './webhook-endpoint.table.ts';

/** An endpoint with what decides what it hears. */
interface Listener {
  endpoint: WebhookEndpoint;
  product: Product | null;
  environment: CurrentEnvironment | null;
}

const listeners = new Reader<Listener>(webhookEndpoints, { endpoint: webhookEndpoints, product: products, environment: environments }, (db) =>
  db
    .select({ endpoint: webhookEndpoints, product: products, environment: environments })
    .from(webhookEndpoints)
    .leftJoin(products, and(eq(products.accountId, webhookEndpoints.accountId), eq(products.id, webhookEndpoints.productId)))
    .leftJoin(environments, and(eq(environments.accountId, webhookEndpoints.accountId), eq(environments.id, webhookEndpoints.environmentId))),
);

const listenersOf = (db: Db, accountId: string): Promise<Listener[]> => listeners.all(db, { rest: sql` where ${eq(webhookEndpoints.accountId, accountId)}` });

/**
 * Whether an endpoint's product could read the payload in the event's environment, by its own permissions and without a token: it may, and it sees it.
 * Lists that are payloads have no reader among products.
 */
async function productReads<Row>(db: Db, { endpoint, product, environment }: Listener, { row, access, document }: Payload<Row>, now: Date): Promise<boolean> {
  if (row === undefined || !access || product === null) return false;
  const { accountId } = endpoint;
  const asker: Asker = { accountId, environment, bearer: productBearer(product), token: null, db, now };
  if (!(await allows(asker, access.may.show, { record: row, unscoped: !document.records.scoped }))) return false;
  const sight = sightOf({ ...access.visible, product: access.heard ?? access.visible.product }, asker);
  if (sight === undefined || sight === false) return sight === undefined;
  const { records } = document;
  const { id } = row as { id: string };
  const [seen] = await records.find(db, where(eq(records.table.accountId, accountId), eq(records.table.id, id), sight), { limit: 1 });
  return seen !== undefined;
}

/** @param load the account's endpoints; batches of events remember them */
export const audience =
  (load = listenersOf): Audience =>
  async (db, event, payload, now) => {
    const subscribed = (await load(db, event.accountId)).filter(
      ({ endpoint: { environmentId, subscriptions } }) =>
        environmentId === event.environmentId && (subscriptions.includes('*') || subscriptions.includes(event.name)),
    );
    const ids: string[] = [];
    for (const listener of subscribed) {
      const { id, productId } = listener.endpoint;
      if (productId === null || (await productReads(db, listener, payload, now))) ids.push(id);
    }
    return ids;
  };

/** For a batch of events: each account's endpoints are read once. */
export function rememberingAudience(): Audience {
  const known = new Map<string, Promise<Listener[]>>();
  return audience((db, accountId) => {
    const found = known.get(accountId) ?? listenersOf(db, accountId);
    known.set(accountId, found);
    return found;
  });
}
