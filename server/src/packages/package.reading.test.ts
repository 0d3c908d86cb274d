/** Who finds which packages, and how (spec/distribution.md 1.5, 2.2, 6.3, 13). */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { NoopLogger } from '../kernel/database/drizzle.ts';

let world: World;
let admin: Client;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product', { code: 'app' });
});

const keysOf = async (client: Client, path: string): Promise<string> => {
  const { data } = await client.get(path, 200);
  return data
    .map(({ attributes }: Wire) => attributes.key)
    .sort()
    .join(' ');
};

describe('a package is found', () => {
  test('by its id and by its key, exactly as it is spelled', async () => {
    const { id } = await world.create('release_package', { product_id: product.id, key: '@acme/sdk.js' });
    for (const name of [id, id.replaceAll('-', ''), '@acme%2Fsdk.js', '%40acme%2Fsdk.js']) expect((await admin.get(`/packages/${name}`, 200)).data.id).toBe(id);
    for (const name of ['@ACME%2Fsdk.js', 'sdk.js', '%20']) {
      const { errors } = await admin.get(`/packages/${name}`, 404);
      expect(errors[0].detail).toBe(`The requested release package '${decodeURIComponent(name)}' was not found`);
    }
  });

  test('not in another account', async () => {
    const account = await world.create('account');
    const foreign = await world.create('product', { account_id: account.id });
    await world.create('release_package', { account_id: account.id, product_id: foreign.id, key: 'foreign' });
    await admin.get('/packages/foreign', 404);
    expect(await keysOf(admin, '/packages')).toBe('');
  });
});

describe('a list', () => {
  let ids: Record<string, string>;
  beforeEach(async () => {
    const make = (key: string, more: Wire) => world.create('release_package', { key, product_id: product.id, ...more });
    const sdk = await make('sdk', { engine: 'npm' });
    await make('wheel', { engine: 'pypi' });
    await make('plain', {});
    const other = await make('other', { engine: 'npm', product_id: (await world.create('product')).id });
    ids = { product: product.id, other: other.product_id, npm: sdk.engine_id };
  });

  test.each([
    ['', 'other plain sdk wheel'],
    ['product={product}', 'plain sdk wheel'],
    ['product={other}', 'other'],
    ['product=app', ''],
    ['product=', 'other plain sdk wheel'],
    ['product[]={product}', 'other plain sdk wheel'],
    ['engine=npm', 'other sdk'],
    ['engine=NPM', ''],
    ['engine={npm}', 'other sdk'],
    ['engine={product}', ''],
    ['engine=cargo', ''],
    ['engine=', 'other plain sdk wheel'],
    ['engine[]=npm', 'other plain sdk wheel'],
    ['engine=npm&product={product}', 'sdk'],
    ['key=sdk', 'other plain sdk wheel'],
  ])('?%s has %s', async (query, expected) => {
    const filled = query.replace(/\{(\w+)\}/g, (_, name) => ids[name]!);
    expect(await keysOf(admin, `/packages?${filled}`)).toBe(expected);
  });

  test('of a product takes the engine only', async () => {
    for (const [query, expected] of [
      ['', 'plain sdk wheel'],
      ['engine=npm', 'sdk'],
      [`engine=${ids.npm}`, 'sdk'],
      [`product=${ids.other}`, 'plain sdk wheel'],
    ] as const)
      for (const name of [product.id, 'app'])
        expect([name, query, await keysOf(admin, `/products/${name}/packages?${query}`)]).toEqual([name, query, expected]);
  });

  test('qualifies no lookup', async () => {
    await admin.get(`/packages/sdk?product=${ids.other}&engine=pypi`, 200);
  });

  test('is paged in every way', async () => {
    const first = await admin.get('/packages?page[number]=1&page[size]=3', 200);
    expect([first.data.length, first.links.meta ?? first.links.next]).toEqual([3, expect.anything()]);
    const cursor = await admin.get('/packages?page[cursor]=&page[size]=3', 200);
    const rest = await admin.get(`/packages?page[cursor]=${cursor.data[2].id}&page[size]=3`, 200);
    expect(rest.data.map(({ id }: Wire) => id)).toHaveLength(1);
    const { data } = await admin.get('/packages?order=asc&limit=2', 200);
    expect(data.map(({ attributes }: Wire) => attributes.key)).toEqual(['sdk', 'wheel']);
    expect((await admin.get('/packages?limit=0', 400)).errors[0].source).toEqual({ parameter: 'limit' });
  });

  test.each(['/packages', '/products/app/packages'])('%s costs as many statements when it is long as when it is short', async (path) => {
    const policy = await world.create('policy', { product_id: product.id });
    const owner = await world.create('user');
    await world.create('license', { policy_id: policy.id, owner_id: owner.id });
    const user = await world.as('user', owner);
    const statements = async (size: number) => {
      const target = `${path}?page[number]=1&page[size]=${size}`;
      await user.get(target, 200);
      await world.server.jobs.run();
      const logged = vi.spyOn(NoopLogger.prototype, 'logQuery');
      const { data } = await user.get(target, 200);
      const { length } = logged.mock.calls;
      logged.mockRestore();
      return { length, size: data.length };
    };
    const [short, long] = [await statements(1), await statements(3)];
    expect([short.size, long.size]).toEqual([1, 3]);
    expect(long.length).toBe(short.length);
  });
});

describe('who sees the packages of a product', () => {
  const strategies = ['LICENSED', 'OPEN', 'CLOSED', null] as const;
  /** Names of packages are those of strategies; each product has a package. */
  let products: Record<string, Wire>;
  beforeEach(async () => {
    products = {};
    for (const strategy of strategies) {
      const made = await world.create('product', { distribution_strategy: strategy });
      products[String(strategy)] = made;
      await world.create('release_package', { product_id: made.id, key: String(strategy) });
    }
  });
  const licenseOf = async (strategy: string, more: Wire = {}, policy: Wire = {}) =>
    world.create('license', { policy_id: (await world.create('policy', { product_id: products[strategy].id, ...policy })).id, ...more });

  test('without credentials: those of open ones', async () => {
    expect(await keysOf(world.anonymous(), '/packages')).toBe('OPEN');
    await world.anonymous().get('/packages/OPEN', 200);
    for (const key of ['LICENSED', 'CLOSED', 'null']) await world.anonymous().get(`/packages/${key}`, 404);
    await world.anonymous().with({ authorization: 'Bearer nobody' }).get('/packages/OPEN', 401);
  });

  test.each<[string, string]>([
    ['LICENSED', 'LICENSED OPEN'],
    ['OPEN', 'OPEN'],
    ['CLOSED', 'OPEN'],
    ['null', 'OPEN null'],
  ])('licensees of a product that is %s: those of %s', async (strategy, expected) => {
    const owner = await world.create('user');
    const license = await licenseOf(strategy, { owner_id: owner.id });
    const attached = await world.create('user');
    await world.create('license_user', { license_id: license.id, user_id: attached.id });
    for (const client of [await world.as('license', license), await world.as('user', owner), await world.as('user', attached)]) {
      expect(await keysOf(client, '/packages')).toBe(expected);
      for (const key of strategies.map(String))
        expect([key, (await client.get(`/packages/${key}`)).status]).toEqual([key, expected.split(' ').includes(key) ? 200 : 404]);
    }
  });

  test('no license is looked at: suspended, expired, banned', async () => {
    const owner = await world.create('user');
    const suspended = await world.as('license', await licenseOf('LICENSED', { suspended: true }));
    const expired = await world.as(
      'license',
      await licenseOf('LICENSED', { expiry: '2020-01-01T00:00:00Z', owner_id: owner.id }, { expiration_strategy: 'REVOKE_ACCESS' }),
    );
    for (const client of [suspended, expired, await world.as('user', owner)]) {
      expect(await keysOf(client, '/packages')).toBe('LICENSED OPEN');
      expect(await keysOf(client, `/products/${products.LICENSED.id}/packages`)).toBe('LICENSED');
    }
  });

  test('products: their own, and not even open ones of others', async () => {
    const client = await world.as('product', products.CLOSED);
    expect(await keysOf(client, '/packages')).toBe('CLOSED');
    await client.get('/packages/OPEN', 404);
    await client.get(`/products/${products.OPEN.id}/packages`, 404);
    expect(await keysOf(client, `/products/${products.CLOSED.id}/packages`)).toBe('CLOSED');
  });

  /** What the routes of a product answer: a list's keys, and the status of the package. */
  const below = async (client: Client, strategy: string) => {
    const path = `/products/${products[strategy].id}/packages`;
    const [list, { id }] = [await client.get(path), (await admin.get(`/packages/${strategy}`, 200)).data];
    const keys = list.data?.map(({ attributes }: Wire) => attributes.key).join(' ') ?? list.status;
    return [keys, (await client.get(`${path}/${id}`)).status];
  };

  test('through the product: whoever finds the product', async () => {
    const owner = await world.create('user');
    const licenses = Object.fromEntries(
      await Promise.all(strategies.map(async (name) => [String(name), await licenseOf(String(name), { owner_id: owner.id })])),
    );
    const user = await world.as('user', owner);
    const stranger = await world.as('user');
    const answers: Record<string, unknown> = {};
    for (const name of strategies.map(String)) {
      answers[`user ${name}`] = await below(user, name);
      answers[`license ${name}`] = await below(await world.as('license', licenses[name]), name);
      answers[`stranger ${name}`] = await below(stranger, name);
      answers[`anonymous ${name}`] = await below(world.anonymous(), name);
    }
    expect(answers).toEqual({
      'user LICENSED': ['LICENSED', 200],
      'license LICENSED': ['LICENSED', 200],
      'stranger LICENSED': [404, 404],
      'anonymous LICENSED': [401, 401],
      'user OPEN': ['OPEN', 200],
      'license OPEN': ['OPEN', 200],
      'stranger OPEN': ['OPEN', 200],
      'anonymous OPEN': [401, 401],
      // a license finds no closed product; a user does, and gets nothing of it
      'user CLOSED': ['', 403],
      'license CLOSED': [404, 404],
      'stranger CLOSED': [404, 404],
      'anonymous CLOSED': [401, 401],
      // spec/licensing.md 1.3: a license does not see such a product
      'user null': ['null', 200],
      'license null': [404, 404],
      'stranger null': [404, 404],
      'anonymous null': [401, 401],
    });
  });

  test('through the product: by id alone, and only its own', async () => {
    const path = `/products/${products.OPEN.id}/packages`;
    const { data } = await admin.get('/packages/LICENSED', 200);
    for (const name of ['OPEN', data.id])
      expect((await admin.get(`${path}/${name}`, 404)).errors[0].detail).toBe(`The requested release package '${name}' was not found`);
  });

  test('with the permission only', async () => {
    const weak = await world.as('user', await world.create('user', { permissions: ['product.read'] }));
    for (const path of ['/packages', '/packages/OPEN', `/products/${products.OPEN.id}/packages`])
      expect((await weak.get(path, 403)).errors[0].detail).toBe('You do not have permission to complete the request (user lacks permission to perform action)');
    await weak.get('/packages/CLOSED', 404);
  });

  test('by license key', async () => {
    const license = await licenseOf('LICENSED', {}, { authentication_strategy: 'LICENSE' });
    expect(await keysOf(world.withKey(license), '/packages')).toBe('LICENSED OPEN');
  });
});
