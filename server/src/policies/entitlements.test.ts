import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let policy: Wire;
beforeEach(async () => {
  world = await newWorld();
  policy = await world.create('policy');
});

const path = (id: unknown = policy.id) => `/policies/${id}/entitlements`;
const items = (...entitlements: { id?: unknown }[]) => ({ data: entitlements.map(({ id }) => ({ type: 'entitlements', id })) });
const unknown = { id: '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11' };
const pointer = '/data/relationships/entitlement';

test('entitlements are attached, listed, shown by id and detached', async () => {
  const [one, two] = [await world.create('entitlement', { code: 'ONE' }), await world.create('entitlement', { code: 'TWO' })];
  const admin = await world.as('admin');
  const { data } = await admin.post(path(), items(one, two), 200);
  expect(data).toHaveLength(2);
  expect(data[0]).toEqual({
    id: data[0].id,
    type: 'policy-entitlements',
    attributes: { created: data[0].attributes.created, updated: data[0].attributes.updated },
    relationships: {
      account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
      environment: { links: { related: null }, data: null },
      entitlement: { links: { related: `${world.base}/entitlements/${one.id}` }, data: { type: 'entitlements', id: one.id } },
      policy: { links: { related: `${world.base}/policies/${policy.id}` }, data: { type: 'policies', id: policy.id } },
    },
    links: { related: `${world.base}/policies/${policy.id}/entitlements/${one.id}` },
  });
  expect((await admin.get(path(), 200)).data.map(({ id }: Wire) => id).sort()).toEqual([one.id, two.id].sort());
  expect((await admin.get(`${path()}/${one.id}`, 200)).data.type).toBe('entitlements');
  await admin.get(`${path()}/ONE`, 404);
  const detached = await admin.delete(path(), items(two), 204);
  expect(detached.body).toBe('');
  await admin.get(`${path()}/${two.id}`, 404);
  expect(await world.emitted()).toEqual(['policy.entitlements.attached', 'policy.entitlements.detached']);
  const logs = await world.server.sql('select metadata from event_logs order by created_at, id');
  expect(logs.map(({ metadata }) => metadata)).toEqual([{ codes: ['ONE', 'TWO'] }, { codes: ['TWO'] }]);
});

describe('refuses to attach', () => {
  test.each([
    ['an unknown one', (own: Wire) => [own, unknown], 'must exist', 'ENTITLEMENT_NOT_FOUND'],
    ['one that is attached', (own: Wire, has: Wire) => [own, has, unknown], 'already exists', 'ENTITLEMENT_TAKEN'],
    ['one twice', (own: Wire) => [own, own], 'already exists', 'ENTITLEMENT_TAKEN'],
  ])('%s, and attaches nothing', async (_, list, detail, code) => {
    const own = await world.create('entitlement');
    const { entitlement_id } = await world.create('policy_entitlement', { policy_id: policy.id });
    const { errors } = await (await world.as('admin')).post(path(), items(...list(own, { id: entitlement_id })), 422);
    const links = { about: 'https://keygen.sh/docs/api/entitlements/#entitlements-object-relationships-entitlement' };
    expect(errors).toEqual([{ title: 'Unprocessable resource', detail, code, source: { pointer }, links }]);
    expect(await world.count('policy_entitlements')).toBe(1);
    expect(await world.emitted()).toEqual([]);
  });

  test('one of another account', async () => {
    const account = await world.server.create('account');
    const foreign = await world.server.create('entitlement', { account_id: account.id });
    const { errors } = await (await world.as('admin')).post(path(), items(foreign), 422);
    expect(errors[0]).toMatchObject({ code: 'ENTITLEMENT_NOT_FOUND' });
  });

  test.each([
    [{ data: [] }, 'length must be between 1 and 100 (inclusive)', '/data'],
    [items(...Array.from({ length: 101 }, () => unknown)), 'length must be between 1 and 100 (inclusive)', '/data'],
    [{ data: [{ type: 'users', id: unknown.id }] }, 'is invalid', '/data/0/type'],
    [{ data: [{ type: 'entitlements', id: 'x' }] }, 'type mismatch (received string expected UUID string)', '/data/0/id'],
    [{ data: { type: 'entitlements', id: unknown.id } }, 'type mismatch (received object expected array)', '/data'],
    [{}, 'is missing', '/data'],
  ])('%# a bad list', async (sent, detail, at) => {
    const { errors } = await (await world.as('read-only')).post(path(), sent, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { pointer: at } }]);
    await (await world.as('admin')).delete(path(), sent, 400);
  });
});

test.each([
  ['not attached', (has: Wire, not: Wire) => [has, not], 1],
  ['named twice', (has: Wire) => [has, has], 1],
  ['unknown', () => [unknown], 0],
])('detaching one that is %s detaches nothing', async (_, list, index) => {
  const not = await world.create('entitlement');
  const { entitlement_id } = await world.create('policy_entitlement', { policy_id: policy.id });
  const sent = list({ id: entitlement_id }, not);
  const { errors } = await (await world.as('admin')).delete(path(), items(...sent), 422);
  const detail = `cannot detach entitlement '${(sent[index] as Wire).id}' (entitlement is not attached)`;
  expect(errors).toEqual([{ title: 'Unprocessable entity', detail, source: { pointer: `/data/${index}` } }]);
  expect(await world.count('policy_entitlements')).toBe(1);
});

describe('is allowed to', () => {
  test.each([
    ['admin', 200, 204],
    ['developer', 200, 204],
    ['sales-agent', 200, 204],
    ['support-agent', 403, 403],
    ['read-only', 403, 403],
  ] as const)('%s', async (role, attach, detach) => {
    const { entitlement_id } = await world.create('policy_entitlement', { policy_id: policy.id });
    const client = await world.as(role);
    await client.post(path(), items(await world.create('entitlement')), attach);
    await client.delete(path(), items({ id: entitlement_id }), detach);
  });

  test('a product for its own policies, licenses and users never', async () => {
    const license = await world.create('license', { policy_id: policy.id });
    const entitlement = await world.create('entitlement');
    await (await world.as('license', license)).post(path(), items(entitlement), 403);
    await (await world.as('license')).post(path(), items(entitlement), 404);
    await (await world.as('user')).post(path(), items(entitlement), 404);
    await (await world.as('product')).post(path(), items(entitlement), 404);
    await (await world.as('product', { id: policy.product_id })).post(path(), items(entitlement), 200);
  });
});

describe('environments', () => {
  const mixed = "You do not have permission to complete the request (a record's environment is not compatible with the current environment)";

  test.each([
    // policy     entitlements            current    attach
    ['global', ['global'], null, 200],
    ['global', ['shared'], null, 403],
    ['global', ['shared'], 'shared', 200],
    ['global', ['global'], 'shared', 403],
    ['shared', ['shared', 'global'], 'shared', 200],
    ['shared', ['shared', 'isolated'], 'shared', 403],
    ['isolated', ['isolated'], 'isolated', 200],
    ['isolated', ['global'], 'isolated', 403],
  ] as const)('%s policy, %j entitlements, %s: %d', async (parent, list, current, expected) => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const ids = { global: null, shared: shared.id, isolated: isolated.id };
    const of = await world.create('policy', { environment_id: ids[parent] });
    const entitlements = await Promise.all(list.map((name) => world.create('entitlement', { environment_id: ids[name] })));
    const environment = current === null ? null : { shared, isolated }[current];
    const client = environment ? (await world.as('environment', environment)).in(environment) : await world.as('admin');
    const { data, errors } = await client.post(path(of.id), items(...entitlements), expected);
    if (expected === 403) expect(errors).toEqual([{ title: 'Access denied', detail: mixed }]);
    else expect(data[0].relationships.environment.data?.id ?? null).toBe(environment?.id ?? null);
    const joined = await world.create('policy_entitlement', {
      policy_id: of.id,
      entitlement_id: (await world.create('entitlement', { environment_id: ids[list.at(-1)!] })).id,
    });
    await client.delete(path(of.id), items({ id: joined.entitlement_id }), expected === 403 ? 403 : 204);
  });

  test('ids that all do not exist are refused below a global policy', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const client = (await world.as('environment', shared)).in(shared);
    const { errors } = await client.post(path(), items(unknown), 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (records are not compatible with the current environment)');
    const own = await world.create('policy', { environment_id: shared.id });
    await client.post(path(own.id), items(unknown), 422);
  });
});

test('of 20 attachments at once exactly one succeeds', async () => {
  const entitlement = await world.create('entitlement');
  const admin = await world.as('admin');
  const answers = await inParallel(20, () => admin.post(path(), items(entitlement)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 422)]);
});
