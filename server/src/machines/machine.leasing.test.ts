import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

let sequence = 0;
const body = (license: Attributes, attributes: Attributes = {}, owner?: Attributes): Wire => ({
  data: {
    type: 'machines',
    attributes: { fingerprint: `machine ${sequence++}`, ...attributes },
    relationships: {
      license: { data: { type: 'licenses', id: license.id } },
      ...(owner && { owner: { data: { type: 'users', id: owner.id } } }),
    },
  },
});
const patch = (attributes: Attributes) => ({ data: { type: 'machines', attributes } });
const license = (policy: Attributes = {}, attributes: Attributes = {}) =>
  world.create('policy', { floating: true, max_machines: null, ...policy }).then(({ id }) => world.create('license', { policy_id: id, ...attributes }));

describe('machine limit', () => {
  test.each<[Attributes, number | undefined]>([
    // policy                                                          refused from
    [{ max_machines: 4 }, 5],
    [{ max_machines: 4, overage_strategy: null }, 5],
    [{ max_machines: 4, overage_strategy: 'ALLOW_1_25X_OVERAGE' }, 6],
    [{ max_machines: 4, overage_strategy: 'ALLOW_1_5X_OVERAGE' }, 7],
    [{ max_machines: 5, overage_strategy: 'ALLOW_2X_OVERAGE' }, 11],
    [{ max_machines: 1, floating: false, overage_strategy: 'ALLOW_2X_OVERAGE' }, 3],
    [{ max_machines: 1, overage_strategy: 'ALWAYS_ALLOW_OVERAGE' }, undefined],
    [{ max_machines: null, floating: false }, undefined],
  ])('%j: refused from the %s. machine on', async (policy, refused) => {
    const admin = await world.as('admin');
    const mine = await license(policy);
    for (let n = 1; n < (refused ?? 5); n++) await admin.post('/machines', body(mine), 201);
    if (refused === undefined) return;
    const { errors } = await admin.post('/machines', body(mine), 422);
    const detail = `machine count has exceeded maximum allowed for license (${policy.max_machines})`;
    expect(errors).toMatchObject([{ title: 'Unprocessable resource', detail, code: 'MACHINE_LIMIT_EXCEEDED', source: { pointer: '/data' } }]);
    expect(errors[0].links.about).toMatch(/\/machines\/#machines-object$/);
  });

  test("the license's own limit beats its policy's, and 0 is none", async () => {
    const admin = await world.as('admin');
    const generous = await license({ max_machines: 1 }, { max_machines: 2 });
    for (const status of [201, 201, 422]) await admin.post('/machines', body(generous), status);
    const unset = await license({ max_machines: 1 }, { max_machines: 0 });
    for (const status of [201, 422]) await admin.post('/machines', body(unset), status);
  });

  test('the first machine may always come', async () => {
    const mine = await license({ max_machines: 0 });
    for (const status of [201, 422]) await (await world.as('admin')).post('/machines', body(mine), status);
  });

  test('per user each owner has its own, and those without owner share one', async () => {
    const admin = await world.as('admin');
    const owner = await world.create('user');
    const mine = await license({ max_machines: 3, machine_leasing_strategy: 'PER_USER' }, { owner_id: owner.id });
    const other = await world.create('license', { policy_id: mine.policy_id, owner_id: owner.id });
    for (let n = 0; n < 3; n++) await world.create('machine', { license_id: mine.id });
    for (let n = 0; n < 2; n++) await world.create('machine', { license_id: mine.id, owner_id: owner.id });
    for (let n = 0; n < 3; n++) await world.create('machine', { license_id: other.id, owner_id: owner.id });
    const { errors } = await admin.post('/machines', body(mine), 422);
    expect(errors).toMatchObject([{ detail: 'machine count has exceeded maximum allowed for user (3)', code: 'MACHINE_LIMIT_EXCEEDED' }]);
    await admin.post('/machines', body(mine, {}, owner), 201);
    await admin.post('/machines', body(mine, {}, owner), 422);
  });

  test('an update is not counted', async () => {
    const mine = await license({ max_machines: 1 });
    const machine = await world.create('machine', { license_id: mine.id });
    await world.create('machine', { license_id: mine.id });
    await (await world.as('admin')).patch(`/machines/${machine.id}`, patch({ name: 'x' }), 200);
  });
});

describe.each([
  ['cores', 'max_cores', 'machine core count', 'MACHINE_CORE_LIMIT_EXCEEDED'],
  ['memory', 'max_memory', 'machine memory', 'MACHINE_MEMORY_LIMIT_EXCEEDED'],
  ['disk', 'max_disk', 'machine disk', 'MACHINE_DISK_LIMIT_EXCEEDED'],
])('limit of %s', (name, limit, words, code) => {
  test.each<[Attributes, Attributes, number, number]>([
    // policy                        license         takes  does not take
    [{}, {}, 8, 12],
    [{ overage_strategy: 'ALLOW_1_5X_OVERAGE' }, {}, 24, 25],
    [{ overage_strategy: 'ALLOW_2X_OVERAGE' }, {}, 40, 41],
    [{}, { [limit]: 64 }, 40, 41],
  ])('32, %j, %j: with three of 8 there is room for %d, not for %d', async (policy, attributes, fits, exceeds) => {
    const admin = await world.as('admin');
    const mine = await license({ [limit]: 32, ...policy }, attributes);
    for (let n = 0; n < 3; n++) await world.create('machine', { license_id: mine.id, [name]: 8 });
    const { errors } = await admin.post('/machines', body(mine, { [name]: exceeds }), 422);
    const detail = `${words} has exceeded maximum allowed for license (${attributes[limit] ?? 32})`;
    expect(errors).toMatchObject([{ detail, code, source: { pointer: '/data' } }]);
    await admin.post('/machines', body(mine, { [name]: fits }), 201);
    await admin.post('/machines', body(mine), 201);
  });

  test('holds for updates, other attributes included, and for a single machine', async () => {
    const admin = await world.as('admin');
    const mine = await license({ [limit]: 10 });
    await admin.post('/machines', body(mine, { [name]: 11 }), 422);
    const { data } = await admin.post('/machines', body(mine, { [name]: 4 }), 201);
    await world.create('machine', { license_id: mine.id, [name]: 5 });
    await admin.patch(`/machines/${data.id}`, patch({ [name]: 6 }), 422);
    await admin.patch(`/machines/${data.id}`, patch({ [name]: 5 }), 200);
    await world.server.update('policy', mine.policy_id, { [limit]: 9 });
    const { errors } = await admin.patch(`/machines/${data.id}`, patch({ name: 'x' }), 422);
    expect(errors).toMatchObject([{ code }]);
    await admin.patch(`/machines/${data.id}`, patch({ [name]: null }), 200);
    await world.server.update('policy', mine.policy_id, { [limit]: 1, overage_strategy: 'ALWAYS_ALLOW_OVERAGE' });
    await admin.patch(`/machines/${data.id}`, patch({ [name]: 100 }), 200);
  });

  test('per user counts the machines of the same owner', async () => {
    const admin = await world.as('admin');
    const owner = await world.create('user');
    const mine = await license({ [limit]: 10, machine_leasing_strategy: 'PER_USER' }, { owner_id: owner.id });
    await world.create('machine', { license_id: mine.id, [name]: 8 });
    const owned = await world.create('machine', { license_id: mine.id, owner_id: owner.id, [name]: 3 });
    const { errors } = await admin.post('/machines', body(mine, { [name]: 3 }), 422);
    expect(errors).toMatchObject([{ detail: `${words} has exceeded maximum allowed for user (10)`, code }]);
    await admin.post('/machines', body(mine, { [name]: 3 }, owner), 201);
    const taken = await admin.put(`/machines/${owned.id}/owner`, { data: null }, 422);
    expect(taken.errors).toMatchObject([{ code, source: { pointer: '/data' } }]);
  });
});

test('the largest limits are compared exactly', async () => {
  const admin = await world.as('admin');
  const mine = await license({ max_memory: '9223372036854775806' });
  const raw = (memory: string) => JSON.stringify(body(mine, { memory: 'X' })).replace('"X"', memory);
  const { errors } = await admin.post('/machines', raw('9223372036854775807'), 422);
  expect(errors).toMatchObject([{ detail: 'machine memory has exceeded maximum allowed for license (9223372036854775806)' }]);
  await admin.post('/machines', raw('9223372036854775806'), 201);
});

test('all limits that are exceeded are told at once, in order', async () => {
  const mine = await license({ max_machines: 1, max_cores: 1, max_memory: 1, max_disk: 1 });
  await world.create('machine', { license_id: mine.id });
  const { errors } = await (await world.as('admin')).post('/machines', body(mine, { cores: 2, memory: 2, disk: 2 }), 422);
  expect(errors.map(({ code }: Wire) => code)).toEqual([
    'MACHINE_LIMIT_EXCEEDED',
    'MACHINE_CORE_LIMIT_EXCEEDED',
    'MACHINE_MEMORY_LIMIT_EXCEEDED',
    'MACHINE_DISK_LIMIT_EXCEEDED',
  ]);
});

describe('tokens of licenses count', () => {
  const withToken = async (token: Attributes = {}, policy: Attributes = {}) => {
    const mine = await license(policy);
    const stored = await world.create('token', { bearer_type: 'license', bearer_id: mine.id, ...token });
    const client = world.anonymous().with({ authorization: `Bearer ${stored.secret}` });
    const counts = async () => {
      const row = (await world.server.find('token', { id: stored.id }))!;
      return [row.activations, row.deactivations];
    };
    return { mine, client, counts };
  };

  test('activations and deactivations, up to their maxima', async () => {
    const { mine, client, counts } = await withToken({ max_activations: 2, max_deactivations: 1 });
    const first = await client.post('/machines', body(mine, { fingerprint: 'first' }), 201);
    const taken = await client.post('/machines', body(mine, { fingerprint: 'first' }), 422);
    expect(taken.errors).toMatchObject([{ code: 'FINGERPRINT_TAKEN' }]);
    const second = await client.post('/machines', body(mine), 201);
    expect(await counts()).toEqual([2, 0]);
    const { errors } = await client.post('/machines', body(mine), 422);
    const limit = { title: 'Unprocessable resource', detail: 'exceeds maximum allowed (2)', code: 'ACTIVATIONS_LIMIT_EXCEEDED' };
    expect(errors).toMatchObject([{ ...limit, source: { pointer: '/data/attributes/activations' } }]);
    await client.post('/machines', body(mine, { fingerprint: ' ' }), 400);
    await client.delete(`/machines/${first.data.id}`, undefined, 204);
    const kept = await client.delete(`/machines/${second.data.id}`, undefined, 422);
    const spent = { detail: 'exceeds maximum allowed (1)', code: 'DEACTIVATIONS_LIMIT_EXCEEDED', source: { pointer: '/data/attributes/deactivations' } };
    expect(kept.errors).toMatchObject([spent]);
    expect([await counts(), await world.count('machines')]).toEqual([[2, 1], 1]);
    expect(await world.emitted()).toEqual(['machine.created', 'machine.created', 'machine.deleted']);
  });

  test('but neither keys of licenses nor other bearers', async () => {
    const { mine, counts } = await withToken({}, { authentication_strategy: 'MIXED' });
    await world.withKey(mine).post('/machines', body(mine), 201);
    await (await world.as('admin')).post('/machines', body(mine), 201);
    expect(await counts()).toEqual([0, 0]);
  });
});
