import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';
import { uuid } from '../kernel/id.ts';

let world: World;
let policy: Wire;
beforeEach(async () => {
  world = await newWorld();
  policy = await world.create('policy', { floating: true });
});

const linked = (type: string, record: Wire) => ({ data: { type, id: record.id } });
const body = (of: Wire, attributes: object = {}, relationships: object = {}, data: object = {}) => ({
  data: { type: 'licenses', ...data, attributes, relationships: { policy: linked('policies', of), ...relationships } },
});
const at = (name: string) => `/data/attributes/${name}`;
const related = (name: string) => `/data/relationships/${name}`;
const nobody = { id: '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10' };

test('an admin creates a license with what its policy gives it', async () => {
  world.server.clock.freeze('2024-01-31T08:00:00.000Z');
  const full = await world.create('policy', {
    duration: 2_629_746,
    protected: true,
    require_check_in: true,
    check_in_interval: 'month',
    check_in_interval_count: 1,
    max_cores: 8,
    max_memory: 2 ** 40,
  });
  const admin = await world.as('admin');
  const { data, headers } = await admin.post('/licenses', body(full, { name: '', metadata: { order_id: 'A-17' } }), 201);
  const self = `/v1/accounts/${world.account.id}/licenses/${data.id}`;
  expect(headers.location).toBe(`https://localhost${self}`);
  expect(data.attributes).toEqual({
    name: '',
    key: expect.stringMatching(/^([0-9A-F]{6}-){5}V3$/),
    expiry: '2024-02-29T08:00:00.000Z',
    status: 'ACTIVE',
    uses: 0,
    suspended: false,
    scheme: null,
    encrypted: false,
    strict: false,
    floating: false,
    protected: true,
    version: null,
    maxMachines: 1,
    maxProcesses: null,
    maxUsers: null,
    maxCores: 8,
    maxMemory: 2 ** 40,
    maxDisk: null,
    maxUses: null,
    requireHeartbeat: false,
    requireCheckIn: true,
    lastValidated: null,
    lastCheckIn: '2024-01-31T08:00:00.000Z',
    nextCheckIn: '2024-02-29T08:00:00.000Z',
    lastCheckOut: null,
    permissions: [...defaultPermissions.license],
    metadata: { orderId: 'A-17' },
    created: '2024-01-31T08:00:00.000Z',
    updated: '2024-01-31T08:00:00.000Z',
  });
  expect(data.relationships).toEqual({
    account: { links: { related: `/v1/accounts/${world.account.id}` }, data: { type: 'accounts', id: world.account.id } },
    environment: { links: { related: null }, data: null },
    product: { links: { related: `${self}/product` }, data: { type: 'products', id: full.product_id } },
    policy: { links: { related: `${self}/policy` }, data: { type: 'policies', id: full.id } },
    group: { links: { related: `${self}/group` }, data: null },
    owner: { links: { related: `${self}/owner` }, data: null },
    users: { links: { related: `${self}/users` }, meta: { count: 0 } },
    machines: { links: { related: `${self}/machines` }, meta: { cores: 0, memory: 0, disk: 0, count: 0 } },
    tokens: { links: { related: `${self}/tokens` } },
    entitlements: { links: { related: `${self}/entitlements` } },
  });
  expect(data.links).toEqual({ self });
  expect((await admin.get(`/licenses/${data.attributes.key}`, 200)).data).toEqual(data);
  expect(await world.emitted()).toEqual(['license.created']);
});

test('everything that staff may send is taken', async () => {
  const admin = await world.as('admin');
  const owner = await world.create('user');
  const group = await world.create('group');
  const id = uuid();
  const sent = { suspended: true, protected: true, maxMachines: 3, maxProcesses: 4, maxUsers: 5, maxCores: 6, maxMemory: 7, maxDisk: 8, maxUses: 9 };
  const more = { key: 'MY-OWN-KEY', expiry: 1645630138, permissions: ['license.validate', 'license.read'], name: null };
  const { data } = await admin.post(
    '/licenses',
    body(policy, { ...sent, ...more }, { owner: linked('users', owner), group: linked('groups', group) }, { id }),
    201,
  );
  expect(data.id).toBe(id);
  expect(data.attributes).toMatchObject({
    ...sent,
    ...more,
    expiry: '2022-02-23T15:28:58.000Z',
    permissions: ['license.read', 'license.validate'],
    status: 'SUSPENDED',
  });
  expect(data.relationships.owner.data).toEqual({ type: 'users', id: owner.id });
  expect(data.relationships.group.data).toEqual({ type: 'groups', id: group.id });
  expect(data.relationships.users.meta).toEqual({ count: 1 });
});

describe('what was not sent comes from elsewhere', () => {
  test.each([
    ['an expiry of null counts from the creation', { expiry: null }, { duration: 86_400 }, { expiry: '2024-02-01T08:00:00.000Z' }],
    ['an unparsable expiry too', { expiry: 'soon' }, { duration: 86_400 }, { expiry: '2024-02-01T08:00:00.000Z' }],
    ['seconds in a text are an instant', { expiry: '1645630138' }, { duration: 86_400 }, { expiry: '2022-02-23T15:28:58.000Z' }],
    ['other bases wait for their event', {}, { duration: 86_400, expiration_basis: 'FROM_FIRST_USE' }, { expiry: null }],
    ['without a duration there is no expiry', {}, {}, { expiry: null }],
    ['a year is a calendar year', {}, { duration: 31_556_952 }, { expiry: '2025-01-31T08:00:00.000Z' }],
    ['protected is the policy’s', {}, { protected: true }, { protected: true }],
    ['protected may be overridden', { protected: false }, { protected: true }, { protected: false }],
    [
      'nulls are not sent',
      { protected: null, suspended: null, key: null, metadata: null },
      { protected: true },
      { protected: true, suspended: false, metadata: {} },
    ],
    ['an override of 0 is none', { maxUses: 0, maxCores: 0, maxMemory: 0 }, { max_uses: 5, max_memory: 6 }, { maxUses: 5, maxCores: null, maxMemory: 6 }],
  ])('%s', async (_, sent, attributes, expected) => {
    world.server.clock.freeze('2024-01-31T08:00:00.000Z');
    const other = await world.create('policy', attributes);
    const { data } = await (await world.as('admin')).post('/licenses', body(other, sent), 201);
    expect(data.attributes).toMatchObject(expected);
  });

  test('permissions come from the account’s setting, also when a user creates the license', async () => {
    await world.create('setting', { key: 'default_license_permissions', value: ['license.validate'] });
    const user = await world.create('user');
    const bare = await world.as('user', user);
    const { data } = await bare.post('/licenses', body(policy, {}, { owner: linked('users', user) }), 201);
    expect(data.attributes.permissions).toEqual(['license.validate']);
  });

  test('attributes need not be sent, and up to 1.5 the owner is answered as user', async () => {
    const owner = await world.create('user');
    const relationships = { policy: linked('policies', policy), owner: linked('users', owner) };
    const { data } = await (await world.as('admin')).at('1.5').post('/licenses', { data: { type: 'license', relationships } }, 201);
    expect(data.relationships.user.data).toEqual({ type: 'users', id: owner.id });
    expect(data.relationships).not.toHaveProperty('owner');
  });

  test('the group is the owner’s, also when null was sent', async () => {
    const group = await world.create('group');
    const owner = await world.create('user', { group_id: group.id });
    const admin = await world.as('admin');
    for (const relationships of [{}, { group: { data: null } }]) {
      const { data } = await admin.post('/licenses', body(policy, {}, { user: linked('users', owner), ...relationships }), 201);
      expect(data.relationships.group.data).toEqual({ type: 'groups', id: group.id });
    }
  });
});

describe('refuses with 400', () => {
  test.each([
    ['no policy', { relationships: {} }, 'is missing', related('policy')],
    ['no relationships', { relationships: undefined }, 'is missing', '/data/relationships'],
    ['an id that is no UUID', { id: 'x' }, 'type mismatch (received string expected UUID string)', '/data/id'],
    ['another type', { type: 'policies' }, 'is invalid', '/data/type'],
    ['a blank key', { attributes: { key: '' } }, 'cannot be blank', at('key')],
    ['uses', { attributes: { uses: 1 } }, 'unpermitted parameter', at('uses')],
    ['a boolean as expiry', { attributes: { expiry: true } }, 'failed to coerce boolean to time', at('expiry')],
    ['a text as limit', { attributes: { maxUses: '1' } }, 'type mismatch (received string expected integer)', at('maxUses')],
  ])('%s', async (_, data, detail, pointer) => {
    const { errors } = await (await world.as('admin')).post('/licenses', { data: { ...body(policy).data, ...data } }, 400);
    expect(errors).toMatchObject(badRequest(detail, pointer));
  });

  test.each([
    [{ users: { data: [] } }, 'unpermitted parameter', related('users')],
    [{ entitlements: { data: [] } }, 'unpermitted parameter', related('entitlements')],
    [{ owner: {} }, 'is missing', `${related('owner')}/data`],
    [{ owner: false }, 'type mismatch (received boolean expected object)', related('owner')],
    [{ policy: { data: null } }, 'cannot be null', `${related('policy')}/data`],
  ])('relationships %j', async (relationships, detail, pointer) => {
    const { errors } = await (await world.as('admin')).post('/licenses', body(policy, {}, relationships), 400);
    expect(errors).toMatchObject(badRequest(detail, pointer));
  });

  test.each([{ owner: null }, { owner: { data: null } }, { user: { data: null } }])('not an owner that is none: %j', async (relationships) => {
    const { data } = await (await world.as('admin')).post('/licenses', body(policy, {}, relationships), 201);
    expect(data.relationships.owner.data).toBeNull();
  });

  const priv = ['expiry', 'suspended', 'protected', 'maxMachines', 'maxProcesses', 'maxUsers', 'maxCores', 'maxMemory', 'maxDisk', 'maxUses', 'permissions'];
  test.each(priv)('a user who sends %s', async (name) => {
    const user = await world.create('user');
    const client = await world.as('user', user);
    const { errors } = await client.post('/licenses', body(policy, { [name]: null }, { owner: linked('users', user) }), 400);
    expect(errors).toMatchObject(badRequest('unpermitted parameter', at(name)));
  });

  test('a user who sends an id or a group, and a sales agent who sends permissions', async () => {
    const user = await world.create('user');
    const client = await world.as('user', user);
    const own = { owner: linked('users', user) };
    const first = await client.post('/licenses', body(policy, {}, own, { id: uuid() }), 400);
    expect(first.errors).toMatchObject(badRequest('unpermitted parameter', '/data/id'));
    const second = await client.post('/licenses', body(policy, {}, { ...own, group: { data: null } }), 400);
    expect(second.errors).toMatchObject(badRequest('unpermitted parameter', related('group')));
    const third = await (await world.as('sales-agent')).post('/licenses', body(policy, { permissions: [] }), 400);
    expect(third.errors).toMatchObject(badRequest('unpermitted parameter', at('permissions')));
  });
});

const big = 2_147_483_648;
describe('refuses with 422', () => {
  test.each([
    // sent                        detail                                             code                       pointer
    [{ key: 'actions' }, 'is reserved', 'KEY_NOT_ALLOWED', at('key')],
    [{ key: 'action' }, 'is reserved', 'KEY_NOT_ALLOWED', at('key')],
    [{ key: 'TAKEN-KEY' }, 'has already been taken', 'KEY_TAKEN', at('key')],
    [{ key: 'ABCDE' }, 'is too short (minimum is 6 characters)', 'KEY_TOO_SHORT', at('key')],
    [{ key: 'K'.repeat(16385) }, 'is too long (maximum is 16384 characters)', 'KEY_TOO_LONG', at('key')],
    [{ name: 'N'.repeat(1025) }, 'is too long (maximum is 1024 characters)', 'NAME_TOO_LONG', at('name')],
    [{ metadata: { a: 'x'.repeat(16384) } }, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', at('metadata')],
    [{ permissions: ['nonsense'] }, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ permissions: ['license.create'] }, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ permissions: ['license.read', 'license.read'] }, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ maxMachines: -1 }, 'must be greater than or equal to 0', 'MAX_MACHINES_INVALID', at('maxMachines')],
    [{ maxMachines: big }, 'must be less than or equal to 2147483647', 'MAX_MACHINES_INVALID', at('maxMachines')],
    [{ maxCores: -1 }, 'must be greater than or equal to 1', 'MAX_CORES_INVALID', at('maxCores')],
    [{ maxCores: big }, 'must be less than or equal to 2147483647', 'MAX_CORES_INVALID', at('maxCores')],
    [{ maxMemory: -1 }, 'must be greater than or equal to 1', 'MAX_MEMORY_INVALID', at('maxMemory')],
    [{ maxMemory: 2 ** 63 }, 'must be less than or equal to 9223372036854775807', 'MAX_MEMORY_INVALID', at('maxMemory')],
    [{ maxDisk: -1 }, 'must be greater than or equal to 1', 'MAX_DISK_INVALID', at('maxDisk')],
    [{ maxDisk: 2 ** 63 }, 'must be less than or equal to 9223372036854775807', 'MAX_DISK_INVALID', at('maxDisk')],
    [{ maxUses: -1 }, 'must be greater than or equal to 0', 'MAX_USES_INVALID', at('maxUses')],
    [{ maxUses: big }, 'must be less than or equal to 2147483647', 'MAX_USES_INVALID', at('maxUses')],
    [{ maxProcesses: -1 }, 'must be greater than or equal to 0', 'MAX_PROCESSES_INVALID', at('maxProcesses')],
    [{ maxProcesses: big }, 'must be less than or equal to 2147483647', 'MAX_PROCESSES_INVALID', at('maxProcesses')],
    [{ maxUsers: -1 }, 'must be greater than or equal to 0', 'MAX_USERS_INVALID', at('maxUsers')],
    [{ maxUsers: big }, 'must be less than or equal to 2147483647', 'MAX_USERS_INVALID', at('maxUsers')],
  ])('%#: %s', async (attributes, detail, code, pointer) => {
    await world.create('license', { key: 'TAKEN-KEY' });
    const { errors } = await (await world.as('admin')).post('/licenses', body(policy, attributes), 422);
    const suffix = `licenses/#licenses-object-attrs-${pointer.split('/').at(-1)}`;
    expect(errors).toEqual([{ title: 'Unprocessable resource', detail, code, source: { pointer }, links: { about: `https://keygen.sh/docs/api/${suffix}` } }]);
    expect(await world.emitted()).toEqual([]);
  });

  test('nothing at the bounds, and no limit of 0', async () => {
    const admin = await world.as('admin');
    const greatest = { maxMachines: big - 1, maxCores: big - 1, maxUses: big - 1, maxProcesses: big - 1, maxUsers: big - 1 };
    await admin.post('/licenses', body(policy, { ...greatest, key: 'K'.repeat(16384), name: 'N'.repeat(1024) }), 201);
    const none = { maxMachines: 0, maxCores: 0, maxMemory: 0, maxDisk: 0, maxUses: 0, maxProcesses: 0, maxUsers: 0 };
    const { data } = await admin.post('/licenses', body(policy, { ...none, key: 'SIXSIX' }), 201);
    for (const name of Object.keys(none)) expect(data.attributes[name], name).toBeNull();
  });

  test.each([
    ['policy', () => body(nobody), 'must exist', 'POLICY_NOT_FOUND', related('policy')],
    ['owner', () => body(policy, {}, { owner: linked('users', nobody) }), 'must exist', 'OWNER_NOT_FOUND', related('owner')],
    ['group', () => body(policy, {}, { group: linked('groups', nobody) }), 'must exist', 'GROUP_NOT_FOUND', related('group')],
  ])('an unknown %s', async (_, sent, detail, code, pointer) => {
    const { errors } = await (await world.as('admin')).post('/licenses', sent(), 422);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail, code, source: { pointer } });
  });

  test('an unknown owner as USER_NOT_FOUND up to 1.5', async () => {
    const { errors } = await (await world.as('admin')).at('1.5').post('/licenses', body(policy, {}, { owner: linked('users', nobody) }), 422);
    expect(errors[0]).toMatchObject({ detail: 'must exist', code: 'USER_NOT_FOUND', source: { pointer: related('user') } });
  });

  test('node-locked licenses with more than one machine, once', async () => {
    const locked = await world.create('policy', { floating: false });
    const admin = await world.as('admin');
    for (const [maxMachines, detail] of [
      [10, 'must be equal to 1 for non-floating policy'],
      [-1, 'must be greater than or equal to 0'],
    ] as const) {
      const { errors } = await admin.post('/licenses', body(locked, { maxMachines }), 422);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ detail, code: 'MAX_MACHINES_INVALID' });
    }
    await admin.post('/licenses', body(locked, { maxMachines: null }), 201);
  });

  test('ids and keys that are ids of other licenses', async () => {
    const other = await world.create('license');
    const admin = await world.as('admin');
    const taken = await admin.post('/licenses', body(policy, {}, {}, { id: other.id }), 422);
    expect(taken.errors).toHaveLength(1);
    expect(taken.errors[0]).toMatchObject({ detail: 'must not conflict with another license', code: 'ID_CONFLICT', source: { pointer: '/data/id' } });
    const key = await admin.post('/licenses', body(policy, { key: other.id.replaceAll('-', '').toUpperCase() }), 422);
    expect(key.errors[0]).toMatchObject({
      detail: "must not conflict with another license's identifier (UUID)",
      code: 'KEY_CONFLICT',
      source: { pointer: at('key') },
    });
    const id = uuid();
    await admin.post('/licenses', body(policy, { key: id }, {}, { id }), 201);
  });

  test('several faults at once, in the order of the rules', async () => {
    const sent = body(policy, { maxUses: -1, name: 'N'.repeat(1025), key: 'K' }, { owner: linked('users', nobody), group: linked('groups', nobody) });
    const { errors } = await (await world.as('admin')).post('/licenses', sent, 422);
    expect(errors.map(({ code }: Wire) => code)).toEqual(['OWNER_NOT_FOUND', 'GROUP_NOT_FOUND', 'KEY_TOO_SHORT', 'NAME_TOO_LONG', 'MAX_USES_INVALID']);
  });
});

test('an id of another account is a conflict, its keys are none of ours', async () => {
  const account = await world.server.create('account');
  const foreign = await world.server.create('license', { account_id: account.id, key: 'FOREIGN-KEY' });
  const admin = await world.as('admin');
  const { errors } = await admin.post('/licenses', body(policy, {}, {}, { id: foreign.id }), 409);
  expect(errors[0]).toMatchObject({ title: 'Conflict', detail: 'The request could not be completed because of a conflict' });
  await admin.post('/licenses', body(policy, { key: 'FOREIGN-KEY' }), 201);
  await admin.post('/licenses', body(policy, { key: foreign.id }), 201);
});
