import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes: Wire) => ({ data: { type: 'settings', attributes } });
const names = ['license.read', 'license.validate'];
const licenseNames = 'must be an array of valid license permissions';

test('a setting is created under either spelling of its key, found, changed and deleted', async () => {
  const admin = await world.as('admin');
  await world.server.update('account', String(world.account.id), { updated_at: '2020-01-01T00:00:00.000Z' });
  const { data, headers } = await admin.post('/settings', body({ key: 'defaultLicensePermissions', value: names }), 201);
  expect(data).toEqual({
    id: data.id,
    type: 'settings',
    attributes: { key: 'default_license_permissions', value: names, created: expect.any(String), updated: expect.any(String) },
    relationships: { account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } } },
    links: { self: `${world.base}/settings/${data.id}` },
  });
  expect(headers.location).toBe(`https://localhost${world.base}/settings/${data.id}`);
  const account = await admin.get('', 200);
  expect(account.data.attributes.updated > '2020-01-02').toBe(true);

  expect((await admin.get('/settings', 200)).data).toHaveLength(1);
  await admin.get(`/settings/${data.id}`, 200);
  await admin.get('/settings/default_license_permissions', 200);
  const { errors } = await admin.get('/settings/defaultLicensePermissions', 404);
  expect(errors[0]).toMatchObject({ detail: "The requested account setting 'defaultLicensePermissions' was not found", code: 'NOT_FOUND' });

  const touches = async (change: () => Promise<unknown>): Promise<void> => {
    await world.server.update('account', String(world.account.id), { updated_at: '2020-01-01T00:00:00.000Z' });
    await change();
    expect((await admin.get('', 200)).data.attributes.updated > '2020-01-02').toBe(true);
  };
  const update = { data: { type: 'setting', id: 'whatever', attributes: { value: ['*'] } } };
  expect((await admin.put('/settings/default_license_permissions', update, 200)).data.attributes.value).toEqual(['*']);
  await touches(() => admin.patch(`/settings/${data.id}`, body({ value: names }), 200));
  await touches(() => admin.delete('/settings/default_license_permissions', undefined, 204));
  await admin.get(`/settings/${data.id}`, 404);

  expect(await world.emitted()).toEqual(['account.settings.created', 'account.settings.updated', 'account.settings.updated', 'account.settings.deleted']);
  const logs = await world.server.sql('select resource_type, resource_id from event_logs order by created_at, id');
  const itself = { resource_type: 'accounts', resource_id: world.account.id };
  expect(logs).toEqual([{ resource_type: 'settings', resource_id: data.id }, itself, itself, itself]);
  expect(await world.count('request_logs')).toBe(0);
});

test('lists have pages and an order', async () => {
  const [first, second] = [
    await world.create('setting', { key: 'default_user_permissions' }),
    await world.create('setting', { key: 'default_license_permissions' }),
  ];
  const admin = await world.as('admin');
  const { data, links } = await admin.get('/settings?page[number]=1&page[size]=1&order=asc', 200);
  expect(data.map(({ id }: Wire) => id)).toEqual([first.id]);
  expect(links.next).toContain(`${world.base}/settings?`);
  expect((await admin.get('/settings?limit=1&order=desc', 200)).data[0].id).toBe(second.id);
});

describe('refuses', () => {
  const key = 'default_license_permissions';
  const valid = 'must be a valid setting';
  const known = 'must be one of: default_license_permissions, default_user_permissions';
  test.each<[Wire, number, [string, string | undefined, string][]]>([
    [{ value: names }, 400, [['is missing', undefined, 'key']]],
    [{ key }, 400, [['is missing', undefined, 'value']]],
    [{ key: 1, value: names }, 400, [['type mismatch (received integer expected string)', undefined, 'key']]],
    [{ key, value: null }, 400, [['cannot be null', undefined, 'value']]],
    [{ key, value: '' }, 400, [['cannot be blank', undefined, 'value']]],
    [{ key, value: [] }, 400, [['cannot be blank', undefined, 'value']]],
    [{ key, value: {} }, 400, [['cannot be blank', undefined, 'value']]],
    [{ key, value: names, colour: 1 }, 400, [['unpermitted parameter', undefined, 'colour']]],
    [{ key, value: false }, 422, [[valid, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: 0 }, 422, [[valid, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: 1.5 }, 422, [[valid, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: { a: 1 } }, 422, [[valid, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: 'license.read' }, 422, [[valid, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: ['license.read', 'license.read'] }, 422, [[licenseNames, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: ['license.read', null] }, 422, [[licenseNames, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: [1] }, 422, [[licenseNames, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key, value: ['license.delete'] }, 422, [[licenseNames, 'VALUE_NOT_ALLOWED', 'value']]],
    [{ key: 'defaultUserPermissions', value: ['nonsense'] }, 422, [['must be an array of valid user permissions', 'VALUE_NOT_ALLOWED', 'value']]],
    [
      { key: 'nonsense', value: names },
      422,
      [
        [known, 'KEY_NOT_ALLOWED', 'key'],
        [valid, 'VALUE_NOT_ALLOWED', 'value'],
      ],
    ],
  ])('%j: %d', async (attributes, status, expected) => {
    const { errors } = await (await world.as('admin')).post('/settings', body(attributes), status);
    expect(errors.map((error: Wire) => [error.detail, error.code, error.source.pointer.replace('/data/attributes/', '')])).toEqual(expected);
    if (status === 422) expect(errors[0].links.about).toBe(`https://keygen.sh/docs/api/account-settings/#account-settings-object-attrs-${expected[0]![2]}`);
    expect(await world.count('settings')).toBe(0);
  });

  test('a key that is set, in either spelling', async () => {
    const admin = await world.as('admin');
    await world.create('setting', { key: 'default_user_permissions', value: ['user.read'] });
    for (const spelled of ['default_user_permissions', 'defaultUserPermissions', 'default-user-permissions']) {
      const { errors } = await admin.post('/settings', body({ key: spelled, value: ['user.read'] }), 422);
      expect(errors.map((error: Wire) => error.code)).toEqual(['KEY_TAKEN']);
    }
  });

  test('a key in an update, and an update that fails leaves no event', async () => {
    const admin = await world.as('admin');
    const { id } = await world.create('setting', { key, value: names });
    const { errors } = await admin.patch(`/settings/${id}`, body({ key, value: names }), 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/attributes/key' } });
    expect((await admin.patch(`/settings/${id}`, body({ value: ['x'] }), 422)).errors[0].detail).toBe(licenseNames);
    expect(await world.emitted()).toEqual([]);
  });
});

test('of equal keys sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(8, () => admin.post('/settings', body({ key: 'default_user_permissions', value: ['user.read'] })));
  expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
});

describe('access', () => {
  const key = 'default_user_permissions';
  const value = ['user.read'];
  test.each([
    // role           list  show  create update delete
    ['admin', 200, 200, 201, 200, 204],
    ['developer', 200, 200, 201, 200, 204],
    ['sales-agent', 403, 404, 403, 404, 404],
    ['support-agent', 403, 404, 403, 404, 404],
    ['read-only', 403, 404, 403, 404, 404],
    ['product', 403, 404, 403, 404, 404],
    ['user', 403, 404, 403, 404, 404],
    ['license', 403, 404, 403, 404, 404],
    ['anonymous', 401, 401, 401, 401, 401],
  ] as const)('%s: list %d, show %d, create %d, update %d, delete %d', async (role, list, show, create, update, remove) => {
    await world.create('setting', { key, value });
    const client = role === 'anonymous' ? world.anonymous() : await world.as(role);
    await client.get('/settings', list);
    await client.get(`/settings/${key}`, show);
    await client.post('/settings', body({ key: 'defaultLicensePermissions', value: ['license.read'] }), create);
    await client.patch(`/settings/${key}`, body({ value }), update);
    await client.delete(`/settings/${key}`, undefined, remove);
  });

  test.each(['ISOLATED', 'SHARED'])('inside an environment (%s) settings are read, not written', async (isolation_strategy) => {
    const environment = await world.create('environment', { isolation_strategy });
    await world.create('setting', { key, value });
    const admin = (await world.as('admin', await world.create('user', { role: 'admin', environment_id: environment.id }))).in(environment);
    await admin.get('/settings', 200);
    await admin.get(`/settings/${key}`, 200);
    const detail = 'You do not have permission to complete the request (record is not compatible with the current environment)';
    for (const refused of [
      await admin.post('/settings', body({ key: 'defaultLicensePermissions', value: ['license.read'] }), 403),
      await admin.patch(`/settings/${key}`, body({ value }), 403),
      await admin.delete(`/settings/${key}`, undefined, 403),
    ])
      expect(refused.errors[0].detail).toBe(detail);
    const own = (await world.as('environment', environment)).in(environment);
    await own.get('/settings', 403);
    await own.get(`/settings/${key}`, 404);
  });

  test('endpoints of products hear nothing of settings', async () => {
    const product = await world.create('product');
    await world.create('webhook_endpoint', { product_id: product.id });
    await (await world.as('admin')).post('/settings', body({ key, value }), 201);
    await world.server.jobs.run();
    expect(await world.count('webhook_events')).toBe(0);
  });
});
