/** Channels, platforms, arches and engines: who sees which, and through what (spec/distribution.md 1.4, 2.2, 12, 13). */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { NoopLogger } from '../kernel/database/drizzle.ts';

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
});

/** Makes something of a product that names a key. */
type Naming = (product: Wire, key: string, more?: Wire) => Promise<Wire>;
const ofArtifact =
  (attribute: string): Naming =>
  async (product, key, { status, ...more } = {}) => {
    const release = await world.create('release', { product_id: product.id, ...(status && { status }) });
    return world.create('release_artifact', { release_id: release.id, [attribute]: key, ...more });
  };
const kinds: [type: string, noun: string, keys: readonly [string, string, string, string, string], naming: Naming][] = [
  [
    'channels',
    'release channel',
    ['stable', 'rc', 'beta', 'alpha', 'dev'],
    (product, channel, more = {}) => world.create('release', { product_id: product.id, channel, ...more }),
  ],
  ['platforms', 'release platform', ['linux', 'darwin', 'win32', 'beos', 'haiku'], ofArtifact('platform')],
  ['arches', 'release arch', ['x86', 'arm64', 'm1', 'mips', 'riscv'], ofArtifact('arch')],
  [
    'engines',
    'release engine',
    ['npm', 'pypi', 'raw', 'oci', 'tauri'],
    (product, engine, { status: _, ...more } = {}) => world.create('release_package', { product_id: product.id, engine, ...more }),
  ],
];

const keysOf = async (client: Client, path: string): Promise<string[]> =>
  (await client.get(path, 200)).data.map(({ attributes }: Wire) => attributes.key).sort();
const sorted = (...keys: string[]) => keys.sort();
const rowOf = async (type: string, key: string): Promise<Wire> => (await world.server.sql(`select id from ${type} where key = $1`, [key]))[0];

describe.each(kinds)('%s', (type, noun, [first, second, third, fourth, fifth], naming) => {
  test('are shown as they are', async () => {
    world.server.clock.freeze('2026-02-03T10:00:00Z');
    await naming(await world.create('product'), first);
    const { data } = await admin.get(`/${type}`, 200);
    const { id } = data[0];
    const created = '2026-02-03T10:00:00.000Z';
    expect(data).toEqual([
      {
        id,
        type,
        attributes: { name: null, key: first, created, updated: created },
        relationships: { account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } } },
        links: { related: `${world.base}/${type}/${id}` },
      },
    ]);
    for (const name of [id, id.replaceAll('-', '')]) expect((await admin.get(`/${type}/${name}`, 200)).data).toEqual(data[0]);
  });

  test('are found by id', async () => {
    const product = await world.create('product', { code: 'app' });
    await naming(product, first);
    const { id } = await rowOf(type, first);
    // only engines by their key, and only by themselves
    expect((await admin.get(`/${type}/${first}`)).status).toBe(type === 'engines' ? 200 : 404);
    for (const name of ['invalid', '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0', first.toUpperCase()])
      expect((await admin.get(`/${type}/${name}`, 404)).errors).toMatchObject([{ detail: `The requested ${noun} '${name}' was not found`, code: 'NOT_FOUND' }]);
    expect((await admin.get(`/products/app/${type}/${id}`, 200)).data.id).toBe(id);
    for (const name of [first, 'invalid'])
      expect((await admin.get(`/products/app/${type}/${name}`, 404)).errors[0].detail).toBe(`The requested ${noun} '${name}' was not found`);
  });

  test('are never made or changed by requests', async () => {
    await naming(await world.create('product'), first);
    const { id } = await rowOf(type, first);
    const body = { data: { type, attributes: { name: 'New' } } };
    await admin.post(`/${type}`, body, 404);
    for (const method of ['PATCH', 'PUT', 'DELETE']) await admin.send(method, `/${type}/${id}`, body, 404);
  });

  test('are there once, and only while something names them, whatever its status', async () => {
    const [product, other] = [await world.create('product'), await world.create('product')];
    await naming(product, first, { status: 'YANKED' });
    await naming(product, first);
    await naming(other, first);
    const gone = await naming(product, second);
    expect(await keysOf(admin, `/${type}`)).toEqual(sorted(first, second));
    const { id } = await rowOf(type, second);
    const table = { channels: 'releases', engines: 'packages' }[type] ?? 'artifacts';
    await world.server.sql(`delete from ${table} where id = $1`, [gone.id]);
    expect(await keysOf(admin, `/${type}`)).toEqual([first]);
    await admin.get(`/${type}/${id}`, 404);
    await admin.get(`/products/${product.id}/${type}/${id}`, 404);
  });

  test('are those of the product set of whoever asks', async () => {
    const [licensed, open, closed, unset, foreign] = [
      await world.create('product', { distribution_strategy: 'LICENSED' }),
      await world.create('product', { distribution_strategy: 'OPEN' }),
      await world.create('product', { distribution_strategy: 'CLOSED' }),
      await world.create('product', { distribution_strategy: null }),
      await world.create('product', { distribution_strategy: 'LICENSED' }),
    ];
    const owner = await world.create('user');
    const clients: Record<string, Client> = { admin, 'read-only': await world.as('read-only'), anonymous: world.anonymous(), stranger: await world.as('user') };
    for (const [name, product, key] of [
      ['licensed', licensed, first],
      ['open', open, second],
      ['closed', closed, third],
      ['unset', unset, fourth],
    ] as const) {
      await naming(product, key);
      const policy = await world.create('policy', { product_id: product.id });
      // what a license may have is not asked
      clients[`license ${name}`] = await world.as('license', await world.create('license', { policy_id: policy.id, owner_id: owner.id, suspended: true }));
      clients[`product ${name}`] = await world.as('product', product);
    }
    await naming(foreign, fifth);
    clients.user = await world.as('user', owner);
    const seen = Object.fromEntries(await Promise.all(Object.entries(clients).map(async ([who, client]) => [who, await keysOf(client, `/${type}`)])));
    const all = sorted(first, second, third, fourth, fifth);
    const expected: Record<string, string[]> = {
      admin: all,
      'read-only': all,
      anonymous: [second],
      stranger: [second],
      'license licensed': sorted(first, second),
      'license open': [second],
      'license closed': [second],
      'license unset': sorted(second, fourth),
      'product licensed': [first],
      'product open': [second],
      'product closed': [third],
      'product unset': [fourth],
      user: sorted(first, second, fourth),
    };
    expect(seen).toEqual(expected);
    for (const [who, client] of Object.entries(clients))
      for (const key of all) {
        const { status } = await client.get(`/${type}/${(await rowOf(type, key)).id}`);
        expect([who, key, status]).toEqual([who, key, expected[who]!.includes(key) ? 200 : 404]);
      }

    const below = async (client: Client, product: Wire) => {
      const { status, data } = await client.get(`/products/${product.id}/${type}`);
      return status === 200 ? data.map(({ attributes }: Wire) => attributes.key) : status;
    };
    const through = (who: string) => Promise.all([licensed, open, closed, unset, foreign].map((product) => below(clients[who]!, product)));
    expect(await through('admin')).toEqual([[first], [second], [third], [fourth], [fifth]]);
    expect(await through('user')).toEqual([[first], [second], [], [fourth], 404]);
    expect(await through('license licensed')).toEqual([[first], [second], 404, 404, 404]);
    expect(await through('product licensed')).toEqual([[first], 404, 404, 404, 404]);
    expect(await through('stranger')).toEqual([404, [second], 404, 404, 404]);
    expect(await through('anonymous')).toEqual([401, 401, 401, 401, 401]);
    // a user finds the closed product of his license, and nothing of it
    await clients.user.get(`/products/${closed.id}/${type}/${(await rowOf(type, third)).id}`, 404);
    await admin.get(`/products/${closed.id}/${type}/${(await rowOf(type, first)).id}`, 404);
  });

  test('are those of the environment', async () => {
    const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { code: 'isolated' });
    const product = await world.create('product', { code: 'app' });
    const inside = await world.create('product', { environment_id: isolated.id });
    await naming(product, first);
    await naming(product, second, { environment_id: shared.id });
    await naming(inside, third, { environment_id: isolated.id });
    const [here, there] = [(await world.as('environment', shared)).in(shared), (await world.as('environment', isolated)).in(isolated)];
    expect(await keysOf(admin, `/${type}`)).toEqual([first]);
    expect(await keysOf(admin.in(shared), `/${type}`)).toEqual(sorted(first, second));
    expect(await keysOf(here, `/${type}`)).toEqual(sorted(first, second));
    expect(await keysOf(there, `/${type}`)).toEqual([third]);
    expect(await keysOf(admin, `/products/app/${type}`)).toEqual([first]);
    expect(await keysOf(here, `/products/app/${type}`)).toEqual(sorted(first, second));
    const { id } = await rowOf(type, second);
    await admin.get(`/${type}/${id}`, 404);
    await admin.get(`/products/app/${type}/${id}`, 404);
    await here.get(`/${type}/${id}`, 200);
    await here.get(`/products/app/${type}/${id}`, 200);
    await there.get(`/${type}/${id}`, 404);
    await there.get(`/products/app/${type}`, 404);
  });

  test('need their permission', async () => {
    const product = await world.create('product', { distribution_strategy: 'OPEN' });
    await naming(product, first);
    const { id } = await rowOf(type, first);
    const weak = await world.as('user', await world.create('user', { permissions: ['product.read', 'release.read'] }));
    for (const path of [`/${type}`, `/${type}/${id}`, `/products/${product.id}/${type}`, `/products/${product.id}/${type}/${id}`])
      expect((await weak.get(path, 403)).errors[0].detail).toBe('You do not have permission to complete the request (user lacks permission to perform action)');
    await world.anonymous().with({ authorization: 'Bearer nobody' }).get(`/${type}`, 401);
  });

  test('are listed in pages, at the cost of as many statements when there are many', async () => {
    const product = await world.create('product', { code: 'app' });
    for (const key of [first, second, third, fourth]) await naming(product, key);
    const policy = await world.create('policy', { product_id: product.id });
    const owner = await world.create('user');
    await world.create('license', { policy_id: policy.id, owner_id: owner.id });
    const user = await world.as('user', owner);
    for (const path of [`/${type}`, `/products/app/${type}`]) {
      const statements = async (size: number) => {
        const target = `${path}?page[number]=1&page[size]=${size}`;
        await user.get(target, 200);
        await world.server.jobs.run();
        const logged = vi.spyOn(NoopLogger.prototype, 'logQuery');
        const { data } = await user.get(target, 200);
        const { length } = logged.mock.calls;
        logged.mockRestore();
        expect(data).toHaveLength(size);
        return length;
      };
      expect(await statements(4)).toBe(await statements(1));
      const { data } = await user.get(`${path}?page[cursor]=&page[size]=3&order=asc`, 200);
      const rest = await user.get(`${path}?page[cursor]=${data[2].id}&page[size]=3&order=asc`, 200);
      expect([...data, ...rest.data].map(({ attributes }: Wire) => attributes.key)).toEqual([first, second, third, fourth]);
    }
  });
});
