import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { NoopLogger } from '../kernel/database/drizzle.ts';

let world: World;
let admin: Client;
let product: Wire;
let channels: Record<string, string>;
let packages: Record<string, Wire>;

beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product', { code: 'app' });
  const engine = await world.create('release_engine', { key: 'npm' });
  packages = {
    sdk: await world.create('release_package', { product_id: product.id, key: 'sdk', engine_id: engine.id }),
    docs: await world.create('release_package', { product_id: product.id, key: 'docs' }),
    engine,
  };
  const make = (version: string, more = {}) => world.create('release', { product_id: product.id, version, status: 'PUBLISHED', ...more });
  await make('1.0.0');
  await make('1.0.0-rc.1');
  await make('1.0.0-beta.1', { status: 'DRAFT' });
  await make('1.0.0-alpha.1', { status: 'YANKED' });
  await make('1.0.0-dev.1');
  await make('2.0.0', { package_id: packages.sdk.id });
  await make('3.0.0', { package_id: packages.docs.id });
  await make('4.0.0', { product_id: (await world.create('product')).id });
  for (const [version, ...codes] of [
    ['5.0.0', 'A'],
    ['6.0.0', 'A', 'B'],
  ] as const) {
    const release = await make(version, { product_id: (await world.create('product')).id });
    for (const code of codes) {
      const entitlement = (await world.server.find('entitlement', { code })) ?? (await world.create('entitlement', { code }));
      await world.create('release_entitlement_constraint', { release_id: release.id, entitlement_id: entitlement.id });
    }
  }
  const rows = await world.server.sql('select key, id from channels');
  channels = Object.fromEntries(rows.map(({ key, id }) => [key, String(id)]));
});

const all = '1.0.0 1.0.0-alpha.1 1.0.0-beta.1 1.0.0-dev.1 1.0.0-rc.1 2.0.0 3.0.0 4.0.0 5.0.0 6.0.0';
const stable = '1.0.0 2.0.0 3.0.0 4.0.0 5.0.0 6.0.0';
const without = (...texts: string[]) =>
  all
    .split(' ')
    .filter((text) => !texts.includes(text))
    .join(' ');
const found = async (client: Client, path: string) => {
  const { data } = await client.get(path, 200);
  return data
    .map(({ attributes }: Wire) => attributes.version)
    .sort()
    .join(' ');
};
const filled = (query: string) => query.replace(/\{(\w+)\}/g, (_, name) => channels[name] ?? packages[name]?.id ?? product.id);

describe('a list of releases', () => {
  test.each([
    ['', all],
    ['channel=stable', stable],
    ['channel=rc', `1.0.0 1.0.0-rc.1 ${stable.slice(6)}`],
    ['channel=beta', `1.0.0 1.0.0-beta.1 1.0.0-rc.1 ${stable.slice(6)}`],
    ['channel=alpha', without('1.0.0-dev.1')],
    ['channel=dev', '1.0.0-dev.1'],
    ['channel=nightly', ''],
    ['channel=STABLE', ''],
    ['channel={stable}', stable],
    ['channel={alpha}', without('1.0.0-dev.1')],
    ['channel={dev}', '1.0.0-dev.1'],
    ['channel={product}', ''],
    ['channel=', all],
    ['channel[]=stable', all],
    ['product={product}', '1.0.0 1.0.0-alpha.1 1.0.0-beta.1 1.0.0-dev.1 1.0.0-rc.1 2.0.0 3.0.0'],
    ['product=app', ''],
    ['product=', all],
    ['package=sdk', '2.0.0'],
    ['package={docs}', '3.0.0'],
    ['package=SDK', ''],
    ['package=', without('2.0.0', '3.0.0')],
    ['package[]=sdk', all],
    ['engine=npm', '2.0.0'],
    ['engine={engine}', '2.0.0'],
    ['engine=pypi', ''],
    ['engine=', without('2.0.0')],
    ['status=draft', '1.0.0-beta.1'],
    ['status=PuBlIsHeD', without('1.0.0-beta.1', '1.0.0-alpha.1')],
    ['status=YANKED', '1.0.0-alpha.1'],
    ['status=NOT_PUBLISHED', ''],
    ['status=', all],
    ['yanked=true', '1.0.0-alpha.1'],
    ['yanked=1', '1.0.0-alpha.1'],
    ['yanked=false', without('1.0.0-alpha.1')],
    ['yanked=yes', without('1.0.0-alpha.1')],
    ['yanked=', without('1.0.0-alpha.1')],
    ['yanked[]=true', all],
    ['entitlements[]=A', without('6.0.0')],
    ['entitlements[]=A&entitlements[]=B', all],
    ['constraints[]=B', without('5.0.0', '6.0.0')],
    ['constraints[]=a', without('5.0.0', '6.0.0')],
    ['constraints[]=', all],
    ['constraints=A', all],
    ['version=1.0.0&platform=macos&arch=arm64&filetype=dmg', all],
    ['channel=stable&package=&entitlements[]=X', '1.0.0 4.0.0'],
  ])('?%s has %s', async (query, expected) => {
    expect(await found(admin, `/releases?${filled(query)}`)).toBe(expected);
  });

  test('of a product takes some of the filters', async () => {
    const own = '1.0.0 1.0.0-alpha.1 1.0.0-beta.1 1.0.0-dev.1 1.0.0-rc.1 2.0.0 3.0.0';
    for (const [query, expected] of [
      ['', own],
      ['channel=rc', '1.0.0 1.0.0-rc.1 2.0.0 3.0.0'],
      ['package=sdk', '2.0.0'],
      ['engine=', own.replace(' 2.0.0', '')],
      ['yanked=1', '1.0.0-alpha.1'],
      ['status=DRAFT', own],
    ] as const)
      expect([query, await found(admin, `/products/app/releases?${query}`)]).toEqual([query, expected]);
  });

  test('never shows more than its reader may see', async () => {
    const policy = await world.create('policy', { product_id: product.id });
    const license = await world.as('license', await world.create('license', { policy_id: policy.id }));
    for (const query of ['status=DRAFT', 'yanked=1', 'entitlements[]=A&product=4', 'channel=dev&package=sdk'])
      expect(await found(license, `/releases?${query}`)).toBe('');
    expect(await found(license, '/releases?entitlements[]=A&entitlements[]=B')).toBe('1.0.0 1.0.0-dev.1 1.0.0-rc.1 2.0.0 3.0.0');
  });

  test('costs as many statements when it is long as when it is short', async () => {
    const policy = await world.create('policy', { product_id: product.id });
    const owner = await world.create('user');
    await world.create('license', { policy_id: policy.id, owner_id: owner.id });
    const user = await world.as('user', owner);
    const statements = async (size: number) => {
      const path = `/releases?page[number]=1&page[size]=${size}`;
      await user.get(path, 200);
      // what goes off the request's path is done first
      await world.server.jobs.run();
      let count = 0;
      const logged = vi.spyOn(NoopLogger.prototype, 'logQuery').mockImplementation(() => void count++);
      const { data } = await user.get(path, 200);
      logged.mockRestore();
      return [data.length, count];
    };
    const [short, long] = [await statements(1), await statements(100)];
    expect([short[0], long[0]]).toEqual([1, 5]);
    expect(long[1]).toBe(short[1]);
    expect(long[1]).toBeGreaterThan(2);
  });
});

describe('what a release is called twice', () => {
  test('is told apart by the query, also to be changed and deleted', async () => {
    const other = await world.create('product');
    const twin = await world.create('release', { product_id: other.id, version: '1.0.0', tag: 'twin' });
    const packaged = await world.create('release', { product_id: product.id, version: '1.0.0', package_id: packages.sdk.id });
    const id = async (query: string) => (await admin.get(`/releases/1.0.0?${query}`, 200)).data.id;
    expect(await id(`product=${other.id}`)).toBe(twin.id);
    expect(await id('package=sdk')).toBe(packaged.id);
    expect(await id('engine=npm')).toBe(packaged.id);
    expect(await id('status=draft&package=')).toBe(twin.id);
    await admin.get('/releases/1.0.0?product=app', 404);
    await admin.get(`/releases/${twin.id}?product=${product.id}`, 404);
    const named = await admin.patch('/releases/1.0.0?package=sdk', { data: { type: 'releases', attributes: { name: 'N' } } }, 200);
    expect(named.data.id).toBe(packaged.id);
    await admin.delete(`/releases/1.0.0?product=${other.id}`, undefined, 204);
    await admin.get(`/releases/${twin.id}`, 404);
  });
});
