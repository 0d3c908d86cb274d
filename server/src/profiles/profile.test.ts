import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import type { Role } from '../kernel/access/roles.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

test.each<[Role, string]>([
  ['admin', 'users'],
  ['user', 'users'],
  ['product', 'products'],
  ['license', 'licenses'],
])('%s is told who it is', async (role, type) => {
  const client = await world.as(role);
  const me = await client.get('/me', 200);
  expect(me.data.type).toBe(type);
  expect(me.included).toHaveLength(1);
  expect(me.included[0]).toMatchObject({ type: 'tokens', id: me.headers['keygen-token'], relationships: { bearer: { data: { type, id: me.data.id } } } });
  expect('token' in me.included[0].attributes).toBe(false);
  const profile = await client.get('/profile', 200);
  expect(profile.json).toEqual({ data: me.data, meta: { tokenId: me.included[0].id } });
  expect(await world.emitted()).toEqual([]);
});

test('a stranger is nobody', async () => {
  await world.anonymous().get('/me', 401);
  await world.anonymous().get('/profile', 401);
});

test('a license key has no token', async () => {
  const policy = await world.create('policy', { authentication_strategy: 'LICENSE' });
  const client = world.withKey(await world.create('license', { policy_id: policy.id }));
  expect((await client.get('/me', 200)).json).toEqual({ data: expect.objectContaining({ type: 'licenses' }) });
  expect((await client.get('/profile', 200)).meta).toEqual({ tokenId: null });
});

test('an environment must select itself', async () => {
  const environment = await world.create('environment');
  const client = await world.as('environment', environment);
  await client.get('/me', 401);
  expect((await client.get(`/me?environment=${environment.code}`, 200)).data).toMatchObject({ type: 'environments', id: environment.id });
  await client.in(environment).get('/profile', 200);
});

describe('permissions', () => {
  test.each<[Role, string, number, number]>([
    // who      has                status of /me, /profile
    ['user', 'user.read', 200, 200],
    ['user', 'license.read', 403, 403],
    ['admin', 'user.read', 200, 403],
    ['product', 'product.read', 200, 200],
    ['product', 'user.read', 403, 403],
    ['license', 'license.read', 200, 200],
    ['license', 'machine.read', 403, 403],
  ])('%s with %s: %d, %d', async (role, permission, me, profile) => {
    const kind = role === 'admin' ? 'user' : role;
    const record: Wire = await world.create(kind, { ...(role === 'admin' && { role }), permissions: [permission] });
    const client = await world.as(role, record);
    await client.get('/me', me);
    await client.get('/profile', profile);
  });
});

describe('older versions', () => {
  test.each(['/me', '/profile'])('see a license as they know it, in %s', async (path) => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const client = await world.as('license', license);
    const relationships = async (version: string) => Object.keys((await client.at(version).get(path, 200)).data.relationships);
    expect(await relationships('1.6')).toContain('owner');
    expect(await relationships('1.5')).not.toContain('owner');
    expect(await relationships('1.5')).toContain('user');
    await world.server.update('account', String(world.account.id), { api_version: '1.5' });
    expect(Object.keys((await client.get(path, 200)).data.relationships)).toContain('user');
    expect(await relationships('1.6')).toContain('owner');
  });

  test('see deeper keys of metadata in snake case', async () => {
    const user = await world.create('user', { metadata: { parent_key: { child_key: 1 } } });
    const client = await world.as('user', user);
    for (const path of ['/me', '/profile', `/users/${user.id}`]) {
      expect((await client.get(path, 200)).data.attributes.metadata).toEqual({ parentKey: { childKey: 1 } });
      expect((await client.at('1.4').get(path, 200)).data.attributes.metadata).toEqual({ parentKey: { child_key: 1 } });
    }
  });
});
