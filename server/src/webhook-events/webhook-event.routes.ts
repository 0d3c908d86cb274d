import { environments } from '../environments/environment.table.ts';
import { inEnvironment } from '../kernel/access/access.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { unprocessable } from '../kernel/http/errors.ts';
import { uuid } from '../kernel/id.ts';
import { textsFilter } from '../kernel/jsonapi/filters.ts';
import { insertRow, resource } from '../kernel/jsonapi/resource.ts';
import { webhookEndpoints } from '../webhook-endpoints/webhook-endpoint.table.ts';
import { deliverWebhook } from './deliver.ts';
import { webhookEventAccess as access } from './webhook-event.access.ts';
import { webhookEventDocument as document } from './webhook-event.document.ts';
import { webhookEventRecords as records, type WebhookEventRecord } from './webhook-event.records.ts';
import { webhookEvents } from './webhook-event.table.ts';

/** Where a retry goes: the endpoint that the event was made for, else one of the same URL that the event's environment sees. */
async function endpointFor({ db, accountId }: Change, event: WebhookEventRecord): Promise<string | undefined> {
  const { environmentId, webhookEndpointId } = event;
  const ofAccount = eq(webhookEndpoints.accountId, accountId);
  const idOf = async (fits: ReturnType<typeof and>) =>
    (await db.select({ id: webhookEndpoints.id }).from(webhookEndpoints).where(and(ofAccount, fits)).orderBy(webhookEndpoints.createdAt).limit(1))[0]?.id;
  const own = webhookEndpointId === null ? undefined : await idOf(eq(webhookEndpoints.id, webhookEndpointId));
  if (own !== undefined) return own;
  const [environment] =
    environmentId === null
      ? []
      : await db
          .select()
          .from(environments)
          .where(and(eq(environments.accountId, accountId), eq(environments.id, environmentId)));
  if (environmentId !== null && !environment) return undefined;
  return idOf(and(eq(webhookEndpoints.url, event.endpoint), inEnvironment(webhookEndpoints.environmentId, environment ?? null)));
}

/** A new webhook event like the old one, and its delivery (spec/events.md 4.2). @throws {ApiError} 422 */
function retry(event: WebhookEventRecord, context: Context): Promise<WebhookEventRecord> {
  return context.change(async (change) => {
    const webhookEndpointId = await endpointFor(change, event);
    if (webhookEndpointId === undefined) throw unprocessable('webhook event failed to retry');
    const fresh = { status: 'DELIVERING' as const, lastResponseCode: null, lastResponseBody: null, createdAt: change.now, updatedAt: change.now };
    const again: WebhookEventRecord = { ...event, ...fresh, id: uuid(), webhookEndpointId };
    await insertRow(change, records, again);
    await change.enqueue(deliverWebhook, { accountId: again.accountId, webhookEventId: again.id, attempt: 0 });
    return again;
  });
}

const unlogged = { logged: false } as const;

export default resource({ records, document, access }, (on) => {
  on.list({ can: 'list', ...unlogged, uncounted: true, filters: { events: textsFilter(webhookEvents.event) } });
  on.show({ can: 'show', ...unlogged });
  on.remove({ can: 'delete', ...unlogged });
  on.action('retry', {
    can: 'retry',
    ...unlogged,
    status: 201,
    summary: 'Retry a webhook event',
    async run(event, context) {
      const again = await retry(event, context);
      const { baseUrl } = context.services.config;
      const location = `${baseUrl}/v1/accounts/${again.accountId}/webhook-events/${again.id}`;
      return { status: 201, document: { data: document.render(again, { now: context.now, context: 'response' }) }, headers: { location } };
    },
  });
});
