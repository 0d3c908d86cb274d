import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import type { Role } from '../kernel/access/roles.ts';
import { eventNames } from '../kernel/events/catalogue.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const url = 'https://hooks.acme.example/in?t=1';
const body = (attributes = {}, relationships?: object) => ({
  data: { type: 'webhook-endpoints', attributes: { url, ...attributes }, ...(relationships && { relationships }) },
});
const change = (attributes?: object, relationships?: object) => ({
  data: { type: 'webhook-endpoints', ...(attributes && { attributes }), ...(relationships && { relationships }) },
});
const product = (id: string | null) => ({ product: { data: id === null ? null : { type: 'products', id } } });
const environment = (id: string | null) => ({ environment: { data: id === null ? null : { type: 'environments', id } } });

describe('creates', () => {
  test('an endpoint for everything, signed with ed25519, in the version of the request', async () => {
    const admin = await world.as('admin');
    const { data, headers } = await admin.post('/webhook-endpoints', body(), 201);
    expect(data.attributes).toMatchObject({ url, subscriptions: ['*'], signatureAlgorithm: 'ed25519', apiVersion: '1.8' });
    expect(data.relationships.product).toEqual({ links: { related: null }, data: null });
    expect(data.relationships.environment).toEqual({ links: { related: null }, data: null });
    expect(data.links.self).toBe(`${world.base}/webhook-endpoints/${data.id}`);
    expect(headers.location).toBe(`https://localhost${world.base}/webhook-endpoints/${data.id}`);
    const older = await admin.at('1.3').post('/webhook-endpoints', body(), 201);
    expect(older.data.attributes.apiVersion).toBe('1.3');
    expect(await world.emitted()).toEqual([]);
    expect(await world.count('request_logs')).toBe(0);
  });

  test('a subscription that is named twice once, in the order of the names', async () => {
    const admin = await world.as('admin');
    const { data } = await admin.post(
      '/webhook-endpoints',
      body({ subscriptions: ['license.created', 'license.created', 'license.updated', 'license.deleted'] }),
      201,
    );
    expect(data.attributes.subscriptions).toEqual(['license.created', 'license.updated', 'license.deleted']);
  });

  test('subscriptions to every event of the catalogue', async () => {
    const admin = await world.as('admin');
    await admin.post('/webhook-endpoints', body({ subscriptions: eventNames }), 201);
    expect(eventNames).toHaveLength(119);
    expect(new Set(eventNames).size).toBe(eventNames.length);
  });

  test.each(['webhookEndpoint', 'webhookEndpoints', 'webhook-endpoint', 'webhook-endpoints', 'webhook_endpoint', 'webhook_endpoints'])(
    'the type %s',
    async (type) => {
      const admin = await world.as('admin');
      await admin.post('/webhook-endpoints', { data: { type, attributes: { url } } }, 201);
    },
  );

  test.each(['https://example.com/?token=xxx', 'https://user:secret@hooks.example.com:8443/a/b%20c?x[]=1&y=%2F#part', 'HTTPS://Hooks.Example.COM'])(
    'the URL %s unchanged',
    async (given) => {
      const admin = await world.as('admin');
      const { data } = await admin.post('/webhook-endpoints', body({ url: given, subscriptions: null, signatureAlgorithm: null, apiVersion: null }), 201);
      expect(data.attributes.url).toBe(given);
    },
  );
});

describe('refuses', () => {
  const at = '/data/attributes/url';
  const invalid = [422, 'must be a valid URL', 'URL_INVALID', at];
  const protocol = [422, 'must be a valid URL using one of the following protocols: https', 'URL_PROTOCOL_INVALID', at];
  const host = [422, 'must be a URL with a valid host', 'URL_HOST_INVALID', at];
  const short = [422, 'must have at least 1 webhook event subscription', 'SUBSCRIPTIONS_TOO_SHORT', '/data/attributes/subscriptions'];
  const unknown = [422, 'unsupported webhook event type for subscription', 'SUBSCRIPTIONS_NOT_ALLOWED', '/data/attributes/subscriptions'];
  const algorithm = [422, 'unsupported signature algorithm', 'SIGNATURE_ALGORITHM_NOT_ALLOWED', '/data/attributes/signatureAlgorithm'];
  test.each([
    [{ url: undefined }, [[400, 'is missing', undefined, at]]],
    [{ url: '' }, [[400, 'cannot be blank', undefined, at]]],
    [{ url: 1 }, [[400, 'type mismatch (received integer expected string)', undefined, at]]],
    [{ apiVersion: '0.0' }, [[400, 'is invalid', undefined, '/data/attributes/apiVersion']]],
    [{ url: 'https://exa mple.com' }, [invalid]],
    [{ url: 'https://exämple.com' }, [invalid]],
    [{ url: 'http://example.com' }, [protocol]],
    [{ url: 'example.com' }, [protocol, host]],
    [{ url: 'http://localhost' }, [protocol, host]],
    [{ url: 'https://localhost' }, [host]],
    [{ url: 'https://invalid' }, [host]],
    [{ url: 'https:///path' }, [host]],
    [{ url: 'https://127.0.0.1' }, [host]],
    [{ url: 'https://[::1]/' }, [host]],
    [{ url: 'https://API.keygen.sh/x' }, [host]],
    [{ url: 'https://keygen.sh' }, [host]],
    [{ subscriptions: [] }, [short]],
    [{ subscriptions: ['license.*'] }, [unknown]],
    [{ subscriptions: ['*', '*'] }, [unknown]],
    [{ subscriptions: ['*', 'license.created'] }, [unknown]],
    [{ signatureAlgorithm: 'rsa-sha1' }, [algorithm]],
    [{ url: 'http://localhost', subscriptions: [], signatureAlgorithm: 'x' }, [short, protocol, host, algorithm]],
    [{ url: 'http://localhost', subscriptions: ['foo'], signatureAlgorithm: 'x' }, [protocol, host, algorithm, unknown]],
  ])('%j', async (attributes, expected) => {
    const admin = await world.as('admin');
    const { errors, status } = await admin.post('/webhook-endpoints', body(attributes));
    expect(
      errors.map((error: { detail: string; code?: string; source: { pointer: string } }) => [status, error.detail, error.code, error.source.pointer]),
    ).toEqual(expected);
    if (status === 422) expect(errors[0].links.about).toMatch(/^https:\/\/keygen\.sh\/docs\/api\/webhook-endpoints\/#webhook-endpoints-object-attrs-/);
    expect(await world.count('webhook_endpoints')).toBe(0);
  });

  test('a URL of more than 4096 characters', async () => {
    const admin = await world.as('admin');
    const longest = `https://example.com/${'a'.repeat(4076)}`;
    await admin.post('/webhook-endpoints', body({ url: longest }), 201);
    const { errors } = await admin.post('/webhook-endpoints', body({ url: `${longest}a` }), 422);
    expect(errors).toEqual([expect.objectContaining({ detail: 'is too long (maximum is 4096 characters)', code: 'URL_TOO_LONG', source: { pointer: at } })]);
  });

  test('a product that there is not, and one that the environment cannot have', async () => {
    const admin = await world.as('admin');
    const missing = await admin.post('/webhook-endpoints', body({}, product('01a213ee-2975-7000-83b3-dcb08785da4d')), 422);
    expect(missing.errors[0]).toMatchObject({ detail: 'must exist', code: 'PRODUCT_NOT_FOUND', source: { pointer: '/data/relationships/product' } });
    const isolated = await world.create('environment');
    const global = await world.create('product');
    const inside = (await world.as('environment', isolated)).in(isolated);
    const { errors } = await inside.post('/webhook-endpoints', body({}, product(global.id)), 422);
    expect(errors[0]).toMatchObject({
      detail: 'must be compatible with product environment',
      code: 'ENVIRONMENT_NOT_ALLOWED',
      source: { pointer: '/data/relationships/environment' },
    });
    await inside.post('/webhook-endpoints', body({}, environment(null)), 403);
    await inside.post('/webhook-endpoints', body({}, environment(isolated.id)), 201);
  });
});

describe('updates', () => {
  test('what is sent, and nothing else', async () => {
    const admin = await world.as('admin');
    const { data } = await admin.post('/webhook-endpoints', body(), 201);
    const its = await world.create('product');
    const path = `/webhook-endpoints/${data.id}`;
    const changed = await admin.patch(path, change({ subscriptions: ['license.created', 'license.created'], apiVersion: '1.1', url: null }), 200);
    expect(changed.data.attributes).toMatchObject({ url, subscriptions: ['license.created'], apiVersion: '1.1', signatureAlgorithm: 'ed25519' });
    const owned = await admin.put(path, change(undefined, product(its.id)), 200);
    expect(owned.data.relationships.product).toEqual({ links: { related: `${world.base}/products/${its.id}` }, data: { type: 'products', id: its.id } });
    const freed = await admin.patch(path, change({}, product(null)), 200);
    expect(freed.data.relationships.product.data).toBeNull();
    const { errors } = await admin.patch(path, change({}, environment(null)), 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/relationships/environment' } });
  });

  test('a disabled endpoint only together with its subscriptions', async () => {
    const endpoint = await world.create('webhook_endpoint', { subscriptions: [] });
    const admin = await world.as('admin');
    const { errors } = await admin.patch(`/webhook-endpoints/${endpoint.id}`, change({ signatureAlgorithm: 'rsa-sha256' }), 422);
    expect(errors[0].code).toBe('SUBSCRIPTIONS_TOO_SHORT');
    await admin.patch(`/webhook-endpoints/${endpoint.id}`, change({ subscriptions: ['*'] }), 200);
  });
});

test('deletes an endpoint and leaves its events', async () => {
  const event = await world.create('webhook_event');
  const admin = await world.as('admin');
  await admin.delete(`/webhook-endpoints/${event.webhook_endpoint_id}`, undefined, 204);
  const { errors } = await admin.get(`/webhook-endpoints/${event.webhook_endpoint_id}`, 404);
  expect(errors[0]).toMatchObject({ detail: `The requested webhook endpoint '${event.webhook_endpoint_id}' was not found`, code: 'NOT_FOUND' });
  expect(await world.count('webhook_events')).toBe(1);
});

test('an endpoint goes with its product', async () => {
  const its = await world.create('product');
  await world.create('webhook_endpoint', { product_id: its.id });
  await world.server.sql('delete from products where id = $1', [its.id]);
  expect(await world.count('webhook_endpoints')).toBe(0);
});

describe('access', () => {
  test.each<[Role, number, number, number, number, number]>([
    // role          list show create update delete
    ['admin', 200, 200, 201, 200, 204],
    ['developer', 200, 200, 201, 200, 204],
    ['read-only', 200, 200, 403, 403, 403],
    ['sales-agent', 403, 403, 403, 403, 403],
    ['support-agent', 403, 403, 403, 403, 403],
    ['product', 200, 404, 201, 404, 404],
    ['license', 403, 404, 403, 404, 404],
    ['user', 403, 404, 403, 404, 404],
  ])('%s', async (role, list, show, create, update, remove) => {
    const endpoint = await world.create('webhook_endpoint');
    const client = await world.as(role);
    await client.get('/webhook-endpoints', list);
    await client.get(`/webhook-endpoints/${endpoint.id}`, show);
    await client.post('/webhook-endpoints', body(), create);
    await client.patch(`/webhook-endpoints/${endpoint.id}`, change({ signatureAlgorithm: 'rsa-sha256' }), update);
    await client.delete(`/webhook-endpoints/${endpoint.id}`, undefined, remove);
  });

  test('anonymous and strangers are not let in', async () => {
    await world.anonymous().get('/webhook-endpoints', 401);
    await world.anonymous().post('/webhook-endpoints', body(), 401);
  });

  test('a product has its own endpoints, and gives none away', async () => {
    const [own, other] = [await world.create('product'), await world.create('product')];
    await world.create('webhook_endpoint');
    await world.create('webhook_endpoint', { product_id: other.id });
    const client = await world.as('product', own);
    expect((await client.get('/webhook-endpoints', 200)).data).toEqual([]);
    const { data } = await client.post('/webhook-endpoints', body(), 201);
    expect(data.relationships.product.data.id).toBe(own.id);
    await client.post('/webhook-endpoints', body({}, product(other.id)), 403);
    await client.post('/webhook-endpoints', body({}, product(null)), 403);
    expect((await client.get('/webhook-endpoints', 200)).data).toHaveLength(1);
    await client.patch(`/webhook-endpoints/${data.id}`, change({}, product(null)), 403);
    await client.patch(`/webhook-endpoints/${data.id}`, change({}, product(other.id)), 403);
    await client.patch(`/webhook-endpoints/${data.id}`, change({}, product(own.id)), 200);
    await client.delete(`/webhook-endpoints/${data.id}`, undefined, 204);
  });

  test('environments see theirs, and shared ones the global ones too', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    for (const environment_id of [isolated.id, shared.id, null]) for (let n = 0; n < 3; n++) await world.create('webhook_endpoint', { environment_id });
    const global = await world.server.find('webhook_endpoint', { environment_id: null });
    const inIsolated = (await world.as('environment', isolated)).in(isolated);
    const inShared = (await world.as('environment', shared)).in(shared);
    expect((await inIsolated.get('/webhook-endpoints', 200)).data).toHaveLength(3);
    expect((await inShared.get('/webhook-endpoints', 200)).data).toHaveLength(6);
    expect((await (await world.as('admin')).get('/webhook-endpoints', 200)).data).toHaveLength(3);
    await inIsolated.get(`/webhook-endpoints/${global!.id}`, 404);
    await inShared.get(`/webhook-endpoints/${global!.id}`, 200);
    await inShared.patch(`/webhook-endpoints/${global!.id}`, change({ subscriptions: ['*'] }), 403);
    await inShared.post('/webhook-endpoints', body(), 201);
  });

  test('body before permission when creating, permission before body when updating', async () => {
    const endpoint = await world.create('webhook_endpoint');
    const reader = await world.as('read-only');
    await reader.post('/webhook-endpoints', body({ url: '' }), 400);
    await reader.patch(`/webhook-endpoints/${endpoint.id}`, change({ url: '' }), 403);
  });
});
