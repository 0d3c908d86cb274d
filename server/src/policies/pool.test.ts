import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let policy: Wire;
beforeEach(async () => {
  world = await newWorld();
  policy = await world.create('policy', { use_pool: true });
});

const pool = () => `/policies/${policy.id}/pool`;

/** Keys of the pool, oldest first. */
async function fill(count: number, attributes: object = {}): Promise<Wire[]> {
  const keys: Wire[] = [];
  for (let at = 0; at < count; at++)
    keys.push(await world.create('key', { policy_id: policy.id, created_at: `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`, ...attributes }));
  return keys;
}

test('a pool is listed, its keys shown, and popped newest first', async () => {
  const [older, newer] = await fill(2);
  const foreign = await world.create('key');
  const admin = await world.as('admin');
  expect((await admin.get(pool(), 200)).data.map(({ id }: Wire) => id)).toEqual([newer.id, older.id]);
  expect((await admin.get(`${pool()}/${older.id}`, 200)).data.attributes.key).toBe(older.key);
  const missing = await admin.get(`${pool()}/${foreign.id}`, 404);
  expect(missing.errors[0].detail).toBe(`The requested key '${foreign.id}' was not found`);
  const { data } = await admin.delete(pool(), undefined, 200);
  expect(data).toMatchObject({
    id: newer.id,
    type: 'keys',
    attributes: { key: newer.key },
    relationships: { policy: { data: { type: 'policies', id: policy.id } }, product: { data: { type: 'products', id: policy.product_id } } },
  });
  expect((await admin.delete(pool(), undefined, 200)).data.id).toBe(older.id);
  expect(await world.emitted()).toEqual(['policy.pool.popped', 'policy.pool.popped']);
});

describe('refuses', () => {
  test('an empty pool', async () => {
    const { errors } = await (await world.as('admin')).delete(pool(), undefined, 422);
    expect(errors).toEqual([{ title: 'Unprocessable entity', detail: 'pool is empty', source: { pointer: '/data/relationships/pool' } }]);
  });

  test('a policy without a pool, even if it has keys', async () => {
    policy = await world.create('policy');
    await fill(1);
    const { errors } = await (await world.as('admin')).delete(pool(), undefined, 422);
    expect(errors).toEqual([{ title: 'Unprocessable entity', detail: 'pool is not supported', source: { pointer: '/data/relationships/pool' } }]);
  });

  test.each(['sales-agent', 'support-agent', 'read-only'] as const)('%s with 403, before anything else', async (role) => {
    await (await world.as(role)).delete(pool(), undefined, 403);
    await (await world.as(role)).get(pool(), 200);
  });
});

test('a product pops from its own pools', async () => {
  await fill(1);
  await (await world.as('product', { id: policy.product_id })).delete(pool(), undefined, 200);
  await (await world.as('product')).delete(pool(), undefined, 404);
});

test('a shared environment pops the next key of a global policy, whatever its environment', async () => {
  const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
  const [own] = await fill(1, { environment_id: shared.id });
  const [global] = await fill(1, { created_at: '2026-02-01T00:00:00Z' });
  const client = (await world.as('environment', shared)).in(shared);
  expect((await client.delete(pool(), undefined, 200)).data.id).toBe(global.id);
  expect((await client.delete(pool(), undefined, 200)).data.id).toBe(own.id);
});

test('of 50 pops at once no two get the same key, and 10 find the pool empty', async () => {
  await fill(40);
  const admin = await world.as('admin');
  const answers = await inParallel(50, () => admin.delete(pool()));
  const popped = answers.filter(({ status }) => status === 200).map(({ data }) => data.id);
  expect(popped).toHaveLength(40);
  expect(new Set(popped).size).toBe(40);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
  expect(await world.count('keys')).toBe(0);
});

test('of 25 pops and 25 new licenses at once no two get the same key', async () => {
  await fill(40);
  const admin = await world.as('admin');
  const license = { data: { type: 'licenses', relationships: { policy: { data: { type: 'policies', id: policy.id } } } } };
  const answers = await inParallel(50, (index) => (index % 2 ? admin.delete(pool()) : admin.post('/licenses', license)));
  const got = answers.filter(({ status }) => status < 300).map(({ data }) => data.attributes.key);
  expect(got).toHaveLength(40);
  expect(new Set(got).size).toBe(40);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
});
