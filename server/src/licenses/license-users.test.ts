import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const list = (type: string, ...records: Wire[]) => ({ data: records.map(({ id }) => ({ type, id })) });
const users = (...records: Wire[]) => list('users', ...records);
const related = (name: string) => `/data/relationships/${name}`;
const nobody = { id: '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10' };
const idsOf = (data: Wire[]) => data.map(({ id }) => id).sort();
const countOf = async (license: Wire) => (await world.server.find('license', { id: license.id }))!.users_count;

describe('users', () => {
  test('are attached and shown with the owner', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const [one, two] = [await world.create('user'), await world.create('user')];
    const admin = await world.as('admin');
    const { data } = await admin.post(`/licenses/${license.key}/users`, users(one, two), 200);
    const account = `/v1/accounts/${world.account.id}`;
    expect(data).toHaveLength(2);
    expect(data[0]).toEqual({
      id: expect.any(String),
      type: 'license-users',
      attributes: { created: expect.any(String), updated: expect.any(String) },
      relationships: {
        account: { links: { related: account }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        license: { links: { related: `${account}/licenses/${license.id}` }, data: { type: 'licenses', id: license.id } },
        user: { links: { related: `${account}/users/${one.id}` }, data: { type: 'users', id: one.id } },
      },
      links: { related: `${account}/licenses/${license.id}/users/${one.id}` },
    });
    expect(idsOf((await admin.get(`/licenses/${license.id}/users`, 200)).data)).toEqual(idsOf([owner, one, two]));
    expect((await admin.get(`/licenses/${license.id}/users/${String(one.email).toUpperCase()}`, 200)).data.id).toBe(one.id);
    await admin.get(`/licenses/${license.id}/users/${owner.id}`, 200);
    await admin.get(`/licenses/${license.id}/users/${(await world.create('user')).id}`, 404);
    expect((await admin.get(`/licenses/${license.id}`, 200)).data.relationships.users.meta).toEqual({ count: 3 });
    expect(await world.emitted()).toEqual(['license.users.attached']);
  });

  test.each([
    ['is unknown', () => nobody, 'must exist', 'USER_NOT_FOUND', 'user'],
    [
      'is another account’s',
      async () => world.server.create('user', { account_id: (await world.server.create('account')).id }),
      'must exist',
      'USER_NOT_FOUND',
      'user',
    ],
    ['owns the license', ({ owner_id }: Wire) => ({ id: owner_id }), 'already exists (user is attached through owner)', 'USER_CONFLICT', 'user'],
    ['is attached', async ({ id }: Wire) => ({ id: (await world.create('license_user', { license_id: id })).user_id }), 'already exists', 'USER_TAKEN', 'user'],
  ])('a list with one that %s is refused as a whole', async (_, make, detail, code, pointer) => {
    const license = await world.create('license', { owner_id: (await world.create('user')).id });
    const user = await make(license);
    const before = await countOf(license);
    const { errors } = await (await world.as('admin')).post(`/licenses/${license.id}/users`, users(await world.create('user'), user), 422);
    expect(errors).toMatchObject([{ title: 'Unprocessable resource', detail, code, source: { pointer: related(pointer) } }]);
    expect(await countOf(license)).toBe(before);
    expect(await world.emitted()).toEqual([]);
  });

  test('the same one twice is refused', async () => {
    const license = await world.create('license');
    const user = await world.create('user');
    const { errors } = await (await world.as('admin')).post(`/licenses/${license.id}/users`, users(user, user), 422);
    expect(errors[0]).toMatchObject({ detail: 'already exists', code: 'USER_TAKEN' });
  });

  test.each([0, 101])('a list of %d is refused', async (length) => {
    const license = await world.create('license');
    const { errors } = await (await world.as('admin')).post(`/licenses/${license.id}/users`, users(...Array(length).fill(nobody)), 400);
    expect(errors).toMatchObject(badRequest('length must be between 1 and 100 (inclusive)', '/data'));
  });

  test.each([
    ['NO_OVERAGE', 4, 4],
    ['ALLOW_1_25X_OVERAGE', 4, 5],
    ['ALLOW_1_5X_OVERAGE', 2, 3],
    ['ALLOW_2X_OVERAGE', 3, 6],
    ['ALWAYS_ALLOW_OVERAGE', 1, 8],
  ])('%s with a maximum of %d lets %d in, the owner among them', async (overage_strategy, max_users, allowed) => {
    const policy = await world.create('policy', { overage_strategy, max_users: 1 });
    const license = await world.create('license', { policy_id: policy.id, max_users, owner_id: (await world.create('user')).id });
    const admin = await world.as('admin');
    const fresh = async (count: number) => Promise.all(Array.from({ length: count }, () => world.create('user')));
    if (overage_strategy !== 'ALWAYS_ALLOW_OVERAGE') {
      const { errors } = await admin.post(`/licenses/${license.id}/users`, users(...(await fresh(allowed))), 422);
      const detail = `user count has exceeded maximum allowed for license (${max_users})`;
      expect(errors).toMatchObject([{ detail, code: 'USER_LIMIT_EXCEEDED', source: { pointer: related('users') } }]);
    }
    await admin.post(`/licenses/${license.id}/users`, users(...(await fresh(allowed - 1))), 200);
    expect(await countOf(license)).toBe(allowed - 1);
  });

  test('of 50 attached at once to a license for 5 exactly 5 are', async () => {
    const license = await world.create('license', { max_users: 5 });
    const admin = await world.as('admin');
    const all = await Promise.all(Array.from({ length: 50 }, () => world.create('user')));
    const answers = await inParallel(50, (index) => admin.post(`/licenses/${license.id}/users`, users(all[index])));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(45);
    expect(await world.count('license_users')).toBe(5);
    expect(await countOf(license)).toBe(5);
  });

  test('are detached, and their machines on the license lose their owner', async () => {
    const license = await world.create('license');
    const { user_id } = await world.create('license_user', { license_id: license.id });
    const other = await world.create('license_user', { license_id: license.id });
    const here = await world.create('machine', { license_id: license.id, owner_id: user_id });
    const elsewhere = await world.create('machine', { owner_id: user_id });
    const admin = await world.as('admin');
    await admin.delete(`/licenses/${license.id}/users`, users({ id: user_id }), 204);
    expect(await countOf(license)).toBe(1);
    expect((await world.server.find('machine', { id: here.id }))!.owner_id).toBeNull();
    expect((await world.server.find('machine', { id: elsewhere.id }))!.owner_id).toBe(user_id);
    expect(idsOf((await admin.get(`/licenses/${license.id}/users`, 200)).data)).toEqual([other.user_id]);
    expect(await world.emitted()).toEqual(['license.users.detached']);
  });

  test('that cannot be detached are named, and nobody is', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const { user_id } = await world.create('license_user', { license_id: license.id });
    const stranger = await world.create('user');
    const admin = await world.as('admin');
    const path = `/licenses/${license.id}/users`;
    const through = await admin.delete(path, users({ id: user_id }, stranger, owner), 403);
    expect(through.errors[0]).toMatchObject({
      title: 'Access denied',
      detail: `cannot detach user '${owner.id}' (user is attached through owner)`,
      source: { pointer: '/data/2' },
    });
    for (const [second, index] of [
      [stranger, 1],
      [{ id: user_id }, 1],
    ] as const) {
      const { errors } = await admin.delete(path, users({ id: user_id }, second), 422);
      const detail = `cannot detach user '${second.id}' (user is not attached)`;
      expect(errors[0]).toMatchObject({ title: 'Unprocessable entity', detail, source: { pointer: `/data/${index}` } });
    }
    expect(await countOf(license)).toBe(1);
  });

  test.each([
    ['admin', 200, 204],
    ['developer', 200, 204],
    ['sales-agent', 200, 204],
    ['support-agent', 200, 204],
    ['read-only', 403, 403],
  ] as const)('%s attaches with %d and detaches with %d', async (role, attached, detached) => {
    const license = await world.create('license');
    const user = await world.create('user');
    const client = await world.as(role);
    await client.post(`/licenses/${license.id}/users`, users(user), attached);
    await client.delete(`/licenses/${license.id}/users`, users(user), detached);
  });

  test('are attached by the product and, with the permission, by the owner of an unprotected license', async () => {
    const owner = await world.create('user', { permissions: ['license.users.attach', 'license.users.detach'] });
    const plain = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const guarded = await world.create('license', { owner_id: owner.id, protected: true });
    await world.create('license_user', { license_id: license.id, user_id: plain.id });
    const product = await world.server.find('product', { id: license.product_id });
    const path = `/licenses/${license.id}/users`;
    await (await world.as('product', product)).post(path, users(await world.create('user')), 200);
    const client = await world.as('user', owner);
    const mate = await world.create('user');
    await client.post(path, users(mate), 200);
    await client.delete(path, users(mate), 204);
    await client.post(`/licenses/${guarded.id}/users`, users(mate), 403);
    await (await world.as('user', plain)).post(path, users(mate), 403);
    await (await world.as('license', license)).post(path, users(mate), 403);
  });

  test('a product’s list has customers only', async () => {
    const staff = await world.create('user', { role: 'admin' });
    const license = await world.create('license', { owner_id: staff.id });
    const { user_id } = await world.create('license_user', { license_id: license.id });
    const product = await world.server.find('product', { id: license.product_id });
    expect(idsOf((await (await world.as('product', product)).get(`/licenses/${license.id}/users`, 200)).data)).toEqual([user_id]);
  });
});

describe('environments of attached records', () => {
  test.each([
    // license  user          status
    ['shared', 'shared', 200],
    ['shared', 'global', 200],
    ['shared', 'isolated', 403],
    ['global', 'shared', 200],
    ['global', 'global', 403],
  ])('a %s license in a shared environment, a %s user or entitlement: %d', async (of, item, status) => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment');
    const environments: Record<string, string | null> = { shared: shared.id, isolated: isolated.id, global: null };
    const license = await world.create('license', { environment_id: environments[of] });
    const client = (await world.as('environment', shared)).in(shared);
    for (const [type, name] of [
      ['user', 'users'],
      ['entitlement', 'entitlements'],
    ] as const) {
      const record = await world.create(type, { environment_id: environments[item] });
      const { data, errors } = await client.post(`/licenses/${license.id}/${name}`, list(name, record), status);
      if (status === 200) expect(data[0].relationships.environment.data.id).toBe(shared.id);
      else expect(errors[0].detail).toMatch("(a record's environment is not compatible with the current environment)");
    }
  });

  test('none of the listed records exists', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const client = (await world.as('environment', shared)).in(shared);
    const global = await world.create('license');
    const { errors } = await client.post(`/licenses/${global.id}/users`, users(nobody), 403);
    expect(errors[0].detail).toMatch('(records are not compatible with the current environment)');
    const own = await world.create('license', { environment_id: shared.id });
    await client.post(`/licenses/${own.id}/users`, users(nobody), 422);
  });

  test('from the global environment only global ones', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const user = await world.create('user', { environment_id: shared.id });
    await (await world.as('admin')).post(`/licenses/${(await world.create('license')).id}/users`, users(user), 403);
  });
});

describe('entitlements', () => {
  test('are a license’s own and its policy’s', async () => {
    const license = await world.create('license');
    const admin = await world.as('admin');
    const inherited = await world.create('policy_entitlement', { policy_id: license.policy_id });
    const own = await world.create('entitlement', { code: 'OWN' });
    const other = await world.create('entitlement');
    const path = `/licenses/${license.id}/entitlements`;
    const { data } = await admin.post(path, list('entitlements', own), 200);
    const account = `/v1/accounts/${world.account.id}`;
    expect(data).toMatchObject([
      {
        type: 'license-entitlements',
        relationships: {
          entitlement: { links: { related: `${account}/entitlements/${own.id}` }, data: { type: 'entitlements', id: own.id } },
          license: { links: { related: `${account}/licenses/${license.id}` }, data: { type: 'licenses', id: license.id } },
        },
        links: { related: `${account}/licenses/${license.id}/entitlements/${own.id}` },
      },
    ]);
    expect(idsOf((await admin.get(path, 200)).data)).toEqual([own.id, inherited.entitlement_id].sort());
    await admin.get(`${path}/${inherited.entitlement_id}`, 200);
    await admin.get(`${path}/OWN`, 404);
    await admin.get(`${path}/${other.id}`, 404);
    await (await world.as('license', license)).get(`${path}/${own.id}`, 200);
    await admin.delete(path, list('entitlements', own), 204);
    expect(await world.emitted()).toEqual(['license.entitlements.attached', 'license.entitlements.detached']);
    const logs = await world.server.sql('select metadata from event_logs');
    expect(logs.map(({ metadata }) => metadata)).toEqual([{ codes: ['OWN'] }, { codes: ['OWN'] }]);
  });

  test('that cannot be attached', async () => {
    const license = await world.create('license');
    const inherited = await world.create('policy_entitlement', { policy_id: license.policy_id });
    const own = await world.create('license_entitlement', { license_id: license.id });
    const admin = await world.as('admin');
    for (const [id, detail, code] of [
      [nobody.id, 'must exist', 'ENTITLEMENT_NOT_FOUND'],
      [own.entitlement_id, 'already exists', 'ENTITLEMENT_TAKEN'],
      [inherited.entitlement_id, 'already exists (entitlement is attached through policy)', 'ENTITLEMENT_CONFLICT'],
    ]) {
      const { errors } = await admin.post(`/licenses/${license.id}/entitlements`, list('entitlements', { id }), 422);
      expect(errors).toMatchObject([
        {
          detail,
          code,
          source: { pointer: related('entitlement') },
          links: { about: expect.stringMatching('entitlements/#entitlements-object-relationships-entitlement') },
        },
      ]);
    }
  });

  test('that cannot be detached', async () => {
    const license = await world.create('license');
    const inherited = await world.create('policy_entitlement', { policy_id: license.policy_id });
    const other = await world.create('entitlement');
    const admin = await world.as('admin');
    const path = `/licenses/${license.id}/entitlements`;
    const through = await admin.delete(path, list('entitlements', other, { id: inherited.entitlement_id }), 403);
    expect(through.errors[0]).toMatchObject({
      title: 'Access denied',
      detail: `cannot detach entitlement '${inherited.entitlement_id}' (entitlement is attached through policy)`,
      source: { pointer: '/data/1' },
    });
    const { errors } = await admin.delete(path, list('entitlements', other), 422);
    const detail = `cannot detach entitlement '${other.id}' (entitlement is not attached)`;
    expect(errors[0]).toMatchObject({ title: 'Unprocessable entity', detail, source: { pointer: '/data/0' } });
  });

  test.each([
    ['admin', 200],
    ['developer', 200],
    ['sales-agent', 200],
    ['support-agent', 403],
    ['read-only', 403],
  ] as const)('are attached by %s: %d', async (role, status) => {
    const license = await world.create('license');
    const entitlement = await world.create('entitlement');
    await (await world.as(role)).post(`/licenses/${license.id}/entitlements`, list('entitlements', entitlement), status);
  });

  test('are not attached by the owner or the license, but by the product', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const product = await world.server.find('product', { id: license.product_id });
    const sent = list('entitlements', await world.create('entitlement'));
    for (const [client, status] of [
      [await world.as('user', owner), 403],
      [await world.as('license', license), 403],
      [await world.as('product', product), 200],
    ] as const)
      await client.post(`/licenses/${license.id}/entitlements`, sent, status);
  });
});

describe('machines', () => {
  test('are all of the license, whoever owns them, narrowed by filters', async () => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const one = await world.create('machine', { license_id: license.id, fingerprint: 'one.1', owner_id: (await world.create('user')).id });
    const two = await world.create('machine', { license_id: license.id, fingerprint: 'two' });
    const other = await world.create('machine', { fingerprint: 'one.1' });
    const path = `/licenses/${license.id}/machines`;
    for (const client of [await world.as('admin'), await world.as('user', owner), await world.as('license', license)]) {
      expect(idsOf((await client.get(path, 200)).data)).toEqual(idsOf([one, two]));
      expect(idsOf((await client.get(`${path}?fingerprint=one.1`, 200)).data)).toEqual([one.id]);
      expect((await client.get(`${path}/one.1`, 200)).data.id).toBe(one.id);
      await client.get(`${path}/${other.id}`, 404);
    }
    const admin = await world.as('admin');
    expect(idsOf((await admin.get(`${path}?product=${license.product_id}`, 200)).data)).toEqual(idsOf([one, two]));
    expect((await admin.get(`${path}?product=${nobody.id}`, 200)).data).toEqual([]);
    expect(idsOf((await admin.get(`${path}?user=${owner.email}`, 200)).data)).toEqual(idsOf([one, two]));
    expect((await admin.get(`${path}?user=${one.owner_id}`, 200)).data).toEqual([]);
    expect(idsOf((await (await world.as('user', owner)).get(`${path}?user=${one.owner_id}`, 200)).data)).toEqual(idsOf([one, two]));
  });
});
