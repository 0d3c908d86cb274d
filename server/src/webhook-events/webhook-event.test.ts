import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';
import type { Role } from '../kernel/access/roles.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const eventOf = (endpoint: Wire, attributes: Attributes = {}): Promise<Wire> =>
  world.create('webhook_event', { webhook_endpoint_id: endpoint.id, environment_id: endpoint.environment_id, ...attributes });
const retry = (event: Wire): string => `/webhook-events/${event.id}/actions/retry`;

test('a webhook event shows what was sent and what came of it', async () => {
  const event = await world.create('webhook_event', { status: 'FAILED', last_response_code: 500, last_response_body: 'oops', payload: '{"data":{"id":"x"}}' });
  const { data } = await (await world.as('admin')).get(`/webhook-events/${event.id}`, 200);
  expect(data).toEqual({
    id: event.id,
    type: 'webhook-events',
    attributes: {
      endpoint: event.endpoint,
      apiVersion: '1.8',
      payload: '{"data":{"id":"x"}}',
      event: 'license.created',
      status: 'FAILED',
      lastResponseCode: 500,
      lastResponseBody: 'oops',
      created: event.created_at.toISOString(),
      updated: event.updated_at.toISOString(),
    },
    relationships: {
      account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
      environment: { links: { related: null }, data: null },
    },
    links: { self: `${world.base}/webhook-events/${event.id}` },
    meta: { idempotencyToken: event.idempotency_token },
  });
});

describe('lists', () => {
  test.each<[string, string[]]>([
    ['events[]=license.created&events[]=license.updated', ['license.created', 'license.updated']],
    ['events[]=license.deleted', ['license.deleted']],
    ['events[]=license.unknown', []],
    ['events=license.created', ['license.created', 'license.deleted', 'license.updated']],
    ['events[]=', ['license.created', 'license.deleted', 'license.updated']],
    ['events[][name]=license.created', ['license.created', 'license.deleted', 'license.updated']],
    ['', ['license.created', 'license.deleted', 'license.updated']],
  ])('by %s', async (query, expected) => {
    const endpoint = await world.create('webhook_endpoint');
    for (const event of ['license.created', 'license.updated', 'license.deleted']) await eventOf(endpoint, { event });
    const { data } = await (await world.as('admin')).get(`/webhook-events?${query}`, 200);
    expect(data.map((item: Wire) => item.attributes.event).sort()).toEqual(expected);
  });

  test('in pages that are not counted', async () => {
    const endpoint = await world.create('webhook_endpoint');
    for (let n = 0; n < 7; n++) await eventOf(endpoint);
    const admin = await world.as('admin');
    const first = await admin.get('/webhook-events?page[number]=1&page[size]=5', 200);
    expect(first.data).toHaveLength(5);
    expect(Object.keys(first.links)).toEqual(['self', 'prev', 'next']);
    expect(first.links.prev).toBeNull();
    const last = await admin.get('/webhook-events?page[number]=2&page[size]=5', 200);
    expect(last.data).toHaveLength(2);
    expect(last.links).toMatchObject({ next: null, prev: `${world.base}/webhook-events?page%5Bnumber%5D=1&page%5Bsize%5D=5` });
  });
});

describe('a retry', () => {
  test('is a new event like the old one, which stays as it is, and is sent', async () => {
    const event = await world.create('webhook_event', { status: 'FAILED', last_response_code: 500, last_response_body: 'oops' });
    const { data, headers } = await (await world.as('admin')).post(retry(event), undefined, 201);
    expect(data.id).not.toBe(event.id);
    expect(data.attributes).toMatchObject({
      status: 'DELIVERING',
      lastResponseCode: null,
      lastResponseBody: null,
      payload: event.payload,
      endpoint: event.endpoint,
      event: event.event,
    });
    expect(data.meta).toEqual({ idempotencyToken: event.idempotency_token });
    expect(headers.location).toBe(`https://localhost${world.base}/webhook-events/${data.id}`);
    await world.server.jobs.run();
    expect(world.server.webhooks.sent.map(({ body }) => JSON.parse(body!).data.id)).toEqual([data.id]);
    expect(await world.server.find('webhook_event', { id: data.id })).toMatchObject({ status: 'DELIVERED' });
    expect(await world.server.find('webhook_event', { id: event.id })).toEqual(event);
    expect(await world.count('event_logs')).toBe(0);
    expect(await world.count('request_logs')).toBe(0);
  });

  test('goes to another endpoint of the same URL when its own is gone', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const url = 'https://hooks.example.com/same';
    const gone = await world.create('webhook_endpoint', { url, environment_id: shared.id });
    const event = await eventOf(gone);
    await world.server.sql('delete from webhook_endpoints');
    const admin = (await world.as('environment', shared)).in(shared);
    const { errors } = await admin.post(retry(event), undefined, 422);
    expect(errors).toEqual([expect.objectContaining({ title: 'Unprocessable entity', detail: 'webhook event failed to retry' })]);
    expect(await world.count('webhook_events')).toBe(1);
    await world.create('webhook_endpoint', { url });
    await admin.post(retry(event), undefined, 201);
    await world.server.jobs.run();
    expect(world.server.webhooks.sent.map((sent) => sent.url)).toEqual([url]);
  });
});

test('a deleted event is not delivered any more', async () => {
  const event = await world.create('webhook_event');
  const admin = await world.as('admin');
  const { data } = await admin.post(retry(event), undefined, 201);
  await admin.delete(`/webhook-events/${data.id}`, undefined, 204);
  await world.server.jobs.run();
  expect(world.server.webhooks.sent).toEqual([]);
  const { errors } = await admin.get(`/webhook-events/${data.id}`, 404);
  expect(errors[0]).toMatchObject({ detail: `The requested webhook event '${data.id}' was not found`, code: 'NOT_FOUND' });
});

describe('access', () => {
  test.each<[Role, number, number, number, number]>([
    // role       list show retry delete
    ['admin', 200, 200, 201, 204],
    ['developer', 200, 200, 201, 204],
    ['read-only', 200, 200, 403, 403],
    ['sales-agent', 403, 403, 403, 403],
    ['support-agent', 403, 403, 403, 403],
    ['product', 200, 404, 404, 404],
    ['license', 403, 404, 404, 404],
    ['user', 403, 404, 404, 404],
  ])('%s', async (role, list, show, retried, remove) => {
    const event = await world.create('webhook_event');
    const client = await world.as(role);
    await client.get('/webhook-events', list);
    await client.get(`/webhook-events/${event.id}`, show);
    await client.post(retry(event), undefined, retried);
    await client.delete(`/webhook-events/${event.id}`, undefined, remove);
  });

  test('anonymous askers are not let in', () => world.anonymous().get('/webhook-events', 401));

  test('a product sees the events of its endpoints, and may do nothing about them', async () => {
    const product = await world.create('product');
    for (let endpoint = 0; endpoint < 2; endpoint++) {
      const own = await world.create('webhook_endpoint', { product_id: product.id });
      for (let n = 0; n < 3; n++) await eventOf(own);
    }
    await world.create('webhook_event');
    const client = await world.as('product', product);
    const { data } = await client.get('/webhook-events', 200);
    expect(data).toHaveLength(6);
    await client.get(`/webhook-events/${data[0].id}`, 200);
    await client.delete(`/webhook-events/${data[0].id}`, undefined, 403);
    await client.post(retry(data[0]), undefined, 403);
  });

  test('environments see theirs, and shared ones the global ones too', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    for (const environment_id of [isolated.id, shared.id, null]) {
      const endpoint = await world.create('webhook_endpoint', { environment_id });
      for (let n = 0; n < 3; n++) await eventOf(endpoint);
    }
    const global = await world.server.find('webhook_event', { environment_id: null });
    const inIsolated = (await world.as('environment', isolated)).in(isolated);
    const inShared = (await world.as('environment', shared)).in(shared);
    expect((await inIsolated.get('/webhook-events', 200)).data).toHaveLength(3);
    expect((await inShared.get('/webhook-events', 200)).data).toHaveLength(6);
    await inIsolated.get(`/webhook-events/${global!.id}`, 404);
    await inShared.post(retry(global), undefined, 403);
    await inShared.delete(`/webhook-events/${global!.id}`, undefined, 403);
  });
});

describe('pruning', () => {
  const day = 86_400_000;
  test('deletes events of days that are more than 30 days past', async () => {
    world.server.clock.freeze('2026-03-31T06:00:00.000Z');
    const endpoint = await world.create('webhook_endpoint');
    const ages = [0, 29 * day, 30 * day, 30 * day + 6 * 3_600_000, 30 * day + 6 * 3_600_000 + 1, 40 * day];
    for (const age of ages) await eventOf(endpoint, { created_at: new Date(world.server.clock.now().getTime() - age) });
    await world.server.jobs.cron('webhook-events.prune');
    expect(await world.count('webhook_events')).toBe(4);
    expect(await world.count('event_logs')).toBe(0);
  });
});
