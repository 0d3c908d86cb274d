/** Lists of artifacts (spec/distribution.md 7.3, 7.5, 13). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
let other: Wire;
let inPackage: Wire;
let ids: Record<string, string>;

beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product', { code: 'sdk' });
  other = await world.create('product');
  inPackage = await world.create('release_package', { product_id: product.id, key: 'tool', engine: 'npm' });
  const bare = await world.create('release_package', { product_id: product.id, key: 'bare' });
  const release = (more: Wire) => world.create('release', { product_id: product.id, status: 'PUBLISHED', ...more });
  const releases: Record<string, Wire> = {
    stable: await release({ version: '1.0.0', tag: 'first' }),
    rc: await release({ version: '1.1.0-rc.1' }),
    beta: await release({ version: '1.1.0-beta.1', package_id: inPackage.id }),
    bare: await release({ version: '1.0.0', package_id: bare.id }),
    dev: await release({ version: '1.1.0-dev.1' }),
    other: await release({ version: '1.0.0', product_id: other.id }),
  };
  const told: Record<string, Wire> = {
    stable: { platform: 'darwin', arch: 'arm64', filetype: 'dmg', status: 'UPLOADED' },
    rc: { platform: 'darwin', arch: 'x64', filetype: 'tar.gz', status: 'FAILED' },
    beta: { platform: 'linux', filetype: 'tgz', status: 'WAITING' },
    bare: { arch: 'arm64', status: 'YANKED' },
    dev: { platform: 'win32', filetype: 'exe', status: 'PROCESSING' },
    other: { platform: 'darwin', arch: 'arm64', filetype: 'dmg', status: 'UPLOADED' },
  };
  ids = {};
  for (const [name, { id }] of Object.entries(releases))
    ids[name] = (await world.create('release_artifact', { release_id: id, filename: 'x', ...told[name] })).id;
});

const names = (data: Wire) => data.map(({ id }: Wire) => Object.keys(ids).find((name) => ids[name] === id)).sort();
const list = async (path: string, client = admin) => names((await client.get(path, 200)).data);
const all = ['bare', 'beta', 'dev', 'other', 'rc', 'stable'];
const ofProduct = all.filter((name) => name !== 'other');
const idOf = async (type: string, key: string) => (await world.server.find(`release_${type}`, { key }))!.id;

const common: [string, string[]][] = [
  ['', all],
  ['channel=stable', ['bare', 'other', 'stable']],
  ['channel=rc', ['bare', 'other', 'rc', 'stable']],
  ['channel=beta', ['bare', 'beta', 'other', 'rc', 'stable']],
  ['channel=dev', ['dev']],
  ['channel=nightly', []],
  ['channel=', all],
  ['status=uPlOaDeD', ['other', 'stable']],
  ['status=waiting', ['beta']],
  ['status=GONE', []],
  ['status=', all],
  ['package=tool', ['beta']],
  ['package=', ['dev', 'other', 'rc', 'stable']],
  ['engine=npm', ['beta']],
  ['engine=', ['bare', 'dev', 'other', 'rc', 'stable']],
  ['filetype=.DMG', ['other', 'stable']],
  ['filetype=tar.gz', ['rc']],
  ['filetype=gz', []],
  ['filetype=', ['bare']],
  ['platform=darwin', ['other', 'rc', 'stable']],
  ['platform=Darwin', []],
  ['platform=', ['bare']],
  ['arch=arm64', ['bare', 'other', 'stable']],
  ['arch=', ['beta', 'dev']],
  ['platform=darwin&arch=arm64&channel=stable', ['other', 'stable']],
  ['platform[]=darwin', all],
  ['filename=x', all],
];

describe('all artifacts', () => {
  test.each(common)('?%s', async (query, expected) => expect(await list(`/artifacts?${query}`)).toEqual(expected));

  test('by ids', async () => {
    expect(await list(`/artifacts?platform=${await idOf('platform', 'linux')}`)).toEqual(['beta']);
    expect(await list(`/artifacts?arch=${await idOf('arch', 'x64')}`)).toEqual(['rc']);
    const [{ id }] = (await world.server.sql(`select id from filetypes where key = 'exe'`)) as [Wire];
    expect(await list(`/artifacts?filetype=${id}`)).toEqual(['dev']);
    expect(await list(`/artifacts?channel=${await idOf('channel', 'rc')}`)).toEqual(['bare', 'other', 'rc', 'stable']);
    expect(await list(`/artifacts?package=${inPackage.id}`)).toEqual(['beta']);
    expect(await list(`/artifacts?platform=${product.id}`)).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['product=sdk', ofProduct],
    ['product=', all],
    ['product=none', []],
    ['release=1.0.0', ['bare', 'other', 'stable']],
    ['release=first', ['stable']],
    ['release=', all],
    ['release=9.9.9', []],
    ['product=sdk&release=1.0.0&package=', ['stable']],
  ])('?%s', async (query, expected) => expect(await list(`/artifacts?${query}`)).toEqual(expected));

  test('by product and release, by their ids', async () => {
    expect(await list(`/artifacts?product=${other.id}`)).toEqual(['other']);
    const { release_id } = (await world.server.find('release_artifact', { id: ids.rc! }))!;
    expect(await list(`/artifacts?release=${release_id}`)).toEqual(['rc']);
  });

  test('newest first, in pages, at the cost of one query', async () => {
    const { data } = await admin.get('/artifacts?limit=2', 200);
    expect(names(data)).toEqual(['dev', 'other']);
    const { links, data: page } = await admin.get('/artifacts?page[number]=2&page[size]=4', 200);
    expect([names(page), links.meta]).toEqual([['rc', 'stable'], { pages: 2, count: 6 }]);
    const { links: next } = await admin.get('/artifacts?page[cursor]=&page[size]=5', 200);
    expect(next.next).toContain(`page%5Bcursor%5D=${ids.rc}`);
  });
});

describe("a product's artifacts", () => {
  test.each(common)('?%s', async (query, expected) => {
    expect(await list(`/products/${product.id}/artifacts?${query}`)).toEqual(expected.filter((name) => name !== 'other'));
  });

  test.each(['product=none', 'release=9.9.9'])('?%s is not heard', async (query) => expect(await list(`/products/sdk/artifacts?${query}`)).toEqual(ofProduct));
});

describe("a release's artifacts", () => {
  const path = async (name: string) => `/releases/${(await world.server.find('release_artifact', { id: ids[name]! }))!.release_id}/artifacts`;

  test.each([
    ['', true],
    ['platform=darwin', true],
    ['platform=linux', false],
    ['platform=', true],
    ['arch=arm64', true],
    ['arch=', true],
    ['filetype=.dmg', true],
    ['filetype=', true],
    ['status=uploaded', true],
    ['status=waiting', false],
    ['channel=dev', true],
    ['package=none', true],
    ['product=none', true],
  ])('?%s: %j', async (query, found) => {
    const of = await path('stable');
    expect(await list(`${of}?${query}`)).toEqual(found ? ['stable'] : []);
    await admin.get(`${of}/x?${query}`, found ? 303 : 404);
  });

  test('are those of the oldest release of a version or tag', async () => {
    expect(await list('/releases/1.0.0/artifacts')).toEqual(['stable']);
    expect(await list('/releases/first/artifacts')).toEqual(['stable']);
    await admin.get('/releases/9.9.9/artifacts', 404);
  });
});

test('a qualifier that nothing fits hides an artifact from every request', async () => {
  const path = `/artifacts/${ids.stable}?platform=linux`;
  await admin.get(path, 404);
  await admin.patch(path, { data: { type: 'artifacts', attributes: { filesize: 1 } } }, 404);
  await admin.delete(path, undefined, 404);
  await admin.get(`/products/${product.id}/artifacts/x?platform=none`, 404);
  expect((await admin.get(`/products/${product.id}/artifacts/x?channel=dev`, 200)).data.id).toBe(ids.dev);
});
