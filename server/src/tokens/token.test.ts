import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';
import type { Role } from '../kernel/access/roles.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const unknownId = '01a213ee-2975-7000-83b3-dcb08785da4d';
const body = (attributes: object = {}, relationships: object = {}) => ({ data: { type: 'tokens', attributes, relationships } });
const of = (type: string, id: string) => ({ bearer: { data: { type, id } } });
const basic = (email: string, password: string): Client =>
  world.anonymous().with({ authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` });
const ids = ({ data }: { data: Wire }) => data.map(({ id }: Wire) => id).sort();

test('a user signs in and gets a token for two weeks, with its secret once', async () => {
  world.server.clock.freeze('2031-03-01T10:00:00.000Z');
  const user = await world.create('user', {
    email: 'ada@example.com',
    password: 'secret',
    permissions: ['token.read', 'token.generate', 'license.read', 'user.read'],
  });
  const { data, headers } = await basic('ada@example.com', 'secret').post('/tokens', undefined, 201);
  expect(headers.location).toBe(`https://localhost/v1/accounts/${world.account.id}/tokens/${data.id}`);
  expect(Object.keys(data.attributes)).toEqual(['kind', 'token', 'expiry', 'name', 'permissions', 'created', 'updated']);
  expect(data.attributes).toMatchObject({
    kind: 'user-token',
    token: expect.stringMatching(/^user-[0-9a-f]{64}v3$/),
    expiry: '2031-03-15T10:00:00.000Z',
    name: null,
    permissions: ['license.read', 'token.generate', 'token.read', 'user.read'],
  });
  expect(data.relationships.environment).toEqual({ links: { related: null }, data: null });
  expect(data.relationships.bearer).toEqual({
    links: { related: `/v1/accounts/${world.account.id}/users/${user.id}` },
    data: { type: 'users', id: user.id },
  });
  expect(data.links).toEqual({ self: `/v1/accounts/${world.account.id}/tokens/${data.id}` });
  const client = world.anonymous().with({ authorization: `Bearer ${data.attributes.token}` });
  const shown = await client.get(`/tokens/${data.id}`, 200);
  expect('token' in shown.data.attributes).toBe(false);
  expect(await world.emitted()).toEqual(['token.generated']);
});

test.each<[Role, string, RegExp]>([
  ['admin', 'admin-token', /^admin-[0-9a-f]{64}v3$/],
  ['developer', 'developer-token', /^dev-[0-9a-f]{64}v3$/],
  ['sales-agent', 'sales-token', /^sales-[0-9a-f]{64}v3$/],
  ['support-agent', 'support-token', /^spprt-[0-9a-f]{64}v3$/],
  ['read-only', 'read-only-token', /^read-[0-9a-f]{64}v3$/],
])('a token of %s for itself is a %s and never expires', async (role, kind, secret) => {
  const { data } = await (await world.as(role)).post('/tokens', {}, 201);
  expect(data.attributes).toMatchObject({ kind, token: expect.stringMatching(secret), expiry: null, permissions: defaultPermissions[role] });
});

test('an environment makes one for itself', async () => {
  const environment = await world.create('environment');
  const { data } = await (await world.as('environment', environment)).in(environment).post('/tokens', {}, 201);
  expect(data.attributes).toMatchObject({ kind: 'environment-token', token: expect.stringMatching(/^env-[0-9a-f]{64}v3$/), expiry: null });
  expect(data.relationships.environment.data).toEqual({ type: 'environments', id: environment.id });
});

test.each(['user', 'users', 'license', 'licenses', 'environment', 'environments'])('a bearer may be named as one of %s', async (type) => {
  const kind = type.replace(/s$/, '');
  const record = await world.create(kind);
  const askers: Record<string, () => Promise<Client>> = {
    user: () => world.as('admin'),
    license: async () => world.as('product', await world.server.find('product', { id: record.product_id })),
    environment: async () => (await world.as('environment', record)).in(record),
  };
  const { data } = await (await askers[kind]!()).post('/tokens', body({}, of(type, record.id)), 201);
  expect(data.relationships.bearer.data).toEqual({ type: `${kind}s`, id: record.id });
});

describe('expiry', () => {
  test.each([
    [undefined, '2031-03-15T10:00:00.000Z'],
    [null, null],
    ['', null],
    ['no date', null],
    ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.000Z'],
    ['2030-01-01', '2030-01-01T00:00:00.000Z'],
    ['1893456000', '2030-01-01T00:00:00.000Z'],
    [1893456000, '2030-01-01T00:00:00.000Z'],
  ])('%j of a user’s token is %j', async (expiry, expected) => {
    world.server.clock.freeze('2031-03-01T10:00:00.000Z');
    const user = await world.create('user');
    const { data } = await (await world.as('admin')).post('/tokens', body(expiry === undefined ? {} : { expiry }, of('users', user.id)), 201);
    expect(data.attributes.expiry).toBe(expected);
  });
});

describe('refuses', () => {
  const counters = '/data/attributes/maxActivations';
  test.each([
    // path       sent                                                     status  detail                                     code                    pointer
    ['/tokens', body({ bearerId: unknownId }), 400, 'unpermitted parameter', undefined, '/data/attributes/bearerId'],
    ['/tokens', body({ maxActivations: 1 }), 400, 'unpermitted parameter', undefined, counters],
    ['/tokens', body({ expiry: '2030-13-45' }), 400, 'failed to coerce string to time', undefined, '/data/attributes/expiry'],
    ['/tokens', body({}, { bearer: { data: null } }), 400, 'cannot be null', undefined, '/data/relationships/bearer/data'],
    ['/tokens', body({}, of('machines', unknownId)), 400, 'is invalid', undefined, '/data/relationships/bearer/data/type'],
    ['/tokens', { meta: {} }, 400, 'is missing', undefined, '/meta/otp'],
    ['/tokens', { meta: { otp: 1 } }, 400, 'type mismatch (received integer expected string)', undefined, '/meta/otp'],
    ['/tokens', { data: { type: 'users' } }, 400, 'is invalid', undefined, '/data/type'],
    ['/tokens', body({ name: 'x'.repeat(256) }), 422, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', '/data/attributes/name'],
    ['/tokens', body({ permissions: ['no.such'] }), 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', '/data/attributes/permissions'],
    [
      '/tokens',
      body({}, { environment: { data: { type: 'environments', id: unknownId } } }),
      422,
      'must exist',
      'ENVIRONMENT_NOT_FOUND',
      '/data/relationships/environment',
    ],
    ['/users', body({ maxActivations: 1 }), 400, 'unpermitted parameter', undefined, counters],
    ['/users', body({}, of('users', unknownId)), 400, 'unpermitted parameter', undefined, '/data/relationships/bearer'],
    ['/users', { meta: { otp: 'x' } }, 400, 'unpermitted parameter', undefined, '/meta'],
    ['/users', body({ permissions: ['product.create'] }), 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', '/data/attributes/permissions'],
    ['/licenses', body({ maxActivations: -1 }), 422, 'must be greater than or equal to 0', 'MAX_ACTIVATIONS_INVALID', counters],
    ['/licenses', body({ maxDeactivations: -1 }), 422, 'must be greater than or equal to 0', 'MAX_DEACTIVATIONS_INVALID', '/data/attributes/maxDeactivations'],
    ['/licenses', body({ maxActivations: '1' }), 400, 'type mismatch (received string expected integer)', undefined, counters],
    [
      '/licenses',
      body({ permissions: ['license.read', 'license.read'] }),
      422,
      'unsupported permissions',
      'PERMISSIONS_NOT_ALLOWED',
      '/data/attributes/permissions',
    ],
  ])('POST %s %j: %d %s', async (kind, sent, status, detail, code, pointer) => {
    const parent = kind === '/tokens' ? undefined : await world.create(kind.slice(1, -1));
    const { errors } = await (await world.as('admin')).post(parent ? `${kind}/${parent.id}/tokens` : kind, sent, status);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail, source: { pointer } });
    expect(errors[0].code).toBe(code);
    if (code === 'PERMISSIONS_NOT_ALLOWED') expect(errors[0].links.about).toBe('https://keygen.sh/docs/api/tokens/#tokens-object-attrs-permissions');
  });

  test('a number that no counter can hold', async () => {
    const license = await world.create('license');
    const { errors } = await (await world.as('admin')).post(`/licenses/${license.id}/tokens`, body({ maxActivations: 2 ** 40 }), 400);
    expect(errors[0].detail).toBe('integer is too large');
  });

  test('permissions from those who may not give any below others', async () => {
    const license = await world.create('license');
    const { errors } = await (await world.as('sales-agent')).post(`/licenses/${license.id}/tokens`, body({ permissions: null }), 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/attributes/permissions' } });
    await (await world.as('sales-agent')).post(`/licenses/${license.id}/tokens`, body(), 200);
  });
});

describe('permissions of a token', () => {
  test.each([
    // the bearer has                      the token is given                status  and shows
    [['user.read', 'token.generate'], ['user.read'], 201, ['user.read']],
    [['user.read', 'token.generate'], undefined, 201, ['token.generate', 'user.read']],
    [['user.read', 'token.generate'], ['*'], 201, ['token.generate', 'user.read']],
    [['user.read', 'token.generate'], [], 201, []],
    [['user.read', 'token.generate'], ['license.read'], 422, undefined],
    [['*'], ['account.read', 'license.read'], 201, ['account.read', 'license.read']],
    [['*'], undefined, 201, ['*']],
    [['*'], ['product.create'], 422, undefined],
  ])('of %j given %j: %d', async (permissions, given, status, shown) => {
    const user = await world.create('user', { permissions });
    const { data } = await (await world.as('user', user)).post('/tokens', body(given ? { permissions: given } : {}), status);
    expect(data?.attributes.permissions).toEqual(shown);
  });

  test('shrink with the bearer, and limit what is done with the token', async () => {
    const user = await world.create('user');
    const { data } = await (await world.as('user', user)).post('/tokens', body({ permissions: ['token.read', 'user.read'] }), 201);
    const client = world.anonymous().with({ authorization: `Bearer ${data.attributes.token}` });
    await client.get('/me', 200);
    const { errors } = await client.get('/licenses', 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (token lacks permission to perform action)');
    await world.server.update('user', user.id, { permissions: ['token.read'] });
    expect((await client.get(`/tokens/${data.id}`, 200)).data.attributes.permissions).toEqual(['token.read']);
    expect((await client.get('/me', 403)).errors[0].detail).toContain('user lacks permission');
  });

  test('of a license are measured by its own set, and shown limited by its owner’s', async () => {
    const owner = await world.create('user', { permissions: ['license.read'] });
    const license = await world.create('license', { owner_id: owner.id, permissions: ['license.read', 'license.validate'] });
    const admin = await world.as('admin');
    const { data } = await admin.post(`/licenses/${license.id}/tokens`, body({ permissions: ['license.validate', 'license.read'] }), 200);
    expect(data.attributes.permissions).toEqual(['license.read']);
    await admin.post(`/licenses/${license.id}/tokens`, body({ permissions: ['machine.read'] }), 422);
  });
});

describe('below others', () => {
  test('a license’s token has counters, a short secret and no expiry; the answer is 200 without a location', async () => {
    const license = await world.create('license', { key: 'the.key' });
    const admin = await world.as('admin');
    const { data, headers } = await admin.post('/licenses/the.key/tokens', body({ name: 'CI', maxActivations: 3, maxDeactivations: null }), 200);
    expect(headers.location).toBeUndefined();
    expect(Object.keys(data.attributes)).toEqual([
      'kind',
      'token',
      'expiry',
      'name',
      'maxActivations',
      'activations',
      'maxDeactivations',
      'deactivations',
      'permissions',
      'created',
      'updated',
    ]);
    expect(data.attributes).toMatchObject({
      kind: 'activation-token',
      token: expect.stringMatching(/^activ-[0-9a-f]{32}v3$/),
      expiry: null,
      maxActivations: 3,
      activations: 0,
    });
    expect(data.relationships.bearer.data).toEqual({ type: 'licenses', id: license.id });
    expect(ids(await admin.get('/licenses/the.key/tokens', 200))).toEqual([data.id]);
    expect((await admin.get(`/licenses/the.key/tokens/${data.id}`, 200)).data.attributes.token).toBeUndefined();
    expect(await world.emitted()).toEqual(['token.generated']);
  });

  test('users are found by e-mail, products and environments by code; a child is looked up among the parent’s', async () => {
    const admin = await world.as('admin');
    const user = await world.create('user', { email: 'ada@example.com' });
    await world.create('product', { code: 'rocket' });
    const ofUser = await admin.post('/users/Ada@Example.com/tokens', undefined, 200);
    expect(ofUser.data.attributes.expiry).not.toBeNull();
    expect((await admin.post('/users/ada@example.com/tokens', body({ expiry: null }), 200)).data.attributes.expiry).toBeNull();
    const ofProduct = await admin.post('/products/rocket/tokens', {}, 200);
    expect(ofProduct.data.attributes).toMatchObject({ kind: 'product-token', expiry: null });
    expect(ids(await admin.get(`/users/${user.id}/tokens`, 200))).toHaveLength(2);
    await admin.get(`/users/${user.id}/tokens/${ofProduct.data.id}`, 404);
    const { errors } = await admin.get(`/products/rocket/tokens/${unknownId}`, 404);
    expect(errors[0].detail).toBe(`The requested token '${unknownId}' was not found`);
    await admin.get('/tokens/nonsense', 404);
  });

  test('an environment’s answer is 201 with a location', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED', code: 'sandbox' });
    const admin = (await world.as('admin')).in(shared);
    const { data, headers } = await admin.post('/environments/sandbox/tokens', body({ name: 'CI' }), 201);
    expect(headers.location).toBe(`https://localhost/v1/accounts/${world.account.id}/tokens/${data.id}`);
    expect(data.attributes).toMatchObject({ kind: 'environment-token', name: 'CI', expiry: null, permissions: defaultPermissions.environment });
    expect(data.relationships.environment.data.id).toBe(shared.id);
    expect(ids(await admin.get('/environments/sandbox/tokens', 200))).toEqual([data.id]);
    const global = await world.as('admin');
    expect(ids(await global.get('/environments/sandbox/tokens', 200))).toEqual([]);
    await global.get(`/environments/sandbox/tokens/${data.id}`, 200);
    expect((await admin.post('/environments/sandbox/tokens', body({ permissions: ['account.update'] }), 422)).errors[0].code).toBe('PERMISSIONS_NOT_ALLOWED');
    expect((await admin.post('/environments/sandbox/tokens', body({ permissions: ['user.read', 'account.read'] }), 201)).data.attributes.permissions).toEqual([
      'account.read',
      'user.read',
    ]);
  });
});

describe('the list', () => {
  let admin: Client;
  const made: Record<string, string> = {};
  beforeEach(async () => {
    const boss = await world.create('user', { role: 'admin' });
    admin = await world.as('admin', boss);
    const bearers = {
      user: await world.create('user'),
      seller: await world.create('user', { role: 'sales_agent' }),
      product: await world.create('product'),
      license: await world.create('license'),
    };
    for (const [name, { id }] of Object.entries(bearers))
      made[name] = (await world.create('token', { bearer_type: name === 'seller' ? 'user' : name, bearer_id: id })).id;
    made.userId = bearers.user.id;
    made.admin = (await world.server.find('token', { bearer_id: boss.id }))!.id as string;
  });

  test.each([
    ['bearer[type]=user', 'admin seller user'],
    ['bearer[type]=Users', 'admin seller user'],
    ['bearer[type]=licenses', 'license'],
    ['bearer[type]=machine', ''],
    ['bearer[id]={user}', 'user'],
    ['bearer[id]=x', ''],
    ['bearer[role]=sales-agent', 'seller'],
    ['bearer[role][]=sales_agent&bearer[role][]=product', 'product seller'],
    ['bearer[role]=user', 'user'],
    ['bearer[role]=nobody', ''],
    ['bearer[type]=license&bearer[role]=user', ''],
    ['bearer[type]=user&bearer[id]={user}', 'user'],
    ['bearer[other]=x', ''],
    ['bearer=x', 'admin license product seller user'],
    ['bearer=', 'admin license product seller user'],
    ['bearer[]=user', 'admin license product seller user'],
  ])('%s: %s', async (query, expected) => {
    const { data } = await admin.get(`/tokens?${query.replace('{user}', made.userId!)}`, 200);
    const names = data.map(({ id }: Wire) => Object.keys(made).find((name) => made[name] === id));
    expect(names.sort().join(' ')).toBe(expected);
  });

  test('of somebody’s own tokens stays his own, whatever he asks for', async () => {
    const user = await world.create('user');
    const client = await world.as('user', user);
    expect(ids(await client.get('/tokens', 200))).toHaveLength(1);
    expect((await client.get(`/tokens?bearer[type]=user&bearer[id]=${made.userId}`, 200)).data).toEqual([]);
    await client.get(`/tokens/${made.user}`, 404);
  });

  test('shows ten of them, newest first', async () => {
    for (let i = 0; i < 8; i++) await world.create('token');
    const { data, links } = await admin.get('/tokens', 200);
    expect(data).toHaveLength(10);
    expect(links).toBeUndefined();
  });
});

describe('regeneration', () => {
  test.each([
    ['2020-01-01T00:00:00.000Z', '2031-03-15T10:00:00.000Z'],
    ['2040-01-01T00:00:00.000Z', '2031-03-15T10:00:00.000Z'],
    [null, null],
  ])('of a token that expires %s: another secret, expiry %s, all else the same', async (expiry, after) => {
    world.server.clock.freeze('2031-03-01T10:00:00.000Z');
    const license = await world.create('license');
    const token = await world.create('token', { bearer_type: 'license', bearer_id: license.id, expiry, activations: 2, name: 'CI' });
    const { data } = await (await world.as('admin')).put(`/tokens/${token.id}`, undefined, 200);
    expect(data).toMatchObject({
      id: token.id,
      attributes: { expiry: after, activations: 2, name: 'CI', token: expect.stringMatching(/^activ-[0-9a-f]{32}v3$/) },
    });
    const by = (secret: string) => world.anonymous().with({ authorization: `Bearer ${secret}` });
    await by(token.secret).get('/me', 401);
    await by(data.attributes.token).get('/me', 200);
    expect(await world.emitted()).toEqual(['token.regenerated']);
  });

  test('of the current token', async () => {
    const user = await world.create('user');
    const token = await world.create('token', { bearer_id: user.id });
    const client = world.anonymous().with({ authorization: `Bearer ${token.secret}` });
    const { data } = await client.put('/tokens', undefined, 200);
    expect(data.id).toBe(token.id);
    await client.put('/tokens', undefined, 401);
    const expired = await world.create('token', { bearer_id: user.id, expiry: '2020-01-01T00:00:00.000Z' });
    const late = await world
      .anonymous()
      .with({ authorization: `Bearer ${expired.secret}` })
      .put('/tokens', undefined, 401);
    expect(late.errors[0].code).toBe('TOKEN_EXPIRED');
  });

  test('of the current token where there is none', async () => {
    const policy = await world.create('policy', { authentication_strategy: 'LICENSE' });
    const { errors } = await world.withKey(await world.create('license', { policy_id: policy.id })).put('/tokens', undefined, 404);
    expect(errors[0].detail).toBe('The requested token was not found');
  });
});

test('a revoked token is gone', async () => {
  const user = await world.create('user');
  const client = await world.as('user', user);
  const token = await world.create('token', { bearer_id: user.id });
  await client.delete(`/tokens/${token.id}`, undefined, 204);
  await client.get(`/tokens/${token.id}`, 404);
  await world
    .anonymous()
    .with({ authorization: `Bearer ${token.secret}` })
    .get('/me', 401);
  expect(await world.emitted()).toEqual(['token.revoked']);
});

test('webhooks never hear a secret', async () => {
  await world.create('webhook_endpoint', { subscriptions: ['*'] });
  await (await world.as('admin')).post('/tokens', {}, 201);
  await world.server.jobs.run();
  const [event] = await world.server.sql('select payload from webhook_events');
  expect(JSON.stringify(event!.payload)).not.toMatch(/admin-[0-9a-f]{64}v3/);
});

test('tokens that expired more than 90 days ago are deleted every night', async () => {
  world.server.clock.freeze('2030-06-01T00:00:00.000Z');
  await world.create('token', { expiry: '2030-03-02T23:59:59.000Z' });
  const kept = [await world.create('token', { expiry: '2030-03-03T00:00:01.000Z' }), await world.create('token', { expiry: null })];
  await world.server.jobs.cron('tokens.prune');
  await world.server.jobs.run();
  const rows = await world.server.sql('select id from tokens');
  expect(rows.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort());
});
