import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
});

const make = (version: string, more: Wire = {}) => world.create('release', { product_id: product.id, version, status: 'PUBLISHED', ...more });
const makeAll = async (versions: string) => {
  for (const version of versions.split(' ')) await make(version);
};
const licenseOf = async (more: Wire = {}, policy: Wire = {}) =>
  world.create('license', { policy_id: (await world.create('policy', { product_id: product.id, ...policy })).id, ...more });
const day = 86_400_000;
const ago = (days: number): Date => new Date(world.server.clock.now().getTime() - days * day);
const upgraded = async (client: Client, path: string) => (await client.get(`/releases/${path}`)).data?.attributes.version;
const refused = (reason: string) => `You do not have permission to complete the request (${reason})`;

describe('an upgrade', () => {
  test('answers the newer release, counts it, and is told of', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const current = await make('1.1.0');
    const next = await make('1.7.0', { tag: 'latest' });
    const { json, data } = await admin.get(`/releases/${current.id}/upgrade`, 200);
    expect(json).toEqual({ data, meta: { current: '1.1.0', next: '1.7.0' } });
    expect(data).toEqual((await admin.get(`/releases/${next.id}`, 200)).data);
    await admin.get('/releases/1.1.0/upgrade', 200);
    expect(await world.emitted()).toEqual(['release.upgraded', 'release.upgraded']);
    const [log] = await world.server.sql('select metadata, resource_type, resource_id from event_logs limit 1');
    expect(log).toEqual({
      metadata: { product: product.id, package: null, prev: '1.1.0', next: '1.7.0' },
      ...{ resource_type: 'releases', resource_id: current.id },
    });
    const payload = JSON.parse(JSON.parse(world.server.webhooks.sent[0]!.body!).data.attributes.payload);
    expect(payload).toEqual({ data, meta: { current: '1.1.0', next: '1.7.0' } });
    const counts = await world.server.sql('select version, upgrade_count::int as count, download_count::int as downloads from releases order by version');
    expect(counts).toEqual([
      { version: '1.1.0', count: 0, downloads: 0 },
      { version: '1.7.0', count: 2, downloads: 0 },
    ]);
  });

  test('there is none: nothing is told or counted, and the answer repeats no name', async () => {
    await makeAll('1.7.0 1.6.0');
    const { errors } = await admin.get('/releases/1.7.0/upgrade', 404);
    expect(errors).toEqual([{ title: 'Not found', detail: 'The requested release was not found', code: 'NOT_FOUND' }]);
    expect((await admin.get('/releases/%3Cnot%20set%3E/upgrade', 404)).errors[0].detail).toBe("The requested release '<not set>' was not found");
    expect(await world.emitted()).toEqual([]);
  });

  test.each([
    // current, query, upgrade
    ['1.0.0', '', '2.0.0'],
    ['1.0.0', '?channel=beta', '3.0.0-beta.1'],
    ['1.0.0', '?channel=alpha', '3.0.0-beta.1'],
    ['1.0.0', '?channel=dev', '4.0.0-dev.1'],
    ['1.0.0', '?channel=nightly', undefined],
    ['2.0.0', '?channel=rc', undefined],
    ['1.0.0', '?channel={beta}', '3.0.0-beta.1'],
    ['1.0.0-beta.1', '', '3.0.0-beta.1'],
    ['1.0.0-beta.1', '?channel=stable', '2.0.0'],
    ['1.0.0-dev.1', '', '4.0.0-dev.1'],
    ['1.0.0-dev.1', '?channel=stable', '2.0.0'],
    ['1.0.0', '?constraint=1', '1.5.0'],
    ['1.0.0', '?constraint=1.2', '1.5.0'],
    ['1.0.0', '?constraint=>=1.6', undefined],
    ['1.0.0', '?constraint=1.0.0', '1.0.7'],
    ['1.0.0', '?constraint=3', undefined],
    ['1.0.0', '?constraint=3-beta&channel=beta', '3.0.0-beta.1'],
    ['1.0.0', '?constraint=99999999999999999999', undefined],
    ['1.0.0', '?product=', '2.0.0'],
    ['1.0.0', '?product={product}', '2.0.0'],
    ['1.0.0', '?product={other}', undefined],
    ['1.0.0', '?package=', '2.0.0'],
    ['1.0.0', '?package=sdk', '1.0.1'],
    ['1.0.0', '?package={sdk}', '1.0.1'],
    ['{packaged}', '', '1.0.1'],
    ['latest', '', '2.0.0'],
  ])('of %s%s is %s', async (current, query, expected) => {
    await makeAll('1.0.7 1.2.0 1.5.0 2.0.0 3.0.0-beta.1 1.0.0-beta.1 4.0.0-dev.1 1.0.0-dev.1');
    const sdk = await world.create('release_package', { product_id: product.id, key: 'sdk' });
    await make('1.0.0', { created_at: ago(9), tag: 'latest' });
    await make('9.0.0', { status: 'DRAFT' });
    await make('9.1.0', { status: 'YANKED' });
    const packaged = await make('1.0.0', { package_id: sdk.id });
    await make('1.0.1', { package_id: sdk.id });
    const [channel] = await world.server.sql(`select id from channels where key = 'beta'`);
    const other = await world.create('product');
    await make('8.0.0', { product_id: other.id });
    const filled = (text: string) =>
      text.replace(
        /\{(\w+)\}/g,
        (_, name) => ({ beta: channel!.id, product: product.id, other: other.id, sdk: sdk.id, packaged: packaged.id })[name as 'beta'] as string,
      );
    expect(await upgraded(admin, `${filled(current)}/upgrade${filled(query)}`)).toBe(expected);
  });

  test.each([
    ['channel=', 'cannot be blank', 'channel', undefined],
    ['constraint=', 'cannot be blank', 'constraint', undefined],
    ['channel[]=stable', 'type mismatch (received array expected string)', 'channel', undefined],
    ['constraint[a]=1', 'type mismatch (received object expected string)', 'constraint', undefined],
    ['product[]=1', 'type mismatch (received array expected string)', 'product', undefined],
    ['package[]=1', 'type mismatch (received array expected string)', 'package', undefined],
    ['constraint=1.x', 'invalid constraint format', 'constraint', 'CONSTRAINT_INVALID'],
    ['constraint=A', 'invalid constraint format', 'constraint', 'CONSTRAINT_INVALID'],
    ['constraint=%5E1.0', 'invalid constraint format', 'constraint', 'CONSTRAINT_INVALID'],
  ])('is not asked for by ?%s', async (query, detail, parameter, code) => {
    await makeAll('1.0.0 2.0.0');
    const { errors } = await admin.get(`/releases/1.0.0/upgrade?${query}`, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { parameter }, ...(code && { code }) }]);
    // what is asked of is found first, and must be readable
    await admin.get(`/releases/7.0.0/upgrade?${query}`, 404);
    const license = await world.as('license', await licenseOf({ suspended: true }));
    await license.get(`/releases/1.0.0/upgrade?${query}`, 403);
  });
});

describe('an upgrade by a customer', () => {
  test('is among what its license may have', async () => {
    await make('1.0.0', { created_at: ago(9) });
    await make('1.1.0', { created_at: ago(8) });
    await make('1.2.0', { created_at: ago(1), backdated_at: ago(7) });
    await make('2.0.0', { created_at: ago(1) });
    const owner = await world.create('user');
    const window = { expiration_strategy: 'RESTRICT_ACCESS' };
    const license = await licenseOf({ expiry: ago(5), owner_id: owner.id }, window);
    expect(await upgraded(await world.as('license', license), '1.0.0/upgrade')).toBe('1.2.0');
    expect(await upgraded(await world.as('user', owner), '1.0.0/upgrade')).toBe('1.2.0');
    await licenseOf({ owner_id: owner.id });
    expect(await upgraded(await world.as('user', owner), '1.0.0/upgrade')).toBe('2.0.0');
    await (await world.as('license')).get('/releases/1.0.0/upgrade', 404);
    await world.anonymous().get('/releases/1.0.0/upgrade', 404);
  });

  test('passes over what asks for more than the license has', async () => {
    await makeAll('1.0.0 1.1.0');
    const wanted = await make('2.0.0');
    const { entitlement_id } = await world.create('release_entitlement_constraint', { release_id: wanted.id });
    const license = await licenseOf();
    const client = await world.as('license', license);
    expect(await upgraded(client, '1.0.0/upgrade')).toBe('1.1.0');
    await client.get('/releases/2.0.0/upgrade', 404);
    await world.create('license_entitlement', { license_id: license.id, entitlement_id });
    expect(await upgraded(client, '1.0.0/upgrade')).toBe('2.0.0');
  });

  test('of a suspended license is refused, and open to anybody where the product is', async () => {
    await makeAll('1.0.0 2.0.0');
    const license = await licenseOf({ suspended: true });
    const client = await world.as('license', license);
    expect((await client.get('/releases/1.0.0/upgrade', 403)).errors[0].detail).toBe(refused('license is suspended'));
    await world.server.update('product', product.id, { distribution_strategy: 'OPEN' });
    expect(await upgraded(client, '1.0.0/upgrade')).toBe('2.0.0');
    expect(await upgraded(world.anonymous(), '1.0.0/upgrade')).toBe('2.0.0');
  });

  test('is refused when only what is found may not be read', async () => {
    await make('1.0.0', { created_at: ago(9) });
    await make('2.0.0', { created_at: ago(9), backdated_at: ago(1) });
    const client = await world.as('license', await licenseOf({ expiry: ago(5) }, { expiration_strategy: 'RESTRICT_ACCESS' }));
    const { errors } = await client.get('/releases/1.0.0/upgrade', 403);
    expect(errors[0].detail).toBe(refused('license expiry falls outside of access window'));
    expect(await world.emitted()).toEqual([]);
  });

  test('takes the permissions to upgrade and to read', async () => {
    await makeAll('1.0.0 2.0.0');
    for (const permissions of [['release.read'], ['release.upgrade']]) {
      const client = await world.as('license', await licenseOf({ permissions }));
      expect((await client.get('/releases/1.0.0/upgrade', 403)).errors[0].detail).toBe(refused('license lacks permission to perform action'));
    }
    expect(await upgraded(await world.as('license', await licenseOf({ permissions: ['release.read', 'release.upgrade'] })), '1.0.0/upgrade')).toBe('2.0.0');
  });

  test('starts the time of a license that counts from its first download', async () => {
    await makeAll('1.0.0 2.0.0');
    const license = await licenseOf({ expiry: null }, { duration: 86_400, expiration_basis: 'FROM_FIRST_DOWNLOAD' });
    await (await world.as('license', license)).get('/releases/1.0.0/upgrade', 200);
    await world.server.jobs.run();
    expect((await world.server.find('license', { id: license.id }))!.expiry).not.toBeNull();
  });
});

describe('an upgrade in an environment', () => {
  test('starts at what is visible there, and is refused when it leads elsewhere', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const other = await world.create('environment', { isolation_strategy: 'SHARED' });
    await world.server.update('product', product.id, { distribution_strategy: 'OPEN' });
    await make('1.0.0', { environment_id: shared.id });
    await make('2.0.0', { environment_id: shared.id });
    await make('1.5.0');
    await world.anonymous().get('/releases/1.0.0/upgrade', 404);
    expect(await upgraded(world.anonymous().in(shared), '1.0.0/upgrade')).toBe('2.0.0');
    await make('3.0.0', { environment_id: other.id });
    expect((await world.anonymous().in(shared).get('/releases/1.0.0/upgrade', 403)).errors[0].detail).toBe(
      refused('record environment is not compatible with the current environment'),
    );
  });
});

describe('an upgrade asked for by others', () => {
  test('a product has its own drafts nowhere, and nothing of another product', async () => {
    await makeAll('1.0.0 1.1.0');
    await make('2.0.0', { status: 'DRAFT' });
    expect(await upgraded(await world.as('product', product), '1.0.0/upgrade')).toBe('1.1.0');
    await (await world.as('product')).get('/releases/1.0.0/upgrade', 404);
    for (const role of ['developer', 'sales-agent', 'support-agent', 'read-only'] as const)
      expect(await upgraded(await world.as(role), '1.0.0/upgrade')).toBe('1.1.0');
  });
});
