import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}) => ({ data: { type: 'groups', attributes: { name: 'ACME', ...attributes } } });
const owners = (...ids: unknown[]) => ({ data: ids.map((id) => ({ type: 'users', id })) });
const idsOf = (data: Wire) => data.map(({ id }: Wire) => id).sort();
const unknown = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';

test('a group is created, changed and deleted, without a difference in the log', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.post('/groups', body({ maxLicenses: 5 }), 201);
  const { created, updated, ...attributes } = data.attributes;
  expect(created).toBe(updated);
  expect(attributes).toEqual({ name: 'ACME', maxUsers: null, maxLicenses: 5, maxMachines: null, metadata: {} });
  const self = `${world.base}/groups/${data.id}`;
  expect(data.links).toEqual({ self });
  expect(data.relationships).toEqual({
    account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
    environment: { links: { related: null }, data: null },
    ...Object.fromEntries(['owners', 'users', 'licenses', 'machines'].map((name) => [name, { links: { related: `${self}/${name}` } }])),
  });
  const changed = await admin.patch(`/groups/${data.id}`, body({ name: null, maxLicenses: null, maxUsers: -1, maxMachines: 0 }), 200);
  expect(changed.data.attributes).toMatchObject({ name: 'ACME', maxLicenses: null, maxUsers: -1, maxMachines: 0 });
  await admin.delete(`/groups/${data.id}`, undefined, 204);
  await admin.get(`/groups/${data.id}`, 404);
  expect(await world.emitted()).toEqual(['group.created', 'group.updated', 'group.deleted']);
  const [log] = await world.server.sql(`select metadata from event_logs where event = 'group.updated'`);
  expect(log!.metadata).toEqual({});
});

test.each([
  [{ name: undefined }, 400, { detail: 'is missing', source: { pointer: '/data/attributes/name' } }],
  [{ name: '' }, 400, { detail: 'cannot be blank', source: { pointer: '/data/attributes/name' } }],
  [{ maxUsers: '1' }, 400, { detail: 'type mismatch (received string expected integer)', source: { pointer: '/data/attributes/maxUsers' } }],
  [{ maxUsers: 2147483648 }, 400, { title: 'Bad request', detail: 'integer is too large' }],
  [{ maxMachines: -2147483649 }, 400, { detail: 'integer is too large' }],
  [{ name: 'x'.repeat(256) }, 422, { detail: 'is too long (maximum is 255 characters)', code: 'NAME_TOO_LONG' }],
  [{ metadata: { a: 'x'.repeat(16385) } }, 422, { code: 'METADATA_TOO_LONG' }],
])('refuses %j', async (sent, status, expected) => {
  const admin = await world.as('admin');
  const { errors } = await admin.post('/groups', body(sent), status);
  expect(errors).toMatchObject([expected]);
  if ('name' in sent && sent.name === undefined) return;
  const group = await world.create('group');
  expect((await admin.put(`/groups/${group.id}`, body(sent), status)).errors).toMatchObject([expected]);
});

test('members of a deleted group stay without one, its ownerships go', async () => {
  const group = await world.create('group');
  const machine = await world.create('machine', { group_id: group.id });
  await world.create('license', { group_id: group.id });
  await world.create('user', { group_id: group.id });
  await world.create('group_owner', { group_id: group.id });
  await (await world.as('admin')).delete(`/groups/${group.id}`, undefined, 204);
  for (const table of ['users', 'licenses', 'machines']) expect(await world.server.sql(`select id from ${table} where group_id is not null`)).toEqual([]);
  expect(await world.count('group_owners')).toBe(0);
  expect(await world.emitted()).toEqual(['group.deleted']);
  await (await world.as('admin')).get(`/machines/${machine.id}`);
});

describe('access', () => {
  test.each([
    ['admin', 201, 200, 204],
    ['developer', 201, 200, 204],
    ['sales-agent', 403, 403, 403],
    ['support-agent', 403, 403, 403],
    ['read-only', 403, 403, 403],
    ['product', 201, 200, 204],
  ] as const)('%s', async (role, create, update, remove) => {
    const group = await world.create('group');
    const user = await world.create('user');
    const client = await world.as(role);
    for (const path of ['', `/${group.id}`, ...['owners', 'users', 'licenses', 'machines'].map((name) => `/${group.id}/${name}`)])
      await client.get(`/groups${path}`, 200);
    await client.post('/groups', body(), create);
    await client.patch(`/groups/${group.id}`, body(), update);
    await client.post(`/groups/${group.id}/owners`, owners(user.id), update);
    await client.delete(`/groups/${group.id}/owners`, owners(user.id), update === 200 ? 204 : 403);
    await client.delete(`/groups/${group.id}`, undefined, remove);
  });

  const relations = {
    stranger: () => world.create('user'),
    member: (group: Wire) => world.create('user', { group_id: group.id }),
    owner: async (group: Wire) => {
      const { user_id } = await world.create('group_owner', { group_id: group.id });
      return { id: user_id };
    },
    license: (group: Wire) => world.create('license', { group_id: group.id }),
    'other license': () => world.create('license'),
  };

  test.each([
    // who          show owners members attach list
    ['stranger', 403, 404, 404, 404, 0],
    ['member', 200, 200, 403, 403, 1],
    ['owner', 200, 200, 200, 403, 1],
    ['license', 200, 200, 403, 403, 1],
    ['other license', 403, 404, 404, 404, 0],
  ] as const)('%s', async (who, show, ownersOf, members, attach, listed) => {
    const group = await world.create('group');
    const owner = await world.create('group_owner', { group_id: group.id });
    const bearer = await relations[who](group);
    const client = await world.as(who.endsWith('license') ? 'license' : 'user', bearer);
    await client.get(`/groups/${group.id}`, show);
    await client.get(`/groups/${group.id}/owners`, ownersOf);
    await client.get(`/groups/${group.id}/owners/${owner.id}`, ownersOf);
    for (const name of ['users', 'licenses', 'machines']) await client.get(`/groups/${group.id}/${name}`, members);
    await client.post(`/groups/${group.id}/owners`, owners(bearer.id), attach);
    await client.delete(`/groups/${group.id}/owners`, owners(bearer.id), attach);
    await client.patch(`/groups/${group.id}`, body(), 403);
    await client.delete(`/groups/${group.id}`, undefined, 403);
    await client.post('/groups', body(), 403);
    expect((await client.get('/groups', 200)).data).toHaveLength(listed);
  });

  test('an unknown group is not found, and anonymous requests are refused', async () => {
    const { errors } = await (await world.as('user')).get(`/groups/${unknown}`, 404);
    expect(errors[0].detail).toBe(`The requested group '${unknown}' was not found`);
    await (await world.as('admin')).get(`/groups/${unknown}/users`, 404);
    await world.anonymous().get('/groups', 401);
    await world.anonymous().get(`/groups/${unknown}/users`, 401);
  });

  test('a group of another environment is 403 itself and 404 below, but shown to the global one', async () => {
    const [isolated, other] = [await world.create('environment'), await world.create('environment')];
    const group = await world.create('group', { environment_id: isolated.id });
    const client = (await world.as('environment', other)).in(other);
    const { errors } = await client.get(`/groups/${group.id}`, 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (record environment is not compatible with the current environment)');
    await client.get(`/groups/${group.id}/users`, 404);
    const admin = await world.as('admin');
    await admin.get(`/groups/${group.id}`, 200);
    await admin.get(`/groups/${group.id}/users`, 404);
    await admin.patch(`/groups/${group.id}`, body(), 403);
    await admin.delete(`/groups/${group.id}`, undefined, 403);
    expect((await admin.get('/groups', 200)).data).toEqual([]);
    await (await world.as('environment', isolated)).in(isolated).patch(`/groups/${group.id}`, body(), 200);
  });
});

describe('owners', () => {
  test('are attached, listed, shown and detached', async () => {
    const group = await world.create('group');
    const [one, two] = [await world.create('user'), await world.create('user')];
    const admin = await world.as('admin');
    const { data } = await admin.post(`/groups/${group.id}/owners`, owners(one.id, two.id), 200);
    expect(data).toHaveLength(2);
    const self = `${world.base}/groups/${group.id}/owners/${data[0].id}`;
    expect(data[0]).toMatchObject({
      type: 'group-owners',
      links: { self },
      relationships: {
        group: { links: { related: `${world.base}/groups/${group.id}` }, data: { type: 'groups', id: group.id } },
        user: { links: { related: `${world.base}/users/${one.id}` }, data: { type: 'users', id: one.id } },
        environment: { data: null },
      },
    });
    expect(Object.keys(data[0].attributes)).toEqual(['created', 'updated']);
    expect(idsOf((await admin.get(`/groups/${group.id}/owners`, 200)).data)).toEqual(idsOf(data));
    expect((await admin.get(`/groups/${group.id}/owners/${data[0].id}`, 200)).data).toEqual(data[0]);
    const missing = await admin.get(`/groups/${group.id}/owners/${one.id}`, 404);
    expect(missing.errors[0].detail).toBe(`The requested group owner '${one.id}' was not found`);
    await admin.delete(`/groups/${group.id}/owners`, owners(one.id), 204);
    expect(idsOf((await admin.get(`/groups/${group.id}/owners`, 200)).data)).toEqual([data[1].id]);
    expect(await world.emitted()).toEqual(['group.owners.attached', 'group.owners.detached']);
  });

  test('may be none, and more than 100', async () => {
    const group = await world.create('group');
    const admin = await world.as('admin');
    expect((await admin.post(`/groups/${group.id}/owners`, owners(), 200)).data).toEqual([]);
    await admin.delete(`/groups/${group.id}/owners`, owners(), 204);
    await admin.post(`/groups/${group.id}/owners`, owners(...Array.from({ length: 101 }, () => unknown)), 422);
  });

  test.each([
    ['unknown', (_: Wire) => [unknown], 'must exist', 'USER_NOT_FOUND'],
    ['owner already', (owner: Wire) => [owner.user_id], 'already exists', 'USER_TAKEN'],
  ])('an %s cannot be attached', async (_, list, detail, code) => {
    const group = await world.create('group');
    const owner = await world.create('group_owner', { group_id: group.id });
    const user = await world.create('user');
    const { errors } = await (await world.as('admin')).post(`/groups/${group.id}/owners`, owners(user.id, ...list(owner)), 422);
    const links = { about: 'https://keygen.sh/docs/api/group-owners/#group-owners-object-relationships-user' };
    expect(errors).toEqual([{ title: 'Unprocessable resource', detail, code, source: { pointer: '/data/relationships/user' }, links }]);
    expect(await world.count('group_owners')).toBe(1);
  });

  test('only owners can be detached', async () => {
    const group = await world.create('group');
    const owner = await world.create('group_owner', { group_id: group.id });
    const { errors } = await (await world.as('admin')).delete(`/groups/${group.id}/owners`, owners(owner.user_id, unknown), 422);
    const detail = `owner relationship for user '${unknown}' not found`;
    expect(errors).toEqual([{ title: 'Unprocessable entity', detail, source: { pointer: '/data/1' } }]);
    expect(await world.count('group_owners')).toBe(1);
  });
});

describe('members', () => {
  const path = (group: Wire, below: string) => `/groups/${group.id}/${below}`;

  test('are seen by staff and the group’s owners, whoever they belong to', async () => {
    const group = await world.create('group');
    const user = await world.create('user', { group_id: group.id });
    const license = await world.create('license', { group_id: group.id });
    const machine = await world.create('machine', { group_id: group.id });
    await world.create('machine');
    const { user_id } = await world.create('group_owner', { group_id: group.id });
    for (const client of [await world.as('admin'), await world.as('read-only'), await world.as('user', { id: user_id })]) {
      expect(idsOf((await client.get(path(group, 'users'), 200)).data)).toEqual([user.id]);
      expect(idsOf((await client.get(path(group, 'licenses'), 200)).data)).toEqual([license.id]);
      expect(idsOf((await client.get(path(group, 'machines'), 200)).data)).toEqual([machine.id]);
      await client.get(path(group, `users/${user.email}`), 200);
      await client.get(path(group, `licenses/${license.key}`), 200);
      await client.get(path(group, `machines/${machine.fingerprint}`), 200);
      await client.get(path(group, `licenses/${unknown}`), 404);
    }
    await (await world.as('user', { id: user_id })).get(`/licenses/${license.id}`, 404);
  });

  test('a product sees its own in lists; of the others any user, but no license or machine', async () => {
    const group = await world.create('group');
    const own = await world.create('machine', { group_id: group.id });
    const license = await world.create('license', { group_id: group.id, policy_id: own.policy_id });
    const { user_id } = await world.create('license_user', { license_id: license.id, user_id: (await world.create('user', { group_id: group.id })).id });
    const foreign = await world.create('machine', { group_id: group.id });
    await world.server.update('license', foreign.license_id, { group_id: group.id });
    const stranger = await world.create('user', { group_id: group.id });
    const client = await world.as('product', { id: license.product_id });
    expect(idsOf((await client.get(path(group, 'users'), 200)).data)).toEqual([user_id]);
    expect(idsOf((await client.get(path(group, 'licenses'), 200)).data)).toEqual([license.id]);
    expect(idsOf((await client.get(path(group, 'machines'), 200)).data)).toEqual([own.id]);
    await client.get(path(group, `users/${stranger.id}`), 200);
    await client.get(path(group, `licenses/${foreign.license_id}`), 403);
    await client.get(path(group, `machines/${foreign.id}`), 403);
    await client.get(path(group, `machines/${own.id}`), 200);
  });
});
