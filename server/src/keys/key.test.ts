import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let policy: Wire;
beforeEach(async () => {
  world = await newWorld();
  policy = await world.create('policy', { use_pool: true });
});

const unknown = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';
const body = (key: unknown = 'PP-1234-5678-90AB', policyId: unknown = policy.id) => ({
  data: { type: 'keys', attributes: { key }, relationships: { policy: { data: { type: 'policies', id: policyId } } } },
});
const patch = (key: unknown) => ({ data: { type: 'keys', attributes: { key } } });
const about = (what: string) => ({ about: `https://keygen.sh/docs/api/keys/#keys-object-${what}` });

test('a key is created, changed and deleted', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.post('/keys', body(), 201);
  const self = `${world.base}/keys/${data.id}`;
  expect(data).toMatchObject({ type: 'keys', attributes: { key: 'PP-1234-5678-90AB' }, links: { self } });
  expect(data.relationships).toEqual({
    account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
    environment: { links: { related: null }, data: null },
    product: { links: { related: `${self}/product` }, data: { type: 'products', id: policy.product_id } },
    policy: { links: { related: `${self}/policy` }, data: { type: 'policies', id: policy.id } },
  });
  expect((await admin.get(`/keys/${data.id}`, 200)).data).toEqual(data);
  expect((await admin.get(`/keys/${data.id}/policy`, 200)).data.id).toBe(policy.id);
  expect((await admin.get(`/keys/${data.id}/product`, 200)).data.id).toBe(policy.product_id);
  const changed = await admin.patch(`/keys/${data.id}`, patch('ANOTHER-KEY'), 200);
  expect(changed.data.attributes.key).toBe('ANOTHER-KEY');
  expect(changed.data.relationships).toEqual(data.relationships);
  await admin.patch(`/keys/${data.id}`, patch(null), 200);
  await admin.get('/keys/ANOTHER-KEY', 404);
  await admin.delete(`/keys/${data.id}`, undefined, 204);
  await admin.get(`/keys/${data.id}`, 404);
  expect(await world.emitted()).toEqual(['key.created', 'key.updated', 'key.updated', 'key.deleted']);
});

test('the audit trail tells what of a key changed, but not the key', async () => {
  const { id, updated_at } = await world.create('key', { policy_id: policy.id, key: 'first-pooled-key' });
  const { data } = await (await world.as('admin')).patch(`/keys/${id}`, patch('other-pooled-key'), 200);
  await world.emitted();
  const [log] = await world.server.sql(`select metadata from event_logs where event = 'key.updated'`);
  expect(log!.metadata).toEqual({ diff: { key: ['f...y', 'o...y'], updated: [new Date(updated_at).toISOString(), data.attributes.updated] } });
});

describe('refuses', () => {
  test.each([
    ['is missing', '/data/attributes', { data: { type: 'keys' } }],
    ['is missing', '/data/attributes/key', { data: { type: 'keys', attributes: {} } }],
    ['is missing', '/data/relationships', { data: { type: 'keys', attributes: { key: 'x' } } }],
    ['is missing', '/data/relationships/policy', { data: { type: 'keys', attributes: { key: 'x' }, relationships: {} } }],
    ['cannot be blank', '/data/attributes/key', { data: { type: 'keys', attributes: { key: ' ' } } }],
  ])('%s at %s', async (detail, pointer, sent) => {
    const { errors } = await (await world.as('user')).post('/keys', sent, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { pointer } }]);
  });

  test.each([
    ['taken-key', [['has already been taken', 'KEY_TAKEN']]],
    [
      'actions',
      [
        ['is reserved', 'KEY_NOT_ALLOWED'],
        ['is too short (minimum is 8 characters)', 'KEY_TOO_SHORT'],
      ],
    ],
    ['1234567', [['is too short (minimum is 8 characters)', 'KEY_TOO_SHORT']]],
    ['x'.repeat(1025), [['is too long (maximum is 1024 characters)', 'KEY_TOO_LONG']]],
    ['license-key', [["is already being used as a license's key", 'KEY_CONFLICT']]],
    [unknown, [["must not conflict with another license's identifier (UUID)", 'KEY_CONFLICT']]],
    [unknown.replaceAll('-', ''), [["must not conflict with another license's identifier (UUID)", 'KEY_CONFLICT']]],
  ])('%s', async (key, expected) => {
    await world.create('key', { key: 'taken-key' });
    await world.create('license', { key: 'license-key', id: unknown });
    const admin = await world.as('admin');
    const { errors } = await admin.post('/keys', body(key), 422);
    const whole = expected.map(([detail, code]) => ({
      ...{ title: 'Unprocessable resource', detail, code },
      ...{ source: { pointer: '/data/attributes/key' }, links: about('attrs-key') },
    }));
    expect(errors).toEqual(whole);
    const own = await world.create('key', { policy_id: policy.id });
    expect((await admin.patch(`/keys/${own.id}`, patch(key), 422)).errors).toEqual(whole);
  });

  test('an unpooled policy', async () => {
    const unpooled = await world.create('policy');
    const admin = await world.as('admin');
    const { errors } = await admin.post('/keys', body('GOOD-KEY', unpooled.id), 422);
    const source = { pointer: '/data/relationships/policy' };
    const detail = 'cannot be added to an unpooled policy';
    expect(errors).toEqual([{ title: 'Unprocessable resource', detail, code: 'POLICY_NOT_SUPPORTED', source, links: about('relationships-policy') }]);
    const old = await world.create('key', { policy_id: unpooled.id });
    await admin.patch(`/keys/${old.id}`, patch('STILL-FINE'), 200);
  });

  test('an unknown policy', async () => {
    const { errors } = await (await world.as('admin')).post('/keys', body('GOOD-KEY', unknown), 422);
    expect(errors).toMatchObject([{ detail: 'must exist', code: 'POLICY_NOT_FOUND', source: { pointer: '/data/relationships/policy' } }]);
  });

  test('relationships in an update', async () => {
    const key = await world.create('key', { policy_id: policy.id });
    const { errors } = await (await world.as('admin')).patch(`/keys/${key.id}`, body(), 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/relationships' } });
  });
});

test('what is taken elsewhere does not matter: another account, another case', async () => {
  const account = await world.server.create('account');
  await world.server.create('license', { account_id: account.id, key: 'the-same-key' });
  await world.server.create('key', { account_id: account.id, key: 'the-same-key' });
  await world.create('key', { key: 'THE-SAME-KEY' });
  await (await world.as('admin')).post('/keys', body('the-same-key'), 201);
});

describe('access', () => {
  test.each([
    ['admin', 200, 201, 200, 204],
    ['developer', 200, 201, 200, 204],
    ['sales-agent', 200, 403, 403, 403],
    ['support-agent', 200, 403, 403, 403],
    ['read-only', 200, 403, 403, 403],
  ] as const)('%s', async (role, read, create, update, remove) => {
    const key = await world.create('key', { policy_id: policy.id });
    const client = await world.as(role);
    for (const path of ['', `/${key.id}`, `/${key.id}/policy`, `/${key.id}/product`]) await client.get(`/keys${path}`, read);
    await client.post('/keys', body(), create);
    await client.patch(`/keys/${key.id}`, patch('CHANGED-KEY'), update);
    await client.delete(`/keys/${key.id}`, undefined, remove);
  });

  test('a product has the keys of its policies', async () => {
    const key = await world.create('key', { policy_id: policy.id });
    const other = await world.create('key');
    const client = await world.as('product', { id: policy.product_id });
    expect((await client.get('/keys', 200)).data.map(({ id }: Wire) => id)).toEqual([key.id]);
    for (const path of ['', '/policy', '/product']) {
      await client.get(`/keys/${key.id}${path}`, 200);
      await client.get(`/keys/${other.id}${path}`, 404);
    }
    await client.post('/keys', body('FOREIGN-KEY', other.policy_id), 403);
    await client.post('/keys', body('UNKNOWN-KEY', unknown), 403);
    await client.post('/keys', body(), 201);
    await client.patch(`/keys/${key.id}`, patch('CHANGED-KEY'), 200);
    await client.delete(`/keys/${key.id}`, undefined, 204);
    await client.delete(`/keys/${other.id}`, undefined, 404);
  });

  test.each(['license', 'user'] as const)('a %s sees no keys', async (kind) => {
    const key = await world.create('key', { policy_id: policy.id });
    const client = await world.as(kind, kind === 'license' ? await world.create('license', { policy_id: policy.id }) : undefined);
    await client.get('/keys', 403);
    await client.post('/keys', body(), 403);
    for (const path of ['', '/policy', '/product']) await client.get(`/keys/${key.id}${path}`, 404);
    await client.patch(`/keys/${key.id}`, patch('CHANGED-KEY'), 404);
    await client.delete(`/keys/${key.id}`, undefined, 404);
  });

  test('a shared environment adds keys to global policies and leaves global keys alone', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const key = await world.create('key', { policy_id: policy.id });
    const client = (await world.as('environment', shared)).in(shared);
    const { data } = await client.post('/keys', body(), 201);
    expect(data.relationships.environment.data.id).toBe(shared.id);
    await client.get(`/keys/${key.id}`, 200);
    await client.delete(`/keys/${key.id}`, undefined, 403);
    const isolated = await world.create('environment');
    const { errors } = await (await world.as('environment', isolated)).in(isolated).post('/keys', body('OTHER-KEY'), 422);
    expect(errors).toMatchObject([{ detail: 'must be compatible with policy environment', code: 'ENVIRONMENT_NOT_ALLOWED' }]);
  });
});

test('lists are narrowed by product and policy', async () => {
  const [one, two] = [await world.create('key'), await world.create('key', { policy_id: policy.id })];
  const admin = await world.as('admin');
  const ids = async (query: string) => (await admin.get(`/keys?${query}`, 200)).data.map(({ id }: Wire) => id);
  expect(await ids(`policy=${one.policy_id}`)).toEqual([one.id]);
  expect(await ids(`product=${policy.product_id}`)).toEqual([two.id]);
  expect(await ids(`product=${policy.product_id}&policy=${one.policy_id}`)).toEqual([]);
  expect(await ids('policy=nonsense')).toEqual([]);
});

test('of 20 equal keys sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(20, () => admin.post('/keys', body()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
  expect(await world.count('keys')).toBe(1);
});
