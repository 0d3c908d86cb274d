import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let policy: Wire;
let license: Wire;
beforeEach(async () => {
  world = await newWorld();
  policy = await world.create('policy');
  license = await world.create('license', { policy_id: policy.id });
});

const body = (productId: unknown) => ({
  data: { type: 'policies', attributes: { name: 'Team' }, relationships: { product: { data: { type: 'products', id: productId } } } },
});
const rename = { data: { type: 'policies', attributes: { name: 'New' } } };

describe('staff', () => {
  test.each([
    // role            read create update delete
    ['admin', 200, 201, 200, 204],
    ['developer', 200, 201, 200, 204],
    ['sales-agent', 200, 201, 200, 403],
    ['support-agent', 200, 403, 403, 403],
    ['read-only', 200, 403, 403, 403],
  ] as const)('%s', async (role, read, create, update, remove) => {
    const client = await world.as(role);
    await client.get('/policies', read);
    await client.get(`/policies/${policy.id}`, read);
    for (const below of ['product', 'licenses', 'entitlements', 'pool']) await client.get(`/policies/${policy.id}/${below}`, read);
    await client.get(`/policies/${policy.id}/licenses/${license.key}`, read);
    await client.post('/policies', body(policy.product_id), create);
    await client.patch(`/policies/${policy.id}`, rename, update);
    await client.delete(`/policies/${policy.id}`, undefined, remove);
  });
});

test('a product has its own policies, and no others exist for it', async () => {
  const other = await world.create('policy');
  const client = await world.as('product', { id: policy.product_id });
  const { data } = await client.get('/policies', 200);
  expect(data).toHaveLength(1);
  await client.get(`/policies/${other.id}`, 404);
  await client.patch(`/policies/${other.id}`, rename, 404);
  await client.delete(`/policies/${other.id}/pool`, undefined, 404);
  await client.post('/policies', body(other.product_id), 403);
  await client.post('/policies', body(policy.product_id), 201);
  for (const below of ['product', 'licenses', 'entitlements', 'pool']) await client.get(`/policies/${policy.id}/${below}`, 200);
  await client.patch(`/policies/${policy.id}`, rename, 200);
  await client.delete(`/policies/${policy.id}`, undefined, 204);
});

describe.each(['license', 'user'] as const)('a %s', (kind) => {
  const client = async () => {
    if (kind === 'license') return world.as('license', license);
    const { user_id } = await world.create('license_user', { license_id: license.id });
    return world.as('user', { id: user_id });
  };

  test('gets 403 for its own policy and 404 for another', async () => {
    const other = await world.create('policy');
    const bearer = await client();
    for (const path of ['', '/product', '/licenses', '/entitlements', '/pool', `/licenses/${license.id}`]) {
      await bearer.get(`/policies/${policy.id}${path}`, 403);
      await bearer.get(`/policies/${other.id}${path}`, 404);
    }
    const { errors } = await bearer.get('/policies', 403);
    expect(errors[0].detail).toBe(`You do not have permission to complete the request (${kind} lacks permission to perform action)`);
    await bearer.patch(`/policies/${policy.id}`, rename, 403);
    await bearer.delete(`/policies/${policy.id}`, undefined, 403);
    await bearer.post('/policies', body(policy.product_id), 403);
    await bearer.delete(`/policies/${policy.id}/pool`, undefined, 403);
    await bearer.delete(`/policies/${other.id}/pool`, undefined, 404);
  });

  test('sees its policy with the permission', async () => {
    const bearer = await client();
    const table = kind === 'license' ? 'licenses' : 'users';
    await world.server.sql(`update ${table} set permissions = array['policy.read']`);
    const { data } = await bearer.get('/policies', 200);
    expect(data.map(({ id }: Wire) => id)).toEqual([policy.id]);
    await bearer.get(`/policies/${policy.id}`, 200);
    await bearer.get(`/policies/${policy.id}/product`, 403);
  });
});

test('anonymous requests are refused, unknown policies not found', async () => {
  await world.anonymous().get('/policies', 401);
  await world.anonymous().get(`/policies/${policy.id}`, 401);
  const { errors } = await (await world.as('admin')).get('/policies/nothing', 404);
  expect(errors[0].detail).toBe("The requested policy 'nothing' was not found");
});

test('lists are narrowed by product', async () => {
  const other = await world.create('policy');
  const admin = await world.as('admin');
  const ids = async (query: string) => (await admin.get(`/policies?${query}`, 200)).data.map(({ id }: Wire) => id);
  expect(await ids(`product=${other.product_id}`)).toEqual([other.id]);
  expect(await ids('product=nonsense')).toEqual([]);
  expect(await ids('product=')).toHaveLength(2);
  expect(await ids('product[]=x')).toHaveLength(2);
});

describe('environments', () => {
  test('a shared one reads global policies and does not change them, and may have policies for global products', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const client = (await world.as('environment', shared)).in(shared);
    await client.get(`/policies/${policy.id}`, 200);
    const { errors } = await client.patch(`/policies/${policy.id}`, rename, 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (record environment is not compatible with the current environment)');
    await client.delete(`/policies/${policy.id}`, undefined, 403);
    const { data } = await client.post('/policies', body(policy.product_id), 201);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
  });

  test('an isolated one does not see them, and its policies have products of its own', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const product = await world.create('product', { environment_id: isolated.id });
    const client = (await world.as('environment', isolated)).in(isolated);
    await client.get(`/policies/${policy.id}`, 404);
    await client.post('/policies', body(product.id), 201);
    const { errors } = await client.post('/policies', body(policy.product_id), 422);
    expect(errors).toMatchObject([
      {
        detail: 'must be compatible with product environment',
        code: 'ENVIRONMENT_NOT_ALLOWED',
        source: { pointer: '/data/relationships/environment' },
        links: { about: 'https://keygen.sh/docs/api/policies/#policies-object-relationships-environment' },
      },
    ]);
  });

  test('a policy inherits its product’s, which the global one may not write to', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const product = await world.create('product', { environment_id: shared.id });
    const admin = await world.as('admin');
    await admin.post('/policies', body(product.id), 403);
    const explicit = body(product.id);
    Object.assign(explicit.data.relationships, { environment: { data: null } });
    const { errors } = await admin.post('/policies', explicit, 422);
    expect(errors).toMatchObject([{ code: 'ENVIRONMENT_NOT_ALLOWED' }]);
    Object.assign(explicit.data.relationships, { environment: { data: { type: 'environment', id: shared.id } } });
    await admin.post('/policies', explicit, 403);
  });
});
