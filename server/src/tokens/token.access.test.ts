/** Who may do what with tokens (spec/auth.md 5.4, spec/environments.md 9). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Cast, castOf, grants, statusesOf } from '../../test/access.ts';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const unknownId = '01a213ee-2975-7000-83b3-dcb08785da4d';
const denied = (reason: string) => `You do not have permission to complete the request (${reason})`;
const outside = denied('record environment is not compatible with the current environment');
const basic = (email: string, password: string): Client =>
  world.anonymous().with({ authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` });
const into = (environment: Wire | null, bearer?: object) => ({
  data: {
    type: 'tokens',
    relationships: { environment: { data: environment && { type: 'environments', id: environment.id } }, ...(bearer && { bearer: { data: bearer } }) },
  },
});

describe('each kind of bearer', () => {
  let cast: Cast;
  let shared: Wire;
  let product: Wire;
  let license: Wire;
  let customer: Wire;
  beforeEach(async () => {
    shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    product = await world.create('product');
    const policy = await world.create('policy', { product_id: product.id });
    customer = await world.create('user');
    license = await world.create('license', { policy_id: policy.id, owner_id: customer.id });
    cast = await castOf(world, { environment: shared, product, license, user: customer });
  });
  const bearerOf = (kind: string) => ({ user: customer, license, product })[kind] as Wire;
  /** A token of somebody, in the environment that the requester acts in. */
  const tokenOf =
    (kind: string, attributes = {}) =>
    async (who: string) => {
      const bearer =
        kind === 'admin' || kind === 'developer' || kind === 'stranger'
          ? await world.create('user', { role: kind === 'stranger' ? 'user' : kind })
          : bearerOf(kind);
      const environment_id = who === 'environment' ? shared.id : null;
      const token = await world.create('token', { bearer_type: bearer.email ? 'user' : kind, bearer_id: bearer.id, environment_id, ...attributes });
      return `/tokens/${token.id}`;
    };
  const everyone = 'admin developer sales-agent support-agent read-only environment';

  test('lists', async () => {
    expect(await statusesOf(cast, 'GET', '/tokens')).toEqual(grants(cast, { 401: 'anonymous' }, 200));
  });

  test.each([
    ['license', { 200: `${everyone} product license` }],
    ['user', { 200: `${everyone} product user` }],
    ['product', { 200: `${everyone} product` }],
    ['stranger', { 200: everyone }],
    ['developer', { 200: everyone }],
    ['admin', { 200: 'admin developer sales-agent support-agent read-only' }],
  ])('shows one of %s', async (kind, allowed) => {
    expect(await statusesOf(cast, 'GET', tokenOf(kind))).toEqual(grants(cast, { ...allowed, 401: 'anonymous' }, 404));
  });

  test.each([
    ['license', { 200: 'admin developer environment product license', 403: 'sales-agent support-agent read-only' }],
    ['user', { 200: 'admin developer environment product user', 403: 'sales-agent support-agent read-only' }],
    ['product', { 200: 'admin developer environment product', 403: 'sales-agent support-agent read-only' }],
    ['developer', { 403: everyone }],
    ['admin', { 403: 'admin developer sales-agent support-agent read-only' }],
  ])('regenerates one of %s', async (kind, allowed) => {
    expect(await statusesOf(cast, 'PUT', tokenOf(kind))).toEqual(grants(cast, { ...allowed, 401: 'anonymous' }, 404));
  });

  test.each([
    ['license', { 204: 'admin developer environment product license', 403: 'sales-agent support-agent read-only' }],
    ['user', { 204: 'admin developer environment product user', 403: 'sales-agent support-agent read-only' }],
    ['developer', { 204: 'admin developer environment', 403: 'sales-agent support-agent read-only' }],
    ['admin', { 204: 'admin developer', 403: 'sales-agent support-agent read-only' }],
  ])('revokes one of %s', async (kind, allowed) => {
    expect(await statusesOf(cast, 'DELETE', tokenOf(kind))).toEqual(grants(cast, { ...allowed, 401: 'anonymous' }, 404));
  });

  test('generates one for itself', async () => {
    expect(await statusesOf(cast, 'POST', '/tokens')).toEqual(grants(cast, { 401: 'anonymous', 403: 'product license' }, 201));
  });

  test('generates one for others', async () => {
    const forBearer = (type: string, id: string) => ({ data: { type: 'tokens', relationships: { bearer: { data: { type, id } } } } });
    const send = (type: string, id: string) => statusesOf(cast, 'POST', '/tokens', forBearer(type, id));
    const developer = await world.create('user', { role: 'developer' });
    const stranger = await world.create('user');
    expect(await send('users', customer.id)).toEqual(grants(cast, { 201: 'admin developer environment product user', 401: 'anonymous' }, 403));
    expect(await send('users', stranger.id)).toEqual(grants(cast, { 201: 'admin developer environment', 401: 'anonymous' }, 403));
    expect(await send('licenses', license.id)).toEqual(grants(cast, { 201: 'product', 401: 'anonymous' }, 403));
    for (const [type, id] of [
      ['licenses', (await world.create('license')).id],
      ['products', product.id],
      ['environments', shared.id],
      ['users', developer.id],
      ['users', unknownId],
    ] as const)
      expect(await send(type, id), type).toEqual(grants(cast, { ...(type === 'environments' && { 201: 'environment' }), 401: 'anonymous' }, 403));
  });

  test.each<[string, Record<number, string>, Record<number, string>]>([
    // parent   list and show                                          generate
    [
      'user',
      { 200: `${everyone} product user`, 403: 'license' },
      { 200: 'admin developer environment product', 403: 'sales-agent support-agent read-only user license' },
    ],
    [
      'product',
      { 200: `${everyone} product`, 403: 'user license' },
      { 200: 'admin developer environment', 403: 'sales-agent support-agent read-only product user license' },
    ],
    [
      'license',
      { 200: `${everyone} product`, 403: 'user license' },
      { 200: 'admin developer sales-agent environment product', 403: 'support-agent read-only user license' },
    ],
  ])('below a %s', async (kind, list, generate) => {
    const path = `/${kind}s/${bearerOf(kind).id}/tokens`;
    const { id } = await world.create('token', { bearer_type: kind, bearer_id: bearerOf(kind).id });
    expect(await statusesOf(cast, 'GET', path)).toEqual(grants(cast, { ...list, 401: 'anonymous' }, 404));
    expect(await statusesOf(cast, 'GET', `${path}/${id}`)).toEqual(grants(cast, { ...list, 401: 'anonymous' }, 404));
    expect(await statusesOf(cast, 'POST', path)).toEqual(grants(cast, { ...generate, 401: 'anonymous' }, 404));
  });

  test('below an environment', async () => {
    const inside: Cast = Object.fromEntries(Object.entries(cast).map(([who, client]) => [who, client.in(shared)]));
    const path = `/environments/${shared.id}/tokens`;
    expect(await statusesOf(inside, 'GET', path)).toEqual(grants(cast, { 200: everyone, 401: 'anonymous' }, 404));
    expect(await statusesOf(inside, 'POST', path)).toEqual(
      grants(cast, { 201: 'admin developer', 401: 'anonymous', 403: 'sales-agent support-agent read-only environment' }, 404),
    );
  });

  test('a product lists nothing of strangers, and is refused to show or make anything', async () => {
    const stranger = await world.create('user');
    const token = await world.create('token', { bearer_id: stranger.id });
    const client = cast.product!;
    expect((await client.get(`/users/${stranger.id}/tokens`, 200)).data).toEqual([]);
    await client.get(`/users/${stranger.id}/tokens/${token.id}`, 403);
    await client.post(`/users/${stranger.id}/tokens`, {}, 403);
    expect((await client.get(`/users/${customer.id}/tokens`, 200)).data).toHaveLength(1);
  });

  test('staff makes tokens for itself below users, and for customers, but for no colleague', async () => {
    const developer = await world.create('user', { role: 'developer' });
    const client = await world.as('developer', developer);
    await client.post(`/users/${developer.id}/tokens`, {}, 200);
    await client.post(`/users/${customer.id}/tokens`, {}, 200);
    await client.post(`/users/${(await world.create('user', { role: 'developer' })).id}/tokens`, {}, 403);
    await (await world.as('user', customer)).post(`/users/${customer.id}/tokens`, {}, 403);
  });

  test('a product sees staff that is attached to its licenses, and is refused its tokens', async () => {
    const developer = await world.create('user', { role: 'developer' });
    await world.create('license_user', { license_id: license.id, user_id: developer.id });
    const { id } = await world.create('token', { bearer_id: developer.id });
    for (const method of ['GET', 'PUT', 'DELETE']) await cast.product!.send(method, `/tokens/${id}`, undefined, 403);
  });
});

describe('the environment of a new token', () => {
  let isolated: Wire;
  let shared: Wire;
  const environmentOf = ({ data }: { data: Wire }) => data.relationships.environment.data?.id ?? null;
  beforeEach(async () => {
    isolated = await world.create('environment');
    shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const admin = { role: 'admin', password: 'secret' };
    await world.create('user', { ...admin, email: 'global@example.com' });
    await world.create('user', { ...admin, email: 'isolated@example.com', environment_id: isolated.id });
    await world.create('user', { ...admin, email: 'shared@example.com', environment_id: shared.id });
    await world.create('user', { role: 'developer', password: 'secret', email: 'dev@example.com' });
  });
  const named = { isolated: () => isolated, shared: () => shared, none: () => undefined, null: () => null };
  type Name = keyof typeof named;

  test.each<[string, Name, Name, number, string]>([
    // who         header      named       status  environment, or what is told
    ['isolated', 'isolated', 'none', 201, 'isolated'],
    ['global', 'isolated', 'none', 201, 'isolated'],
    ['global', 'shared', 'none', 201, 'shared'],
    ['global', 'none', 'isolated', 201, 'isolated'],
    ['global', 'none', 'shared', 201, 'shared'],
    ['global', 'none', 'none', 201, 'null'],
    ['shared', 'shared', 'none', 201, 'shared'],
    ['shared', 'isolated', 'none', 401, 'EMAIL_INVALID'],
    ['shared', 'none', 'none', 401, 'EMAIL_INVALID'],
    ['isolated', 'shared', 'none', 401, 'EMAIL_INVALID'],
    ['isolated', 'none', 'none', 401, 'EMAIL_INVALID'],
    ['dev', 'isolated', 'none', 401, 'EMAIL_INVALID'],
    ['isolated', 'isolated', 'null', 403, outside],
    ['global', 'isolated', 'null', 403, outside],
    ['shared', 'shared', 'isolated', 403, outside],
    ['isolated', 'isolated', 'shared', 403, outside],
    ['dev', 'none', 'isolated', 422, 'ENVIRONMENT_NOT_ALLOWED'],
    ['dev', 'none', 'shared', 201, 'shared'],
  ])('%s, in %s, naming %s: %d %s', async (who, header, name, status, told) => {
    const where = named[header]();
    const client = basic(`${who}@example.com`, 'secret');
    const environment = named[name]();
    const answer = await (where ? client.in(where) : client).post('/tokens', environment === undefined ? undefined : into(environment), status);
    if (status === 201) expect(environmentOf(answer)).toBe(named[told as Name]()?.id ?? null);
    else expect([answer.errors[0].code, answer.errors[0].detail]).toContain(told);
    if (status === 422) expect(answer.errors[0].detail).toBe('must be compatible with bearer environment');
    if (status === 201) expect(answer.headers['keygen-environment']).toBe(where?.code);
  });

  test('a global admin enters an isolated environment with a token made for it', async () => {
    const { data } = await basic('global@example.com', 'secret').in(isolated).post('/tokens', undefined, 201);
    const client = world
      .anonymous()
      .with({ authorization: `Bearer ${data.attributes.token}` })
      .in(isolated);
    await client.get('/me', 200);
    await client.get('/profile', 403);
    await client.post(`/environments/${isolated.id}/tokens`, {}, 201);
    await client.get('/users', 200);
  });

  test('below users: from the global environment another may be named, from within none', async () => {
    const user = await world.create('user');
    const admin = await world.as('admin');
    expect(environmentOf(await admin.post(`/users/${user.id}/tokens`, into(shared), 200))).toBe(shared.id);
    expect((await admin.post(`/users/${user.id}/tokens`, into(isolated), 422)).errors[0].code).toBe('ENVIRONMENT_NOT_ALLOWED');
    expect(environmentOf(await admin.in(shared).post(`/users/${user.id}/tokens`, {}, 200))).toBe(shared.id);
    expect((await admin.in(shared).post(`/users/${user.id}/tokens`, into(null), 403)).errors[0].detail).toBe(outside);
    await admin.in(isolated).post(`/users/${user.id}/tokens`, {}, 401);
  });

  test.each(['products', 'licenses'])('below %s: the current one, no other', async (kind) => {
    const parent = await world.create(kind.slice(0, -1));
    const admin = await world.as('admin');
    expect((await admin.post(`/${kind}/${parent.id}/tokens`, into(shared), 403)).errors[0].detail).toBe(outside);
    expect(environmentOf(await admin.in(shared).post(`/${kind}/${parent.id}/tokens`, {}, 200))).toBe(shared.id);
    expect(environmentOf(await admin.in(shared).post(`/${kind}/${parent.id}/tokens`, into(shared), 200))).toBe(shared.id);
    await admin.in(shared).post(`/${kind}/${parent.id}/tokens`, into(null), 403);
    const inside = await world.create(kind.slice(0, -1), { environment_id: isolated.id });
    await admin.post(`/${kind}/${inside.id}/tokens`, {}, 404);
  });

  test('below environments: from within alone', async () => {
    const admin = await world.as('admin');
    for (const sent of [{}, into(shared), into(null), into(isolated)])
      expect((await admin.post(`/environments/${shared.id}/tokens`, sent, 403)).errors[0].detail).toBe(outside);
    await admin.in(shared).post(`/environments/${isolated.id}/tokens`, {}, 403);
    await admin.in(shared).post(`/environments/${shared.id}/tokens`, into(null), 403);
    await admin.in(shared).post(`/environments/${shared.id}/tokens`, into(shared), 201);
    await admin.in(isolated).post(`/environments/${isolated.id}/tokens`, {}, 401);
  });

  test('an environment sees its tokens and those of its own, but none of admins', async () => {
    const own = await world.as('environment', shared);
    const global = await world.create('user');
    const seen = await world.create('token', { bearer_id: global.id });
    await world.create('token', { bearer_id: (await world.create('user', { environment_id: isolated.id })).id });
    await world.create('token', { bearer_id: (await world.create('user', { role: 'admin', environment_id: shared.id })).id });
    const { data } = await own.in(shared).get('/tokens', 200);
    expect(data.map(({ relationships }: Wire) => relationships.bearer.data.id).sort()).toEqual([global.id, shared.id].sort());
    const { errors } = await own.in(shared).delete(`/tokens/${seen.id}`, undefined, 403);
    expect(errors[0].detail).toBe(outside);
  });
});
