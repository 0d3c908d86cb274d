import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes: Wire = {}, more: Wire = {}) => ({ data: { type: 'accounts', attributes, ...more } });
const reasons: Record<string, string> = {
  refused: 'ensure the token or license is allowed to access all resources',
  record: 'record is not compatible with the current environment',
};
const denied = (reason: string) => `You do not have permission to complete the request (${reasons[reason] ?? reason})`;

test('the account shows its attributes, public keys and links', async () => {
  const admin = await world.as('admin');
  const { data, headers } = await admin.get('', 200);
  const { id } = world.account;
  expect(data).toMatchObject({ id, type: 'accounts', links: { self: `/v1/accounts/${id}` } });
  expect(data.attributes).toEqual({
    name: world.account.name,
    slug: world.account.slug,
    apiVersion: '1.8',
    status: 'SUBSCRIBED',
    protected: false,
    created: expect.stringMatching(/Z$/),
    updated: expect.stringMatching(/Z$/),
  });
  const names =
    'settings webhookEndpoints webhookEvents products platforms arches channels releases artifacts policies users keys licenses machines components processes tokens';
  expect(Object.keys(data.relationships)).toEqual(names.split(' '));
  expect(data.relationships.webhookEndpoints).toEqual({ links: { related: `/v1/accounts/${id}/webhook-endpoints` } });
  expect(data.relationships.tokens).toEqual({ links: { related: `/v1/accounts/${id}/tokens` } });
  const plain = (text: string) => Buffer.from(text, 'base64').toString();
  expect(plain(data.meta.keys.ed25519)).toBe(world.account.ed25519_public_key);
  expect(plain(data.meta.keys.rsa2048)).toBe(world.account.rsa_public_key);
  expect(plain(data.meta.keys.ecdsa)).toBe(world.account.ecdsa_public_key);
  expect(data.meta.publicKey).toBe(data.meta.keys.rsa2048);
  expect(headers['keygen-account']).toBe(id);
});

describe('who may read and write it', () => {
  test.each([
    // role            GET  PATCH  the reason of the refusal
    ['admin', 200, 200, undefined],
    ['developer', 200, 200, undefined],
    ['sales-agent', 200, 403, 'refused'],
    ['support-agent', 200, 403, 'refused'],
    ['read-only', 200, 403, 'read only lacks permission to perform action'],
    ['product', 200, 403, 'product lacks permission to perform action'],
    ['user', 403, 403, 'user lacks permission to perform action'],
    ['license', 403, 403, 'license lacks permission to perform action'],
  ] as const)('%s: GET %d, PATCH %d', async (role, get, patch, reason) => {
    const client = await world.as(role);
    await client.get('', get);
    const { errors } = await client.patch('', body({ name: 'New' }), patch);
    expect(errors?.[0].detail).toBe(reason && denied(reason));
    expect((await client.delete('', undefined, 403)).errors[0].detail).toBe(denied('refused'));
  });

  test('a user and a license that were given the permission read it', async () => {
    for (const role of ['user', 'license'] as const) {
      const record = await world.create(role, { permissions: ['account.read'] });
      await (await world.as(role, record)).get('', 200);
    }
  });

  test('anonymous requests and bearers of another account are unknown', async () => {
    const other = await world.create('account');
    const token = await world.create('token', { account_id: other.id, bearer_id: (await world.create('user', { account_id: other.id, role: 'admin' })).id });
    const stranger = world.anonymous().with({ authorization: `Bearer ${token.secret}` });
    for (const [client, code] of [
      [world.anonymous(), 'TOKEN_MISSING'],
      [stranger, 'TOKEN_INVALID'],
    ] as const)
      for (const method of ['GET', 'PATCH', 'DELETE']) expect((await client.send(method, '', undefined, 401)).errors[0].code).toBe(code);
  });

  test.each(['ISOLATED', 'SHARED'])('inside an environment (%s) it can be read, not written', async (isolation_strategy) => {
    const environment = await world.create('environment', { isolation_strategy });
    const admin = (await world.as('admin', await world.create('user', { role: 'admin', environment_id: environment.id }))).in(environment);
    await admin.get('', 200);
    expect((await admin.patch('', body({}), 403)).errors[0].detail).toBe(denied('record'));
    const own = await world.as('environment', environment);
    await own.get('', 401);
    await own.in(environment).get('', 200);
    expect((await own.in(environment).patch('', body({}), 403)).errors[0].detail).toBe(denied('environment lacks permission to perform action'));
    await own.in(environment).delete('', undefined, 403);
  });
});

test('an update changes the account and is logged, and writes no request log', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.put(
    '',
    { data: { type: 'account', id: 'anything', attributes: { name: 'Acme', slug: 'acme', apiVersion: '1.3', protected: true } } },
    200,
  );
  expect(data.attributes).toMatchObject({ name: 'Acme', slug: 'acme', apiVersion: '1.3', protected: true });
  expect(await world.emitted()).toEqual(['account.updated']);
  const [log] = await world.server.sql('select resource_type, resource_id, metadata from event_logs');
  expect(log).toEqual({ resource_type: 'accounts', resource_id: world.account.id, metadata: {} });
  expect(await world.count('request_logs')).toBe(0);
});

test('endpoints of products hear of updates, those of environments do not', async () => {
  const environment = await world.create('environment', { isolation_strategy: 'SHARED' });
  const product = await world.create('product');
  const endpoints = [await world.create('webhook_endpoint', { product_id: product.id }), await world.create('webhook_endpoint')];
  await world.create('webhook_endpoint', { environment_id: environment.id });
  await (await world.as('admin')).patch('', body({ name: 'New' }), 200);
  await world.server.jobs.run();
  const deliveries = await world.server.sql('select webhook_endpoint_id, payload from webhook_events');
  expect(deliveries.map(({ webhook_endpoint_id }) => webhook_endpoint_id).sort()).toEqual(endpoints.map(({ id }) => id).sort());
  const { data } = JSON.parse(String(deliveries[0]!.payload));
  expect(data).toMatchObject({ type: 'accounts', attributes: { name: 'New' }, meta: { keys: { ed25519: expect.any(String) } } });
  expect(String(deliveries[0]!.payload)).not.toContain('PRIVATE');
});

test('an update is seen by the next request: slug, version', async () => {
  const admin = await world.as('admin');
  const at = (slug: unknown) =>
    world.server.inject({ url: `/v1/accounts/${slug}/ping`, headers: {} }).then(() => world.server.inject({ url: `/v1/accounts/${slug}` }));
  expect((await at(world.account.slug)).statusCode).toBe(401);
  await admin.patch('', body({ slug: 'renamed', apiVersion: '1.5' }), 200);
  expect((await at(world.account.slug)).statusCode).toBe(404);
  const found = await at('renamed');
  expect(found.statusCode).toBe(401);
  expect(found.headers['keygen-version']).toBe('1.5');
  expect((await admin.at('1.7').get('', 200)).headers['keygen-version']).toBe('1.7');
});

describe('an update is refused', () => {
  const format = 'can only contain lowercase letters, numbers and dashes (but cannot start with dash)';
  const uuid = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';
  const tooLong = 'is too long (maximum is 255 characters)';
  test.each([
    // sent                            status  [detail, code, attribute]...
    [{ slug: 'Upper' }, 422, [[format, 'SLUG_INVALID', 'slug']]],
    [{ slug: '-' }, 422, [[format, 'SLUG_INVALID', 'slug']]],
    [{ slug: 'a' }, 422, [[format, 'SLUG_INVALID', 'slug']]],
    [{ slug: 'under_score' }, 422, [[format, 'SLUG_INVALID', 'slug']]],
    [{ slug: 'line\nbreak' }, 422, [[format, 'SLUG_INVALID', 'slug']]],
    [{ slug: 'actions' }, 422, [['is reserved', 'SLUG_NOT_ALLOWED', 'slug']]],
    [{ slug: 'action' }, 422, [['is reserved', 'SLUG_NOT_ALLOWED', 'slug']]],
    [{ slug: 'taken' }, 422, [['has already been taken', 'SLUG_TAKEN', 'slug']]],
    [
      { slug: 'TAKEN' },
      422,
      [
        [format, 'SLUG_INVALID', 'slug'],
        ['has already been taken', 'SLUG_TAKEN', 'slug'],
      ],
    ],
    [{ slug: 'a'.repeat(256) }, 422, [[tooLong, 'SLUG_TOO_LONG', 'slug']]],
    [{ slug: uuid }, 422, [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', 'slug']]],
    [{ slug: uuid.replaceAll('-', '') }, 422, [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', 'slug']]],
    [{ slug: uuid.replace('b7-', '-b7').replace('7', '-7') }, 422, [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', 'slug']]],
    [{ name: 'a'.repeat(256) }, 422, [[tooLong, 'NAME_TOO_LONG', 'name']]],
    [{ slug: '' }, 400, [['cannot be blank', undefined, 'slug']]],
    [{ name: ' ' }, 400, [['cannot be blank', undefined, 'name']]],
    [{ apiVersion: '1.9' }, 400, [['is invalid', undefined, 'apiVersion']]],
    [{ apiVersion: 'v1.5' }, 400, [['is invalid', undefined, 'apiVersion']]],
    [{ protected: 'yes' }, 400, [['type mismatch (received string expected boolean)', undefined, 'protected']]],
    [{ status: 'PAUSED' }, 400, [['unpermitted parameter', undefined, 'status']]],
  ] as const)('%j: %d', async (attributes, status, expected) => {
    await world.create('account', { slug: 'taken' });
    const { errors } = await (await world.as('admin')).patch('', body(attributes), status);
    const found = errors.map((error: Wire) => [error.detail, error.code, error.source.pointer.replace('/data/attributes/', '')]);
    expect(found).toEqual(expected);
    if (status === 422) expect(errors[0].links.about).toBe(`https://keygen.sh/docs/api/accounts/#accounts-object-attrs-${expected[0]![2]}`);
    expect(await world.emitted()).toEqual([]);
  });

  test('authorization comes before the body', async () => {
    expect((await (await world.as('support-agent')).patch('', { nonsense: 1 }, 403)).status).toBe(403);
    expect((await (await world.as('admin')).patch('', { data: { type: 'accounts' } }, 400)).errors[0]).toMatchObject({
      detail: 'is missing',
      source: { pointer: '/data/attributes' },
    });
  });

  test('null is as if not sent, and its own slug is no conflict', async () => {
    const admin = await world.as('admin');
    const { data } = await admin.patch('', body({ name: null, slug: world.account.slug, apiVersion: null }), 200);
    expect(data.attributes).toMatchObject({ name: world.account.name, slug: world.account.slug, apiVersion: '1.8' });
  });
});

describe('content negotiation of GET', () => {
  test.each([
    [undefined, 200, 'application/vnd.api+json; charset=utf-8'],
    ['*/*', 200, 'application/vnd.api+json; charset=utf-8'],
    ['*/*; q=0.5, application/xml', 200, 'application/vnd.api+json; charset=utf-8'],
    ['application/vnd.api+json', 200, 'application/vnd.api+json; charset=utf-8'],
    ['application/json', 200, 'application/json; charset=utf-8'],
    ['application/xml', 400, 'application/vnd.api+json; charset=utf-8'],
    ['text/html', 400, 'application/vnd.api+json; charset=utf-8'],
    ['text/plain', 400, 'application/vnd.api+json; charset=utf-8'],
    ['application/octet-stream', 400, 'application/vnd.api+json; charset=utf-8'],
  ])('Accept: %s → %d %s', async (accept, status, type) => {
    const admin = await world.as('admin');
    const { headers } = await (accept ? admin.with({ accept }) : admin).get('', status);
    expect(headers['content-type']).toBe(type);
  });

  test.each([
    ['algorithm="ed25519"', 200],
    ['algorithm="rsa-pss-sha256"', 200],
    ['algorithm="rsa-sha256"', 200],
    ['algorithm="ecdsa-p256"', 200],
    ['algorithm="rsa-sha1"', 400],
    ['<algorithm:rsa>', 400],
    ['keyid="7cd1a4dd-8a4f-4c86-a5a5-5d5b1ab06e5f", algorithm="ed25519"', 400],
    ['keyid="<own>", algorithm="ed25519"', 200],
  ])('Keygen-Accept-Signature: %s → %d', async (value, status) => {
    const admin = await world.as('admin');
    await admin.with({ 'keygen-accept-signature': value.replace('<own>', String(world.account.id)) }).get('', status);
  });
});

test.each(['GET', 'POST'])('there is no %s /v1/accounts in singleplayer', async (method) => {
  const { statusCode, body: text, headers } = await world.server.inject({ method, url: '/v1/accounts', headers: { accept: '*/*' } });
  expect(statusCode).toBe(404);
  expect(JSON.parse(text).errors[0]).toMatchObject({
    title: 'Not found',
    code: 'NOT_FOUND',
    detail: 'The requested endpoint was not found (check your HTTP method, Accept header, and URL path)',
  });
  expect(headers['keygen-signature']).toBeUndefined();
});
