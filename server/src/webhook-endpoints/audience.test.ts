import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let product: Wire;
let endpoint: Wire;
beforeEach(async () => {
  world = await newWorld();
  product = await world.create('product');
  endpoint = await world.create('webhook_endpoint', { product_id: product.id });
});

const policyOf = (its: Wire): Promise<Wire> => world.create('policy', { product_id: its.id });
const licenseOf = async (its: Wire): Promise<Wire> => world.create('license', { policy_id: (await policyOf(its)).id });
const machineOf = async (its: Wire): Promise<Wire> => world.create('machine', { license_id: (await licenseOf(its)).id });

/** What a change of each kind of record takes: the record, and the request that an admin sends. */
const changes: Record<string, (its: Wire) => Promise<[method: string, path: string]>> = {
  product: async ({ id }) => ['PATCH', `/products/${id}`],
  policy: async (its) => ['PATCH', `/policies/${(await policyOf(its)).id}`],
  license: async (its) => ['PATCH', `/licenses/${(await licenseOf(its)).id}`],
  machine: async (its) => ['PATCH', `/machines/${(await machineOf(its)).id}`],
  component: async (its) => ['PATCH', `/components/${(await world.create('machine_component', { machine_id: (await machineOf(its)).id })).id}`],
  process: async (its) => ['PATCH', `/processes/${(await world.create('machine_process', { machine_id: (await machineOf(its)).id })).id}`],
  'token of the product': async ({ id }) => ['DELETE', `/tokens/${(await world.create('token', { bearer_type: 'product', bearer_id: id })).id}`],
  'token of a license': async (its) => [
    'DELETE',
    `/tokens/${(await world.create('token', { bearer_type: 'license', bearer_id: (await licenseOf(its)).id })).id}`,
  ],
};
const others: typeof changes = {
  user: async () => ['PATCH', `/users/${(await world.create('user')).id}`],
  admin: async () => ['PATCH', `/users/${(await world.create('user', { role: 'admin' })).id}`],
  developer: async () => ['PATCH', `/users/${(await world.create('user', { role: 'developer' })).id}`],
  "admin's token": async () => [
    'DELETE',
    `/tokens/${(await world.create('token', { bearer_type: 'user', bearer_id: (await world.create('user', { role: 'admin' })).id })).id}`,
  ],
  group: async () => ['PATCH', `/groups/${(await world.create('group')).id}`],
  entitlement: async () => ['PATCH', `/entitlements/${(await world.create('entitlement')).id}`],
  environment: async () => ['PATCH', `/environments/${(await world.create('environment')).id}`],
  account: async () => ['PATCH', ''],
};

/** @returns how many webhook events a change of the record causes */
async function heard([method, path]: [string, string]): Promise<number> {
  const admin = await world.as('admin');
  const type = path === '' ? 'accounts' : path.split('/')[1];
  const body = method === 'PATCH' ? { data: { type, attributes: {} } } : undefined;
  const { status, body: text } = await admin.send(method, path, body);
  expect(status, text).toBeLessThan(300);
  await world.server.jobs.run();
  return world.count('webhook_events');
}

describe("a product's endpoint hears of", () => {
  test.each(Object.keys(changes))('a %s of its own', async (kind) => {
    expect(await heard(await changes[kind]!(product))).toBe(1);
  });
  test.each(['user', 'group', 'entitlement', 'account'])('any %s', async (kind) => {
    expect(await heard(await others[kind]!(product))).toBe(1);
  });
  test('a token of a user whom it licenses', async () => {
    const user = await world.create('user');
    await world.create('license', { policy_id: (await policyOf(product)).id, owner_id: user.id });
    const token = await world.create('token', { bearer_type: 'user', bearer_id: user.id });
    expect(await heard(['DELETE', `/tokens/${token.id}`])).toBe(1);
  });
});

test("a product's endpoint hears of what goes, such as a key that is popped", async () => {
  const policy = await world.create('policy', { product_id: product.id, use_pool: true });
  await world.create('key', { policy_id: policy.id });
  expect(await heard(['DELETE', `/policies/${policy.id}/pool`])).toBe(1);
  expect(await heard(['DELETE', `/policies/${policy.id}`])).toBe(2);
});

describe("a product's endpoint does not hear of", () => {
  test.each(Object.keys(changes))("another product's %s", async (kind) => {
    expect(await heard(await changes[kind]!(await world.create('product')))).toBe(0);
  });
  test.each(['admin', 'developer', "admin's token", 'environment'])('any %s', async (kind) => {
    expect(await heard(await others[kind]!(product))).toBe(0);
  });
  test('lists that are attached', async () => {
    const policy = await policyOf(product);
    const entitlement = await world.create('entitlement');
    const admin = await world.as('admin');
    await admin.post(`/policies/${policy.id}/entitlements`, { data: [{ type: 'entitlements', id: entitlement.id }] }, 200);
    expect(await world.emitted()).toEqual(['policy.entitlements.attached']);
    expect(await world.count('webhook_events')).toBe(0);
  });
  test('what its permissions do not let it read', async () => {
    await world.server.update('product', product.id, { permissions: ['policy.read'] });
    expect(await heard(await changes.license!(product))).toBe(0);
    expect(await heard(await changes.policy!(product))).toBe(1);
  });
  test('an environment that is not the endpoint’s', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    await world.server.update('webhook_endpoint', endpoint.id, { environment_id: shared.id });
    expect(await heard(await changes.license!(product))).toBe(0);
    const inside = (await world.as('environment', shared)).in(shared);
    await inside.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'N', code: 'C' } } }, 201);
    await world.server.jobs.run();
    expect(await world.count('webhook_events')).toBe(1);
  });
});
