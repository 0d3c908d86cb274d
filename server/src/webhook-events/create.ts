/** Events become webhook events, one for each endpoint that hears of them (spec/events.md 1.1). */
import { randomBytes } from 'node:crypto';
import { accounts } from '../accounts/account.table.ts';
import type { Tx } from '../kernel/database/database.ts';
import { and, eq, inArray } from '../kernel/database/drizzle.ts';
import type { OutboxEntry } from '../kernel/events/outbox.table.ts';
import { uuid } from '../kernel/id.ts';
import type { Services } from '../kernel/services.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { webhookEndpoints } from '../webhook-endpoints/webhook-endpoint.table.ts';
import { deliverWebhook } from './deliver.ts';
import { payloadFor } from './payload.ts';
import { type WebhookEvent, webhookEvents } from './webhook-event.table.ts';

interface Hearer {
  id: string;
  accountId: string;
  url: string;
  subscriptions: string[];
  version: string;
}

/** The endpoints that entries name, as they are now. Read through the transaction: it may be the only connection. */
async function hearersOf(tx: Tx, entries: readonly OutboxEntry[]): Promise<Map<string, Hearer>> {
  const ids = [...new Set(entries.flatMap(({ endpointIds }) => endpointIds))];
  const rows = await tx
    .select({ endpoint: webhookEndpoints, ofAccount: accounts.apiVersion })
    .from(webhookEndpoints)
    .innerJoin(accounts, eq(accounts.id, webhookEndpoints.accountId))
    .where(and(inArray(webhookEndpoints.accountId, [...new Set(entries.map(({ accountId }) => accountId))]), inArray(webhookEndpoints.id, ids)));
  return new Map(rows.map(({ endpoint, ofAccount }) => [endpoint.id, { ...endpoint, version: endpoint.apiVersion ?? ofAccount ?? currentVersion }]));
}

const hears = ({ subscriptions }: Hearer, event: string): boolean => subscriptions.includes('*') || subscriptions.includes(event);

/** The same for all deliveries of a webhook event: what receivers know a repetition by. */
const idempotencyToken = (): string => `${randomBytes(31).toString('hex')}v3`;

/** A consumer of the outbox. The webhook events and the jobs that deliver them commit with the removal of the entries, so there is exactly one of each. */
export async function createWebhookEvents(tx: Tx, entries: readonly OutboxEntry[], services: Services): Promise<void> {
  const heard = entries.filter(({ endpointIds }) => endpointIds.length > 0);
  if (heard.length === 0) return;
  const hearers = await hearersOf(tx, heard);
  const now = services.clock.now();
  const rows: WebhookEvent[] = heard.flatMap(({ accountId, environmentId, event, endpointIds, payload }) => {
    const converted = new Map<string, string | null>();
    const payloadAt = (version: string) => {
      const known = converted.get(version) ?? payloadFor(services.versions, { payload, apiVersion: currentVersion }, version).payload;
      converted.set(version, known);
      return known;
    };
    const endpoints = endpointIds
      .map((id) => hearers.get(id))
      .filter((hearer) => hearer !== undefined && hearer.accountId === accountId && hears(hearer, event));
    return (endpoints as Hearer[]).map(({ id, url, version }) => ({
      ...{ id: uuid(), accountId, environmentId, createdAt: now, updatedAt: now, webhookEndpointId: id, endpoint: url, event },
      ...{ apiVersion: version, payload: payloadAt(version), status: 'DELIVERING' as const, lastResponseCode: null, lastResponseBody: null },
      idempotencyToken: idempotencyToken(),
    }));
  });
  if (rows.length === 0) return;
  await tx.insert(webhookEvents).values(rows);
  const deliveries = rows.map(({ accountId, id }) => ({ accountId, webhookEventId: id, attempt: 0 }));
  await services.enqueueMany(tx, deliverWebhook, deliveries);
}
