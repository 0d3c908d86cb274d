/** Roles and permissions in updates, and the admins that an account keeps (spec/auth.md 9.6). */
import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}) => ({ data: { type: 'users', attributes } });
const one = 'account must have at least 1 admin user';
const full = `${one} with a full permission set`;

describe('permissions after an update with a role', () => {
  const { user, admin } = defaultPermissions;
  test.each([
    // role, permissions before          sends                                                    after
    ['a promoted user keeps its own', 'user', user, { role: 'admin' }, user],
    ['and gets more if they are sent', 'user', user, { role: 'admin', permissions: admin }, admin],
    ['a demoted admin keeps a user’s', 'admin', admin, { role: 'user' }, user],
    ['the same role drops what is no default', 'user', ['user.read', 'account.read'], { role: 'user' }, ['user.read']],
    ['what is sent shrinks to the defaults', 'user', user, { role: 'user', permissions: ['user.read', 'account.read', 'product.create'] }, ['user.read']],
    ['the wildcard stays', 'user', ['*'], { role: 'read-only' }, ['*']],
    ['without a role, they are taken as sent', 'user', user, { permissions: ['account.read'] }, ['account.read']],
  ])('%s', async (_, role, permissions, attributes, after) => {
    const client = await world.as('admin');
    const target = await world.create('user', { role, permissions });
    const { data } = await client.patch(`/users/${target.id}`, body(attributes), 200);
    expect(data.attributes.permissions).toEqual([...after].sort());
  });

  test('the account’s own defaults count for users', async () => {
    await world.create('setting', { key: 'default_user_permissions', value: ['account.read', 'user.read'] });
    const client = await world.as('admin');
    const target = await world.create('user', { role: 'developer' });
    const { data } = await client.patch(`/users/${target.id}`, body({ role: 'user' }), 200);
    expect(data.attributes.permissions).toEqual(['account.read', 'user.read']);
  });

  test('a name that the role may not have is refused on save', async () => {
    const client = await world.as('admin');
    const target = await world.create('user');
    const { errors } = await client.patch(`/users/${target.id}`, body({ permissions: ['product.create'] }), 422);
    expect(errors).toMatchObject([{ code: 'PERMISSIONS_NOT_ALLOWED', links: { about: 'https://keygen.sh/docs/api/users/#users-object-attrs-permissions' } }]);
    const product = await world.as('product');
    await product.patch(`/users/${target.id}`, body({ permissions: ['no.such'] }), 422);
  });
});

test.each([[['no.such']], [['user.read', 'user.read']]])('%j is refused before it is asked who may change the user', async (permissions) => {
  const target = await world.create('user', { role: 'admin' });
  const developer = await world.as('developer');
  const { errors } = await developer.patch(`/users/${target.id}`, body({ permissions }), 422);
  expect(errors).toMatchObject([{ code: 'PERMISSIONS_NOT_ALLOWED', detail: 'unsupported permissions' }]);
  await developer.patch(`/users/${target.id}`, body({ permissions: ['user.read'] }), 403);
});

test('who may not update admins may not make them something else either', async () => {
  const target = await world.create('user', { role: 'admin' });
  const limited = await world.as('admin', await world.create('user', { role: 'admin', permissions: ['user.read', 'user.update', 'admin.read'] }));
  const { errors } = await limited.patch(`/users/${target.id}`, body({ role: 'user' }), 403);
  expect(errors[0].detail).toBe('You do not have permission to complete the request (admin lacks permission to perform action)');
  const [row] = await world.server.sql('select role from users where id = $1', [target.id]);
  expect(row!.role).toBe('admin');
});

describe('tokens of a user whose role is sent', () => {
  test.each([
    ['another role', { role: 'developer' }, 0],
    ['the same role', { role: 'user' }, 1],
    ['permissions', { permissions: ['user.read'] }, 1],
  ])('%s leaves %j: %d', async (_, attributes, left) => {
    const client = await world.as('admin');
    const target = await world.create('user');
    await world.create('token', { bearer_id: target.id });
    await client.patch(`/users/${target.id}`, body(attributes), 200);
    const rows = await world.server.sql('select id from tokens where bearer_id = $1', [target.id]);
    expect(rows).toHaveLength(left);
  });

  test('who demotes itself keeps the token of the request', async () => {
    const me = await world.create('user', { role: 'admin' });
    await world.create('user', { role: 'admin' });
    const client = await world.as('admin', me);
    await world.create('token', { bearer_id: me.id });
    await client.patch(`/users/${me.id}`, body({ role: 'developer' }), 200);
    expect(await world.count('tokens')).toBe(1);
    await client.get('/me', 200);
  });
});

describe('an account keeps its admins', () => {
  const narrow = ['admin.update', 'user.update', 'user.delete', 'admin.delete'];
  test.each<[string, string[], string[][], 'delete' | object, string | undefined]>([
    // the admin's permissions, those of the others, what happens, what is told
    ['demote the last', ['*'], [], { role: 'user' }, one],
    ['demote one of two', ['*'], [['*']], { role: 'user' }, undefined],
    ['demote the only root', ['*'], [narrow], { role: 'developer' }, undefined],
    ['delete the last', ['*'], [], 'delete', one],
    ['delete one of two', ['*'], [['*']], 'delete', undefined],
    ['delete the only root', ['*'], [narrow], 'delete', undefined],
    ['narrow the last', ['*'], [], { permissions: narrow }, full],
    ['narrow the only root', ['*'], [narrow], { permissions: narrow }, full],
    ['narrow one of two roots', ['*'], [['*']], { permissions: narrow }, undefined],
    ['the last one stays root', ['*'], [], { permissions: [...defaultPermissions.admin] }, undefined],
    ['delete one that is not root, with one other', narrow, [['*']], 'delete', full],
    ['delete one that is not root, with several and a root', narrow, [['*'], narrow], 'delete', undefined],
    ['delete one that is not root, with several and no root', narrow, [narrow, narrow], 'delete', full],
    ['touch neither role nor permissions', narrow, [], { firstName: 'New' }, undefined],
  ])('%s', async (_, permissions, others, what, detail) => {
    const isolated = await world.create('environment');
    for (const set of others) await world.create('user', { role: 'admin', permissions: set, environment_id: isolated.id });
    const me = await world.create('user', { role: 'admin', permissions });
    const client = await world.as('admin', me);
    const path = `/users/${me.id}`;
    const { status, errors } = what === 'delete' ? await client.delete(path) : await client.patch(path, body(what));
    if (detail === undefined) expect(status).toBe(what === 'delete' ? 204 : 200);
    else {
      expect(status).toBe(422);
      expect(errors).toMatchObject([
        { title: 'Unprocessable resource', detail, code: 'ACCOUNT_ADMINS_REQUIRED', source: { pointer: '/data/relationships/account' } },
      ]);
      expect(errors[0].links.about).toBe('https://keygen.sh/docs/api/users/#users-object-relationships-account');
      expect(await world.count('tokens')).toBe(1);
    }
  });

  test('what else is wrong with an update is told first', async () => {
    const me = await world.create('user', { role: 'admin' });
    const client = await world.as('admin', me);
    const { errors } = await client.patch(`/users/${me.id}`, body({ role: 'developer', email: 'nobody', password: 'short' }), 422);
    expect(errors.map((error: { code: string }) => error.code)).toEqual(['EMAIL_INVALID', 'PASSWORD_TOO_SHORT', 'ACCOUNT_ADMINS_REQUIRED']);
    expect(errors[2]).toMatchObject({ detail: one, source: { pointer: '/data/relationships/account' } });
    expect(await world.emitted()).toEqual([]);
    expect((await client.get(`/users/${me.id}`, 200)).data.attributes.role).toBe('admin');
  });

  test('of admins that demote one another at once one stays', async () => {
    const admins = [
      await world.create('user', { role: 'admin' }),
      await world.create('user', { role: 'admin' }),
      await world.create('user', { role: 'admin' }),
    ];
    const clients = await Promise.all(admins.map((admin) => world.as('admin', admin)));
    await inParallel(3, (index) => clients[index]!.patch(`/users/${admins[index]!.id}`, body({ role: 'user' })));
    const [left] = await world.server.sql(`select count(*)::int as count from users where role = 'admin'`);
    expect(Number(left!.count)).toBeGreaterThanOrEqual(1);
  });
});
