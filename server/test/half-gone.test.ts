/** What was deleted is gone at once, what belonged to it goes in the background: in between, nothing may break on a parent that is not there. */
import { beforeEach, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from './kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const linkage = (type: string, { id }: Wire) => ({ data: { type, id } });

async function family() {
  const product = await world.create('product');
  const checkIn = { require_check_in: true, check_in_interval: 'day', check_in_interval_count: 1 };
  const policy = await world.create('policy', { ...checkIn, product_id: product.id, authentication_strategy: 'MIXED', floating: true, duration: 86_400 });
  const pool = await world.create('policy', { product_id: product.id, use_pool: true });
  const key = await world.create('key', { policy_id: pool.id });
  const group = await world.create('group');
  const user = await world.create('user', { group_id: group.id });
  const license = await world.create('license', { policy_id: policy.id, owner_id: user.id, group_id: group.id });
  const { user_id } = await world.create('license_user', { license_id: license.id });
  const machine = await world.create('machine', { license_id: license.id, owner_id: user.id, group_id: group.id });
  const component = await world.create('machine_component', { machine_id: machine.id });
  const process = await world.create('machine_process', { machine_id: machine.id });
  const { entitlement_id } = await world.create('license_entitlement', { license_id: license.id });
  return { product, policy, pool, key, group, user, attached: { id: user_id }, license, machine, component, process, entitlement: { id: entitlement_id } };
}
type Family = Awaited<ReturnType<typeof family>>;

const below: Record<string, string[]> = {
  products: ['', 'policies', 'licenses', 'machines', 'users', 'tokens'],
  policies: ['', 'product', 'licenses', 'entitlements', 'pool'],
  keys: ['', 'policy', 'product'],
  groups: ['', 'owners', 'users', 'licenses', 'machines'],
  users: ['', 'licenses', 'machines', 'products', 'group', 'tokens'],
  licenses: ['', 'product', 'policy', 'group', 'owner', 'user', 'users', 'entitlements', 'machines', 'tokens', 'actions/validate'],
  machines: ['', 'product', 'license', 'owner', 'group', 'components', 'processes', 'user'],
  components: ['', 'product', 'license', 'machine'],
  processes: ['', 'product', 'license', 'machine'],
  entitlements: [''],
};

function paths({ product, policy, pool, key, group, user, license, machine, component, process, entitlement }: Family): string[] {
  const named = { products: [product], policies: [policy, pool], keys: [key], groups: [group], users: [user], licenses: [license], machines: [machine] };
  const all: Record<string, Wire[]> = { ...named, components: [component], processes: [process], entitlements: [entitlement] };
  const reads = Object.entries(all).flatMap(([type, rows]) => [`/${type}`, ...rows.flatMap(({ id }) => below[type]!.map((name) => `/${type}/${id}/${name}`))]);
  const checkOuts = [`/licenses/${license.id}/actions/check-out?include=product,policy,group,owner,users,entitlements`];
  return [
    ...reads,
    ...checkOuts,
    `/machines/${machine.id}/actions/check-out?include=license.policy,license.product,license.owner,owner,group,components`,
    '/me',
  ];
}

/** Writes on what may be half gone, and by names of what is. */
function writes({ policy, pool, user, license, machine, process }: Family): [method: string, path: string, body?: object][] {
  const scope = { fingerprint: machine.fingerprint, user: user.id, entitlements: ['x'], version: '1.0.0', checksum: 'x' };
  const actions = ['check-in', 'renew', 'suspend', 'increment-usage'].map((name): [string, string] => ['POST', `/licenses/${license.id}/actions/${name}`]);
  return [
    ['POST', `/licenses/${license.id}/actions/validate`, { meta: { scope } }],
    ['POST', '/licenses/actions/validate-key', { meta: { key: license.key } }],
    ...actions,
    ['POST', `/machines/${machine.id}/actions/ping`],
    ['POST', `/machines/${machine.id}/actions/generate-offline-proof`],
    ['POST', `/processes/${process.id}/actions/ping`],
    ['POST', '/machines', { data: { type: 'machines', attributes: { fingerprint: 'new' }, relationships: { license: linkage('licenses', license) } } }],
    ['POST', '/licenses', { data: { type: 'licenses', relationships: { policy: linkage('policies', policy), owner: linkage('users', user) } } }],
    ['POST', '/keys', { data: { type: 'keys', attributes: { key: 'a-pooled-key' }, relationships: { policy: linkage('policies', pool) } } }],
    ['DELETE', `/policies/${pool.id}/pool`],
    ['PUT', `/licenses/${license.id}/owner`, linkage('users', user)],
    ['PUT', `/licenses/${license.id}/policy`, linkage('policies', policy)],
    ['POST', `/licenses/${license.id}/tokens`],
    ['PATCH', `/machines/${machine.id}`, { data: { type: 'machines', attributes: { name: 'x' } } }],
    ['DELETE', `/machines/${machine.id}`],
    ['DELETE', `/licenses/${license.id}`],
  ];
}

test.each([
  ['products', 'product'],
  ['policies', 'policy'],
  ['policies', 'pool'],
  ['licenses', 'license'],
  ['users', 'user'],
  ['groups', 'group'],
  ['machines', 'machine'],
  ['entitlements', 'entitlement'],
] as const)('what belonged to one of the %s (%s) breaks nothing until it is gone too', async (type, name) => {
  const made = await family();
  const admin = await world.as('admin');
  const { product, user, attached, license } = made;
  const bearers: Client[] = [admin, await world.as('product', product), await world.as('user', user), await world.as('user', attached)];
  bearers.push(await world.as('license', license), world.withKey(license));
  await admin.delete(`/${type}/${made[name].id}`, undefined, 204);
  const broken: string[] = [];
  const note = async (client: Client, method: string, path: string, body?: object) => {
    const { status } = await client.send(method, path, body);
    if (status >= 500) broken.push(`${method} ${path}: ${status}`);
  };
  for (const client of bearers) await Promise.all(paths(made).map((path) => note(client, 'GET', path)));
  for (const [method, path, body] of writes(made)) await note(admin, method, path, body);
  await world.server.jobs.run();
  await Promise.all(paths(made).map((path) => note(admin, 'GET', path)));
  expect(broken).toEqual([]);
});
