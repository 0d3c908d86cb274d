/** The package of a release (spec/distribution.md 6.4), and what becomes of releases when it is deleted (15). */
import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import type { JobContext } from '../kernel/jobs/job.ts';
import { removeReleasesOfPackage } from './remove-releases.ts';

let world: World;
let admin: Client;
let product: Wire;
let release: Wire;
let own: Wire;
let path: string;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
  own = await world.create('release_package', { product_id: product.id });
  release = await world.create('release', { product_id: product.id, version: '1.0.0', tag: 'latest', status: 'PUBLISHED' });
  path = `/releases/${release.id}/package`;
});

const to = (record: Wire) => ({ data: record && { type: 'packages', id: record.id } });
const unknown = { id: '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0' };

test('is none, is set, is shown, and is cleared by null and by one that there is not', async () => {
  expect((await admin.get(path, 200)).json).toEqual({ data: null });
  for (const clear of [null, unknown]) {
    const { data } = await admin.put(path, { data: { type: 'package', id: own.id } }, 200);
    expect(data).toMatchObject({ type: 'packages', id: own.id });
    expect((await admin.get(path, 200)).data).toEqual(data);
    expect((await admin.patch(path, to(clear), 200)).json).toEqual({ data: null });
  }
  expect(await world.emitted()).toEqual(Array(4).fill('release.package.updated'));
  const [log] = await world.server.sql('select metadata, resource_type from event_logs order by created_at, id limit 1');
  expect(log).toMatchObject({ metadata: { diff: { packageId: [null, own.id] } }, resource_type: 'releases' });
});

test('must be of the product, and have no such version or tag yet', async () => {
  const foreign = await world.create('release_package', { product_id: (await world.create('product')).id });
  const { errors } = await admin.put(path, to(foreign), 422);
  expect(errors).toMatchObject([
    { detail: 'package product must match release product', code: 'PACKAGE_NOT_ALLOWED', source: { pointer: '/data/relationships/package' } },
  ]);
  await world.create('release', { product_id: product.id, package_id: own.id, version: '1.0.0', tag: 'latest' });
  const taken = await admin.put(path, to(own), 422);
  expect(taken.errors).toMatchObject([{ code: 'VERSION_TAKEN' }, { code: 'TAG_TAKEN' }]);
  expect((await admin.get(path, 200)).data).toBeNull();
  expect(await world.emitted()).toEqual([]);
});

test('is read from the body before anybody is asked whether he may', async () => {
  const sales = await world.as('sales-agent');
  expect((await sales.put(path, {}, 400)).errors).toEqual(badRequest('is missing', '/data'));
  expect((await sales.put(path, { data: { type: 'products', id: own.id } }, 400)).errors).toEqual(badRequest('is invalid', '/data/type'));
  await sales.put(path, to(own), 403);
});

test('is set by a product to one of its own, and not cleared', async () => {
  const client = await world.as('product', product);
  await client.put(path, to(own), 200);
  await client.put(path, to(null), 403);
  await client.put(path, to(unknown), 403);
  await client.put(path, to(await world.create('release_package', { product_id: (await world.create('product')).id })), 403);
  await (await world.as('product')).put(path, to(own), 404);
});

describe('is shown', () => {
  test.each([
    // strategy, constrained, license, nobody
    ['LICENSED', false, 200, 404],
    ['OPEN', false, 200, 200],
    ['OPEN', true, 404, 404],
    ['CLOSED', false, 404, 404],
  ])('of a %s product, constrained %j: to a license %i, to nobody %i', async (distribution_strategy, asks, license, nobody) => {
    await world.server.update('product', product.id, { distribution_strategy });
    await world.server.update('release', release.id, { package_id: own.id });
    if (asks) await world.create('release_entitlement_constraint', { release_id: release.id });
    const policy = await world.create('policy', { product_id: product.id });
    const client = await world.as('license', await world.create('license', { policy_id: policy.id }));
    await client.get(path, license);
    await world.anonymous().get(path, nobody);
    await (await world.as('product', product)).get(path, 200);
    await (await world.as('read-only')).get(path, 200);
    await world.anonymous().put(path, to(own), 401);
  });
});

test('must be of an environment that fits', async () => {
  const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
  const local = await world.create('release_package', { product_id: product.id, environment_id: shared.id });
  const inside = await world.create('release', { product_id: product.id, environment_id: shared.id });
  await admin.put(path, to(local), 403);
  const { errors } = await admin.in(shared).put(path, to(local), 422);
  expect(errors).toMatchObject([{ detail: 'must be compatible with package environment', code: 'ENVIRONMENT_NOT_ALLOWED' }]);
  await admin.in(shared).put(`/releases/${inside.id}/package`, to(local), 200);
  await admin.in(shared).put(`/releases/${inside.id}/package`, to(own), 403);
});

test('takes its releases along when it goes, with what hangs on them', async () => {
  const [gone, kept] = [await world.create('release', { product_id: product.id, package_id: own.id }), release];
  for (const { id } of [gone, kept]) {
    await world.create('release_artifact', { release_id: id });
    await world.create('release_entitlement_constraint', { release_id: id });
  }
  const { signal } = new AbortController();
  const payload = { accountId: String(world.account.id), packageId: own.id };
  await removeReleasesOfPackage.run(payload, { database: world.server.database, signal } as JobContext);
  for (const table of ['releases', 'artifacts', 'constraints']) expect([table, await world.count(table)]).toEqual([table, 1]);
  await admin.get(`/releases/${kept.id}`, 200);
});
