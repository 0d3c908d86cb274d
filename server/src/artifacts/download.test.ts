/** Artifacts are downloaded, and told apart by their names (spec/distribution.md 7.4, 8.2, 9). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { isDownloadable, namedBy } from './download.ts';

const uuid = '91f0d3ac-6a0e-4a2f-8d0f-7f3c2b1a0e55';

test.each<[string, unknown, string, string | undefined]>([
  ['app.zip', undefined, 'app.zip', undefined],
  ['mac/app.zip', undefined, 'mac/app.zip', undefined],
  [uuid, undefined, uuid, undefined],
  [uuid, 'b.zip', uuid, 'b.zip'],
  [uuid, ' ', uuid, undefined],
  [uuid, ['b.zip'], uuid, undefined],
  ['app.zip', 'dir/b.zip', 'app.zip', 'dir/b.zip'],
  [`${uuid}/app.zip`, undefined, uuid, 'app.zip'],
  [`${uuid}/mac/app.zip`, 'b.zip', uuid, 'mac/app.zip'],
  [uuid.replaceAll('-', '').concat('/x'), undefined, uuid.replaceAll('-', ''), 'x'],
  [`${uuid}/`, undefined, `${uuid}/`, undefined],
  [`/${uuid}`, undefined, `/${uuid}`, undefined],
])('%s with the filename %j names %s, as %s', (rest, override, name, filename) => expect(namedBy(rest, override)).toEqual({ name, filename }));

test.each<[string, string, boolean]>([
  ['UPLOADED', 'PUBLISHED', true],
  ['UPLOADED', 'DRAFT', true],
  ['UPLOADED', 'YANKED', false],
  ['WAITING', 'PUBLISHED', false],
  ['PROCESSING', 'PUBLISHED', false],
  ['FAILED', 'PUBLISHED', false],
  ['YANKED', 'PUBLISHED', false],
])('%s of a release that is %s: %j', (status, release, expected) => expect(isDownloadable({ status, release: { status: release } })).toBe(expected));

let world: World;
let admin: Client;
let product: Wire;
let release: Wire;
let artifact: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
  release = await world.create('release', { product_id: product.id, status: 'PUBLISHED', version: '1.0.0' });
  artifact = await world.create('release_artifact', { release_id: release.id, filename: 'mac/App 1.dmg', status: 'UPLOADED', filesize: 3 });
});
const path = (query = '') => `/artifacts/${artifact.id}${query}`;
const logs = () => world.server.sql('select event, metadata, resource_type, resource_id, whodunnit_type from event_logs order by created_at, id');
const count = async (column: string) => Number((await world.server.find('release', { id: release.id }))![column]);

describe('a download', () => {
  test('is 303 to where the bytes are, with the artifact; and is told of twice, counted once, and kept in the book', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const { data, headers } = await admin.get(path(), 303);
    const url = new URL(String(headers.location));
    expect(url.pathname.endsWith(`/artifacts/${world.account.id}/${release.id}/mac/App%201.dmg`)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': expect.stringMatching(/^[^/]+\/\d{8}\/[^/]+\/s3\/aws4_request$/),
      'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const self = `${world.base}/artifacts/${artifact.id}`;
    expect(data.links).toEqual({ redirect: url.href, related: `${self}/mac%2FApp%201.dmg`, self });
    expect(headers['content-type']).toBe('application/vnd.api+json; charset=utf-8');
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(3);
    await world.server.jobs.run();
    const metadata = { product: product.id, package: null, version: '1.0.0' };
    const log = { metadata, resource_type: 'artifacts', resource_id: artifact.id, whodunnit_type: 'users' };
    expect(await logs()).toEqual([
      { event: 'artifact.downloaded', ...log },
      { event: 'release.downloaded', ...log },
    ]);
    const sent = world.server.webhooks.sent.map((call) => JSON.parse(call.body!).data.attributes);
    expect(sent.map(({ event }: Wire) => event).sort()).toEqual(['artifact.downloaded', 'release.downloaded']);
    for (const { payload } of sent) expect(JSON.parse(payload)).toEqual({ data });
    expect([await count('download_count'), await count('upgrade_count')]).toEqual([1, 0]);
    const [link] = await world.server.sql('select * from artifact_links');
    expect(link).toMatchObject({ kind: 'download', release_id: release.id, environment_id: null, ttl: 900, url: expect.stringMatching(/^s1\./) });
  });

  test('by way of its release is told of as its', async () => {
    const inPackage = await world.create('release_package', { product_id: product.id });
    await world.server.update('release', release.id, { package_id: inPackage.id });
    await admin.get(`/releases/1.0.0/artifacts/mac%2FApp%201.dmg`, 303);
    await admin.get(`/products/${product.id}/artifacts/mac/App%201.dmg`, 303);
    await world.server.jobs.run();
    const metadata = { product: product.id, package: inPackage.id, version: '1.0.0' };
    const about = (resource_type: string, resource_id: string) => ({ metadata, resource_type, resource_id });
    const [one, two, three, four] = await logs();
    expect([one, two]).toMatchObject([about('releases', release.id), about('releases', release.id)]);
    expect([three, four]).toMatchObject([about('products', product.id), about('products', product.id)]);
    expect(await count('download_count')).toBe(2);
  });

  test.each<[Record<string, string>, string, number, boolean, number]>([
    [{ prefer: 'no-redirect' }, '', 200, true, 2],
    [{}, '?prefer=no-redirect', 200, true, 2],
    [{ prefer: 'no-download' }, '', 200, false, 0],
    [{ prefer: 'no-redirect, no-download' }, '', 200, false, 0],
    [{}, '?prefer=no-download,x', 200, false, 0],
    [{}, '?prefer[]=no-redirect&prefer[]=no-download', 303, true, 2],
    [{ prefer: '' }, '?prefer=no-download', 303, true, 2],
    [{ prefer: 'redirect' }, '', 303, true, 2],
  ])('preferring %j%s answers %d, with a URL: %j, and tells of %d events', async (headers, query, status, hasUrl, events) => {
    const { data, headers: answered } = await admin.with(headers).get(path(query), status);
    expect([data.links.redirect !== undefined, answered.location]).toEqual([hasUrl, data.links.redirect]);
    expect(await world.emitted()).toHaveLength(events);
    expect(await count('download_count')).toBe(events / 2);
  });

  test.each([
    ['WAITING', 'PUBLISHED'],
    ['PROCESSING', 'PUBLISHED'],
    ['FAILED', 'PUBLISHED'],
    ['YANKED', 'PUBLISHED'],
    ['UPLOADED', 'YANKED'],
  ])('of one that is %s, of a release that is %s, shows it to those who see it, and no more', async (status, released) => {
    await world.server.update('release_artifact', artifact.id, { status });
    await world.server.update('release', release.id, { status: released });
    for (const client of [admin, await world.as('product', product)])
      for (const url of [path(), `/releases/${release.id}/artifacts/${artifact.id}`]) {
        const { data, headers } = await client.get(url, 200);
        expect([headers.location, data.links.redirect, data.attributes.status]).toEqual([undefined, undefined, status]);
      }
    expect(await world.emitted()).toEqual([]);
    const license = await world.create('license', { policy_id: (await world.create('policy', { product_id: product.id })).id });
    for (const url of [path(), `/releases/${release.id}/artifacts/${artifact.id}`]) await (await world.as('license', license)).get(url, 404);
  });

  test('of a draft is for those who see it', async () => {
    await world.server.update('release', release.id, { status: 'DRAFT' });
    await admin.get(path(), 303);
  });

  test.each(['text/html', 'application/xml', 'application/octet-stream', '*', 'nonsense', 'application/json'])('accepts %s', async (accept) => {
    const { headers } = await admin.with({ accept }).get(path(), 303);
    expect(headers['content-type']).toBe(`application/${accept === 'application/json' ? 'json' : 'vnd.api+json'}; charset=utf-8`);
    expect((await world.anonymous().with({ accept }).get(path(), 404)).errors[0].code).toBe('NOT_FOUND');
  });

  test('is answered to HEAD as to GET', async () => {
    const { headers, body } = await admin.send('HEAD', path(), undefined, 303);
    expect([typeof headers.location, body]).toEqual(['string', '']);
  });
});

test('works on every host of the domain', async () => {
  world = await newWorld({ config: { host: 'api.example.com' } });
  const made = await world.create('release_artifact', { release_id: (await world.create('release')).id, status: 'UPLOADED' });
  for (const host of ['api.example.com', 'raw.pkg.example.com', 'get.example.com'])
    await (await world.as('admin')).with({ host }).get(`/artifacts/${made.id}`, 303);
});

describe('the time of a URL', () => {
  const expiry = async (client: Client, query: string) =>
    new URL(String((await client.get(path(query), 303)).headers.location)).searchParams.get('X-Amz-Expires');

  test.each([
    ['?ttl=60', '60'],
    ['?ttl=604800', '604800'],
    ['?ttl=3600s', '3600'],
    ['?ttl=', '900'],
    ['', '900'],
  ])('%s is %s seconds', async (query, seconds) => expect(await expiry(admin, query)).toBe(seconds));

  test.each([
    ['?ttl=59', 'must be greater than or equal to 60 (1 minute)'],
    ['?ttl=-1', 'must be greater than or equal to 60 (1 minute)'],
    ['?ttl=abc', 'must be greater than or equal to 60 (1 minute)'],
    ['?ttl=604801', 'must be less than or equal to 604800 (1 week)'],
    [`?ttl=${'9'.repeat(40)}`, 'must be less than or equal to 604800 (1 week)'],
  ])('%s is refused', async (query, detail) => {
    const { errors } = await admin.get(path(query), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { parameter: 'ttl' } }]);
    expect(await world.emitted()).toEqual([]);
  });

  test('is chosen by staff, products and environments, and by nobody else', async () => {
    for (const role of ['admin', 'developer', 'sales-agent', 'support-agent', 'environment'] as const) {
      const bearer = role === 'environment' ? await world.create('environment', { isolation_strategy: 'SHARED' }) : undefined;
      const client = await world.as(role, bearer);
      expect([role, await expiry(bearer ? client.in(bearer) : client, '?ttl=60')]).toEqual([role, '60']);
    }
    expect(await expiry(await world.as('product', product), '?ttl=60')).toBe('60');
    const license = await world.create('license', {
      policy_id: (await world.create('policy', { product_id: product.id })).id,
      owner_id: (await world.create('user')).id,
    });
    const owner = await world.server.find('user', { id: license.owner_id });
    const others = [await world.as('read-only'), await world.as('license', license), await world.as('user', owner)];
    for (const client of others) for (const query of ['?ttl=60', '?ttl=1', '?ttl=abc']) expect(await expiry(client, query)).toBe('900');
    await world.server.update('product', product.id, { distribution_strategy: 'OPEN' });
    expect(await expiry(world.anonymous(), '?ttl=1')).toBe('900');
  });

  test('is looked at after the permission', async () => {
    await (await world.as('product')).get(path('?ttl=1'), 404);
    const reader = await world.as('sales-agent', await world.create('user', { role: 'sales_agent', permissions: ['product.read'] }));
    await reader.get(path('?ttl=1'), 403);
  });
});

describe('a name', () => {
  const keyOf = async (url: string) => {
    const { headers, data } = await admin.get(url, 303);
    return [data.id, decodeURIComponent(new URL(String(headers.location)).pathname).split(`${release.id}/`)[1]];
  };

  test.each([
    ['', 'mac/App 1.dmg'],
    ['/mac%2FApp%201.dmg', 'mac/App 1.dmg'],
    ['/other.dmg', 'other.dmg'],
    ['/dir/other.dmg', 'dir/other.dmg'],
    ['?filename=other.dmg', 'other.dmg'],
    ['?filename=', 'mac/App 1.dmg'],
  ])('<id>%s is signed for %s', async (more, key) => {
    expect(await keyOf(`/artifacts/${artifact.id}${more}`)).toEqual([artifact.id, key]);
    expect(await keyOf(`/artifacts/${artifact.id.replaceAll('-', '').toUpperCase()}${more}`)).toEqual([artifact.id, key]);
  });

  test.each(['mac/App%201.dmg', 'mac%2FApp%201.dmg', 'mac%2fApp%201.dmg'])('%s is a filename', async (name) => {
    expect(await keyOf(`/artifacts/${name}`)).toEqual([artifact.id, 'mac/App 1.dmg']);
    expect(await keyOf(`/products/${product.id}/artifacts/${name}`)).toEqual([artifact.id, 'mac/App 1.dmg']);
  });

  test('is repeated where there is none', async () => {
    const detail = async (url: string) => (await admin.get(url, 404)).errors[0].detail;
    expect(await detail('/artifacts/no/where.zip')).toBe("The requested release artifact 'no/where.zip' was not found");
    expect(await detail('/artifacts/MAC/app%201.dmg')).toBe("The requested release artifact 'MAC/app 1.dmg' was not found");
    expect(await detail(`/releases/${release.id}/artifacts/x`)).toBe("The requested release artifact 'x' was not found");
    expect(await detail(`/releases/9.9.9/artifacts/x`)).toBe("The requested release '9.9.9' was not found");
    expect(await detail(`/products/${product.id}/artifacts/a/b.c`)).toBe("The requested release artifact 'a/b.c' was not found");
    expect(await detail(`/artifacts/${uuid}/a.zip`)).toBe(`The requested release artifact '${uuid}' was not found`);
    await admin.get('/artifacts/%00', 400);
  });

  test('leads to the highest version, not to what is newest', async () => {
    const versions = ['1.0.0', '2.0.0-dev+build.1624654615', '2.0.0', '1.1.0', '2.0.1-beta.1', '1.9.9'];
    const made: Record<string, string> = {};
    for (const [index, version] of versions.entries()) {
      const of = await world.create('release', {
        product_id: (await world.create('product')).id,
        version,
        status: 'PUBLISHED',
        created_at: `2026-01-0${9 - index}T00:00:00Z`,
      });
      made[version] = (await world.create('release_artifact', { release_id: of.id, filename: 'latest.yml', status: 'UPLOADED' })).id;
    }
    const versionOf = async (query: string) => {
      const { data } = await admin.get(`/artifacts/latest.yml${query}`, 303);
      return versions.find((version) => made[version] === data.id);
    };
    expect(await versionOf('')).toBe('2.0.1-beta.1');
    expect(await versionOf('?channel=stable')).toBe('2.0.0');
    expect(await versionOf('?channel=rc')).toBe('2.0.0');
    expect(await versionOf('?channel=beta')).toBe('2.0.1-beta.1');
    expect(await versionOf('?channel=dev')).toBe('2.0.0-dev+build.1624654615');
    expect(await versionOf('?release=1.1.0')).toBe('1.1.0');
    await admin.get('/artifacts/latest.yml?release=3.0.0', 404);
    await admin.get(`/artifacts/${made['2.0.1-beta.1']}?channel=stable`, 404);
  });

  test('of one version leads to what is newest', async () => {
    const of = async (at: string) => {
      const { id } = await world.create('release', { product_id: (await world.create('product')).id, version: '3.0.0' });
      return (await world.create('release_artifact', { release_id: id, filename: 'x', status: 'UPLOADED', created_at: at })).id;
    };
    await of('2026-01-01T00:00:00Z');
    const newest = await of('2026-01-03T00:00:00Z');
    await of('2026-01-02T00:00:00Z');
    expect((await admin.get('/artifacts/x', 303)).data.id).toBe(newest);
  });
});

describe('a license that counts from its first download', () => {
  const start = new Date('2030-01-01T00:00:00Z');
  const licensed = async (policy: Wire = {}, license: Wire = {}) => {
    const given = { product_id: product.id, expiration_basis: 'FROM_FIRST_DOWNLOAD', duration: 86_400, expiration_strategy: 'RESTRICT_ACCESS', ...policy };
    return world.create('license', { policy_id: (await world.create('policy', given)).id, ...license });
  };
  const expiryOf = async ({ id }: Wire) => ((await world.server.find('license', { id }))!.expiry as Date | null)?.toISOString();
  const afterDownload = async (license: Wire, url = path()) => {
    world.server.clock.freeze(start);
    const { status } = await (await world.as('license', license)).get(url);
    await world.server.jobs.run();
    return [status, await expiryOf(license)];
  };
  const inADay = '2030-01-02T00:00:00.000Z';

  test.each([
    ['an artifact', () => path(), 303],
    ['an artifact of a release', () => `/releases/${release.id}/artifacts/${artifact.id}`, 303],
    ['an artifact without a redirect', () => path('?prefer=no-redirect'), 200],
  ])('begins with %s', async (_, url, status) => {
    const license = await licensed();
    expect(await afterDownload(license, url())).toEqual([status, inADay]);
  });

  test('begins with an upgrade', async () => {
    await world.create('release', { product_id: product.id, status: 'PUBLISHED', version: '1.0.1' });
    expect(await afterDownload(await licensed(), '/releases/1.0.0/upgrade')).toEqual([200, inADay]);
  });

  test('begins once', async () => {
    const license = await licensed();
    await afterDownload(license);
    world.server.clock.freeze(new Date(start.getTime() + 3_600_000));
    await (await world.as('license', license)).get(path(), 303);
    await world.server.jobs.run();
    expect(await expiryOf(license)).toBe(inADay);
  });

  test('does not begin by looking, nor where there is no duration or another basis', async () => {
    expect(await afterDownload(await licensed(), path('?prefer=no-download'))).toEqual([200, undefined]);
    expect(await afterDownload(await licensed({ duration: null }))).toEqual([303, undefined]);
    expect(await afterDownload(await licensed({ expiration_basis: 'FROM_FIRST_USE' }))).toEqual([303, undefined]);
    const fixed = await licensed({}, { expiry: '2040-01-01T00:00:00Z' });
    expect(await afterDownload(fixed)).toEqual([303, '2040-01-01T00:00:00.000Z']);
  });

  test('does not begin by what its owner does', async () => {
    const owner = await world.create('user');
    const license = await licensed({}, { owner_id: owner.id });
    await (await world.as('user', owner)).get(path(), 303);
    await world.server.jobs.run();
    expect(await expiryOf(license)).toBeUndefined();
  });
});
