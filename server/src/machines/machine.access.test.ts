import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const to = (type: string, id: unknown) => ({ data: id === null ? null : { type, id } });
const general = 'You do not have permission to complete the request (ensure the token or license is allowed to access all resources)';
const nobody = '01a213ee-2975-7000-83b3-dcb08785da4d';

/** A machine and everybody who may have to do with it. */
async function cast(policy: Attributes = {}) {
  const product = await world.create('product');
  const { id: policy_id } = await world.create('policy', { product_id: product.id, floating: true, ...policy });
  const [owner, keeper, attached] = [await world.create('user'), await world.create('user'), await world.create('user')];
  const license = await world.create('license', { policy_id, owner_id: owner.id, group_id: null });
  for (const { id } of [keeper, attached]) await world.create('license_user', { license_id: license.id, user_id: id });
  const machine = await world.create('machine', { license_id: license.id, owner_id: keeper.id });
  const clients: Record<string, () => Promise<Client>> = {
    ...Object.fromEntries((['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const).map((role) => [role, () => world.as(role)])),
    product: () => world.as('product', product),
    license: () => world.as('license', license),
    owner: () => world.as('user', owner),
    keeper: () => world.as('user', keeper),
    attached: () => world.as('user', attached),
    'other product': () => world.as('product'),
    'other license': async () => world.as('license', await world.create('license')),
    stranger: () => world.as('user'),
  };
  return { product, license, machine, owner, keeper, attached, clients };
}
const everybody = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only', 'product', 'license', 'owner', 'keeper', 'attached'];
const outsiders = ['other product', 'other license', 'stranger'];

type Cast = Awaited<ReturnType<typeof cast>>;
type Act = (client: Client, cast: Cast, status: number) => Promise<{ errors: Wire }>;
const path = ({ machine }: Cast) => `/machines/${machine.id}`;
const acts: Record<string, Act> = {
  show: (client, all, status) => client.get(path(all), status),
  update: (client, all, status) => client.patch(path(all), { data: { type: 'machines', attributes: {} } }, status),
  delete: (client, all, status) => client.delete(path(all), undefined, status),
  ping: (client, all, status) => client.post(`${path(all)}/actions/ping`, undefined, status),
  reset: (client, all, status) => client.post(`${path(all)}/actions/reset`, undefined, status),
  'check-out': (client, all, status) => client.post(`${path(all)}/actions/check-out`, undefined, status),
  proof: (client, all, status) => client.post(`${path(all)}/actions/generate-offline-proof`, undefined, status),
  'change-group': (client, all, status) => client.put(`${path(all)}/group`, to('groups', null), status),
  'change-owner': (client, all, status) => client.put(`${path(all)}/owner`, to('users', null), status),
  license: (client, all, status) => client.get(`${path(all)}/license`, status),
  product: (client, all, status) => client.get(`${path(all)}/product`, status),
  owner: (client, all, status) => client.get(`${path(all)}/owner`, status),
  user: (client, all, status) => client.get(`${path(all)}/user`, status),
  components: (client, all, status) => client.get(`${path(all)}/components`, status),
  processes: (client, all, status) => client.get(`${path(all)}/processes`, status),
};
const staff = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'];
const sellers = ['admin', 'developer', 'sales-agent', 'product'];

describe.each<[string, readonly string[], readonly string[]]>([
  // action       allowed                                                             of a protected license
  ['show', everybody, everybody],
  ['update', [...sellers, 'support-agent', 'license', 'owner', 'keeper'], [...sellers, 'support-agent']],
  ['delete', [...sellers, 'license', 'owner', 'keeper'], [...sellers, 'license']],
  ['ping', ['admin', 'developer', 'product', 'license', 'owner', 'keeper'], ['admin', 'developer', 'product', 'license']],
  ['reset', sellers, sellers],
  ['check-out', everybody.filter((name) => name !== 'read-only'), [...sellers, 'support-agent', 'license']],
  ['proof', [...sellers, 'license', 'owner'], [...sellers, 'license']],
  ['change-group', sellers, sellers],
  ['change-owner', sellers, sellers],
  ['license', everybody, everybody],
  ['product', [...staff, 'product'], [...staff, 'product']],
  ['owner', [...staff, 'product', 'owner', 'keeper', 'attached'], [...staff, 'product', 'owner', 'keeper', 'attached']],
  ['user', [...staff, 'product', 'owner'], [...staff, 'product', 'owner']],
  ['components', everybody, everybody],
  ['processes', everybody, everybody],
])('%s', (action, allowed, whenProtected) => {
  test.each([
    [false, allowed],
    [true, whenProtected],
  ])('protected %s', async (isProtected, names) => {
    for (const name of everybody) {
      const all = await cast({ protected: isProtected });
      const answer = await acts[action]!(await all.clients[name]!(), all, names.includes(name) ? (action === 'delete' ? 204 : 200) : 403);
      if (!names.includes(name)) expect(answer.errors, name).toMatchObject([{ title: 'Access denied' }]);
    }
  });
});

test.each(Object.keys(acts))('to others %s is not found, and the nameless are asked who they are', async (action) => {
  const all = await cast();
  for (const name of outsiders) await acts[action]!(await all.clients[name]!(), all, 404);
  await acts[action]!(world.anonymous(), all, 401);
});

test('lists show what each may see', async () => {
  const all = await cast();
  await world.create('machine');
  const seen = async (client: Client) => (await client.get('/machines', 200)).data.length;
  for (const name of everybody) expect([name, await seen(await all.clients[name]!())]).toEqual([name, staff.includes(name) ? 2 : 1]);
  for (const name of outsiders) expect([name, await seen(await all.clients[name]!())]).toEqual([name, 0]);
});

describe('creation', () => {
  const create = (client: Client, license: unknown, relationships: Attributes, status: number) =>
    client.post(
      '/machines',
      { data: { type: 'machines', attributes: { fingerprint: crypto.randomUUID() }, relationships: { license: to('licenses', license), ...relationships } } },
      status,
    );

  test.each([
    [false, [...sellers, 'license', 'owner']],
    [true, [...sellers, 'license']],
  ])('by whom, protected %s', async (isProtected, allowed) => {
    const all = await cast({ protected: isProtected });
    for (const name of [...everybody, ...outsiders]) {
      const { errors } = await create(await all.clients[name]!(), all.license.id, {}, allowed.includes(name) ? 201 : 403);
      if (errors && !['read-only', 'support-agent'].includes(name)) expect([name, errors[0].detail]).toEqual([name, general]);
    }
    await create(world.anonymous(), all.license.id, {}, 401);
  });

  test('the flag of the license beats that of its policy', async () => {
    const all = await cast({ protected: true });
    await world.server.update('license', all.license.id, { protected: false });
    await create(await all.clients.owner!(), all.license.id, {}, 201);
  });

  test('an attached user owns what it creates', async () => {
    const all = await cast();
    const client = await all.clients.attached!();
    await create(client, all.license.id, { owner: to('users', all.attached.id) }, 201);
    await create(client, all.license.id, { owner: to('users', all.keeper.id) }, 403);
    const stranger = await world.create('user');
    const foreign = await create(await world.as('user', stranger), all.license.id, { owner: to('users', stranger.id) }, 422);
    expect(foreign.errors).toMatchObject([{ code: 'OWNER_INVALID' }]);
    const unknown = await create(await world.as('user', stranger), nobody, { owner: to('users', stranger.id) }, 422);
    expect(unknown.errors.map(({ code }: Wire) => code)).toEqual(['LICENSE_NOT_FOUND', 'POLICY_NOT_FOUND']);
  });

  test('an unknown license is a matter of rules for staff, of access for others', async () => {
    const all = await cast();
    await create(await all.clients.admin!(), nobody, {}, 422);
    for (const name of ['product', 'license', 'owner']) await create(await all.clients[name]!(), nobody, {}, 403);
  });

  test('components call for their own permission, an empty list too', async () => {
    const { license } = await cast();
    const permissions = ['machine.create', 'machine.read'];
    const client = await world.as(
      'license',
      await world.create('license', { policy_id: license.policy_id, permissions }).then((row) => Object.assign(license, row)),
    );
    const { errors } = await create(client, license.id, { components: { data: [] } }, 403);
    expect(errors).toMatchObject([{ detail: 'You do not have permission to complete the request (license lacks permission to perform action)' }]);
    expect(await world.count('machines')).toBe(1);
    await create(client, license.id, {}, 201);
  });

  test('403 names who lacks the permission', async () => {
    const all = await cast();
    const { errors } = await create(await all.clients['read-only']!(), all.license.id, {}, 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (read only lacks permission to perform action)');
    const { secret } = await world.create('token', { bearer_type: 'license', bearer_id: all.license.id, permissions: ['machine.read'] });
    const weak = await create(world.anonymous().with({ authorization: `Bearer ${secret}` }), all.license.id, {}, 403);
    expect(weak.errors[0].detail).toBe('You do not have permission to complete the request (token lacks permission to perform action)');
  });
});

describe('environments', () => {
  const place = async (isolation_strategy: 'ISOLATED' | 'SHARED') => {
    const environment = await world.create('environment', { isolation_strategy });
    const of = async (environment_id: unknown) => {
      const license = await world.create('license', { environment_id, policy_id: (await world.create('policy', { environment_id, floating: true })).id });
      return { license, machine: await world.create('machine', { license_id: license.id }) };
    };
    return { environment, own: await of(environment.id), global: await of(null), client: await world.as('environment', environment) };
  };
  const incompatible = 'You do not have permission to complete the request (record environment is not compatible with the current environment)';
  const create = (license: Attributes, relationships: Attributes = {}) => ({
    data: { type: 'machines', attributes: { fingerprint: crypto.randomUUID() }, relationships: { license: to('licenses', license.id), ...relationships } },
  });

  test('isolated: only its own', async () => {
    const { environment, own, global, client } = await place('ISOLATED');
    const inside = client.in(environment);
    expect((await inside.get('/machines', 200)).data.map(({ id }: Wire) => id)).toEqual([own.machine.id]);
    await inside.get(`/machines/${global.machine.id}`, 404);
    await inside.post(`/machines/${own.machine.id}/actions/ping`, undefined, 200);
    const { data } = await inside.post('/machines', create(own.license), 201);
    expect(data.relationships.environment).toEqual({
      links: { related: `${world.base}/environments/${environment.id}` },
      data: { type: 'environments', id: environment.id },
    });
    const { errors } = await inside.post('/machines', create(global.license), 422);
    expect(errors).toMatchObject([
      { detail: 'must be compatible with license environment', code: 'ENVIRONMENT_NOT_ALLOWED', source: { pointer: '/data/relationships/environment' } },
    ]);
  });

  test('shared: global ones are read, pinged and reset, not changed', async () => {
    const { environment, own, global, client } = await place('SHARED');
    const inside = client.in(environment);
    expect((await inside.get('/machines', 200)).data).toHaveLength(2);
    const path = `/machines/${global.machine.id}`;
    await inside.get(path, 200);
    await inside.post(`${path}/actions/ping`, undefined, 200);
    await inside.post(`${path}/actions/reset`, undefined, 200);
    for (const answer of [await inside.patch(path, { data: { type: 'machines', attributes: {} } }, 403), await inside.delete(path, undefined, 403)])
      expect(answer.errors[0].detail).toBe(incompatible);
    await inside.post('/machines', create(global.license), 201);
    await inside.delete(`/machines/${own.machine.id}`, undefined, 204);
  });

  test('global: those of environments do not exist, and none can be made there', async () => {
    const { environment, own, global } = await place('SHARED');
    const admin = await world.as('admin');
    await admin.get(`/machines/${own.machine.id}`, 404);
    expect((await admin.get('/machines', 200)).data.map(({ id }: Wire) => id)).toEqual([global.machine.id]);
    expect((await admin.post('/machines', create(own.license), 403)).errors[0].detail).toBe(incompatible);
    expect((await admin.post('/machines', create(global.license, { environment: to('environments', environment.id) }), 403)).errors[0].detail).toBe(
      incompatible,
    );
    const { errors } = await admin.post('/machines', create(own.license, { environment: to('environments', null) }), 422);
    expect(errors).toMatchObject([{ detail: 'must be compatible with license environment' }]);
  });

  test('an owner of a global environment fits into an isolated one only as admin', async () => {
    const { environment, own, client } = await place('ISOLATED');
    for (const [role, status] of [
      ['user', 422],
      ['admin', 201],
    ] as const) {
      const owner = await world.create('user', { role });
      await world.create('license_user', { license_id: own.license.id, user_id: owner.id });
      const { errors } = await client.in(environment).post('/machines', create(own.license, { owner: to('users', owner.id) }), status);
      if (status === 422) expect(errors).toMatchObject([{ detail: 'must be compatible with owner environment' }]);
    }
  });

  test('within one, the new group and the current owner must be its own', async () => {
    const { environment, own, client } = await place('SHARED');
    const inside = client.in(environment);
    const [ours, global] = [await world.create('group', { environment_id: environment.id }), await world.create('group')];
    const path = `/machines/${own.machine.id}`;
    await inside.put(`${path}/group`, to('groups', ours.id), 200);
    expect((await inside.put(`${path}/group`, to('groups', global.id), 403)).errors[0].detail).toBe(incompatible);
    const missing = 'You do not have permission to complete the request (record is not compatible with the current environment)';
    for (const id of [null, nobody]) expect((await inside.put(`${path}/group`, to('groups', id), 403)).errors[0].detail).toBe(missing);
    const owner = await world.create('user', { environment_id: environment.id });
    await world.create('license_user', { license_id: own.license.id, user_id: owner.id });
    expect((await inside.put(`${path}/owner`, to('users', owner.id), 403)).errors[0].detail).toBe(missing);
    await world.server.update('machine', own.machine.id, { owner_id: owner.id });
    await inside.put(`${path}/owner`, to('users', null), 200);
  });
});
