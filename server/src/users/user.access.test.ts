import { beforeEach, describe, expect, test } from 'vitest';
import { type Cast, castOf, grants, statusesOf } from '../../test/access.ts';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}) => ({ data: { type: 'users', attributes } });
const denied = (reason: string) => `You do not have permission to complete the request (${reason})`;
const staff = 'admin developer sales-agent support-agent read-only';

describe('what each kind of bearer may do with users', () => {
  let cast: Cast;
  let shared: Wire;
  let sequence = 0;
  beforeEach(async () => {
    shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    cast = await castOf(world, { environment: shared });
  });
  /** A user of the environment that the requester acts in. */
  const target =
    (attributes = {}) =>
    async (who: string) => {
      const user = await world.create('user', { ...attributes, ...(who === 'environment' && { environment_id: shared.id }) });
      return `/users/${user.id}`;
    };
  const below =
    (path: string, attributes = {}) =>
    async (who: string) =>
      `${await target(attributes)(who)}${path}`;

  test('list, show', async () => {
    await world.create('user');
    // a license lacks `user.read` by default
    expect(await statusesOf(cast, 'GET', '/users')).toEqual(grants(cast, { 401: 'anonymous', 403: 'license' }, 200));
    expect(await statusesOf(cast, 'GET', target())).toEqual(grants(cast, { 401: 'anonymous', 404: 'user license' }, 200));
    const staffMember = { role: 'admin' };
    expect(await statusesOf(cast, 'GET', target(staffMember))).toEqual(grants(cast, { 200: staff, 401: 'anonymous', 403: 'environment' }, 404));
  });

  test('create: role user, and others', async () => {
    const fresh =
      (attributes = {}) =>
      () =>
        body({ email: `new-${++sequence}@example.com`, ...attributes });
    expect(await statusesOf(cast, 'POST', '/users', fresh())).toEqual(grants(cast, { 403: 'support-agent read-only user license' }, 201));
    expect(await statusesOf(cast, 'POST', '/users', fresh({ role: 'developer' }))).toEqual(grants(cast, { 201: 'admin' }, 400));
  });

  test('update', async () => {
    const rename = body({ firstName: 'New' });
    expect(await statusesOf(cast, 'PATCH', target(), rename)).toEqual(
      grants(cast, { 401: 'anonymous', 403: 'support-agent read-only', 404: 'user license' }, 200),
    );
    expect(await statusesOf(cast, 'PATCH', target({ role: 'developer' }), rename)).toEqual(
      grants(cast, { 200: 'admin developer', 401: 'anonymous', 404: 'product user license' }, 403),
    );
    expect(await statusesOf(cast, 'PATCH', target({ role: 'admin' }), rename)).toEqual(
      grants(cast, { 200: 'admin', 401: 'anonymous', 404: 'product user license' }, 403),
    );
  });

  test('delete', async () => {
    expect(await statusesOf(cast, 'DELETE', target())).toEqual(
      grants(cast, { 204: 'admin developer product environment', 401: 'anonymous', 404: 'user license' }, 403),
    );
  });

  test.each(['ban', 'unban'])('%s', async (action) => {
    expect(await statusesOf(cast, 'POST', below(`/actions/${action}`))).toEqual(
      grants(cast, { 200: 'admin developer sales-agent support-agent product environment', 401: 'anonymous', 404: 'user license' }, 403),
    );
    const admin = await world.create('user', { role: 'admin' });
    const { errors } = await (await world.as('admin', admin)).post(`/users/${admin.id}/actions/${action}`, undefined, 403);
    expect(errors[0].detail).toBe(denied('must have a user role'));
  });

  test('update the password of somebody else', async () => {
    const passwords = { meta: { oldPassword: 'secret', newPassword: 'secret' } };
    expect(await statusesOf(cast, 'POST', below('/actions/update-password', { password: 'secret' }), passwords)).toEqual(
      grants(cast, { 401: 'anonymous', 404: 'user license' }, 403),
    );
  });

  test('group', async () => {
    expect(await statusesOf(cast, 'GET', below('/group'))).toEqual(grants(cast, { 401: 'anonymous', 404: 'user license' }, 200));
    expect(await statusesOf(cast, 'PUT', below('/group'), { data: null })).toEqual(
      grants(cast, { 200: 'admin developer sales-agent product environment', 401: 'anonymous', 404: 'user license' }, 403),
    );
  });

  test.each(['licenses', 'machines', 'products'])('%s', async (name) => {
    expect(await statusesOf(cast, 'GET', below(`/${name}`))).toEqual(grants(cast, { 401: 'anonymous', 404: 'user license' }, 200));
  });

  test('a global user from within a shared environment: read, not written', async () => {
    const user = await world.create('user');
    const environment = cast.environment!;
    await environment.get(`/users/${user.id}`, 200);
    for (const [method, path] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/actions/ban'],
      ['PUT', '/group'],
    ] as const) {
      const { errors } = await environment.send(method, `/users/${user.id}${path}`, method === 'PATCH' ? body() : { data: null }, 403);
      expect(errors[0].detail).toBe(denied('record environment is not compatible with the current environment'));
    }
  });
});

describe('a user', () => {
  test('sees itself and its team, and changes itself alone', async () => {
    const [me, mate, stranger] = [await world.create('user'), await world.create('user'), await world.create('user')];
    const license = await world.create('license', { owner_id: mate.id });
    await world.create('license_user', { license_id: license.id, user_id: me.id });
    const client = await world.as('user', me);
    const { data } = await client.get('/users', 200);
    expect(data.map(({ id }: Wire) => id).sort()).toEqual([me.id, mate.id].sort());
    await client.get(`/users/${mate.id}`, 200);
    await client.patch(`/users/${me.id}`, body({ firstName: 'Me' }), 200);
    await client.patch(`/users/${mate.id}`, body({ firstName: 'Me' }), 403);
    await client.patch(`/users/${stranger.id}`, body({ nonsense: 1 }), 404);
    await client.delete(`/users/${me.id}`, undefined, 403);
    await client.put(`/users/${me.id}/group`, { data: null }, 403);
    await client.get(`/users/${me.id}/group`, 200);
    await client.get(`/users/${mate.id}/licenses`, 403);
    await client.get(`/users/${stranger.id}/licenses`, 404);
    await client.get(`/users/${me.id}/licenses`, 200);
    await client.get(`/users/${me.id}/machines`, 200);
    const { errors } = await client.get(`/users/${me.id}/products`, 403);
    expect(errors[0].detail).toBe(denied('user lacks permission to perform action'));
    const allowed = await world.as('user', await world.create('user', { permissions: ['*'] }));
    await allowed.get('/me', 200);
  });

  test('needs `admin.read` for admins on its team', async () => {
    const [me, boss] = [await world.create('user'), await world.create('user', { role: 'admin' })];
    await world.create('license_user', { license_id: (await world.create('license', { owner_id: boss.id })).id, user_id: me.id });
    const client = await world.as('user', me);
    await client.get('/users', 200);
    await client.get('/users?roles[]=admin', 403);
    const { errors } = await client.get(`/users/${boss.id}`, 403);
    expect(errors[0].detail).toBe(denied('user lacks permission to perform action'));
  });
});

test('a license that may read users sees its owner and attached users', async () => {
  const [owner, attached, stranger] = [await world.create('user', { permissions: ['*'] }), await world.create('user'), await world.create('user')];
  const license = await world.create('license', { owner_id: owner.id, permissions: [...defaultPermissions.license, 'user.read'] });
  await world.create('license_user', { license_id: license.id, user_id: attached.id });
  const client = await world.as('license', license);
  const { data } = await client.get('/users', 200);
  expect(data.map(({ id }: Wire) => id).sort()).toEqual([owner.id, attached.id].sort());
  await client.get(`/users/${owner.id}`, 200);
  await client.get(`/users/${stranger.id}`, 404);
  for (const path of ['group', 'licenses', 'machines', 'products']) await client.get(`/users/${owner.id}/${path}`, 403);
});

test('a product deletes its users, and those of no product, but none of another', async () => {
  const product = await world.create('product');
  const client = await world.as('product', product);
  const policy = await world.create('policy', { product_id: product.id });
  const [own, shared, attached, free] = [await world.create('user'), await world.create('user'), await world.create('user'), await world.create('user')];
  for (const user of [own, shared]) await world.create('license', { owner_id: user.id, policy_id: policy.id });
  await world.create('license', { owner_id: shared.id });
  await world.create('license_user', { user_id: attached.id });
  for (const user of [own, free]) await client.delete(`/users/${user.id}`, undefined, 204);
  for (const user of [shared, attached]) {
    const { errors } = await client.delete(`/users/${user.id}`, undefined, 403);
    expect(errors[0].detail).toBe(denied('user cannot belong to another product'));
  }
});

describe('privileges', () => {
  const without = (...names: string[]) => defaultPermissions.admin.filter((name) => !names.includes(name));

  test.each([
    // the admin has            sends                              status  reason
    [without('admin.update'), { permissions: ['user.read'] }, 403, 'admin lacks permission to perform action'],
    [without('webhook-event.retry'), { permissions: ['webhook-event.retry'] }, 403, 'admin lacks privileges to perform action on user'],
    [without('webhook-event.retry'), { permissions: ['user.read'] }, 200, ''],
    [without('webhook-event.retry'), { firstName: 'New' }, 403, 'admin lacks privileges to perform action on user'],
    [['*'], { firstName: 'New' }, 200, ''],
    [defaultPermissions.admin, { permissions: ['*'] }, 200, ''],
  ])('of an admin on another: %#', async (permissions, attributes, status, reason) => {
    await world.create('user', { role: 'admin' });
    const client = await world.as('admin', await world.create('user', { role: 'admin', permissions }));
    const other = await world.create('user', { role: 'admin' });
    const { errors } = await client.patch(`/users/${other.id}`, body(attributes), status);
    if (reason) expect(errors[0].detail).toBe(denied(reason));
  });

  test('an admin that is not root creates no admin with more than it has', async () => {
    const permissions = without('webhook-event.retry');
    const client = await world.as('admin', await world.create('user', { role: 'admin', permissions }));
    const full = await client.post('/users', body({ email: 'a@example.com', role: 'admin' }), 403);
    expect(full.errors[0].detail).toBe(denied('admin lacks privileges to perform action on user'));
    await client.post('/users', body({ email: 'a@example.com', role: 'admin', permissions }), 201);
    const narrow = await world.as('admin', await world.create('user', { role: 'admin', permissions: without('admin.create') }));
    const { errors } = await narrow.post('/users', body({ email: 'b@example.com', role: 'admin', permissions: [] }), 403);
    expect(errors[0].detail).toBe(denied('admin lacks permission to perform action'));
  });

  test('a developer creates and changes developers, but no admin', async () => {
    const client = await world.as('developer');
    const peer = await world.create('user', { role: 'developer' });
    const boss = await world.create('user', { role: 'admin' });
    await client.patch(`/users/${peer.id}`, body({ firstName: 'New' }), 200);
    const { errors } = await client.patch(`/users/${boss.id}`, body({ firstName: 'New' }), 403);
    expect(errors[0].detail).toBe(denied('developer lacks privileges to perform action on user'));
    await client.delete(`/users/${boss.id}`, undefined, 403);
  });
});

describe('environments', () => {
  test('users are made in the current environment and in no other', async () => {
    const isolated = await world.create('environment');
    const admin = await world.as('admin', await world.create('user', { role: 'admin', environment_id: isolated.id }));
    const { data } = await admin.in(isolated).post('/users', body({ email: 'a@example.com' }), 201);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: isolated.id });
    const to = (id: string | null, email: string) => ({
      data: { ...body({ email }).data, relationships: { environment: { data: id && { type: 'environments', id } } } },
    });
    await admin.in(isolated).post('/users', to(isolated.id, 'b@example.com'), 201);
    const { errors } = await admin.in(isolated).post('/users', to(null, 'c@example.com'), 403);
    expect(errors[0].detail).toBe(denied('record environment is not compatible with the current environment'));
    await (await world.as('admin')).post('/users', to(isolated.id, 'c@example.com'), 403);
    await admin.post('/users', body({ email: 'c@example.com' }), 401);
  });

  test('what is outside is not found', async () => {
    const isolated = await world.create('environment');
    const inside = await world.create('user', { environment_id: isolated.id });
    const global = await world.create('user');
    const environment = (await world.as('environment', isolated)).in(isolated);
    await environment.get(`/users/${inside.id}`, 200);
    await environment.get(`/users/${global.id}`, 404);
    await (await world.as('admin')).get(`/users/${inside.id}`, 404);
  });
});
