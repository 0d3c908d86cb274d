/** Who sees, reads and downloads artifacts (spec/distribution.md 2, 9, 13). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const refused = (reason: string) => `You do not have permission to complete the request (${reason})`;
const day = 86_400_000;
const ago = (days: number): Date => new Date(world.server.clock.now().getTime() - days * day);
const productOf = (strategy: string | null) => world.create('product', { distribution_strategy: strategy });
const releaseOf = (product: Wire, more = {}) => world.create('release', { product_id: product.id, status: 'PUBLISHED', ...more });
const artifactOf = (release: Wire, more = {}) => world.create('release_artifact', { release_id: release.id, status: 'UPLOADED', ...more });
const licenseOf = async (product: Wire, more: Wire = {}, policy: Wire = {}) =>
  world.create('license', { policy_id: (await world.create('policy', { product_id: product.id, ...policy })).id, ...more });
const count = async (client: Client, path = '/artifacts') => (await client.get(path, 200)).data.length;

describe('by what their product is distributed like', () => {
  test.each([
    // strategy, release, artifact, constrained; a license, one of another product, nobody
    ['LICENSED', 'PUBLISHED', 'UPLOADED', false, 303, 404, 404],
    ['LICENSED', 'PUBLISHED', 'WAITING', false, 404, 404, 404],
    ['LICENSED', 'PUBLISHED', 'PROCESSING', false, 404, 404, 404],
    ['LICENSED', 'PUBLISHED', 'FAILED', false, 404, 404, 404],
    ['LICENSED', 'PUBLISHED', 'YANKED', false, 404, 404, 404],
    ['LICENSED', 'DRAFT', 'UPLOADED', false, 404, 404, 404],
    ['LICENSED', 'YANKED', 'UPLOADED', false, 404, 404, 404],
    ['LICENSED', 'PUBLISHED', 'UPLOADED', true, 404, 404, 404],
    [null, 'PUBLISHED', 'UPLOADED', false, 303, 404, 404],
    ['OPEN', 'PUBLISHED', 'UPLOADED', false, 303, 303, 303],
    ['OPEN', 'PUBLISHED', 'WAITING', false, 404, 404, 404],
    ['OPEN', 'DRAFT', 'UPLOADED', false, 404, 404, 404],
    ['OPEN', 'YANKED', 'UPLOADED', false, 404, 404, 404],
    ['OPEN', 'PUBLISHED', 'UPLOADED', true, 404, 404, 404],
    ['CLOSED', 'PUBLISHED', 'UPLOADED', false, 404, 404, 404],
  ] as const)('%s, a release that is %s, an artifact that is %s, constrained: %j', async (strategy, status, artifactStatus, asks, license, other, nobody) => {
    const product = await productOf(strategy);
    const release = await releaseOf(product, { status });
    const artifact = await artifactOf(release, { status: artifactStatus });
    if (asks) await world.create('release_entitlement_constraint', { release_id: release.id });
    const clients: [Client, number][] = [
      [await world.as('license', await licenseOf(product)), license],
      [await world.as('license', await licenseOf(await productOf('LICENSED'))), other],
      [world.anonymous(), nobody],
    ];
    const owner = await world.create('user');
    await licenseOf(product, { owner_id: owner.id });
    clients.push([await world.as('user', owner), license]);
    for (const [client, expected] of clients) {
      for (const path of [`/artifacts/${artifact.id}`, `/artifacts/${artifact.filename}`, `/releases/${release.id}/artifacts/${artifact.id}`])
        expect([path, (await client.get(path)).status]).toEqual([path, expected]);
      expect(await count(client)).toBe(expected === 303 ? 1 : 0);
      const nested = await client.get(`/releases/${release.id}/artifacts`);
      // the release may be seen where an artifact of it may not
      expect(nested.data?.length ?? 0).toBe(expected === 303 ? 1 : 0);
    }
    for (const role of ['admin', 'read-only'] as const) expect([200, 303]).toContain((await (await world.as(role)).get(`/artifacts/${artifact.id}`)).status);
    expect([200, 303]).toContain((await (await world.as('product', product)).get(`/artifacts/${artifact.id}`)).status);
    await (await world.as('product')).get(`/artifacts/${artifact.id}`, 404);
  });
});

test('a license with the entitlements has what asks for them', async () => {
  const product = await productOf('LICENSED');
  const release = await releaseOf(product);
  const artifact = await artifactOf(release);
  const { entitlement_id } = await world.create('release_entitlement_constraint', { release_id: release.id });
  const license = await licenseOf(product);
  const client = await world.as('license', license);
  await client.get(`/artifacts/${artifact.id}`, 404);
  await world.create('license_entitlement', { license_id: license.id, entitlement_id });
  await client.get(`/artifacts/${artifact.id}`, 303);
});

describe('by the expiry of a license', () => {
  test.each([
    ['RESTRICT_ACCESS', 303, 404],
    ['MAINTAIN_ACCESS', 303, 404],
    ['ALLOW_ACCESS', 303, 303],
    ['REVOKE_ACCESS', 404, 404],
  ])('%s: what was released before is answered %d, and after %d', async (expiration_strategy, before, after) => {
    const product = await productOf('LICENSED');
    const early = await artifactOf(await releaseOf(product, { created_at: ago(9) }));
    const late = await artifactOf(await releaseOf(product, { created_at: ago(1) }));
    const client = await world.as('license', await licenseOf(product, { expiry: ago(5) }, { expiration_strategy }));
    await client.get(`/artifacts/${early.id}`, before);
    await client.get(`/artifacts/${late.id}`, after);
  });

  test('a backdate after it brings an artifact into sight, and not within reach', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product, { created_at: ago(9), backdated: ago(1) });
    const artifact = await artifactOf(release);
    const client = await world.as('license', await licenseOf(product, { expiry: ago(5) }, { expiration_strategy: 'RESTRICT_ACCESS' }));
    for (const path of [`/artifacts/${artifact.id}`, '/artifacts', `/releases/${release.id}/artifacts`, `/products/${product.id}/artifacts/${artifact.id}`])
      expect((await client.get(path, 403)).errors[0].detail).toBe(refused('license expiry falls outside of access window'));
  });
});

describe('by the state of a license', () => {
  test('a suspended one is refused what it sees, in lists too, and not what is open; and nothing is told', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const artifact = await artifactOf(release);
    const client = await world.as('license', await licenseOf(product, { suspended: true }));
    const paths = ['/artifacts', `/artifacts/${artifact.id}`, `/artifacts/${artifact.id}/x`, `/releases/${release.id}/artifacts`];
    for (const path of [
      ...paths,
      `/releases/${release.id}/artifacts/${artifact.id}`,
      `/products/${product.id}/artifacts`,
      `/products/${product.id}/artifacts/${artifact.id}`,
    ])
      expect((await client.get(path, 403)).errors).toEqual([{ title: 'Access denied', detail: refused('license is suspended') }]);
    expect(await count(client, '/artifacts?status=WAITING')).toBe(0);
    const open = await artifactOf(await releaseOf(await productOf('OPEN')));
    await client.get(`/artifacts/${open.id}`, 303);
    expect(await world.emitted()).toEqual(['artifact.downloaded', 'release.downloaded']);
  });

  test('one of several licenses is enough for a user; of none that is, the oldest tells why', async () => {
    const product = await productOf('LICENSED');
    const artifact = await artifactOf(await releaseOf(product));
    const owner = await world.create('user');
    const owned = (more: Wire) => licenseOf(product, { owner_id: owner.id, ...more });
    await owned({ suspended: true, created_at: ago(9) });
    const client = await world.as('user', owner);
    expect((await client.get(`/artifacts/${artifact.id}`, 403)).errors[0].detail).toBe(refused('license is suspended'));
    await owned({});
    await client.get(`/artifacts/${artifact.id}`, 303);
  });
});

test('without credentials there is nothing to write, and wrong ones are none', async () => {
  const artifact = await artifactOf(await releaseOf(await productOf('OPEN')));
  const nobody = world.anonymous();
  await nobody.get(`/artifacts/${artifact.id}`, 303);
  await nobody.patch(`/artifacts/${artifact.id}`, {}, 401);
  await nobody.delete(`/artifacts/${artifact.id}`, undefined, 401);
  await nobody.get(`/products/${artifact.product_id}/artifacts`, 401);
  await nobody.get(`/products/${artifact.product_id}/artifacts/${artifact.id}`, 401);
  await nobody.with({ authorization: 'Bearer wrong' }).get(`/artifacts/${artifact.id}`, 401);
});

test('customers are refused what they see, and find no more', async () => {
  const product = await productOf('LICENSED');
  const artifact = await artifactOf(await releaseOf(product));
  const hidden = await artifactOf(await releaseOf(product), { status: 'WAITING' });
  const client = await world.as('license', await licenseOf(product));
  const update = { data: { type: 'artifacts', attributes: { filesize: 1 } } };
  await client.patch(`/artifacts/${artifact.id}`, update, 403);
  await client.delete(`/artifacts/${artifact.id}`, undefined, 403);
  await client.patch(`/artifacts/${hidden.id}`, update, 404);
  await client.delete(`/artifacts/${hidden.id}`, undefined, 404);
});

describe('in environments', () => {
  test('what is global is had in a shared one, and what is elsewhere is not found', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
    const [global, own] = [await artifactOf(release), await artifactOf(release, { environment_id: shared.id })];
    const admin = await world.as('admin');
    const seen = async (client: Client) => {
      const statuses = [];
      for (const { id } of [global, own])
        statuses.push((await client.get(`/artifacts/${id}`)).status, (await client.get(`/releases/${release.id}/artifacts/${id}`)).status);
      return [await count(client), await count(client, `/releases/${release.id}/artifacts`), ...statuses];
    };
    expect(await seen(admin)).toEqual([1, 1, 303, 303, 404, 404]);
    expect(await seen(admin.in(shared))).toEqual([2, 2, 303, 303, 303, 303]);
    const isolated = await world.create('environment', { code: 'isolated' });
    expect((await (await world.as('environment', isolated)).in(isolated).get(`/artifacts/${own.id}`)).status).toBe(404);
    await admin.in(shared).get(`/artifacts/${own.id}`, 303);
    await world.server.jobs.run();
    const rows = await world.server.sql('select distinct environment_id from artifact_links order by environment_id');
    expect(rows).toEqual([{ environment_id: shared.id }, { environment_id: null }]);
  });
});

test("a product's endpoint hears of its own artifacts, and of what is open", async () => {
  const [own, other, open] = [await productOf('LICENSED'), await productOf('LICENSED'), await productOf('OPEN')];
  await world.create('webhook_endpoint', { url: 'https://example.com/own', product_id: own.id });
  const admin = await world.as('admin');
  for (const product of [own, other, open])
    await admin.get(`/artifacts/${(await artifactOf(await releaseOf(product), { filename: String(product.id) })).id}`, 303);
  await world.server.jobs.run();
  const heard = world.server.webhooks.sent.map((call) => JSON.parse(JSON.parse(call.body!).data.attributes.payload).data.attributes.filename);
  expect([...new Set(heard)].sort()).toEqual([own.id, open.id].sort());
});

test('a list asks for the licenses of its bearer once, however many artifacts it has', async () => {
  const product = await productOf('LICENSED');
  const client = await world.as('license', await licenseOf(product));
  const queries = async () => {
    const { drizzle } = world.server.database;
    const { session } = drizzle as unknown as { session: { prepareQuery: (...args: unknown[]) => unknown } };
    const original = session.prepareQuery;
    let asked = 0;
    session.prepareQuery = function (...args) {
      asked++;
      return original.apply(this, args);
    };
    await client.get('/artifacts?limit=100', 200);
    session.prepareQuery = original;
    return asked;
  };
  await artifactOf(await releaseOf(product));
  await queries();
  const one = await queries();
  for (let n = 0; n < 5; n++) await artifactOf(await releaseOf(product));
  expect(await count(client)).toBe(6);
  expect(await queries()).toBe(one);
});
