/** Sends webhook events to their endpoints (spec/events.md 5). */
import { signatureHeaders } from '../kernel/crypto/response-signature.ts';
import { isSigningAlgorithm } from '../kernel/crypto/signing.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, getTableColumns } from '../kernel/database/drizzle.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { type JobContext, job, RetryAt } from '../kernel/jobs/job.ts';
import type { Call } from '../kernel/outgoing/caller.ts';
import { callThrough } from '../kernel/outgoing/follow.ts';
import type { CurrentAccount, Services } from '../kernel/services.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { type WebhookEndpoint, webhookEndpoints } from '../webhook-endpoints/webhook-endpoint.table.ts';
import { withOlder } from './late.ts';
import { type Outcome, outcomeOfError, outcomeOfReply, retryDelay } from './outcome.ts';
import { payloadFor } from './payload.ts';
import { webhookEventDocument } from './webhook-event.document.ts';
import { type WebhookEvent, webhookEvents } from './webhook-event.table.ts';

interface Attempt {
  accountId: string;
  webhookEventId: string;
  /** 0 is the first one, the others are retries. */
  attempt: number;
}

interface Delivery {
  event: WebhookEvent;
  endpoint: WebhookEndpoint;
}

/** What is to be sent; undefined when it is to be dropped: the event or its endpoint is gone, or the endpoint wants it no more. */
async function deliveryOf(db: Db, { accountId, webhookEventId }: Attempt): Promise<Delivery | undefined> {
  const [found] = await db
    .select({ event: getTableColumns(webhookEvents), endpoint: getTableColumns(webhookEndpoints) })
    .from(webhookEvents)
    .innerJoin(webhookEndpoints, and(eq(webhookEndpoints.accountId, webhookEvents.accountId), eq(webhookEndpoints.id, webhookEvents.webhookEndpointId)))
    .where(and(eq(webhookEvents.accountId, accountId), eq(webhookEvents.id, webhookEventId)));
  if (!found) return undefined;
  const { subscriptions } = found.endpoint;
  return subscriptions.includes('*') || subscriptions.includes(found.event.event) ? found : undefined;
}

/** The same body at every attempt: the event as it was when it was made, in the endpoint's version. */
async function bodyOf({ event }: Delivery, version: string, services: Services): Promise<string> {
  const stored = await withOlder(services.database.drizzle, event, version);
  const { payload, version: shown } = payloadFor(services.versions, { ...event, payload: stored }, version);
  const asMade = { ...event, payload, apiVersion: shown, status: 'DELIVERING' as const, lastResponseCode: null, lastResponseBody: null };
  return stringifyJson({ data: webhookEventDocument.render({ ...asMade, updatedAt: event.createdAt }, { now: event.createdAt, context: 'webhook' }) });
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  return { Authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };
}

/** The request with its signature headers (spec/events.md 5.2). */
async function requestOf(delivery: Delivery, account: CurrentAccount, services: Services): Promise<Call> {
  const { endpoint } = delivery;
  const { legacySignatures, names } = services.config;
  const version = endpoint.apiVersion ?? account.apiVersion ?? currentVersion;
  const body = await bodyOf(delivery, version, services);
  const url = new URL(endpoint.url);
  const basic = credentials(url);
  url.username = '';
  url.password = '';
  const algorithm = endpoint.signatureAlgorithm !== null && isSigningAlgorithm(endpoint.signatureAlgorithm) ? endpoint.signatureAlgorithm : 'ed25519';
  const legacy = legacySignatures === 'always' || (legacySignatures !== null && account.createdAt < legacySignatures);
  const message = { accountId: account.id, method: 'POST', host: url.hostname, target: url.pathname + url.search, date: services.clock.now(), body };
  const signature = await signatureHeaders(account.keys, message, { algorithm, spelled: algorithm }, legacy);
  const agent = names.webhookAgent.replace('{version}', version);
  return { method: 'POST', url, body, headers: { ...basic, 'Content-Type': 'application/json', 'User-Agent': agent, 'Keygen-Version': version, ...signature } };
}

async function send(delivery: Delivery, account: CurrentAccount, { services, signal }: JobContext): Promise<Outcome> {
  try {
    const reply = await callThrough(services.outgoing, { ...(await requestOf(delivery, account, services)), signal });
    return outcomeOfReply(reply, delivery.endpoint.url);
  } catch (error) {
    // The server stops: this was no attempt.
    if (signal.aborted) throw new RetryAt(services.clock.now());
    services.logger.info({ err: error, webhookEventId: delivery.event.id }, 'a webhook could not be delivered');
    return outcomeOfError(error);
  }
}

/** Stores the outcome and plans the next attempt, both or neither. */
function settle(delivery: Delivery, { attempt, ...which }: Attempt, outcome: Outcome, { transaction, enqueue, services }: JobContext): Promise<void> {
  const { event, endpoint } = delivery;
  const now = services.clock.now();
  const delay = outcome.retried ? retryDelay(attempt, Math.random()) : undefined;
  const status = outcome.retried && delay === undefined ? 'FAILED' : outcome.status;
  const { response } = outcome;
  return transaction(async (tx) => {
    await tx
      .update(webhookEvents)
      .set({ updatedAt: now, ...(status && { status }), ...(response && { lastResponseCode: response.code, lastResponseBody: response.body }) })
      .where(and(eq(webhookEvents.accountId, event.accountId), eq(webhookEvents.id, event.id)));
    if (outcome.disables)
      await tx
        .update(webhookEndpoints)
        .set({ subscriptions: [] })
        .where(and(eq(webhookEndpoints.accountId, endpoint.accountId), eq(webhookEndpoints.id, endpoint.id)));
    if (delay !== undefined) await enqueue(tx, deliverWebhook, { ...which, attempt: attempt + 1 }, { runAt: new Date(now.getTime() + delay * 1000) });
  });
}

/** One attempt. A retry is an entry of its own, which knows how many there were. */
export const deliverWebhook = job<Attempt>({
  name: 'webhook-events.deliver',
  key: ({ webhookEventId }) => webhookEventId,
  concurrency: 20,
  async run(attempt, context) {
    const delivery = await deliveryOf(context.database.drizzle, attempt);
    const account = delivery && (await context.services.account(attempt.accountId));
    if (!account) return;
    await settle(delivery, attempt, await send(delivery, account, context), context);
  },
});
