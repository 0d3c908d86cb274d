/** Artifacts are created, changed and deleted (spec/distribution.md 7, 8.1, 8.4, 19). */
import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let release: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  release = await world.create('release', { status: 'PUBLISHED' });
});

const to = (type: string, id: unknown) => ({ data: { type, id } });
const body = (attributes: Wire = { filename: 'app.zip' }, relationships: Wire = {}) => ({
  data: { type: 'artifacts', attributes, relationships: { release: to('releases', release.id), ...relationships } },
});
const update = (attributes: Wire) => ({ data: { type: 'artifacts', attributes } });
const unknown = '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0';
const unprocessable = (detail: string, code: string, pointer: string) => [
  {
    title: 'Unprocessable resource',
    detail,
    code,
    source: { pointer },
    links: { about: expect.stringContaining('https://keygen.sh/docs/api/artifacts/#artifacts-object-') },
  },
];
const payloads = () =>
  world.server.webhooks.sent.map((call) => JSON.parse(call.body!).data.attributes).map(({ event, payload }) => [event, JSON.parse(payload)]);

describe('create', () => {
  test('answers 307 with where the bytes are to go, and the artifact', async () => {
    const attributes = {
      filename: 'mac/Nightingale.dmg',
      filetype: '.DMG',
      filesize: 73400320,
      platform: ' Darwin ',
      arch: 'ARM64',
      checksum: 'q83v',
      metadata: { buildHost: 1 },
    };
    const { data, headers } = await admin.post('/artifacts', body(attributes), 307);
    const url = new URL(String(headers.location));
    expect(url.pathname.endsWith(`/artifacts/${world.account.id}/${release.id}/mac/Nightingale.dmg`)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Expires': '3600',
      'X-Amz-SignedHeaders': 'host',
    });
    const path = `${world.base}/artifacts/${data.id}`;
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(data).toEqual({
      id: data.id,
      type: 'artifacts',
      attributes: {
        ...{ filename: 'mac/Nightingale.dmg', filetype: 'dmg', filesize: 73400320, platform: 'darwin', arch: 'arm64' },
        ...{ signature: null, checksum: 'q83v', status: 'WAITING', metadata: { buildHost: 1 }, created: time, updated: time },
      },
      relationships: {
        account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        release: { links: { related: `${world.base}/releases/${release.id}` }, data: { type: 'releases', id: release.id } },
      },
      links: { redirect: url.href, related: `${path}/mac%2FNightingale.dmg`, self: path },
    });
    expect(Object.keys(data.attributes)).toEqual('filename filetype filesize platform arch signature checksum status metadata created updated'.split(' '));
    expect((await admin.get(`/artifacts/${data.id}`, 200)).data.links).toEqual({ related: `${path}/mac%2FNightingale.dmg`, self: path });
    expect(await world.server.find('release', { id: release.id })).toMatchObject({ status: 'PUBLISHED' });
    expect(await world.server.find('release_artifact', { id: data.id })).toMatchObject({ backend: 'S3', product_id: release.product_id });
  });

  test.each<[Record<string, string>, string, number]>([
    [{ prefer: 'no-redirect' }, '', 200],
    [{ prefer: ' foo , no-redirect ' }, '', 200],
    [{}, '?prefer=no-redirect', 200],
    [{ prefer: 'no-download' }, '', 307],
    [{ prefer: 'No-Redirect' }, '', 307],
    [{ prefer: 'x' }, '?prefer=no-redirect', 307],
    [{}, '?prefer[]=no-redirect', 307],
  ])('preferring %j%s answers %d', async (headers, query, status) => {
    const { data, headers: answered } = await admin.with(headers).post(`/artifacts${query}`, body(), status);
    expect(answered.location).toBe(data.links.redirect);
    expect(data.links.redirect).toContain('X-Amz-Signature=');
  });

  test('tells of it, with the URL', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const { data } = await admin.post('/artifacts', body(), 307);
    expect(await world.emitted()).toEqual(['artifact.created']);
    expect(payloads()).toEqual([['artifact.created', { data }]]);
    const [log] = await world.server.sql('select resource_type, resource_id, metadata from event_logs');
    expect(log).toEqual({ resource_type: 'artifacts', resource_id: data.id, metadata: {} });
  });

  test.each<[Wire, Wire]>([
    [
      { filesize: null, filetype: null, platform: null, arch: null, signature: null, checksum: null },
      { filesize: null, filetype: null, platform: null, arch: null, signature: null, checksum: null },
    ],
    [
      { filetype: '', platform: '', arch: ' ', signature: '', checksum: '' },
      { filetype: null, platform: null, arch: null, signature: '', checksum: '' },
    ],
    [{ filename: 'a.tar.gz', filetype: 'tar.gz' }, { filetype: 'tar.gz' }],
    [{ filename: 'a.tar.gz', filetype: 'GZ' }, { filetype: 'gz' }],
    [
      { filename: 'App.AppImage', filetype: '.AppImage' },
      { filename: 'App.AppImage', filetype: 'appimage' },
    ],
    [{ filename: 'bare', filetype: 'exe' }, { filetype: 'exe' }],
    [
      { platform: 'macOS', arch: 'M1' },
      { platform: 'macos', arch: 'm1' },
    ],
    [{ filesize: 0 }, { filesize: 0 }],
    [{ filesize: 5368709120 }, { filesize: 5368709120 }],
    [{ metadata: null }, { metadata: {} }],
    [{ filename: 'é'.repeat(255) }, { filename: 'é'.repeat(255) }],
  ])('of %j stores %j', async (given, shown) => {
    const { data } = await admin.post('/artifacts', body({ filename: 'app.zip', ...given }), 307);
    expect(data.attributes).toMatchObject(shown);
    expect((await admin.get(`/artifacts/${data.id}`, 200)).data.attributes).toEqual(data.attributes);
  });

  test.each<[Wire, string, string]>([
    [{}, 'is missing', '/data/attributes/filename'],
    [{ filename: null }, 'cannot be null', '/data/attributes/filename'],
    [{ filename: '' }, 'cannot be blank', '/data/attributes/filename'],
    [{ filename: 1 }, 'type mismatch (received integer expected string)', '/data/attributes/filename'],
    [{ filename: 'a', filesize: '' }, 'type mismatch (received string expected integer)', '/data/attributes/filesize'],
    [{ filename: 'a', filesize: '5' }, 'type mismatch (received string expected integer)', '/data/attributes/filesize'],
    [{ filename: 'a', status: 'UPLOADED' }, 'unpermitted parameter', '/data/attributes/status'],
    [{ filename: 'a', key: 'x' }, 'unpermitted parameter', '/data/attributes/key'],
    [{ filename: 'a', metadata: { a: { b: { c: { d: 1 } } } } }, 'maximum depth of 2 exceeded', '/data/attributes/metadata/a/b/c'],
  ])('of %j is refused: %s', async (attributes, detail, pointer) => {
    expect((await admin.post('/artifacts', body(attributes), 400)).errors).toEqual(badRequest(detail, pointer));
  });

  test('needs a release', async () => {
    const bare = { data: { type: 'artifacts', attributes: { filename: 'a' } } };
    expect((await admin.post('/artifacts', bare, 400)).errors).toEqual(badRequest('is missing', '/data/relationships'));
    const none = { data: { ...bare.data, relationships: { environment: { data: null } } } };
    expect((await admin.post('/artifacts', none, 400)).errors).toEqual(badRequest('is missing', '/data/relationships/release'));
    const { errors } = await admin.post('/artifacts', body(undefined, { release: to('releases', unknown) }), 422);
    expect(errors).toEqual(unprocessable('must exist', 'RELEASE_NOT_FOUND', '/data/relationships/release'));
    await (await world.as('product')).post('/artifacts', body(undefined, { release: to('releases', unknown) }), 403);
  });

  test.each<[Wire, string, string, string]>([
    [{ filename: 'a.zip', filetype: 'exe' }, 'filename extension does not match filetype (expected exe)', 'FILENAME_EXTENSION_INVALID', 'filename'],
    [{ filename: 'a.targz', filetype: '.GZ' }, 'filename extension does not match filetype (expected gz)', 'FILENAME_EXTENSION_INVALID', 'filename'],
    [{ filename: 'x'.repeat(256) }, 'is too long (maximum is 255 characters)', 'FILENAME_TOO_LONG', 'filename'],
    [{ filename: 'taken.zip' }, 'already exists', 'FILENAME_TAKEN', 'filename'],
    [{ filename: 'a', filesize: -1 }, 'must be greater than or equal to 0', 'FILESIZE_INVALID', 'filesize'],
    [{ filename: 'a', filesize: 5368709121 }, 'must be less than or equal to 5368709120', 'FILESIZE_INVALID', 'filesize'],
    [{ filename: 'a', checksum: 'x'.repeat(4097) }, 'is too long (maximum is 4096 characters)', 'CHECKSUM_TOO_LONG', 'checksum'],
    [{ filename: 'a', signature: 'x'.repeat(4097) }, 'is too long (maximum is 4096 characters)', 'SIGNATURE_TOO_LONG', 'signature'],
    [{ filename: 'a', metadata: { a: 'x'.repeat(17_000) } }, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', 'metadata'],
  ])('of %o is refused: %s', async (attributes, detail, code, attribute) => {
    await world.create('release_artifact', { release_id: release.id, filename: 'taken.zip' });
    const { errors } = await admin.post('/artifacts', body({ ...attributes, platform: 'plan9' }), 422);
    expect(errors).toEqual(unprocessable(detail, code, `/data/attributes/${attribute}`));
    expect(errors[0].links.about).toBe(`https://keygen.sh/docs/api/artifacts/#artifacts-object-attrs-${attribute}`);
    expect([await world.count('artifacts'), await world.count('platforms')]).toEqual([1, 0]);
    expect(await world.server.jobs.pending()).toEqual([]);
  });

  test('reports all failures, grouped by what they are about', async () => {
    const attributes = { filename: `${'x'.repeat(255)}.zip`, filetype: 'exe', filesize: -1, checksum: 'x'.repeat(4097) };
    const { errors } = await admin.post('/artifacts', body(attributes, { release: to('releases', unknown) }), 422);
    expect(errors.map(({ code }: Wire) => code)).toEqual([
      ...['RELEASE_NOT_FOUND', 'FILENAME_EXTENSION_INVALID', 'FILENAME_TOO_LONG', 'FILESIZE_INVALID', 'CHECKSUM_TOO_LONG'],
    ]);
  });

  test('takes a filename once for each release, also at once', async () => {
    const answers = await inParallel(5, () => admin.post('/artifacts', body()));
    expect(answers.map(({ status }) => status).filter((status) => status === 307)).toHaveLength(1);
    for (const { status } of answers) expect([307, 409, 422]).toContain(status);
    const other = await world.create('release');
    await admin.post('/artifacts', body(undefined, { release: to('releases', other.id) }), 307);
    await admin.post('/artifacts', body({ filename: 'App.zip' }), 307);
    expect(await world.count('artifacts')).toBe(3);
  });

  test.each(['DRAFT', 'YANKED'])('is possible for a release that is %s', async (status) => {
    const other = await world.create('release', { status });
    await admin.post('/artifacts', body(undefined, { release: to('releases', other.id) }), 307);
  });

  test('shares platforms, arches and filetypes, which are made when they are first named', async () => {
    for (const [index, platform] of ['linux', 'Linux ', 'darwin'].entries())
      await admin.post('/artifacts', body({ filename: `${index}`, platform, arch: 'x', filetype: 'z' }), 307);
    expect([await world.count('platforms'), await world.count('arches'), await world.count('filetypes')]).toEqual([2, 1, 1]);
  });

  test('goes to the store that the account prefers', async () => {
    await world.server.update('account', String(world.account.id), { backend: 'R2' });
    const { data } = await admin.post('/artifacts', body(), 307);
    await world.server.update('account', String(world.account.id), { backend: 'S3' });
    expect(await world.server.find('release_artifact', { id: data.id })).toMatchObject({ backend: 'R2' });
  });

  test('keeps book of the URL, sealed', async () => {
    const { headers } = await admin.post('/artifacts', body(), 307);
    await world.server.jobs.run();
    const [link] = await world.server.sql('select kind, release_id, ttl, url from artifact_links');
    expect(link).toMatchObject({ kind: 'upload', release_id: release.id, ttl: 3600, url: expect.stringMatching(/^s1\./) });
    expect(String(link!.url)).not.toContain(String(headers.location));
  });

  test.each(['sales-agent', 'support-agent', 'read-only', 'user', 'license'] as const)('is not for a %s, whatever else is wrong', async (role) => {
    const client = await world.as(role);
    await client.post('/artifacts', body({ filename: 'x'.repeat(256) }), 403);
    await client.post('/artifacts', body({ filename: '' }), 400);
  });

  test('is for the product of the release, and for no other', async () => {
    await (await world.as('product', await world.server.find('product', { id: release.product_id }))).post('/artifacts', body(), 307);
    await (await world.as('product')).post('/artifacts', body({ filename: 'b' }), 403);
    await world.anonymous().post('/artifacts', body({ filename: 'c' }), 401);
  });
});

describe('update', () => {
  let artifact: Wire;
  beforeEach(async () => {
    artifact = await world.create('release_artifact', { release_id: release.id, filename: 'dir/app.zip', status: 'UPLOADED', metadata: { a: 1 } });
  });

  test.each(['patch', 'put'] as const)('by %s changes what an uploader says of the bytes, and tells of it', async (method) => {
    world.server.clock.travel(1000);
    const { data } = await admin[method](`/artifacts/${artifact.id}`, update({ filesize: 7, signature: 's', checksum: 'c', metadata: { b: 2 } }), 200);
    expect(data.attributes).toMatchObject({ filesize: 7, signature: 's', checksum: 'c', metadata: { b: 2 }, filename: 'dir/app.zip' });
    expect(data.attributes.updated > data.attributes.created).toBe(true);
    expect(data.links.redirect).toBeUndefined();
    expect(await world.emitted()).toEqual(['artifact.updated']);
    expect((await world.server.sql('select metadata from event_logs'))[0]!.metadata).toEqual({});
  });

  test.each<[Wire, Wire]>([
    [{ metadata: null }, { metadata: { a: 1 } }],
    [{ metadata: {} }, { metadata: {} }],
    [
      { filesize: null, signature: null, checksum: '' },
      { filesize: null, signature: null, checksum: '' },
    ],
  ])('of %j leaves %j', async (given, shown) => {
    expect((await admin.patch(`/artifacts/${artifact.id}`, update(given), 200)).data.attributes).toMatchObject(shown);
  });

  test.each(['filename', 'filetype', 'platform', 'arch', 'status'])('never changes its %s', async (name) => {
    expect((await admin.patch(`/artifacts/${artifact.id}`, update({ [name]: 'x' }), 400)).errors).toEqual(
      badRequest('unpermitted parameter', `/data/attributes/${name}`),
    );
  });

  test('is refused in order: found, allowed, of the right shape, valid', async () => {
    const path = `/artifacts/${artifact.id}`;
    const sales = await world.as('sales-agent');
    await sales.patch(`/artifacts/${unknown}`, update({ filename: 'x' }), 404);
    await sales.patch(path, update({ filename: 'x' }), 403);
    await admin.patch(path, update({ filename: 'x' }), 400);
    expect((await admin.patch(path, update({ filesize: -1, checksum: 'x'.repeat(4097) }), 422)).errors.map(({ code }: Wire) => code)).toEqual([
      'FILESIZE_INVALID',
      'CHECKSUM_TOO_LONG',
    ]);
  });

  test('is possible after its release has been yanked, and by its filename', async () => {
    await world.server.update('release', release.id, { status: 'YANKED' });
    await admin.patch('/artifacts/dir/app.zip', update({ filesize: 1 }), 200);
    await admin.patch('/artifacts/dir%2Fapp.zip?release=1.0.0', update({ filesize: 1 }), 404);
    await admin.patch(`/artifacts/dir%2Fapp.zip?release=${release.version}`, update({ filesize: 2 }), 200);
  });
});

describe('delete', () => {
  let artifact: Wire;
  beforeEach(async () => {
    artifact = await world.create('release_artifact', { release_id: release.id, filename: 'app.zip', status: 'UPLOADED' });
  });
  const remove = () => admin.delete(`/artifacts/${artifact.id}`, undefined, 204);
  const row = () => world.server.find('release_artifact', { id: artifact.id });

  test('yanks it at once; bytes and row follow', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const license = await world.create('license', { policy_id: (await world.create('policy', { product_id: release.product_id })).id });
    const licensee = await world.as('license', license);
    await licensee.get(`/artifacts/${artifact.id}`, 303);
    await world.server.jobs.run();
    world.server.webhooks.sent.length = 0;
    await remove();
    await licensee.get(`/artifacts/${artifact.id}`, 404);
    expect((await admin.get(`/artifacts/${artifact.id}`, 200)).data).toMatchObject({ attributes: { status: 'YANKED' } });
    const { errors } = await admin.post('/artifacts', body(), 422);
    expect(errors[0].code).toBe('FILENAME_TAKEN');
    await world.server.jobs.run();
    expect(await row()).toBeUndefined();
    expect(payloads()).toEqual([
      ['artifact.deleted', { data: expect.objectContaining({ id: artifact.id, attributes: expect.objectContaining({ status: 'YANKED' }) }) }],
    ]);
    await admin.post('/artifacts', body(), 307);
    expect(await world.count('releases')).toBe(1);
  });

  test('keeps the row while the store fails, and tries again', async () => {
    world.server.storage.simulate('timeout');
    await remove();
    await world.server.jobs.run();
    expect(await row()).toMatchObject({ status: 'YANKED' });
    world.server.storage.simulate('missing');
    world.server.clock.travel(60_000);
    await world.server.jobs.run();
    expect(await row()).toBeUndefined();
  });

  test('removes nothing that has been created anew meanwhile', async () => {
    await remove();
    await world.server.sql('delete from artifacts');
    const again = await world.create('release_artifact', { release_id: release.id, filename: 'app.zip', status: 'UPLOADED' });
    await world.server.jobs.run();
    const { headers } = await admin.get(`/artifacts/${again.id}`, 303);
    expect((await fetch(String(headers.location))).status).toBe(200);
  });

  test('by filename is that of the highest version, unless the query says otherwise', async () => {
    const product_id = release.product_id;
    const of = async (version: string) =>
      world.create('release_artifact', { release_id: (await world.create('release', { product_id, version })).id, filename: 'x.bin' });
    const [one, two, three] = [await of('1.1.0'), await of('3.0.0'), await of('2.0.0')];
    await admin.delete('/artifacts/x.bin', undefined, 204);
    await admin.delete('/artifacts/x.bin?release=1.1.0', undefined, 204);
    await world.server.jobs.run();
    const left = [];
    for (const { id } of [one, two, three]) left.push((await world.server.find('release_artifact', { id })) !== undefined);
    expect(left).toEqual([false, false, true]);
  });

  test('needs the right to it', async () => {
    await (await world.as('product')).delete(`/artifacts/${artifact.id}`, undefined, 404);
    await (await world.as('support-agent')).delete(`/artifacts/${artifact.id}`, undefined, 403);
    await world.anonymous().delete(`/artifacts/${artifact.id}`, undefined, 401);
    await (await world.as('product', await world.server.find('product', { id: release.product_id }))).delete(`/artifacts/${artifact.id}`, undefined, 204);
  });
});

describe('in environments', () => {
  const environment = (isolation_strategy: string) => world.create('environment', { isolation_strategy, code: isolation_strategy.toLowerCase() });

  test('an artifact is in the current one, else in that of its release', async () => {
    const shared = await environment('SHARED');
    const inside = await world.create('release', { environment_id: shared.id });
    const made = (client: Client, of: Wire, more = {}) =>
      client.post('/artifacts', body({ filename: `${Math.random()}` }, { release: to('releases', of.id), ...more }));
    expect((await made(admin.in(shared), release)).data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
    expect((await made(admin.in(shared), inside)).status).toBe(307);
    expect((await made(admin.in(shared), release, { environment: { data: null } })).status).toBe(403);
    expect((await made(admin, inside)).errors[0].detail).toContain('record environment is not compatible with the current environment');
    const isolated = await environment('ISOLATED');
    const { errors, status } = await made((await world.as('environment', isolated)).in(isolated), release);
    expect([status, errors[0].detail, errors[0].code, errors[0].source]).toEqual([
      ...[422, 'must be compatible with release environment', 'ENVIRONMENT_NOT_ALLOWED', { pointer: '/data/relationships/environment' }],
    ]);
    expect((await world.server.find('release', { id: release.id }))!.environment_id).toBeNull();
  });

  test('an environment deletes what is its own, by header or by query', async () => {
    const shared = await environment('SHARED');
    const own = () => world.create('release_artifact', { release_id: release.id, environment_id: shared.id });
    const bearer = await world.as('environment', shared);
    await bearer.in(shared).delete(`/artifacts/${(await own()).id}`, undefined, 204);
    await bearer.delete(`/artifacts/${(await own()).id}?environment=shared`, undefined, 204);
    await bearer.delete(`/artifacts/${(await own()).id}`, undefined, 401);
    const global = await world.create('release_artifact', { release_id: release.id });
    await bearer.in(shared).delete(`/artifacts/${global.id}`, undefined, 403);
    await bearer.in(shared).get(`/artifacts/${global.id}`, 200);
  });
});

test('a deleted release takes its artifacts and links along, and leaves the bytes', async () => {
  const artifact = await world.create('release_artifact', { release_id: release.id, status: 'UPLOADED' });
  const { headers } = await admin.get(`/artifacts/${artifact.id}`, 303);
  await world.server.jobs.run();
  expect(await world.count('artifact_links')).toBe(1);
  await admin.delete(`/releases/${release.id}`, undefined, 204);
  await world.server.jobs.run();
  expect([await world.count('artifacts'), await world.count('artifact_links')]).toEqual([0, 0]);
  expect((await fetch(String(headers.location))).status).toBe(200);
});
