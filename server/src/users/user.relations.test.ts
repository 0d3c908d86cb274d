import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
});

const ids = ({ data }: { data: Wire }) => data.map(({ id }: Wire) => id).sort();

describe('group', () => {
  const to = (id: string | null) => ({ data: id && { type: 'groups', id } });

  test('is shown, changed and cleared; the change answers the user', async () => {
    const user = await world.create('user', { email: 'a@example.com' });
    const group = await world.create('group');
    expect((await admin.get('/users/A@example.com/group', 200)).json).toEqual({ data: null });
    const { data } = await admin.put('/users/A@example.com/group', to(group.id), 200);
    expect(data).toMatchObject({ id: user.id, type: 'users', relationships: { group: { data: { type: 'groups', id: group.id } } } });
    expect((await admin.get(`/users/${user.id}/group`, 200)).data).toMatchObject({ type: 'groups', id: group.id });
    await admin.patch(`/users/${user.id}/group`, to(null), 200);
    expect((await admin.get(`/users/${user.id}/group`, 200)).data).toBeNull();
    expect(await world.emitted()).toEqual(['user.group.updated', 'user.group.updated']);
    const [log] = await world.server.sql(`select metadata from event_logs order by id limit 1`);
    expect(log!.metadata).toMatchObject({ diff: { groupId: [null, group.id] } });
  });

  test('has room for as many as it says, also for those who come at once', async () => {
    const group = await world.create('group', { max_users: 3 });
    const users = await Promise.all(Array.from({ length: 8 }, () => world.create('user')));
    const answers = await inParallel(8, (index) => admin.put(`/users/${users[index].id}/group`, to(group.id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const { errors } = answers.find(({ status }) => status === 422)!;
    expect(errors).toMatchObject([
      {
        code: 'GROUP_USER_LIMIT_EXCEEDED',
        detail: 'user count has exceeded maximum allowed by current group (3)',
        source: { pointer: '/data/relationships/group' },
      },
    ]);
    const member = users[answers.findIndex(({ status }) => status === 200)];
    // who is in it already takes no room, however little there has become
    await world.server.update('group', group.id, { max_users: 1 });
    await admin.put(`/users/${member.id}/group`, to(group.id), 200);
    await admin.patch(`/users/${member.id}`, { data: { type: 'users', attributes: { firstName: 'Ada' } } }, 200);
  });

  test.each([
    [{ data: { type: 'groups', id: '01a213ee-2975-7000-83b3-dcb08785da4d' } }, 422, 'must exist', '/data/relationships/group'],
    [{ data: { type: 'users', id: '01a213ee-2975-7000-83b3-dcb08785da4d' } }, 400, 'is invalid', '/data/type'],
    [{}, 400, 'is missing', '/data'],
  ])('refuses %j: %d', async (sent, status, detail, pointer) => {
    const user = await world.create('user');
    const { errors } = await admin.put(`/users/${user.id}/group`, sent, status);
    expect(errors).toMatchObject([{ detail, source: { pointer } }]);
    await (await world.as('read-only')).put(`/users/${user.id}/group`, sent, 403);
  });
});

describe('licenses, machines and products', () => {
  let user: Wire;
  let owned: Wire;
  let attached: Wire;
  let other: Wire;
  beforeEach(async () => {
    user = await world.create('user', { email: 'a@example.com' });
    owned = await world.create('license', { owner_id: user.id, suspended: true, key: 'owned.key' });
    attached = await world.create('license');
    await world.create('license_user', { license_id: attached.id, user_id: user.id });
    other = await world.create('license');
  });

  test('licenses are those that it owns or is attached to', async () => {
    expect(ids(await admin.get('/users/a@example.com/licenses', 200))).toEqual([owned.id, attached.id].sort());
    expect(ids(await admin.get(`/users/${user.id}/licenses?suspended=true`, 200))).toEqual([owned.id]);
    expect(ids(await admin.get(`/users/${user.id}/licenses?product=${attached.product_id}`, 200))).toEqual([attached.id]);
    expect(ids(await admin.get(`/users/${user.id}/licenses?policy=${owned.policy_id}`, 200))).toEqual([owned.id]);
    expect((await admin.get(`/users/${user.id}/licenses/owned.key`, 200)).data.id).toBe(owned.id);
    const { errors } = await admin.get(`/users/${user.id}/licenses/${other.id}`, 404);
    expect(errors[0].detail).toBe(`The requested license '${other.id}' was not found`);
  });

  test('machines are those of its licenses, whoever owns them', async () => {
    const mine = await world.create('machine', { license_id: owned.id, fingerprint: 'aa:bb' });
    const others = await world.create('machine', { license_id: attached.id });
    await world.create('machine', { license_id: other.id, owner_id: user.id });
    expect(ids(await admin.get(`/users/${user.id}/machines`, 200))).toEqual([mine.id, others.id].sort());
    expect(ids(await admin.get(`/users/${user.id}/machines?fingerprint=aa:bb`, 200))).toEqual([mine.id]);
    expect(ids(await admin.get(`/users/${user.id}/machines?license=${attached.id}`, 200))).toEqual([others.id]);
    expect(ids(await admin.get(`/users/${user.id}/machines?product=${owned.product_id}`, 200))).toEqual([mine.id]);
    expect((await admin.get(`/users/${user.id}/machines/aa:bb`, 200)).data.id).toBe(mine.id);
  });

  test('products are those of its licenses, each once, by id alone', async () => {
    await world.create('license', { owner_id: user.id, policy_id: owned.policy_id });
    await world.server.update('product', owned.product_id, { code: 'prod' });
    expect(ids(await admin.get(`/users/${user.id}/products`, 200))).toEqual([owned.product_id, attached.product_id].sort());
    await admin.get(`/users/${user.id}/products/${owned.product_id}`, 200);
    await admin.get(`/users/${user.id}/products/prod`, 404);
    await admin.get(`/users/${user.id}/products/${other.product_id}`, 404);
  });

  test('a product sees its own, and is refused what is another’s', async () => {
    const machines = { mine: await world.create('machine', { license_id: owned.id }), others: await world.create('machine', { license_id: attached.id }) };
    const product = await world.as('product', { id: owned.product_id });
    expect(ids(await product.get(`/users/${user.id}/licenses`, 200))).toEqual([owned.id]);
    expect(ids(await product.get(`/users/${user.id}/machines`, 200))).toEqual([machines.mine.id]);
    expect(ids(await product.get(`/users/${user.id}/products`, 200))).toEqual([owned.product_id]);
    await product.get(`/users/${user.id}/licenses/${owned.id}`, 200);
    await product.get(`/users/${user.id}/licenses/${attached.id}`, 403);
    await product.get(`/users/${user.id}/licenses/${other.id}`, 404);
    await product.get(`/users/${user.id}/machines/${machines.others.id}`, 403);
    await product.get(`/users/${user.id}/products/${attached.product_id}`, 403);
    const stranger = await world.as('product');
    expect((await stranger.get(`/users/${user.id}/licenses`, 200)).data).toEqual([]);
    await stranger.get(`/users/${(await world.create('user', { role: 'developer' })).id}/licenses`, 404);
  });
});

test('a deleted user takes along what is its own, and leaves what it was attached to', async () => {
  const user = await world.create('user');
  const owned = await world.create('license', { owner_id: user.id });
  const machine = await world.create('machine', { license_id: owned.id });
  await world.create('machine_component', { machine_id: machine.id });
  await world.create('machine_process', { machine_id: machine.id });
  await world.create('license_entitlement', { license_id: owned.id });
  await world.create('token', { bearer_type: 'license', bearer_id: owned.id });
  const attached = await world.create('license');
  await world.create('license_user', { license_id: attached.id, user_id: user.id });
  await world.create('license_user', { license_id: attached.id });
  await world.create('machine', { license_id: attached.id, owner_id: user.id, cores: 4, memory: 8, disk: 16 });
  const kept = await world.create('machine', { license_id: attached.id, cores: 2 });
  await world.create('group_owner', { user_id: user.id });
  await world.create('token', { bearer_id: user.id });

  await admin.delete(`/users/${user.id}`, undefined, 204);
  await admin.get(`/users/${user.id}`, 404);
  expect(await world.emitted()).toEqual(['user.deleted']);
  for (const table of ['components', 'processes', 'license_entitlements', 'group_owners']) expect(await world.count(table), table).toBe(0);
  for (const table of ['licenses', 'license_users', 'machines', 'tokens']) expect(await world.count(table), table).toBe(1);
  expect((await world.server.find('machine', {}))!.id).toBe(kept.id);
  expect(await world.server.find('license', {})).toMatchObject({ id: attached.id, users_count: 1, machines_count: 1, machines_core_count: 2 });
});

test('a ban puts tokens to sleep until it is lifted, and can be repeated', async () => {
  const user = await world.create('user');
  const client = await world.as('user', user);
  world.server.clock.freeze('2030-01-01T00:00:00.000Z');
  await admin.post(`/users/${user.id}/actions/ban`, undefined, 200);
  world.server.clock.freeze('2030-01-02T00:00:00.000Z');
  const { data } = await admin.post(`/users/${user.id}/actions/ban`, { any: 'thing' }, 200);
  expect(data.attributes.status).toBe('BANNED');
  expect(new Date((await world.server.find('user', { id: user.id }))!.banned_at as string).toISOString()).toBe('2030-01-02T00:00:00.000Z');
  expect((await client.get('/me', 403)).errors).toMatchObject([{ code: 'USER_BANNED', detail: 'User is banned' }]);
  await admin.post(`/users/${user.id}/actions/unban`, undefined, 200);
  await client.get('/me', 200);
  expect(await world.emitted()).toEqual(['user.banned', 'user.banned', 'user.unbanned']);
});

describe('update-password', () => {
  const meta = (oldPassword: unknown, newPassword: unknown) => ({ meta: { oldPassword, newPassword } });

  test('sets it, forgets a reset, and ends every token but the request’s', async () => {
    const user = await world.create('user', {
      email: 'a@example.com',
      password: 'old secret',
      password_reset_digest: 'x',
      password_reset_sent_at: '2030-01-01',
    });
    const client = await world.as('user', user);
    await world.create('token', { bearer_id: user.id });
    const { data } = await client.post('/users/a@example.com/actions/update-password', meta('old secret', 'new secret'), 200);
    expect(data).toMatchObject({ type: 'users', id: user.id });
    expect(await world.server.sql('select id from tokens where bearer_id = $1', [user.id])).toHaveLength(1);
    expect(await world.server.find('user', { id: user.id })).toMatchObject({ password_reset_digest: null, password_reset_sent_at: null });
    await client.post(`/users/${user.id}/actions/update-password`, meta('new secret', 'newer secret'), 200);
    expect(await world.emitted()).toEqual([]);
  });

  test.each([
    ['old secret', meta('wrong', 'new secret'), 401, 'is not valid', '/meta/oldPassword', undefined],
    [null, meta('old secret', 'new secret'), 401, 'is not valid', '/meta/oldPassword', undefined],
    ['old secret', meta('wrong', 'x'), 401, 'is not valid', '/meta/oldPassword', undefined],
    ['old secret', meta('old secret', '12345'), 422, 'is too short (minimum is 6 characters)', '/data/attributes/password', 'PASSWORD_TOO_SHORT'],
    ['old secret', meta('old secret', 'x'.repeat(73)), 422, 'is too long (maximum is 72 characters)', '/data/attributes/password', 'PASSWORD_TOO_LONG'],
    ['old secret', meta(undefined, 'x'), 400, 'is missing', '/meta/oldPassword', undefined],
    ['old secret', { meta: { oldPassword: 'x' } }, 400, 'is missing', '/meta/newPassword', undefined],
    ['old secret', {}, 400, 'is missing', '/meta', undefined],
  ])('%s, sent %j: %d %s', async (password, sent, status, detail, pointer, code) => {
    const user = await world.create('user', { password });
    const { errors, headers } = await (await world.as('user', user)).post(`/users/${user.id}/actions/update-password`, sent, status);
    expect(errors).toMatchObject([{ detail, source: { pointer } }]);
    expect(errors[0].code).toBe(code);
    if (status === 401) expect([errors[0].title, headers['www-authenticate']]).toEqual(['Unauthorized', 'Bearer realm="keygen"']);
  });

  test('is nobody else’s business, whatever he sends', async () => {
    const user = await world.create('user', { password: 'old secret' });
    await admin.post(`/users/${user.id}/actions/update-password`, {}, 403);
  });
});
