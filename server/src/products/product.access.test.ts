import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  product = await world.create('product');
});

const body = (attributes = {}) => ({ data: { type: 'products', attributes: { name: 'Sketcher', ...attributes } } });
const below = ['/policies', '/licenses', '/machines', '/users'];
const idsOf = (data: Wire) => data.map(({ id }: Wire) => id).sort();

test.each([
  ['admin', 201, 200, 204],
  ['developer', 201, 200, 204],
  ['sales-agent', 403, 403, 403],
  ['support-agent', 403, 403, 403],
  ['read-only', 403, 403, 403],
] as const)('%s', async (role, create, update, remove) => {
  const client = await world.as(role);
  for (const path of ['', `/${product.id}`, ...below.map((name) => `/${product.id}${name}`)]) await client.get(`/products${path}`, 200);
  await client.post('/products', body(), create);
  await client.patch(`/products/${product.id}`, body(), update);
  await client.delete(`/products/${product.id}`, undefined, remove);
});

test('a product shows and changes itself, lists no products, and sees no other', async () => {
  const other = await world.create('product');
  const client = await world.as('product', product);
  await client.get('/products', 403);
  await client.post('/products', body(), 403);
  for (const path of ['', ...below]) {
    await client.get(`/products/${product.id}${path}`, 200);
    await client.get(`/products/${other.id}${path}`, 404);
  }
  await client.patch(`/products/${product.id}`, body(), 200);
  const { errors } = await client.patch(`/products/${product.id}`, body({ permissions: [] }), 400);
  expect(errors[0].detail).toBe('unpermitted parameter');
  await client.patch(`/products/${other.id}`, body(), 404);
  await client.delete(`/products/${product.id}`, undefined, 403);
  await client.delete(`/products/${other.id}`, undefined, 404);
});

describe.each(['license', 'user'] as const)('a %s', (kind) => {
  const bearerOf = async (attributes = {}) => {
    const owned = await world.create('product', attributes);
    const license = await world.create('license', { policy_id: (await world.create('policy', { product_id: owned.id })).id });
    const bearer = kind === 'license' ? license : { id: (await world.create('license_user', { license_id: license.id })).user_id };
    return { owned, client: await world.as(kind, bearer) };
  };
  const permit = () => world.server.sql(`update ${kind}s set permissions = array['product.read']`);

  test('gets 403 for its own product and 404 for another', async () => {
    const { owned, client } = await bearerOf();
    for (const path of ['', ...below]) {
      await client.get(`/products/${owned.id}${path}`, 403);
      await client.get(`/products/${product.id}${path}`, 404);
    }
    await client.get('/products', 403);
    await client.post('/products', body(), 403);
    await client.patch(`/products/${owned.id}`, body(), 403);
    await client.delete(`/products/${owned.id}`, undefined, 403);
    await client.delete(`/products/${product.id}`, undefined, 404);
  });

  test('sees its licensed product and open ones with the permission', async () => {
    const { owned, client } = await bearerOf();
    const open = await world.create('product', { distribution_strategy: 'OPEN' });
    await permit();
    expect(idsOf((await client.get('/products', 200)).data)).toEqual([owned.id, open.id].sort());
    await client.get(`/products/${owned.id}`, 200);
    await client.get(`/products/${open.id}`, 200);
    await client.get(`/products/${owned.id}/policies`, 403);
  });

  test.each([
    // strategy  list as license, user; show
    ['CLOSED', 200, 403, 404, 403],
    [null, 200, 200, 404, 200],
  ])('%s', async (distribution_strategy, listedByLicense, listedByUser, shownToLicense, shownToUser) => {
    const { owned, client } = await bearerOf({ distribution_strategy });
    await permit();
    const { data } = await client.get('/products', kind === 'license' ? listedByLicense : listedByUser);
    if (kind === 'license') expect(data).toEqual([]);
    await client.get(`/products/${owned.id}`, kind === 'license' ? shownToLicense : shownToUser);
  });
});

test('anonymous requests are refused, of open products too', async () => {
  const open = await world.create('product', { distribution_strategy: 'OPEN' });
  await world.anonymous().get(`/products/${open.id}`, 401);
  await world.anonymous().get('/products', 401);
});

test('a shared environment reads global products and changes its own, an isolated one has only its own', async () => {
  const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
  const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
  const own = await world.create('product', { environment_id: shared.id });
  const client = (await world.as('environment', shared)).in(shared);
  expect(idsOf((await client.get('/products', 200)).data)).toEqual([own.id, product.id].sort());
  await client.patch(`/products/${product.id}`, body(), 403);
  await client.patch(`/products/${own.id}`, body(), 200);
  await client.delete(`/products/${product.id}`, undefined, 403);
  const { data } = await client.post('/products', body(), 201);
  expect(data.relationships.environment.data.id).toBe(shared.id);
  const explicit = { data: { ...body().data, relationships: { environment: { data: null } } } };
  await client.post('/products', explicit, 403);
  const inside = (await world.as('environment', isolated)).in(isolated);
  expect((await inside.get('/products', 200)).data).toEqual([]);
  await inside.get(`/products/${product.id}`, 404);
  await (await world.as('admin')).get(`/products/${own.id}`, 404);
});

describe('what belongs to a product', () => {
  test('is listed and shown, and nothing of another product', async () => {
    const policy = await world.create('policy', { product_id: product.id });
    const owner = await world.create('user');
    const license = await world.create('license', { policy_id: policy.id, owner_id: owner.id });
    const { user_id } = await world.create('license_user', { license_id: license.id });
    const machine = await world.create('machine', { license_id: license.id });
    const foreign = { machine: await world.create('machine'), user: await world.create('user', { role: 'developer' }) };
    const colleague = await world.create('license', { policy_id: policy.id, owner_id: foreign.user.id });
    for (const client of [await world.as('admin'), await world.as('product', product)]) {
      const ids = async (path: string) => idsOf((await client.get(`/products/${product.id}/${path}`, 200)).data);
      expect(await ids('policies')).toEqual([policy.id]);
      expect(await ids('licenses')).toEqual([license.id, colleague.id].sort());
      expect(await ids('machines')).toEqual([machine.id]);
      expect(await ids('users')).toEqual([owner.id, user_id].sort());
      await client.get(`/products/${product.id}/policies/${policy.id}`, 200);
      await client.get(`/products/${product.id}/licenses/${license.key}`, 200);
      await client.get(`/products/${product.id}/machines/${machine.fingerprint}`, 200);
      await client.get(`/products/${product.id}/users/${owner.email.toUpperCase()}`, 200);
      const { errors } = await client.get(`/products/${product.id}/machines/${foreign.machine.id}`, 404);
      expect(errors[0].detail).toBe(`The requested machine '${foreign.machine.id}' was not found`);
    }
    const admin = await world.as('admin');
    const missing = await admin.get(`/products/${product.id}/users/Nobody@example.com`, 404);
    expect(missing.errors[0].detail).toBe("The requested user 'Nobody@example.com' was not found");
    const client = await world.as('product', product);
    await client.get(`/products/${product.id}/users/${foreign.user.id}`, 403);
    expect((await client.get(`/products/${product.id}/users?roles[]=developer`, 200)).data).toEqual([]);
    const users = async (query: string) => idsOf((await admin.get(`/products/${product.id}/users?${query}`, 200)).data);
    expect(await users('roles[]=developer')).toEqual([foreign.user.id]);
    expect(await users('roles=developer')).toEqual([owner.id, user_id, foreign.user.id].sort());
  });

  test('shows an environment its staff with licenses too', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const developer = await world.create('user', { role: 'developer' });
    await world.create('license', { policy_id: (await world.create('policy', { product_id: product.id })).id, owner_id: developer.id });
    const client = (await world.as('environment', shared)).in(shared);
    expect(idsOf((await client.get(`/products/${product.id}/users?roles[]=developer`, 200)).data)).toEqual([developer.id]);
    expect((await client.get(`/products/${product.id}/users`, 200)).data).toEqual([]);
    await client.get(`/products/${product.id}/users/${developer.id}`, 200);
  });

  test('is narrowed by filters', async () => {
    const policies = [await world.create('policy', { product_id: product.id }), await world.create('policy', { product_id: product.id })];
    const licenses = [
      await world.create('license', { policy_id: policies[0]!.id, suspended: true }),
      await world.create('license', { policy_id: policies[1]!.id }),
    ];
    const { user_id } = await world.create('license_user', { license_id: licenses[0]!.id });
    const machines = [await world.create('machine', { license_id: licenses[0]!.id }), await world.create('machine', { license_id: licenses[1]!.id })];
    const admin = await world.as('admin');
    const ids = async (path: string) => idsOf((await admin.get(`/products/${product.id}/${path}`, 200)).data);
    const first = [licenses[0]!.id];
    expect(await ids(`licenses?policy=${policies[0]!.id}`)).toEqual(first);
    expect(await ids(`licenses?user=${user_id}`)).toEqual(first);
    expect(await ids('licenses?suspended=true')).toEqual(first);
    expect(await ids('licenses?expired=true')).toHaveLength(2);
    expect(await ids(`machines?license=${licenses[1]!.id}`)).toEqual([machines[1]!.id]);
    expect(await ids(`machines?user=${user_id}`)).toEqual([machines[0]!.id]);
    expect(await ids(`machines?fingerprint=${machines[1]!.fingerprint}`)).toEqual([machines[1]!.id]);
    const nested = async (query: string) => idsOf((await admin.get(`/policies/${policies[0]!.id}/licenses?${query}`, 200)).data);
    expect(await nested('suspended=false')).toEqual([]);
    expect(await nested(`product=${product.id}`)).toEqual(first);
    expect(await nested(`user=${user_id}`)).toEqual(first);
  });

  test('in another environment is left out of lists, and shown to the global one alone', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const policy = await world.create('policy', { product_id: product.id, environment_id: shared.id });
    const other = await world.create('environment', { isolation_strategy: 'SHARED' });
    const path = `/products/${product.id}/policies`;
    const admin = await world.as('admin');
    expect((await admin.get(path, 200)).data).toEqual([]);
    await admin.get(`${path}/${policy.id}`, 200);
    await (await world.as('environment', shared)).in(shared).get(`${path}/${policy.id}`, 200);
    await (await world.as('environment', other)).in(other).get(`${path}/${policy.id}`, 403);
  });
});
