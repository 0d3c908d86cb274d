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

test('of 20 equal codes sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(20, () => admin.post('/entitlements', body()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status !== 201).every(({ status }) => status === 422 || status === 409)).toBe(true);
  expect(await world.count('entitlements')).toBe(1);
});
