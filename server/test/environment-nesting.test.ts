/** Children of another environment than their parent's, and records that are in none (spec/environments.md 3, 5; spec/licensing.md 0.3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { doc } from './access/rows.ts';
import { Maker, type Scene, sceneOf } from './access/scene.ts';
import { type Attributes, type Client, newWorld, type World } from './kit.ts';

type Place = 'global' | 'shared' | 'other' | 'isolated';
let world: World;
/** Global records. */
let scene: Scene;
/** Makes records of the shared environment. */
let within: Maker;
let admins: Record<Place, Client>;

beforeAll(async () => {
  world = await newWorld();
  ({ scene } = await sceneOf(world));
  const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
  await world.create('environment', { code: 'other', isolation_strategy: 'SHARED' });
  const isolated = await world.create('environment', { code: 'isolated' });
  within = new Maker(world, { environment: shared });
  const admin = await world.as('admin');
  const inside = await world.create('token', { bearer_id: (await world.create('user', { role: 'admin' })).id, environment_id: isolated.id });
  admins = {
    global: admin,
    shared: admin.in('shared'),
    other: admin.in('other'),
    isolated: world
      .anonymous()
      .with({ authorization: `Bearer ${inside.secret}` })
      .in('isolated'),
  };
});

const incompatible = (what: string) => `You do not have permission to complete the request (${what} not compatible with the current environment)`;

describe('a child in a shared environment of a global parent', () => {
  const machineOf = async (of: Attributes): Promise<Scene> => within.create('machine', { license_id: (await within.create('license', of)).id });
  const children: [path: string, child: () => Promise<Scene>][] = [
    ['/products/{product}/policies', () => within.policy(scene)],
    ['/products/{product}/licenses', () => within.create('license', { policy_id: scene.policy.id })],
    ['/products/{product}/machines', () => within.create('machine', { license_id: scene.license.id })],
    ['/products/{product}/tokens', () => within.token('product', scene.product)],
    ['/policies/{policy}/licenses', () => within.create('license', { policy_id: scene.policy.id })],
    ['/policies/{pooled}/pool', () => within.create('key', { policy_id: scene.pooled.id })],
    ['/policies/{policy}/entitlements', () => within.inherited(scene)],
    ['/licenses/{license}/machines', () => within.create('machine', { license_id: scene.license.id })],
    ['/licenses/{license}/entitlements', () => within.entitlement(scene)],
    ['/licenses/{license}/tokens', () => within.token('license', scene.license)],
    ['/users/{owner}/licenses', () => within.create('license', { policy_id: scene.policy.id, owner_id: scene.owner.id })],
    ['/users/{owner}/machines', () => machineOf({ policy_id: scene.policy.id, owner_id: scene.owner.id })],
    ['/users/{owner}/tokens', () => within.token('user', scene.owner)],
    ['/groups/{group}/users', () => within.user({ group_id: scene.group.id })],
    ['/groups/{group}/licenses', () => within.create('license', { policy_id: scene.policy.id, group_id: scene.group.id })],
    ['/groups/{group}/machines', () => within.create('machine', { license_id: scene.license.id, group_id: scene.group.id })],
    ['/groups/{group}/owners', () => within.create('group_owner', { group_id: scene.group.id, user_id: scene.stranger.id })],
    ['/machines/{machine}/components', () => within.create('machine_component', { machine_id: scene.machine.id })],
    ['/products/{product}/releases', () => within.release(scene.product)],
    ['/products/{product}/packages', () => within.create('release_package', { product_id: scene.product.id })],
    ['/releases/{newer}/constraints', () => within.create('release_entitlement_constraint', { release_id: scene.newer.id })],
    ['/releases/{newer}/entitlements', () => within.constrained(scene.newer)],
    ['/machines/{machine}/processes', () => within.create('machine_process', { machine_id: scene.machine.id })],
  ];

  test.each(children)('%s: is listed inside, read from outside, refused from another', async (template, childOf) => {
    const path = template.replace(/\{(\w+)\}/, (_, name) => scene[name].id);
    const child = await childOf();
    const listed = async (place: Place) => (await admins[place].get(`${path}?limit=100`, 200)).data.some(({ id }: Scene) => id === child.id);
    expect({ shared: await listed('shared'), global: await listed('global'), other: await listed('other') }).toEqual({
      shared: true,
      global: false,
      other: false,
    });

    for (const place of ['shared', 'global'] as const) expect((await admins[place].get(`${path}/${child.id}`, 200)).data.id).toBe(child.id);
    expect((await admins.other.get(`${path}/${child.id}`, 403)).errors[0].detail).toBe(incompatible('record environment is'));
    await admins.isolated.get(`${path}/${child.id}`, 404);
    await admins.isolated.get(path, 404);
  });

  test('a group is found from everywhere: shown globally, refused elsewhere, changed only inside', async () => {
    const { id } = await within.create('group');
    const update = doc('groups', { name: 'New' });
    await admins.shared.get(`/groups/${id}`, 200);
    await admins.global.get(`/groups/${id}`, 200);
    for (const place of ['other', 'isolated'] as const)
      expect((await admins[place].get(`/groups/${id}`, 403)).errors[0].detail).toBe(incompatible('record environment is'));
    for (const place of ['global', 'other', 'isolated'] as const) {
      expect((await admins[place].patch(`/groups/${id}`, update, 403)).errors[0].detail).toBe(incompatible('record environment is'));
      expect((await admins[place].delete(`/groups/${id}`, undefined, 403)).errors[0].detail).toBe(incompatible('record environment is'));
    }
    await admins.shared.patch(`/groups/${id}`, update, 200);
    for (const place of ['global', 'other', 'isolated'] as const) await admins[place].get(`/groups/${id}/users`, 404);
  });
});

describe('accounts, settings and environments are read from everywhere, and changed only from outside', () => {
  const names = ['license.read'];
  test.each<[method: string, path: string, body: object | undefined, status: number]>([
    ['GET', '', undefined, 200],
    ['GET', '/settings', undefined, 200],
    ['GET', '/settings/default_user_permissions', undefined, 200],
    ['GET', '/environments', undefined, 200],
    ['GET', '/environments/other', undefined, 200],
    ['PATCH', '', doc('accounts', { name: 'New' }), 403],
    ['DELETE', '', undefined, 403],
    ['POST', '/settings', doc('settings', { key: 'default_license_permissions', value: names }), 403],
    ['PATCH', '/settings/default_user_permissions', doc('settings', { value: names }), 403],
    ['DELETE', '/settings/default_user_permissions', undefined, 403],
    ['POST', '/environments', doc('environments', { name: 'New', code: 'new' }), 403],
    ['PATCH', '/environments/shared', doc('environments', { name: 'New' }), 403],
    ['DELETE', '/environments/other', undefined, 403],
  ])('%s %s', async (method, path, body, status) => {
    if (!(await world.server.find('setting', {}))) await world.create('setting', { key: 'default_user_permissions', value: names });
    for (const place of ['shared', 'isolated'] as const) {
      const { errors } = await admins[place].send(method, path, body, status);
      if (status === 403) expect(errors[0].detail).toBe(incompatible('record is'));
    }
  });
});
