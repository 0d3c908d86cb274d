/** What a factory makes fits together, as if the API had made it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultPermissions } from '../src/kernel/access/permissions.ts';
import { generateAccountKeys } from '../src/kernel/crypto/account-keys.ts';
import { type Attributes, newWorld, type Wire, type World } from './kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});
const find = (type: string, id: unknown): Promise<Wire> => world.server.find(type, { id });

describe('environments', () => {
  test.each([
    ['policy', 'product_id', 'product'],
    ['key', 'policy_id', 'policy'],
    ['license', 'policy_id', 'policy'],
    ['license_user', 'license_id', 'license'],
    ['license_entitlement', 'license_id', 'license'],
    ['policy_entitlement', 'policy_id', 'policy'],
    ['group_owner', 'group_id', 'group'],
    ['machine', 'license_id', 'license'],
    ['machine_component', 'machine_id', 'machine'],
    ['machine_process', 'machine_id', 'machine'],
    ['webhook_event', 'webhook_endpoint_id', 'webhook_endpoint'],
    ['token', 'bearer_id', 'user'],
  ])('a %s is in that of its %s, unless told otherwise', async (type, column, parent) => {
    const environment = await world.create('environment', { isolation_strategy: 'SHARED' });
    const { id } = await world.create(parent, { environment_id: environment.id });
    expect((await world.create(type, { [column]: id })).environment_id).toBe(environment.id);
    expect((await world.create(type, { [column]: id, environment_id: null })).environment_id).toBeNull();
  });

  test.each([
    ['license', 'owner_id', 'user', 'policy_id', 'policy'],
    ['license_user', 'user_id', 'user', 'license_id', 'license'],
    ['license_entitlement', 'entitlement_id', 'entitlement', 'license_id', 'license'],
    ['machine', 'group_id', 'group', 'license_id', 'license'],
    ['group_owner', 'user_id', 'user', 'group_id', 'group'],
  ])('a %s whose %s is in one is in it, and so are parents that are made', async (type, column, related, made, parent) => {
    const environment = await world.create('environment');
    const given = await world.create(related, { environment_id: environment.id });
    const row = await world.create(type, { [column]: given.id });
    expect([row.environment_id, (await find(parent, row[made])).environment_id]).toEqual([environment.id, environment.id]);
  });

  test.each([
    ['user', 'group_id', 'group', {}],
    ['webhook_endpoint', 'product_id', 'product', {}],
    ['event_log', 'resource_id', 'license', { resource_type: 'license' }],
    ['request_log', 'requestor_id', 'user', { requestor_type: 'user' }],
  ])('a %s is in that of its %s', async (type, column, related, more) => {
    const environment = await world.create('environment');
    const { id } = await world.create(related, { environment_id: environment.id });
    expect((await world.create(type, { [column]: id, ...more })).environment_id).toBe(environment.id);
  });

  test("an environment's token is in it, and made parents of a webhook event are in its", async () => {
    const environment = await world.create('environment');
    expect((await world.create('token', { bearer_type: 'environment', bearer_id: environment.id })).environment_id).toBe(environment.id);
    const event = await world.create('webhook_event', { environment_id: environment.id });
    expect((await find('webhook_endpoint', event.webhook_endpoint_id)).environment_id).toBe(environment.id);
  });
});

describe('accounts', () => {
  test.each([
    ['token', async (id: unknown) => ({ bearer_type: 'product', bearer_id: (await world.server.create('product', { account_id: id })).id })],
    ['token', async (id: unknown) => ({ bearer_id: (await world.server.create('license', { account_id: id })).id })],
    ['license', async (id: unknown) => ({ owner_id: (await world.server.create('user', { account_id: id })).id })],
    ['user', async (id: unknown) => ({ group_id: (await world.server.create('group', { account_id: id })).id })],
    ['webhook_endpoint', async (id: unknown) => ({ product_id: (await world.server.create('product', { account_id: id })).id })],
    ['entitlement', async (id: unknown) => ({ environment_id: (await world.server.create('environment', { account_id: id })).id })],
    [
      'event_log',
      async (id: unknown) => ({ resource_type: 'webhook_endpoint', resource_id: (await world.server.create('webhook_endpoint', { account_id: id })).id }),
    ],
  ])('a %s is in that of whatever it is related to', async (type, related) => {
    const other = await world.server.create('account');
    expect((await world.server.create(type, await related(other.id))).account_id).toBe(other.id);
  });
});

describe('parents', () => {
  test('that are made are below those that are given', async () => {
    const product = await world.create('product');
    const policy = await world.create('policy', { product_id: product.id });
    const ofProduct = await world.create('license', { product_id: product.id });
    expect((await find('policy', ofProduct.policy_id)).product_id).toBe(product.id);
    const ofPolicy = await world.create('machine', { policy_id: policy.id });
    expect((await find('license', ofPolicy.license_id)).policy_id).toBe(policy.id);
    const process = await world.create('machine_process', { product_id: product.id });
    const machine = await find('machine', process.machine_id);
    expect([process.policy_id, (await find('license', machine.license_id)).product_id]).toEqual([machine.policy_id, product.id]);
  });

  test.each(['user', 'product', 'license', 'environment'])('the bearer of a token is a %s when that is what it says, or what it names', async (kind) => {
    const token = await world.create('token', { bearer_type: kind });
    expect(await find(kind, token.bearer_id)).toBeDefined();
    const again = await world.create('token', { bearer_id: token.bearer_id });
    expect([again.bearer_type, again.bearer_id]).toEqual([kind, token.bearer_id]);
  });
});

describe('what is kept consistent', () => {
  test('copies of a policy and a product follow the license and the policy', async () => {
    const process = await world.create('machine_process');
    const machine = await find('machine', process.machine_id);
    const policy = await world.create('policy');
    await world.server.update('license', machine.license_id, { policy_id: policy.id });
    expect((await find('machine', machine.id)).policy_id).toBe(policy.id);
    expect((await find('machine_process', process.id)).policy_id).toBe(policy.id);
    const product = await world.create('product');
    await world.server.update('policy', String(policy.id), { product_id: product.id });
    expect((await find('license', machine.license_id)).product_id).toBe(product.id);
    const elsewhere = await world.create('machine');
    await world.server.update('machine_process', process.id, { machine_id: elsewhere.id });
    expect((await find('machine_process', process.id)).policy_id).toBe(elsewhere.policy_id);
  });

  test('users of a license are counted where they are', async () => {
    const [one, other] = [await world.create('license'), await world.create('license')];
    const join = await world.create('license_user', { license_id: one.id });
    await world.server.update('license_user', join.id, { license_id: other.id });
    expect([(await find('license', one.id)).users_count, (await find('license', other.id)).users_count]).toEqual([0, 1]);
  });

  test('a key that a license is given is signed by its scheme, later too', async () => {
    const policy = await world.create('policy', { scheme: 'ED25519_SIGN' });
    const license = await world.create('license', { policy_id: policy.id, key: 'first' });
    const next = (await world.server.update('license', license.id, { key: 'second' }))!;
    expect(String(next.key)).toMatch(/^key\/c2Vjb25k\./);
    expect((await find('license', license.id)).key).toBe(next.key);
  });

  test('a license of a pooled policy has a key of the pool, as long as there is one', async () => {
    const policy = await world.create('policy', { use_pool: true });
    const key = await world.create('key', { policy_id: policy.id });
    expect((await world.create('license', { policy_id: policy.id, key: 'its own' })).key).toBe('its own');
    expect((await world.create('license', { policy_id: policy.id })).key).toBe(key.key);
    expect(await world.count('keys')).toBe(0);
    expect((await world.create('license', { policy_id: policy.id })).key).toMatch(/-V3$/);
  });

  test('a public key belongs to the private one that an account is given, later too', async () => {
    const given = await generateAccountKeys();
    const halves = { rsa_public_key: given.rsaPublicKey, ecdsa_public_key: given.ecdsaPublicKey, ed25519_public_key: given.ed25519PublicKey };
    const keys = { rsa_private_key: given.rsaPrivateKey, ecdsa_private_key: given.ecdsaPrivateKey, ed25519_private_key: given.ed25519PrivateKey };
    const other = await world.server.create('account', { ...keys, secret_key: 'its own' });
    expect(other).toMatchObject({ ...halves, secret_key: 'its own' });
    expect(await world.server.update('account', String(world.account.id), keys)).toMatchObject(halves);
    expect(await world.server.update('account', String(other.id), { secret_key: 'another' })).toMatchObject({ ...halves, secret_key: 'another' });
    const { secret } = await world.server.create('token', {
      account_id: other.id,
      bearer_id: (await world.server.create('user', { account_id: other.id, role: 'admin' })).id,
    });
    world.server.configure({ accountId: String(other.id) });
    expect((await world.server.inject({ url: `/v1/accounts/${other.id}/users`, headers: { authorization: `Bearer ${secret}` } })).statusCode).toBe(200);
  });

  test('permissions go with the role, and are those of the account', async () => {
    const user = await world.create('user');
    expect((await world.server.update('user', user.id, { role: 'admin' }))!.permissions).toEqual(defaultPermissions.admin);
    const few = await world.create('user', { role: 'admin', permissions: ['license.read', 'account.update'] });
    expect((await world.server.update('user', few.id, { role: 'user' }))!.permissions).toEqual(['license.read']);
    await world.create('setting', { key: 'default_user_permissions', value: ['license.read'] });
    expect((await world.create('user')).permissions).toEqual(['license.read']);
  });
});

describe('defaults are those that the API gives', () => {
  const to = (type: string, { id }: Wire) => ({ data: { type, id } });
  const parent = (type: string, attributes: Attributes = {}): Promise<Wire> => world.create(type, attributes);
  const node = { floating: true, require_heartbeat: true, require_check_in: true, check_in_interval: 'day', check_in_interval_count: 2, duration: 1000 };

  /** What a request says of a record, and what a test says of the same; `own`: columns that differ. */
  interface Same {
    path: string;
    attributes: object;
    relationships?: object;
    given: Attributes;
    own?: string[];
  }
  test.each<[string, () => Promise<Same> | Same]>([
    ['product', () => ({ path: '/products', attributes: { name: 'n' }, given: { name: 'n' } })],
    ['entitlement', () => ({ path: '/entitlements', attributes: { name: 'n', code: 'A' }, given: { name: 'n', code: 'B' }, own: ['code'] })],
    ['environment', () => ({ path: '/environments', attributes: { name: 'n', code: 'a' }, given: { name: 'n', code: 'b' }, own: ['code'] })],
    ['group', () => ({ path: '/groups', attributes: { name: 'n' }, given: { name: 'n' } })],
    ['user', () => ({ path: '/users', attributes: { email: 'a@example.com', role: 'sales-agent' }, given: { role: 'sales_agent' }, own: ['email'] })],
    ['webhook_endpoint', () => ({ path: '/webhook-endpoints', attributes: { url: 'https://a.example.com/' }, given: { url: 'https://a.example.com/' } })],
    [
      'policy',
      async () => {
        const product = await parent('product');
        const attributes = { name: 'n', floating: true, requireHeartbeat: true, encrypted: true };
        const given = { name: 'n', floating: true, require_heartbeat: true, encrypted: true, product_id: product.id };
        return { path: '/policies', attributes, relationships: { product: to('products', product) }, given };
      },
    ],
    [
      'license',
      async () => {
        const [policy, owner] = [await parent('policy', node), await parent('user', { group_id: (await parent('group')).id })];
        const relationships = { policy: to('policies', policy), owner: to('users', owner) };
        return { path: '/licenses', attributes: {}, relationships, given: { policy_id: policy.id, owner_id: owner.id }, own: ['key'] };
      },
    ],
    [
      'machine',
      async () => {
        const license = await parent('license', { policy_id: (await parent('policy', node)).id, group_id: (await parent('group')).id });
        const relationships = { license: to('licenses', license) };
        return { path: '/machines', attributes: { fingerprint: 'a' }, relationships, given: { license_id: license.id }, own: ['fingerprint'] };
      },
    ],
    [
      'machine_process',
      async () => {
        const machine = await parent('machine');
        return {
          path: '/processes',
          attributes: { pid: 'a' },
          relationships: { machine: to('machines', machine) },
          given: { machine_id: machine.id },
          own: ['pid'],
        };
      },
    ],
    [
      'key',
      async () => {
        const policy = await parent('policy', { use_pool: true });
        return {
          path: '/keys',
          attributes: { key: 'ABCDEFGH' },
          relationships: { policy: to('policies', policy) },
          given: { policy_id: policy.id },
          own: ['key'],
        };
      },
    ],
  ])('to a %s', async (type, same) => {
    const { path, attributes, relationships, given, own = [] } = await same();
    world.server.clock.freeze('2026-01-01T00:00:00.000Z');
    const { data } = await (await world.as('admin')).post(path, { data: { type: path.slice(1), attributes, ...(relationships && { relationships }) } }, 201);
    const [ofApi, ofKit] = [await find(type, data.id), await find(type, (await world.create(type, given)).id)];
    for (const column of ['id', ...own]) delete ofKit[column];
    expect(ofApi).toMatchObject(ofKit);
  });
});

describe('names and values', () => {
  test('an instant goes by its wire name too, and one that is none is told', async () => {
    const at = new Date('2020-01-02T03:04:05.678Z');
    expect((await world.create('machine', { last_heartbeat: at.toISOString(), lastCheckOut: at })).last_heartbeat_at).toEqual(at);
    expect((await world.server.find('machine', { last_check_out: at }))!.last_check_out_at).toEqual(at);
    await expect(world.create('license', { expiry: 'whenever' })).rejects.toThrow('whenever is no instant');
  });

  test('metadata is kept with normalised keys, so that filters find it', async () => {
    const machine = await world.create('machine', { metadata: { nodeId: 1, 'in-side': { subKey: ['aB'] } } });
    expect(machine.metadata).toEqual({ node_id: 1, in_side: { sub_key: ['aB'] } });
    expect((await (await world.as('admin')).get('/machines?metadata[nodeId]=1', 200)).data).toHaveLength(1);
    expect(await world.server.update('machine', machine.id, { metadata: { other: { nodeId: 2 } } })).toMatchObject({ metadata: { other: { node_id: 2 } } });
  });

  test('what is undefined is not given', async () => {
    const user = await world.create('user', { role: undefined, email: undefined, environment_id: undefined });
    expect(user).toMatchObject({ role: 'user', email: expect.stringMatching(/@/) });
    expect(await world.server.update('user', user.id, { email: undefined })).toMatchObject({ email: user.email });
  });

  test('a payload may be given as the object that it is', async () => {
    expect((await world.create('webhook_event', { payload: { data: { id: 'x' } } })).payload).toBe('{"data":{"id":"x"}}');
  });

  test('find compares with what is stored', async () => {
    const user = await world.create('user', { email: ' Ann@Example.com', role: 'sales-agent' });
    expect((await world.server.find('user', { email: 'Ann@Example.com', role: 'sales-agent' }))!.id).toBe(user.id);
    const endpoint = await world.create('webhook_endpoint', { subscriptions: ['license.created'] });
    expect((await world.server.find('webhook_endpoint', { subscriptions: ['license.created'] }))!.id).toBe(endpoint.id);
    const machine = await world.create('machine', { memory: 2 ** 33, metadata: { a: 1, b: [true] } });
    expect((await world.server.find('machine', { memory: 2 ** 33, metadata: { b: [true], a: 1 } }))!.id).toBe(machine.id);
  });

  test.each([
    ['license', 'licenses'],
    ['machine_process', 'processes'],
    ['second_factor', 'second-factors'],
    ['webhook-endpoints', 'webhook-endpoints'],
  ])('logs name a %s as the wire does', async (given, shown) => {
    const id = '01a213ee-2975-7000-83b3-dcb08785da4d';
    const references = { whodunnit_type: 'user', whodunnit_id: id, resource_type: given, resource_id: id, request_id: id };
    const log = await world.create('event_log', references);
    expect((await world.server.find('event_log', references))!.id).toBe(log.id);
    const admin = await world.as('admin');
    const { relationships } = (await admin.get(`/event-logs/${log.id}`, 200)).data;
    expect([relationships.whodunnit.data, relationships.resource.data, relationships.request.data]).toEqual([
      { type: 'users', id },
      { type: shown, id },
      { type: 'request-logs', id },
    ]);
    const request = await world.create('request_log', { requestor_type: 'license', requestor_id: id, resource_type: given, resource_id: id });
    const shownRequest = (await admin.get(`/request-logs/${request.id}`, 200)).data.relationships;
    expect([shownRequest.requestor.data.type, shownRequest.resource.data.type]).toEqual(['licenses', shown]);
  });

  test.each(['event_log', 'request_log'])('a %s goes after 30 days', async (type) => {
    const log: Wire = await world.create(type, { created_at: '2020-01-01' });
    expect(log.expires_at).toEqual(new Date('2020-01-31'));
  });
});
