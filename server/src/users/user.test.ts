import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}, relationships?: object) => ({
  data: { type: 'users', attributes: { email: 'ada@example.com', ...attributes }, ...(relationships && { relationships }) },
});
const patch = (attributes = {}) => ({ data: { type: 'users', attributes } });

test('an admin creates a user, in full', async () => {
  const admin = await world.as('admin');
  const group = await world.create('group');
  const attributes = { firstName: 'Ada', lastName: 'Byron', email: ' Ada@Example.COM ', password: 'secret', metadata: { crmId: 7 } };
  const { data, headers } = await admin.post('/users', body(attributes, { group: { data: { type: 'groups', id: group.id } } }), 201);
  const path = `/v1/accounts/${world.account.id}/users/${data.id}`;
  expect(headers.location).toBe(`https://localhost${path}`);
  expect(Object.keys(data.attributes)).toEqual([
    'fullName',
    'firstName',
    'lastName',
    'email',
    'status',
    'role',
    'permissions',
    'metadata',
    'created',
    'updated',
  ]);
  expect(data.attributes).toMatchObject({ fullName: 'Ada Byron', email: 'ada@example.com', status: 'ACTIVE', role: 'user', metadata: { crmId: 7 } });
  expect(data.attributes.permissions).toEqual(defaultPermissions.user);
  expect(Object.keys(data.relationships)).toEqual(['account', 'environment', 'group', 'products', 'licenses', 'machines', 'tokens', 'secondFactors']);
  expect(data.relationships.group).toEqual({ links: { related: `${path}/group` }, data: { type: 'groups', id: group.id } });
  expect(data.relationships.secondFactors).toEqual({ links: { related: `${path}/second-factors` } });
  expect(data.links).toEqual({ self: path });
  expect(await world.emitted()).toEqual(['user.created']);
});

test('names: both make a full name, blank ones too, null is none', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.post('/users', body({ firstName: '', lastName: 'B' }), 201);
  expect(data.attributes).toMatchObject({ fullName: ' B', firstName: '', lastName: 'B' });
  const cleared = await admin.patch(`/users/${data.id}`, patch({ lastName: null }), 200);
  expect(cleared.data.attributes).toMatchObject({ fullName: null, firstName: '', lastName: null });
});

test('a new user gets the account’s default permissions, unless some are given', async () => {
  await world.create('setting', { key: 'default_user_permissions', value: ['license.read', 'license.validate'] });
  const admin = await world.as('admin');
  const standard = await admin.post('/users', body(), 201);
  expect(standard.data.attributes.permissions).toEqual(['license.read', 'license.validate']);
  const given = await admin.post('/users', body({ email: 'b@example.com', permissions: ['user.read', 'license.read'] }), 201);
  expect(given.data.attributes.permissions).toEqual(['license.read', 'user.read']);
  const staff = await admin.post('/users', body({ email: 'c@example.com', role: 'read-only' }), 201);
  expect(staff.data.attributes).toMatchObject({ role: 'read-only', permissions: defaultPermissions['read-only'] });
  const none = await admin.post('/users', body({ email: 'd@example.com', permissions: [] }), 201);
  expect(none.data.attributes.permissions).toEqual([]);
});

describe('refuses', () => {
  test.each([
    // sent                            status  detail                                     code              pointer
    [{ email: undefined }, 400, 'is missing', undefined, '/data/attributes/email'],
    [{ email: '' }, 400, 'cannot be blank', undefined, '/data/attributes/email'],
    [{ firstName: 1 }, 400, 'type mismatch (received integer expected string)', undefined, '/data/attributes/firstName'],
    [{ password: '' }, 400, 'cannot be blank', undefined, '/data/attributes/password'],
    [{ role: 'boss' }, 400, 'is invalid', undefined, '/data/attributes/role'],
    [{ RoLe: 'admin' }, 400, 'unpermitted parameter', undefined, '/data/attributes/roLe'],
    [{ id: 'x' }, 400, 'unpermitted parameter', undefined, '/data/attributes/id'],
    [{ metadata: { object: { nested: [{ key: 'v' }] } } }, 400, 'maximum depth of 2 exceeded', undefined, '/data/attributes/metadata/object/nested/0'],
    [{ metadata: { array: [{ foo: 1 }, { bar: 2 }, { baz: [3] }] } }, 400, 'maximum depth of 2 exceeded', undefined, '/data/attributes/metadata/array/2/baz'],
    [{ email: 'foo.com' }, 422, 'is invalid', 'EMAIL_INVALID', '/data/attributes/email'],
    [{ email: 'a@b.com, c@d.com' }, 422, 'is invalid', 'EMAIL_INVALID', '/data/attributes/email'],
    [{ email: 'Taken@example.com' }, 422, 'has already been taken', 'EMAIL_TAKEN', '/data/attributes/email'],
    [{ email: `${'a'.repeat(250)}@b.com` }, 422, 'is too long (maximum is 255 characters)', 'EMAIL_TOO_LONG', '/data/attributes/email'],
    [{ password: '12345' }, 422, 'is too short (minimum is 6 characters)', 'PASSWORD_TOO_SHORT', '/data/attributes/password'],
    [{ password: 'x'.repeat(73) }, 422, 'is too long (maximum is 72 characters)', 'PASSWORD_TOO_LONG', '/data/attributes/password'],
    [{ firstName: 'x'.repeat(256) }, 422, 'is too long (maximum is 255 characters)', 'FIRST_NAME_TOO_LONG', '/data/attributes/firstName'],
    [{ lastName: 'x'.repeat(256) }, 422, 'is too long (maximum is 255 characters)', 'LAST_NAME_TOO_LONG', '/data/attributes/lastName'],
    [{ permissions: ['no.such'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', '/data/attributes/permissions'],
    [{ permissions: ['user.read', 'user.read'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', '/data/attributes/permissions'],
    [{ permissions: ['product.create'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', '/data/attributes/permissions'],
  ])('%j: %d %s', async (attributes, status, detail, code, pointer) => {
    const isolated = await world.create('environment');
    await world.create('user', { email: 'taken@example.com', environment_id: isolated.id });
    const admin = await world.as('admin');
    const { errors } = await admin.post('/users', body(attributes), status);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail, source: { pointer } });
    expect(errors[0].code).toBe(code);
    if (status === 422) expect(errors[0].links.about).toBe(`https://keygen.sh/docs/api/users/#users-object-attrs-${pointer.split('/').at(-1)}`);
  });

  test('too much metadata, whichever limit it exceeds', async () => {
    const admin = await world.as('admin');
    const keys = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 1]));
    const { errors } = await admin.post('/users', body({ metadata: keys }), 422);
    expect(errors).toMatchObject([{ code: 'METADATA_TOO_LONG', detail: 'too many keys (exceeded limit of 64 keys)' }]);
  });

  test('a group that does not exist, is full, or is of another environment', async () => {
    const admin = await world.as('admin');
    const to = (id: string) => body({}, { group: { data: { type: 'groups', id } } });
    const missing = await admin.post('/users', to('01a213ee-2975-7000-83b3-dcb08785da4d'), 422);
    expect(missing.errors).toMatchObject([{ code: 'GROUP_NOT_FOUND', detail: 'must exist', source: { pointer: '/data/relationships/group' } }]);
    expect(missing.errors[0].links.about).toBe('https://keygen.sh/docs/api/users/#users-object-relationships-group');
    const small = await world.create('group', { max_users: 1 });
    await world.create('user', { group_id: small.id });
    const full = await admin.post('/users', to(small.id), 422);
    expect(full.errors).toMatchObject([{ code: 'GROUP_USER_LIMIT_EXCEEDED', detail: 'user count has exceeded maximum allowed by current group (1)' }]);
    const isolated = await world.create('environment');
    const foreign = await world.create('group', { environment_id: isolated.id });
    const { errors } = await admin.post('/users', to(foreign.id), 422);
    expect(errors).toMatchObject([
      { code: 'ENVIRONMENT_NOT_ALLOWED', detail: 'must be compatible with group environment', source: { pointer: '/data/relationships/environment' } },
    ]);
  });

  test('what a requester may not send, even if it is null', async () => {
    const anonymous = world.anonymous();
    for (const [name, value] of Object.entries({ role: null, permissions: null })) {
      const { errors } = await anonymous.post('/users', body({ [name]: value }), 400);
      expect(errors).toEqual([{ title: 'Bad request', detail: 'unpermitted parameter', source: { pointer: `/data/attributes/${name}` } }]);
    }
    const product = await world.as('product');
    await product.post('/users', body({ role: 'user' }), 400);
    const { errors } = await anonymous.post('/users', body({}, { group: { data: null } }), 400);
    expect(errors[0].source.pointer).toBe('/data/relationships/group');
    const user = await world.create('user');
    const itself = await world.as('user', user);
    for (const attributes of [{ metadata: {} }, { password: 'secret' }, { role: 'user' }, { permissions: [] }])
      expect((await itself.patch(`/users/${user.id}`, patch(attributes), 400)).errors[0].detail).toBe('unpermitted parameter');
    const admin = await world.as('admin');
    for (const relationships of [{ group: { data: null } }, { environment: { data: null } }])
      await admin.patch(`/users/${user.id}`, { data: { type: 'users', relationships } }, 400);
  });
});

test('strangers sign up as users, unless the account is protected', async () => {
  const { data } = await world.anonymous().post('/users', body({ password: null }), 201);
  expect(data.attributes.role).toBe('user');
  await world.server.update('account', String(world.account.id), { protected: true });
  const { errors } = await world.anonymous().post('/users', body({ email: 'b@example.com' }), 403);
  expect(errors[0].detail).toBe('You do not have permission to complete the request (ensure a token or license is present and valid)');
});

test('of equal e-mails sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(10, () => admin.post('/users', body()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
});

test('a user is found by id and by e-mail in any case; what is not found is echoed in lower case', async () => {
  const admin = await world.as('admin');
  const user = await world.create('user', { email: 'a.b@example.com' });
  expect((await admin.get('/users/A.B@Example.com', 200)).data.id).toBe(user.id);
  expect((await admin.get(`/users/${user.id.toUpperCase().replaceAll('-', '')}`, 200)).data.id).toBe(user.id);
  const { errors } = await admin.get('/users/Nobody@Example.com', 404);
  expect(errors).toMatchObject([{ detail: "The requested user 'nobody@example.com' was not found", code: 'NOT_FOUND' }]);
});

test('an update is told with what it changed, the password masked', async () => {
  const admin = await world.as('admin');
  const user = await world.create('user', { email: 'old@example.com', password: 'old secret' });
  const changed = await admin.put(`/users/${user.id}`, patch({ email: ' NEW@example.com', password: 'new secret', metadata: { a: 1 } }), 200);
  expect(changed.data.attributes).toMatchObject({ email: 'new@example.com', metadata: { a: 1 } });
  await admin.patch(`/users/${user.id}`, { data: { type: 'user', id: 'ignored' } }, 200);
  expect(await world.emitted()).toEqual(['user.updated', 'user.updated']);
  const [log] = await world.server.sql(`select metadata from event_logs where event = 'user.updated' order by id limit 1`);
  const { diff } = log!.metadata as { diff: Record<string, unknown[]> };
  expect(Object.keys(diff).sort()).toEqual(['email', 'metadata', 'password', 'updated']);
  expect(JSON.stringify(diff.password)).not.toContain('argon2');
});

test('null removes a password, a value replaces it, and neither ends a token', async () => {
  const admin = await world.as('admin');
  const user = await world.create('user', { password: 'old secret' });
  await world.as('user', user);
  await admin.patch(`/users/${user.id}`, patch({ password: 'new secret' }), 200);
  expect(await world.count('tokens')).toBe(2);
  const [stored] = await world.server.sql('select password_digest from users where id = $1', [user.id]);
  expect(stored!.password_digest).toMatch(/^\$argon2id/);
  await admin.patch(`/users/${user.id}`, patch({ password: null }), 200);
  expect((await world.server.find('user', { id: user.id }))!.password_digest).toBeNull();
});

test('a user is active while it or one of its licenses was lately, and banned above all', async () => {
  const admin = await world.as('admin');
  const old = { created_at: '2025-01-01T00:00:00.000Z' };
  world.server.clock.freeze('2026-01-01T00:00:00.000Z');
  const recent = { last_validated_at: '2025-12-01T00:00:00.000Z' };
  const expected: [string, string][] = [];
  const add = async (name: string, status: string, attributes: object, license?: object, attached?: object) => {
    const user = await world.create('user', { email: `${name}@example.com`, ...old, ...attributes });
    if (license) await world.create('license', { owner_id: user.id, ...old, ...license });
    if (attached) await world.create('license_user', { license_id: (await world.create('license', { ...old, ...attached })).id, user_id: user.id });
    expected.push([`${name}@example.com`, status]);
  };
  await add('idle', 'INACTIVE', {}, {}, {});
  await add('fresh', 'ACTIVE', { created_at: '2025-10-03T00:00:00.000Z' });
  await add('stale', 'INACTIVE', { created_at: '2025-10-02T00:00:00.000Z' });
  await add('owner', 'ACTIVE', {}, recent);
  await add('attached', 'ACTIVE', {}, undefined, { last_check_in_at: '2025-12-01T00:00:00.000Z' });
  await add('banned', 'BANNED', { banned_at: '2025-06-01T00:00:00.000Z' }, recent);
  const { data } = await admin.get('/users?limit=100', 200);
  const told = data.map(({ attributes }: { attributes: { email: string; status: string } }) => [attributes.email, attributes.status]);
  expect(told.sort()).toEqual(expected.sort());
  for (const status of ['active', 'INACTIVE', 'Banned']) {
    const filtered = await admin.get(`/users?limit=100&status=${status}`, 200);
    const emails = filtered.data.map(({ attributes }: { attributes: { email: string } }) => attributes.email);
    expect(emails.sort()).toEqual(expected.filter(([, is]) => is === status.toUpperCase()).map(([email]) => email));
  }
  expect((await admin.get('/users?status=other', 200)).data).toEqual([]);
});
