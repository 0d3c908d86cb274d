import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}) => ({ data: { type: 'entitlements', attributes: { name: 'Dark mode', code: 'DARK_MODE', ...attributes } } });

test('an admin creates an entitlement, and the audit trail has it', async () => {
  const admin = await world.as('admin');
  const { data, headers } = await admin.post('/entitlements', body({ metadata: { fooBar: { bazQux: 1 } } }), 201);
  expect(data.attributes).toMatchObject({ name: 'Dark mode', code: 'DARK_MODE', metadata: { fooBar: { bazQux: 1 } } });
  expect(headers.location).toBe(`https://localhost/v1/accounts/${world.account.id}/entitlements/${data.id}`);
  expect(data.relationships.environment).toEqual({ links: { related: null }, data: null });
  expect(data.links.self).toBe(`/v1/accounts/${world.account.id}/entitlements/${data.id}`);
  expect(await world.emitted()).toEqual(['entitlement.created']);
});

describe('refuses', () => {
  test.each([
    // sent                          status  detail                                     code              pointer
    [{ code: undefined }, 400, 'is missing', undefined, '/data/attributes/code'],
    [{ code: '' }, 400, 'cannot be blank', undefined, '/data/attributes/code'],
    [{ code: 1 }, 400, 'type mismatch (received integer expected string)', undefined, '/data/attributes/code'],
    [{ code: null }, 400, 'cannot be null', undefined, '/data/attributes/code'],
    [{ colour: 'red' }, 400, 'unpermitted parameter', undefined, '/data/attributes/colour'],
    [{ metadata: { a: { b: { c: { d: 1 } } } } }, 400, 'maximum depth of 2 exceeded', undefined, '/data/attributes/metadata/a/b/c'],
    [{ code: 'A'.repeat(256) }, 422, 'is too long (maximum is 255 characters)', 'CODE_TOO_LONG', '/data/attributes/code'],
    [{ code: 'actions' }, 422, 'is reserved', 'CODE_NOT_ALLOWED', '/data/attributes/code'],
    [{ code: 'taken' }, 422, 'has already been taken', 'CODE_TAKEN', '/data/attributes/code'],
    [{ code: '01a213ee-2975-7000-83b3-dcb08785da4d' }, 422, 'is invalid', 'CODE_INVALID', '/data/attributes/code'],
    [{ name: 'A'.repeat(256) }, 422, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', '/data/attributes/name'],
  ])('%j: %d %s', async (attributes, status, detail, code, pointer) => {
    await world.create('entitlement', { code: 'TAKEN' });
    const admin = await world.as('admin');
    const { errors } = await admin.post('/entitlements', body(attributes), status);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail, source: { pointer } });
    expect(errors[0].code).toBe(code);
    expect(await world.emitted()).toEqual([]);
  });
});

describe('an update refuses', () => {
  test.each([
    [{ code: 'tAkEn' }, 422, 'has already been taken', 'CODE_TAKEN', 'code'],
    [{ code: 'action' }, 422, 'is reserved', 'CODE_NOT_ALLOWED', 'code'],
    [{ code: '01a213ee2975700083b3dcb08785da4d' }, 422, 'is invalid', 'CODE_INVALID', 'code'],
    [{ name: 'A'.repeat(256) }, 422, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'name'],
    [{ metadata: { a: 'x'.repeat(16384) } }, 422, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', 'metadata'],
    [{ name: '' }, 400, 'cannot be blank', undefined, 'name'],
  ])('%j', async (attributes, status, detail, code, name) => {
    await world.create('entitlement', { code: 'TAKEN' });
    const entitlement = await world.create('entitlement', { code: 'OWN' });
    const admin = await world.as('admin');
    const { errors } = await admin.patch(`/entitlements/${entitlement.id}`, { data: { type: 'entitlements', attributes } }, status);
    expect(errors).toMatchObject([{ detail, source: { pointer: `/data/attributes/${name}` } }]);
    expect(errors[0].code).toBe(code);
  });
});

test('what is left out or null stays as it is, and a code may change its case', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.post('/entitlements', body(), 201);
  expect(data.attributes.metadata).toEqual({});
  const sent = { name: null, code: 'dark_mode', metadata: null };
  const changed = await admin.put(`/entitlements/${data.id}`, { data: { type: 'entitlement', id: 'ignored', attributes: sent } }, 200);
  expect(changed.data.attributes).toMatchObject({ name: 'Dark mode', code: 'dark_mode', metadata: {} });
});

test('an entitlement is found by id and by code, changed and deleted', async () => {
  const admin = await world.as('admin');
  const entitlement = await world.create('entitlement', { code: 'Dark' });
  await admin.get('/entitlements/Dark', 200);
  await admin.get('/entitlements/dark', 404);
  const changed = await admin.patch(`/entitlements/${entitlement.id}`, { data: { type: 'entitlements', attributes: { name: 'New' } } }, 200);
  expect(changed.data.attributes).toMatchObject({ name: 'New', code: 'Dark' });
  await admin.delete('/entitlements/Dark', undefined, 204);
  const { errors } = await admin.get(`/entitlements/${entitlement.id}`, 404);
  expect(errors[0]).toMatchObject({ detail: `The requested entitlement '${entitlement.id}' was not found`, code: 'NOT_FOUND' });
  expect(await world.emitted()).toEqual(['entitlement.updated', 'entitlement.deleted']);
  const [log] = await world.server.sql(`select metadata from event_logs where event = 'entitlement.updated'`);
  expect(log!.metadata).toMatchObject({ diff: { name: [entitlement.name, 'New'] } });
});

test('a license sees the entitlements that it has, directly or through its policy', async () => {
  const license = await world.create('license');
  const own = await world.create('license_entitlement', { license_id: license.id });
  const inherited = await world.create('policy_entitlement', { policy_id: license.policy_id });
  const other = await world.create('entitlement');
  const client = await world.as('license', license);
  const { data } = await client.get('/entitlements', 200);
  expect(data.map(({ id }: { id: string }) => id).sort()).toEqual([own.entitlement_id, inherited.entitlement_id].sort());
  await client.get(`/entitlements/${other.id}`, 404);
  await client.delete(`/entitlements/${own.entitlement_id}`, undefined, 403);
});

describe('access', () => {
  test.each([
    // role, create, update, delete
    ['admin', 201, 200, 204],
    ['developer', 201, 200, 204],
    ['sales-agent', 403, 403, 403],
    ['support-agent', 403, 403, 403],
    ['read-only', 403, 403, 403],
    ['product', 403, 403, 403],
  ] as const)('%s', async (role, create, update, remove) => {
    const entitlement = await world.create('entitlement');
    const client = await world.as(role);
    for (const path of ['/entitlements', `/entitlements/${entitlement.id}`, `/entitlements/${entitlement.code}`]) await client.get(path, 200);
    await client.post('/entitlements', body(), create);
    await client.patch(`/entitlements/${entitlement.id}`, body({ code: undefined }), update);
    await client.delete(`/entitlements/${entitlement.id}`, undefined, remove);
  });

  test('a user has those of its licenses, owned or attached; of others it knows nothing', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const attached = await world.create('license_user', { user_id: owner.id });
    const own = await world.create('license_entitlement', { license_id: license.id });
    const inherited = await world.create('policy_entitlement', {
      policy_id: (await world.server.find('license', { id: attached.license_id }))!.policy_id,
    });
    const other = await world.create('entitlement');
    const client = await world.as('user', owner);
    const { data } = await client.get('/entitlements', 200);
    expect(data.map(({ id }: { id: string }) => id).sort()).toEqual([own.entitlement_id, inherited.entitlement_id].sort());
    await client.patch(`/entitlements/${own.entitlement_id}`, body(), 403);
    await client.patch(`/entitlements/${other.id}`, body(), 404);
    await client.post('/entitlements', body(), 403);
    expect((await (await world.as('user')).get('/entitlements', 200)).data).toEqual([]);
    await world.anonymous().get('/entitlements', 401);
  });

  test('environments read global entitlements where they are shared, and write their own', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const entitlement = await world.create('entitlement');
    const client = (await world.as('environment', shared)).in(shared);
    await client.get(`/entitlements/${entitlement.id}`, 200);
    await client.patch(`/entitlements/${entitlement.id}`, body(), 403);
    await client.delete(`/entitlements/${entitlement.id}`, undefined, 403);
    const { data } = await client.post('/entitlements', body(), 201);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
    await client.patch(`/entitlements/${data.id}`, body({ code: 'NEW' }), 200);
    const inside = (await world.as('environment', isolated)).in(isolated);
    await inside.get(`/entitlements/${entitlement.id}`, 404);
    const { errors } = await inside.post('/entitlements', body({ code: 'new' }), 422);
    expect(errors).toMatchObject([{ code: 'CODE_TAKEN' }]);
    const explicit = { data: { ...body().data, relationships: { environment: { data: { type: 'environments', id: shared.id } } } } };
    await (await world.as('admin')).post('/entitlements', explicit, 403);
  });
});

test('a deleted entitlement is detached everywhere at once', async () => {
  const { entitlement_id } = await world.create('license_entitlement');
  await world.create('policy_entitlement', { entitlement_id });
  await (await world.as('admin')).delete(`/entitlements/${entitlement_id}`, undefined, 204);
  for (const table of ['license_entitlements', 'policy_entitlements']) expect(await world.count(table)).toBe(0);
  expect(await world.emitted()).toEqual(['entitlement.deleted']);
});

test('of 20 equal codes sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(20, () => admin.post('/entitlements', body()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status !== 201).every(({ status }) => status === 422 || status === 409)).toBe(true);
  expect(await world.count('entitlements')).toBe(1);
});
