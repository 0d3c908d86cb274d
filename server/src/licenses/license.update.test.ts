import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes: object, data: object = {}) => ({ data: { type: 'licenses', attributes, ...data } });
const at = (name: string) => `/data/attributes/${name}`;

describe('show', () => {
  test('finds a license by id and by key, whatever characters it has', async () => {
    const admin = await world.as('admin');
    const key = 'a.b%c d+é/f';
    const license = await world.create('license', { key });
    expect((await admin.get(`/licenses/${encodeURIComponent(key)}`, 200)).data.id).toBe(license.id);
    expect((await admin.get(`/licenses/${license.id.toUpperCase().replaceAll('-', '')}`, 200)).data.id).toBe(license.id);
    await admin.get(`/licenses/${encodeURIComponent(key.toUpperCase())}`, 404);
    const { errors } = await admin.get('/licenses/unknown', 404);
    expect(errors[0]).toMatchObject({ title: 'Not found', detail: "The requested license 'unknown' was not found", code: 'NOT_FOUND' });
  });

  test('prefers the older of two that one UUID calls', async () => {
    const younger = await world.create('license', { created_at: '2024-01-02T00:00:00Z' });
    const older = await world.create('license', { created_at: '2024-01-01T00:00:00Z', key: younger.id });
    expect((await (await world.as('admin')).get(`/licenses/${younger.id}`, 200)).data.id).toBe(older.id);
  });

  test.each([
    ['the license’s own set without an owner', ['license.validate', 'license.read'], undefined, ['license.read', 'license.validate']],
    ['the intersection with the owner’s', ['license.validate', 'license.read'], ['license.read', 'user.read'], ['license.read']],
    ['the owner’s for a wildcard', ['*'], ['user.read', 'license.read'], ['license.read', 'user.read']],
    ['the license’s for an owner with a wildcard', ['license.validate'], ['*'], ['license.validate']],
  ])('permissions are %s', async (_, permissions, ofOwner, expected) => {
    const owner = ofOwner && (await world.create('user', { permissions: ofOwner }));
    const license = await world.create('license', { permissions, owner_id: owner?.id ?? null });
    expect((await (await world.as('admin')).get(`/licenses/${license.id}`, 200)).data.attributes.permissions).toEqual(expected);
  });

  test('its policy’s properties as they are now, and its own instants', async () => {
    const policy = await world.create('policy', { scheme: 'ED25519_SIGN', floating: true });
    const at = '2024-01-01T00:00:00.000Z';
    const license = await world.create('license', { policy_id: policy.id, last_check_in: at, last_check_out: at, last_validated: at, version: '1.2.3' });
    await world.server.update('policy', policy.id, { strict: true, require_heartbeat: true, require_check_in: true });
    await world.server.update('policy', policy.id, { check_in_interval: 'month', check_in_interval_count: 1 });
    const { data } = await (await world.as('admin')).get(`/licenses/${license.id}`, 200);
    const live = { scheme: 'ED25519_SIGN', encrypted: false, strict: true, floating: true, requireHeartbeat: true, requireCheckIn: true };
    const own = { lastCheckIn: at, lastCheckOut: at, lastValidated: at, nextCheckIn: '2024-02-01T00:00:00.000Z', version: '1.2.3' };
    expect(data.attributes).toMatchObject({ ...live, ...own });
  });

  test('the counts of machines and users', async () => {
    const license = await world.create('license', {
      owner_id: (await world.create('user')).id,
      machines_count: 2,
      machines_core_count: 8,
      machines_memory: '9007199254740993',
      machines_disk: 5,
    });
    for (let i = 0; i < 4; i++) await world.create('license_user', { license_id: license.id });
    const { data, body: text } = await (await world.as('admin')).get(`/licenses/${license.id}`, 200);
    expect(data.relationships.users.meta).toEqual({ count: 5 });
    expect(data.relationships.machines.meta).toMatchObject({ cores: 8, disk: 5, count: 2 });
    expect(text).toContain('"memory":9007199254740993');
  });

  test('a legacy row without a flag reads its policy’s', async () => {
    const policy = await world.create('policy', { protected: true });
    const license = await world.create('license', { policy_id: policy.id, protected: null });
    const admin = await world.as('admin');
    expect((await admin.get(`/licenses/${license.id}`, 200)).data.attributes.protected).toBe(true);
    await world.server.update('policy', policy.id, { protected: false });
    expect((await admin.get(`/licenses/${license.id}`, 200)).data.attributes.protected).toBe(false);
  });
});

describe('who sees a license', () => {
  test('its relatives, and no stranger', async () => {
    const owner = await world.create('user');
    const attached = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    await world.create('license_user', { license_id: license.id, user_id: attached.id });
    const product = await world.server.find('product', { id: license.product_id });
    const other = await world.create('license');
    const path = `/licenses/${license.id}`;
    for (const role of ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const) await (await world.as(role)).get(path, 200);
    for (const client of [
      await world.as('user', owner),
      await world.as('user', attached),
      await world.as('license', license),
      await world.as('product', product),
    ]) {
      await client.get(path, 200);
      await client.get(`/licenses/${other.id}`, 404);
    }
    for (const role of ['user', 'license', 'product'] as const) await (await world.as(role)).get(path, 404);
    await world.anonymous().get(path, 401);
    const ids = async (client: Wire) => (await client.get('/licenses', 200)).data.map(({ id }: Wire) => id);
    expect(await ids(await world.as('user', owner))).toEqual([license.id]);
    expect(await ids(await world.as('user', attached))).toEqual([license.id]);
    expect(await ids(await world.as('product', product))).toEqual([license.id]);
    expect(await ids(await world.as('user'))).toEqual([]);
    await (await world.as('license', license)).get('/licenses', 403);
  });

  test('not the owner of its group', async () => {
    const group = await world.create('group');
    const user = await world.create('user');
    await world.create('group_owner', { group_id: group.id, user_id: user.id });
    const license = await world.create('license', { group_id: group.id });
    const client = await world.as('user', user);
    await client.get(`/licenses/${license.id}`, 404);
    await client.delete(`/licenses/${license.id}`, undefined, 404);
    expect((await client.get('/licenses', 200)).data).toEqual([]);
  });

  test('global licenses are read and not written in a shared environment', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment');
    const license = await world.create('license');
    const client = (await world.as('environment', shared)).in(shared);
    await client.get(`/licenses/${license.id}`, 200);
    for (const answer of [
      await client.patch(`/licenses/${license.id}`, body({ name: 'X' }), 403),
      await client.delete(`/licenses/${license.id}`, undefined, 403),
    ])
      expect(answer.errors[0].detail).toBe(
        'You do not have permission to complete the request (record environment is not compatible with the current environment)',
      );
    await (await world.as('environment', isolated)).in(isolated).get(`/licenses/${license.id}`, 404);
  });
});

describe('update', () => {
  test('changes what may be changed, and logs the difference', async () => {
    const license = await world.create('license', { policy_id: (await world.create('policy', { floating: true })).id, expiry: '2030-01-01T00:00:00Z' });
    const admin = await world.as('admin');
    const sent = { name: 'N', expiry: null, protected: true, suspended: true, maxMachines: 3, maxMemory: 5, maxDisk: 6, maxUsers: 7, metadata: { newKey: 1 } };
    const { data } = await admin.put(`/licenses/${license.key}`, body({ ...sent, permissions: ['*'] }, { id: 'ignored' }), 200);
    expect(data.attributes).toMatchObject({ ...sent, key: license.key, permissions: ['*'] });
    expect(await world.emitted()).toEqual(['license.updated']);
    const [log] = await world.server.sql(`select metadata from event_logs where event = 'license.updated'`);
    expect(log!.metadata).toMatchObject({ diff: { name: [null, 'N'], suspended: [false, true], maxMemory: [null, 5] } });
  });

  test('keeps and logs integers of any size to the digit', async () => {
    const license = await world.create('license', { max_memory: '9223372036854775806' });
    const sent = '{"data":{"type":"licenses","attributes":{"maxMemory":9223372036854775807,"metadata":{"anId":46116860184273879031}}}}';
    const { body: text } = await (await world.as('admin')).patch(`/licenses/${license.id}`, sent, 200);
    expect(text).toContain('"metadata":{"anId":46116860184273879031}');
    await world.server.jobs.run();
    const [log] = await world.server.sql(`select metadata::text from event_logs where event = 'license.updated'`);
    expect(log!.metadata).toContain('"maxMemory": [9223372036854775806, 9223372036854775807]');
    expect(log!.metadata).toContain('"metadata": [{}, {"an_id": 46116860184273879031}]');
  });

  test('null takes an override away, so does 0', async () => {
    const limits = ['machines', 'processes', 'users', 'cores', 'memory', 'disk', 'uses'];
    const all = (prefix: string, value: unknown) => Object.fromEntries(limits.map((name) => [`${prefix}${name}`, value]));
    const wire = (value: unknown) => Object.fromEntries(limits.map((name) => [`max${name[0]!.toUpperCase()}${name.slice(1)}`, value]));
    const policy = await world.create('policy', { floating: true, ...all('max_', 5) });
    const license = await world.create('license', { policy_id: policy.id, ...all('max_', 3) });
    const admin = await world.as('admin');
    for (const none of [null, 0]) {
      const own = await admin.patch(`/licenses/${license.id}`, body(wire(3)), 200);
      expect(own.data.attributes).toMatchObject(wire(3));
      const { data } = await admin.patch(`/licenses/${license.id}`, body(wire(none)), 200);
      expect(data.attributes).toMatchObject(wire(5));
    }
  });

  test('null is as if not sent where it is no value', async () => {
    const license = await world.create('license', { suspended: true, protected: true, metadata: { a: 1 }, name: 'N', permissions: ['license.read'] });
    const sent = { suspended: null, protected: null, metadata: null, permissions: null };
    const { data } = await (await world.as('admin')).patch(`/licenses/${license.id}`, body({ ...sent, name: null }), 200);
    expect(data.attributes).toMatchObject({ suspended: true, protected: true, metadata: { a: 1 }, permissions: ['license.read'], name: null });
  });

  test('works for a license that is beyond its limits', async () => {
    const license = await world.create('license', { uses: 9, max_uses: 3 });
    await (await world.as('admin')).patch(`/licenses/${license.id}`, body({ maxUses: 4 }), 200);
  });

  test.each([
    [{ key: 'NEW-KEY' }, 400, 'unpermitted parameter', undefined, at('key')],
    [{ uses: 1 }, 400, 'unpermitted parameter', undefined, at('uses')],
    [{ permissions: ['nonsense'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ permissions: ['admin.create'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ permissions: ['license.read', 'license.read'] }, 422, 'unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', at('permissions')],
    [{ name: 'N'.repeat(1025) }, 422, 'is too long (maximum is 1024 characters)', 'NAME_TOO_LONG', at('name')],
    [{ maxMachines: 2 }, 422, 'must be equal to 1 for non-floating policy', 'MAX_MACHINES_INVALID', at('maxMachines')],
    [{ maxUses: -1 }, 422, 'must be greater than or equal to 0', 'MAX_USES_INVALID', at('maxUses')],
    [{ metadata: { a: 'x'.repeat(16384) } }, 422, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', at('metadata')],
  ])('refuses %.60j with %d', async (attributes, status, detail, code, pointer) => {
    const license = await world.create('license');
    const { errors } = await (await world.as('admin')).patch(`/licenses/${license.id}`, body(attributes), status);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail, source: { pointer } });
    expect(errors[0].code).toBe(code);
  });

  test('takes no relationships, and needs attributes', async () => {
    const license = await world.create('license');
    const admin = await world.as('admin');
    const path = `/licenses/${license.id}`;
    const related = await admin.patch(path, body({}, { relationships: { owner: { data: null } } }), 400);
    expect(related.errors).toMatchObject(badRequest('unpermitted parameter', '/data/relationships'));
    const { errors } = await admin.patch(path, { data: { type: 'licenses' } }, 400);
    expect(errors).toMatchObject(badRequest('is missing', '/data/attributes'));
  });

  test.each([
    ['admin', 200],
    ['developer', 200],
    ['sales-agent', 200],
    ['support-agent', 200],
    ['product', 200],
    ['read-only', 403],
  ] as const)('%s: %d', async (role, status) => {
    const license = await world.create('license');
    const product = await world.server.find('product', { id: license.product_id });
    const limits = { maxMachines: null, maxProcesses: 1, maxUsers: 1, maxCores: 1, maxMemory: 1, maxDisk: 1, maxUses: 1 };
    const client = await world.as(role, role === 'product' ? product : undefined);
    await client.patch(`/licenses/${license.id}`, body({ expiry: '2030-01-01', suspended: false, protected: false, metadata: {}, ...limits }), status);
  });

  test('only some may send permissions', async () => {
    const license = await world.create('license');
    for (const role of ['sales-agent', 'support-agent'] as const) {
      const { errors } = await (await world.as(role)).patch(`/licenses/${license.id}`, body({ permissions: [] }), 400);
      expect(errors).toMatchObject(badRequest('unpermitted parameter', at('permissions')));
    }
    const product = await world.server.find('product', { id: license.product_id });
    await (await world.as('product', product)).patch(`/licenses/${license.id}`, body({ permissions: [] }), 200);
    await (await world.as('developer')).patch(`/licenses/${license.id}`, body({ permissions: [] }), 200);
    const environment = await world.create('environment');
    const there = await world.create('license', { environment_id: environment.id });
    await (await world.as('environment', environment))
      .in(environment)
      .patch(`/licenses/${there.id}`, body({ permissions: [], expiry: null, metadata: {} }), 200);
  });

  test('owner and license are refused before their body is looked at', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    for (const client of [await world.as('user', owner), await world.as('license', license)])
      await client.patch(`/licenses/${license.id}`, { nonsense: 1 }, 403);
  });
});

describe('delete', () => {
  const rows = ['machines', 'components', 'processes', 'license_users', 'license_entitlements', 'tokens'];

  test('takes all that belongs to the license along, and nothing else', async () => {
    const owner = await world.create('user');
    const make = async () => {
      const license = await world.create('license', { owner_id: owner.id });
      const machine = await world.create('machine', { license_id: license.id });
      await world.create('machine_component', { machine_id: machine.id });
      await world.create('machine_process', { machine_id: machine.id });
      await world.create('license_user', { license_id: license.id });
      await world.create('license_entitlement', { license_id: license.id });
      await world.create('token', { bearer_type: 'license', bearer_id: license.id });
      return license;
    };
    const license = await make();
    await make();
    const admin = await world.as('admin');
    const before = await Promise.all(rows.map((table) => world.count(table)));
    await admin.delete(`/licenses/${license.key}`, undefined, 204);
    expect(await world.count('license_entitlements')).toBe(1);
    expect(await world.emitted()).toEqual(['license.deleted']);
    expect(await Promise.all(rows.map((table) => world.count(table)))).toEqual(before.map((count) => count - 1));
    expect(await world.count('users')).toBe(4);
    await admin.get(`/licenses/${license.id}`, 404);
  });

  test('spares what a new license of the same id has', async () => {
    const license = await world.create('license');
    const admin = await world.as('admin');
    world.server.clock.freeze('2030-01-01T00:00:00Z');
    await admin.delete(`/licenses/${license.id}`, undefined, 204);
    world.server.clock.travel(1000);
    await world.create('license', { id: license.id });
    await world.create('machine', { license_id: license.id });
    await world.server.jobs.run();
    expect(await world.count('machines')).toBe(1);
  });

  test('the event shows the license as it was', async () => {
    await world.create('webhook_endpoint', { subscriptions: ['license.deleted'] });
    const license = await world.create('license', { name: 'Gone' });
    await (await world.as('admin')).delete(`/licenses/${license.id}`, undefined, 204);
    await world.server.jobs.run();
    const [event] = await world.server.sql('select payload from webhook_events');
    expect(JSON.parse(String(event!.payload)).data).toMatchObject({ id: license.id, attributes: { name: 'Gone', key: license.key } });
  });

  test.each([
    ['admin', 204],
    ['developer', 204],
    ['sales-agent', 204],
    ['support-agent', 403],
    ['read-only', 403],
  ] as const)('%s: %d', async (role, status) => {
    const license = await world.create('license');
    await (await world.as(role)).delete(`/licenses/${license.id}`, undefined, status);
  });

  test('by its product, and by its owner unless the policy is protected', async () => {
    const owner = await world.create('user');
    const client = await world.as('user', owner);
    const policy = await world.create('policy', { protected: true });
    const guarded = await world.create('license', { owner_id: owner.id, policy_id: policy.id, protected: false });
    const license = await world.create('license', { owner_id: owner.id, protected: true });
    const attached = await world.create('license');
    await world.create('license_user', { license_id: attached.id, user_id: owner.id });
    await client.delete(`/licenses/${guarded.id}`, undefined, 403);
    await client.delete(`/licenses/${license.id}`, undefined, 204);
    await client.delete(`/licenses/${attached.id}`, undefined, 403);
    await (await world.as('license', attached)).delete(`/licenses/${attached.id}`, undefined, 403);
    const product = await world.server.find('product', { id: guarded.product_id });
    await (await world.as('product', product)).delete(`/licenses/${guarded.id}`, undefined, 204);
  });
});

test('a license that has no permissions left can do nothing', async () => {
  const license = await world.create('license', { permissions: [] });
  const { errors } = await (await world.as('license', license)).get(`/licenses/${license.id}`, 403);
  expect(errors[0].detail).toBe('You do not have permission to complete the request (license lacks permission to perform action)');
  expect(defaultPermissions.license).toContain('license.read');
});
