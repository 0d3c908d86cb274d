import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';
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
const related = (name: string) => `/data/relationships/${name}`;
const nobody = { id: '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10' };

describe('groups', () => {
  const detail = 'license count has exceeded maximum allowed by current group (1)';

  test('a full group takes no license, neither given nor inherited', async () => {
    const group = await world.create('group', { max_licenses: 1 });
    const owner = await world.create('user', { group_id: group.id });
    const admin = await world.as('admin');
    await admin.post('/licenses', body(policy, {}, { group: linked('groups', group) }), 201);
    for (const relationships of [{ group: linked('groups', group) }, { owner: linked('users', owner) }]) {
      const { errors } = await admin.post('/licenses', body(policy, {}, relationships), 422);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ detail, code: 'GROUP_LICENSE_LIMIT_EXCEEDED', source: { pointer: related('group') } });
    }
  });

  test('of 20 licenses created at once in a group for 3 exactly 3 are', async () => {
    const group = await world.create('group', { max_licenses: 3 });
    const admin = await world.as('admin');
    const answers = await inParallel(20, () => admin.post('/licenses', body(policy, {}, { group: linked('groups', group) })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.every(({ status }) => status === 201 || status === 422)).toBe(true);
    expect(await world.count('licenses')).toBe(3);
  });
});

describe('who may create', () => {
  test.each([
    ['admin', 201],
    ['developer', 201],
    ['sales-agent', 201],
    ['support-agent', 403],
    ['read-only', 403],
    ['license', 403],
    ['user', 403],
    ['product', 403],
  ] as const)('%s: %d', async (role, status) => {
    await (await world.as(role)).post('/licenses', body(policy), status);
  });

  test('the policy’s product, and no other; an unknown policy is refused to it', async () => {
    const product = await world.server.find('product', { id: policy.product_id });
    const client = await world.as('product', product);
    await client.post('/licenses', body(policy, { permissions: ['*'], maxUses: 1 }), 201);
    await client.post('/licenses', body(await world.create('policy')), 403);
    await client.post('/licenses', body(nobody), 403);
  });

  test('users, for themselves and of unprotected policies', async () => {
    const user = await world.create('user');
    const client = await world.as('user', user);
    const own = { owner: linked('users', user) };
    const { data } = await client.post('/licenses', body(policy, { name: 'Mine', key: 'MY-OWN-KEY', metadata: { a: 1 } }, own), 201);
    expect(data.relationships.owner.data.id).toBe(user.id);
    const { errors } = await client.post('/licenses', body(policy), 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (ensure the token or license is allowed to access all resources)');
    await client.post('/licenses', body(policy, {}, { owner: linked('users', await world.create('user')) }), 403);
    await client.post('/licenses', body(await world.create('policy', { protected: true }), {}, own), 403);
    const unknown = await client.post('/licenses', body(nobody, {}, own), 422);
    expect(unknown.errors[0].code).toBe('POLICY_NOT_FOUND');
  });

  test('nobody without credentials', async () => {
    const { errors } = await world.anonymous().post('/licenses', body(policy), 401);
    expect(errors[0].code).toBe('TOKEN_MISSING');
  });

  test('only those whose token has the permission', async () => {
    const admin = await world.create('user', { role: 'admin', permissions: ['license.read'] });
    const { errors } = await (await world.as('admin', admin)).post('/licenses', body(policy), 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (admin lacks permission to perform action)');
  });
});

describe('what each may send', () => {
  const limits = ['maxMachines', 'maxProcesses', 'maxUsers', 'maxCores', 'maxMemory', 'maxDisk', 'maxUses'];
  const privileged = ['expiry', 'suspended', 'protected', ...limits, 'id'];
  test.each([
    ['admin', []],
    ['developer', []],
    ['product', []],
    ['environment', []],
    ['sales-agent', ['permissions']],
    ['support-agent', [...privileged, 'permissions']],
    ['read-only', [...privileged, 'permissions', 'group']],
    ['user', [...privileged, 'permissions', 'group']],
    ['license', [...privileged, 'permissions', 'group']],
  ] as const)('%s', async (role, refused: readonly string[]) => {
    const environment = role === 'environment' ? await world.create('environment') : undefined;
    const policy = await world.create('policy', { environment_id: environment?.id ?? null });
    const product = await world.server.find('product', { id: policy.product_id });
    const bearer = await world.as(role, role === 'product' ? product : environment);
    const client = environment ? bearer.in(environment) : bearer;
    for (const name of ['name', 'key', 'metadata', ...privileged, 'permissions', 'group']) {
      const attributes = name === 'id' || name === 'group' ? {} : { [name]: null };
      const data = { type: 'licenses', attributes, relationships: { policy: linked('policies', policy), ...(name === 'group' && { group: null }) } };
      const { status, errors } = await client.post('/licenses', { data: { ...data, ...(name === 'id' && { id: null }) } });
      const pointer = name === 'id' ? '/data/id' : name === 'group' ? '/data/relationships/group' : `/data/attributes/${name}`;
      if (refused.includes(name)) expect(errors, name).toMatchObject(badRequest('unpermitted parameter', pointer));
      else expect(status, name).toBe(['admin', 'developer', 'sales-agent', 'product', 'environment'].includes(role) ? 201 : 403);
    }
  });
});

describe('environments', () => {
  const create = async (environment: Wire, of: Wire, relationships: object, status: number) => {
    const admin = await world.create('user', { role: 'admin', environment_id: environment?.id ?? null });
    const client = await world.as('admin', admin);
    return (environment ? client.in(environment) : client).post('/licenses', body(of, {}, relationships), status);
  };

  test('a license takes over the current environment', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const own = await world.create('policy', { environment_id: isolated.id });
    const { data } = await create(isolated, own, {}, 201);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: isolated.id });
    await create(shared, policy, { owner: linked('users', await world.create('user')) }, 201);
    await create(isolated, own, { owner: linked('users', await world.create('user', { role: 'admin' })) }, 201);
  });

  test('what does not go together is refused', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const own = await world.create('policy', { environment_id: isolated.id });
    const notAllowed = (name: string) => ({
      detail: `must be compatible with ${name} environment`,
      code: 'ENVIRONMENT_NOT_ALLOWED',
      source: { pointer: related('environment') },
    });
    const user = linked('users', await world.create('user'));
    const isolatedUser = linked('users', await world.create('user', { environment_id: isolated.id }));
    expect((await create(isolated, policy, {}, 422)).errors).toMatchObject([notAllowed('policy')]);
    expect((await create(isolated, own, { owner: user }, 422)).errors).toMatchObject([notAllowed('owner')]);
    expect((await create(isolated, own, { group: linked('groups', await world.create('group')) }, 422)).errors).toMatchObject([notAllowed('group')]);
    expect((await create(null, policy, { owner: isolatedUser }, 422)).errors).toMatchObject([notAllowed('owner')]);
    expect((await create(null, own, { environment: { data: null } }, 422)).errors).toMatchObject([notAllowed('policy')]);
    const mixed = await world.create('policy', { environment_id: isolated.id, product_id: policy.product_id });
    expect((await create(isolated, mixed, {}, 422)).errors).toMatchObject([notAllowed('product')]);
    const { errors } = await create(null, own, {}, 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (record environment is not compatible with the current environment)');
    await create(isolated, own, { environment: { data: null } }, 403);
  });
});

test('of 50 licenses created at once with one key exactly one is', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(50, () => admin.post('/licenses', body(policy, { key: 'ONLY-ONE' })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
  expect(await world.count('licenses')).toBe(1);
});

test('of 10 licenses created at once with one id exactly one is', async () => {
  const admin = await world.as('admin');
  const id = uuid();
  const answers = await inParallel(10, () => admin.post('/licenses', body(policy, {}, {}, { id })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
});

test('a created license reaches webhooks as it was created, and a legacy key does not', async () => {
  await world.create('webhook_endpoint', { subscriptions: ['license.created'] });
  const admin = await world.as('admin');
  const legacy = await world.create('policy', { encrypted: true });
  await admin.post('/licenses', body(policy, { key: 'PLAIN-KEY' }), 201);
  const { data } = await admin.post('/licenses', body(legacy), 201);
  await world.server.jobs.run();
  const rows = await world.server.sql('select payload from webhook_events order by created_at, id');
  const payloads = rows.map((row) => JSON.parse(String(row.payload)).data.attributes);
  expect(payloads.find(({ encrypted }) => !encrypted).key).toBe('PLAIN-KEY');
  expect(data.attributes.key).toBeDefined();
  expect(payloads.find(({ encrypted }) => encrypted)).not.toHaveProperty('key');
});
