import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const to = (type: string, record: Wire | null) => ({ data: record && { type, id: record.id } });
const related = (name: string) => `/data/relationships/${name}`;
const nobody = { id: '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10' };
const reason = (text: string) => `You do not have permission to complete the request (${text})`;

/** A license with its owner, an attached user, and everybody's client. */
async function family(attributes: object = {}) {
  const owner = await world.create('user');
  const attached = await world.create('user');
  const license = await world.create('license', { owner_id: owner.id, ...attributes });
  await world.create('license_user', { license_id: license.id, user_id: attached.id });
  const product = await world.server.find('product', { id: license.product_id });
  const clients: Record<string, Wire> = {
    owner: await world.as('user', owner),
    attached: await world.as('user', attached),
    license: await world.as('license', license),
    product: await world.as('product', product),
    otherProduct: await world.as('product'),
    stranger: await world.as('user'),
    otherLicense: await world.as('license'),
  };
  for (const role of ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const) clients[role] = await world.as(role);
  return { owner, attached, license, product, clients };
}

const everybody = { admin: 200, developer: 200, 'sales-agent': 200, 'support-agent': 200, 'read-only': 200, product: 200 };
const strangers = { otherProduct: 404, stranger: 404, otherLicense: 404 };

describe('who is shown', () => {
  test.each([
    ['product', { ...everybody, ...strangers, owner: 403, attached: 403, license: 403 }],
    ['policy', { ...everybody, ...strangers, owner: 403, attached: 403, license: 403 }],
    ['group', { ...everybody, ...strangers, owner: 200, attached: 200, license: 200 }],
    ['owner', { ...everybody, ...strangers, owner: 200, attached: 200, license: 403 }],
    ['user', { ...everybody, ...strangers, owner: 200, attached: 403, license: 403 }],
    ['users', { ...everybody, ...strangers, owner: 200, attached: 200, license: 403 }],
    ['entitlements', { ...everybody, ...strangers, owner: 200, attached: 200, license: 200 }],
    ['machines', { ...everybody, ...strangers, owner: 200, attached: 200, license: 200 }],
  ])('%s', async (name, expected) => {
    const group = await world.create('group');
    const { license, clients } = await family({ group_id: group.id });
    for (const [who, status] of Object.entries(expected)) {
      const answer = await clients[who].get(`/licenses/${license.id}/${name}`);
      expect([who, answer.status]).toEqual([who, status]);
    }
  });

  test('product, policy and owner by whoever was granted the permission', async () => {
    const names = ['product.read', 'policy.read', 'user.read'];
    const owner = await world.create('user', { permissions: ['license.read', ...names] });
    const license = await world.create('license', { owner_id: owner.id, permissions: ['*'] });
    for (const client of [await world.as('user', owner), await world.as('license', license)]) {
      expect((await client.get(`/licenses/${license.id}/product`, 200)).data).toMatchObject({ type: 'products', id: license.product_id });
      expect((await client.get(`/licenses/${license.id}/policy`, 200)).data).toMatchObject({ type: 'policies', id: license.policy_id });
      expect((await client.get(`/licenses/${license.id}/owner`, 200)).data).toMatchObject({ type: 'users', id: owner.id });
      expect((await client.get(`/licenses/${license.id}/users`, 200)).data.map(({ id }: Wire) => id)).toEqual([owner.id]);
    }
  });

  test('what is not there', async () => {
    const license = await world.create('license');
    const admin = await world.as('admin');
    const { errors } = await admin.get(`/licenses/${license.id}/group`, 404);
    expect(errors[0]).toMatchObject({ detail: 'The requested group was not found', code: 'NOT_FOUND' });
    await (await world.as('license', license)).get(`/licenses/${license.id}/group`, 404);
    for (const name of ['owner', 'user']) expect((await admin.get(`/licenses/${license.key}/${name}`, 200)).data).toBeNull();
  });
});

test('a single entitlement is named by its id, never by its code', async () => {
  const { license_id, entitlement_id } = await world.create('license_entitlement');
  const { code } = (await world.server.find('entitlement', { id: entitlement_id }))!;
  const admin = await world.as('admin');
  await admin.get(`/licenses/${license_id}/entitlements/${entitlement_id}`, 200);
  const { errors } = await admin.get(`/licenses/${license_id}/entitlements/${code}`, 404);
  expect(errors).toMatchObject([{ detail: `The requested entitlement '${code}' was not found` }]);
});

test('machines are narrowed by a user of other licenses, but never for users', async () => {
  const { owner, license, clients } = await family();
  const { id } = await world.create('machine', { license_id: license.id });
  const list = async (who: string, user: string) => {
    const { data } = await clients[who].get(`/licenses/${license.id}/machines?user=${user}`, 200);
    return data.map((machine: Wire) => machine.id);
  };
  for (const user of [owner.id, owner.email]) expect(await list('admin', user)).toEqual([id]);
  for (const user of [nobody.id, 'nobody@example.com']) expect(await list('admin', user)).toEqual([]);
  for (const who of ['owner', 'attached']) expect(await list(who, nobody.id)).toEqual([id]);
});

describe('who may change', () => {
  const writers = { admin: 200, developer: 200, 'sales-agent': 200, product: 200 };
  const others = { 'support-agent': 403, 'read-only': 403, attached: 403, license: 403, ...strangers };
  test.each([
    ['policy', 'policies', { owner: 200, ...writers, ...others }],
    ['group', 'groups', { owner: 403, ...writers, ...others }],
    ['owner', 'users', { owner: 403, ...writers, ...others }],
    ['user', 'users', { owner: 403, ...writers, ...others }],
  ])('%s', async (name, type, expected) => {
    const { license, clients } = await family();
    const target = name === 'policy' ? { id: license.policy_id } : await world.create(name === 'group' ? 'group' : 'user');
    for (const [who, status] of Object.entries(expected)) {
      const answer = await clients[who].put(`/licenses/${license.id}/${name}`, to(type, target));
      expect([who, answer.status]).toEqual([who, status]);
    }
  });

  test('the owner is told of a body only after he was let in, of policy and group before', async () => {
    const { license, clients } = await family();
    for (const [name, status] of [
      ['owner', 403],
      ['user', 403],
      ['group', 400],
      ['policy', 400],
    ] as const)
      await clients['read-only'].put(`/licenses/${license.id}/${name}`, { nonsense: 1 }, status);
    const { errors } = await clients.admin.put(`/licenses/${license.id}/policy`, { data: null }, 400);
    expect(errors).toMatchObject(badRequest('cannot be null', '/data'));
  });
});

describe('transfer', () => {
  const transfer = async (license: Wire, policy: Wire, status: number, client?: Wire) =>
    (client ?? (await world.as('admin'))).patch(`/licenses/${license.id}/policy`, to('policies', policy), status);

  test('the license and its machines go to the new policy, product too', async () => {
    const group = await world.create('group');
    const license = await world.create('license', { group_id: group.id, uses: 3, expiry: '2030-01-01T00:00:00Z', max_uses: 9 });
    const machine = await world.create('machine', { license_id: license.id });
    const policy = await world.create('policy', { protected: true, duration: 86_400 });
    const { data } = await transfer(license, policy, 200);
    expect(data.relationships).toMatchObject({ policy: to('policies', policy), product: { data: { id: policy.product_id } }, group: to('groups', group) });
    expect(data.attributes).toMatchObject({ key: license.key, expiry: '2030-01-01T00:00:00.000Z', uses: 3, maxUses: 9, protected: false });
    expect(await world.emitted()).toEqual(['license.policy.updated']);
    expect((await world.server.find('machine', { id: machine.id }))!.policy_id).toBe(policy.id);
    const [log] = await world.server.sql(`select metadata, resource_id from event_logs where event = 'license.policy.updated'`);
    expect(log!.metadata).toMatchObject({ diff: { policyId: [license.policy_id, policy.id] } });
  });

  test.each([
    ['KEEP_EXPIRY', 86_400, '2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'],
    ['KEEP_EXPIRY', 86_400, null, null],
    ['RESET_EXPIRY', 86_400, '2030-01-01T00:00:00.000Z', '2024-02-01T08:00:00.000Z'],
    ['RESET_EXPIRY', null, '2030-01-01T00:00:00.000Z', null],
  ])('%s with a duration of %s turns an expiry of %s into %s', async (transfer_strategy, duration, expiry, expected) => {
    world.server.clock.freeze('2024-01-31T08:00:00.000Z');
    const license = await world.create('license', { expiry });
    const { data } = await transfer(license, await world.create('policy', { transfer_strategy, duration }), 200);
    expect(data.attributes.expiry).toBe(expected);
  });

  const machineUniqueness = 'cannot change to a policy with a more strict machine uniqueness strategy';
  const componentUniqueness = 'cannot change to a policy with a more strict component uniqueness strategy';
  test.each([
    [{}, { encrypted: true }, 'cannot change from an encrypted policy to an unencrypted policy (or vice-versa)'],
    [{ use_pool: true }, {}, 'cannot change from a pooled policy to an unpooled policy (or vice-versa)'],
    [{}, { scheme: 'ED25519_SIGN' }, 'cannot change to a policy with a different scheme'],
    [{}, { machine_uniqueness_strategy: 'UNIQUE_PER_POLICY' }, machineUniqueness],
    [{}, { component_uniqueness_strategy: 'UNIQUE_PER_LICENSE' }, componentUniqueness],
  ])('from %j to %j is refused', async (from, into, detail) => {
    const license = await world.create('license', { policy_id: (await world.create('policy', from)).id, key: 'KEY-KEY' });
    const { errors } = await transfer(license, await world.create('policy', into), 422);
    expect(errors).toMatchObject([{ detail, code: 'POLICY_NOT_COMPATIBLE', source: { pointer: related('policy') } }]);
  });

  test('a less strict machine uniqueness settles it', async () => {
    const license = await world.create('license', {
      policy_id: (await world.create('policy', { machine_uniqueness_strategy: 'UNIQUE_PER_ACCOUNT' })).id,
    });
    await transfer(license, await world.create('policy', { component_uniqueness_strategy: 'UNIQUE_PER_ACCOUNT' }), 200);
  });

  test('overrides must go with the new policy', async () => {
    const floating = await world.create('policy', { floating: true });
    const license = await world.create('license', { policy_id: floating.id, max_machines: 5 });
    const { errors } = await transfer(license, await world.create('policy', { floating: false }), 422);
    expect(errors).toMatchObject([{ detail: 'must be equal to 1 for non-floating policy', code: 'MAX_MACHINES_INVALID' }]);
  });

  test('to an unknown policy', async () => {
    const { license, clients } = await family();
    for (const who of ['admin', 'owner']) {
      const { errors } = await transfer(license, nobody, 422, clients[who]);
      expect(errors).toMatchObject([{ detail: 'must exist', code: 'POLICY_NOT_FOUND', source: { pointer: related('policy') } }]);
    }
    await transfer(license, nobody, 403, clients.product);
  });

  test('by the product only to its own policies', async () => {
    const { license, product, clients } = await family();
    await transfer(license, await world.create('policy'), 403, clients.product);
    await transfer(license, await world.create('policy', { product_id: product!.id }), 200, clients.product);
  });

  test('by the owner only when neither license nor new policy is protected', async () => {
    const { license, clients } = await family();
    await transfer(license, await world.create('policy', { protected: true }), 403, clients.owner);
    await world.server.update('license', license.id, { protected: true });
    await transfer(license, await world.create('policy'), 403, clients.owner);
    await transfer(license, nobody, 403, clients.owner);
  });
});

describe('group', () => {
  test('is set, kept and taken away', async () => {
    const full = await world.create('group', { max_licenses: 1 });
    const owner = await world.create('user', { group_id: full.id });
    const license = await world.create('license', { owner_id: owner.id, group_id: null });
    const admin = await world.as('admin');
    const path = `/licenses/${license.id}/group`;
    for (let i = 0; i < 2; i++) expect((await admin.put(path, to('groups', full), 200)).data.relationships.group.data.id).toBe(full.id);
    expect((await admin.patch(path, { data: null }, 200)).data.relationships.group.data).toBeNull();
    await world.create('license', { group_id: full.id });
    const inFull = await world.create('license', { group_id: full.id });
    await admin.put(`/licenses/${inFull.id}/group`, to('groups', full), 200);
    const { errors } = await admin.put(path, to('groups', full), 422);
    expect(errors).toMatchObject([{ code: 'GROUP_LICENSE_LIMIT_EXCEEDED', source: { pointer: related('group') } }]);
    const unknown = await admin.put(path, to('groups', nobody), 422);
    expect(unknown.errors).toMatchObject([{ detail: 'must exist', code: 'GROUP_NOT_FOUND', source: { pointer: related('group') } }]);
    expect(await world.emitted()).toEqual(Array(4).fill('license.group.updated'));
  });
});

describe.each(['owner', 'user'])('%s', (name) => {
  const put = async (license: Wire, user: Wire | null, status: number) =>
    (await world.as('admin')).put(`/licenses/${license.id}/${name}`, to('users', user), status);

  test('is changed and taken away, and brings its group along', async () => {
    const group = await world.create('group');
    const member = await world.create('user', { group_id: group.id });
    const license = await world.create('license');
    const { data } = await put(license, member, 200);
    expect(data.relationships).toMatchObject({ owner: to('users', member), group: to('groups', group), users: { meta: { count: 1 } } });
    const other = await put(license, await world.create('user', { group_id: (await world.create('group')).id }), 200);
    expect(other.data.relationships.group.data.id).toBe(group.id);
    expect((await put(license, null, 200)).data.relationships.owner.data).toBeNull();
    expect(await world.emitted()).toEqual(Array(3).fill(`license.${name}.updated`));
  });

  test('must exist', async () => {
    const license = await world.create('license');
    const { errors } = await put(license, nobody, 422);
    expect(errors).toMatchObject([{ detail: 'must exist', code: 'OWNER_NOT_FOUND', source: { pointer: related('owner') } }]);
    const old = await (await world.as('admin')).at('1.5').put(`/licenses/${license.id}/${name}`, to('users', nobody), 422);
    const [code, pointer] = name === 'user' ? ['USER_NOT_FOUND', related('user')] : ['OWNER_NOT_FOUND', related('owner')];
    expect(old.errors).toMatchObject([{ code, source: { pointer } }]);
  });

  test('may not be attached already, nor be one too many', async () => {
    const policy = await world.create('policy', { max_users: 1 });
    const license = await world.create('license', { policy_id: policy.id });
    const { user_id } = await world.create('license_user', { license_id: license.id });
    const attached = await put(license, { id: user_id }, 422);
    expect(attached.errors.map(({ code }: Wire) => code).sort()).toEqual(['OWNER_INVALID', 'USER_LIMIT_EXCEEDED']);
    const invalid = attached.errors.find(({ code }: Wire) => code === 'OWNER_INVALID');
    expect(invalid).toMatchObject({ detail: 'already exists (user is attached through users)', source: { pointer: related('owner') } });
    const { errors } = await put(license, await world.create('user'), 422);
    expect(errors).toMatchObject([
      { detail: 'user count has exceeded maximum allowed for license (1)', code: 'USER_LIMIT_EXCEEDED', source: { pointer: related('users') } },
    ]);
  });

  test('is kept, whatever the limits have become', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id, max_users: 1 });
    for (let i = 0; i < 2; i++) await world.create('license_user', { license_id: license.id });
    const full = await world.create('group', { max_licenses: 0 });
    await world.server.update('user', owner.id, { group_id: full.id });
    expect((await put(license, owner, 200)).data.relationships.group.data).toBeNull();
    const { errors } = await put(license, await world.create('user'), 422);
    expect(errors).toMatchObject([{ code: 'USER_LIMIT_EXCEEDED' }]);
    await put(license, null, 200);
  });

  test('of another environment is replaced from the global one', async () => {
    const there = await world.create('user', { environment_id: (await world.create('environment')).id });
    const license = await world.create('license', { environment_id: null, owner_id: there.id });
    await put(license, await world.create('user'), 200);
  });

  test('is replaced within the limit, and not into a full group', async () => {
    const policy = await world.create('policy', { max_users: 1 });
    const license = await world.create('license', { policy_id: policy.id, owner_id: (await world.create('user')).id });
    await put(license, await world.create('user'), 200);
    const group = await world.create('group', { max_licenses: 0 });
    const { errors } = await put(license, await world.create('user', { group_id: group.id }), 422);
    expect(errors).toMatchObject([{ code: 'GROUP_LICENSE_LIMIT_EXCEEDED', source: { pointer: related('group') } }]);
  });
});

describe('in a shared environment', () => {
  const setUp = async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const scoped = { environment_id: shared.id };
    const owner = await world.create('user', scoped);
    const license = await world.create('license', { ...scoped, owner_id: owner.id });
    return { shared, scoped, owner, license, client: (await world.as('environment', shared)).in(shared) };
  };
  const notThis = [{ detail: reason('record environment is not compatible with the current environment') }];
  const none = [{ detail: reason('record is not compatible with the current environment') }];

  test('the new policy and group must be of it', async () => {
    const { scoped, license, client } = await setUp();
    const path = `/licenses/${license.id}`;
    expect((await client.put(`${path}/policy`, to('policies', await world.create('policy')), 403)).errors).toMatchObject(notThis);
    expect((await client.put(`${path}/policy`, to('policies', nobody), 403)).errors).toMatchObject(none);
    await client.put(`${path}/policy`, to('policies', await world.create('policy', scoped)), 200);
    expect((await client.put(`${path}/group`, to('groups', await world.create('group')), 403)).errors).toMatchObject(notThis);
    for (const target of [nobody, null]) expect((await client.put(`${path}/group`, to('groups', target), 403)).errors).toMatchObject(none);
    await client.put(`${path}/group`, to('groups', await world.create('group', scoped)), 200);
  });

  test('the current owner must be of it, the new one only go with it', async () => {
    const { license, client } = await setUp();
    const global = await world.create('user');
    await client.put(`/licenses/${license.id}/owner`, to('users', global), 200);
    expect((await client.put(`/licenses/${license.id}/owner`, to('users', global), 403)).errors).toMatchObject(notThis);
    await world.server.update('license', license.id, { owner_id: null });
    expect((await client.put(`/licenses/${license.id}/owner`, to('users', global), 403)).errors).toMatchObject(none);
  });

  test('a foreign owner does not go with the license', async () => {
    const { license, client } = await setUp();
    const isolated = await world.create('user', { environment_id: (await world.create('environment')).id });
    const { errors } = await client.put(`/licenses/${license.id}/owner`, to('users', isolated), 422);
    expect(errors).toMatchObject([{ detail: 'must be compatible with owner environment', code: 'ENVIRONMENT_NOT_ALLOWED' }]);
  });
});
