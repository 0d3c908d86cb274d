/** Which endpoints hear of an event (spec/events.md 1.1, 1.3). */
import { and, eq } from 'drizzle-orm';
import { environments } from '../environments/environment.table.ts';
import { type Asker, allows, type CurrentEnvironment } from '../kernel/access/access.ts';
import type { Db } from '../kernel/database/database.ts';
import type { Audience, Payload } from '../kernel/events/change.ts';
import { products } from '../products/product.table.ts';
import { productBearer } from '../tokens/bearer.ts';
import { type WebhookEndpoint, webhookEndpoints } from './webhook-endpoint.table.ts';

const endpointsOf = (db: Db, accountId: string): Promise<WebhookEndpoint[]> =>
  db.select().from(webhookEndpoints).where(eq(webhookEndpoints.accountId, accountId));

async function currentEnvironment(db: Db, accountId: string, id: string | null): Promise<CurrentEnvironment | null> {
  if (id === null) return null;
  const [found] = await db
    .select()
    .from(environments)
    .where(and(eq(environments.accountId, accountId), eq(environments.id, id)));
  return found ?? null;
}

/** Whether an endpoint's product could read the payload in the event's environment, by its own permissions and without a token. */
async function productReads<Row>(db: Db, endpoint: WebhookEndpoint, { row, access, document }: Payload<Row>, now: Date): Promise<boolean> {
  if (row === undefined || !access) return false;
  const { accountId, productId } = endpoint;
  const [product] = await db
    .select()
    .from(products)
    .where(and(eq(products.accountId, accountId), eq(products.id, productId!)));
  if (!product) return false;
  const environment = await currentEnvironment(db, accountId, endpoint.environmentId);
  const asker: Asker = { accountId, environment, bearer: productBearer(product), token: null, db, now };
  return allows(asker, access.may.show, { record: row, unscoped: !document.records.scoped });
}

/** @param load the account's endpoints; batches of events remember them */
export const audience =
  (load = endpointsOf): Audience =>
  async (db, event, payload, now) => {
    const heard = (await load(db, event.accountId)).filter(
      ({ environmentId, subscriptions }) => environmentId === event.environmentId && (subscriptions.includes('*') || subscriptions.includes(event.name)),
    );
    const ids: string[] = [];
    for (const endpoint of heard) if (endpoint.productId === null || (await productReads(db, endpoint, payload, now))) ids.push(endpoint.id);
    return ids;
  };

/** For a batch of events: each account's endpoints are read once. */
export function rememberingAudience(): Audience {
  const known = new Map<string, Promise<WebhookEndpoint[]>>();
  return audience((db, accountId) => {
    const endpoints = known.get(accountId) ?? endpointsOf(db, accountId);
    known.set(accountId, endpoints);
    return endpoints;
  });
}
