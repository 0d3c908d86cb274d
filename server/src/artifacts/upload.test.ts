/** From the creation of an artifact to its bytes (spec/distribution.md 8.3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { arrivalOf, isProcessed } from './upload.states.ts';

const enqueued = new Date('2026-02-03T10:00:00Z');
const after = (seconds: number) => new Date(enqueued.getTime() + seconds * 1000);

test.each<['present' | 'missing' | 'failing', number, ReturnType<typeof arrivalOf>]>([
  ['present', 0, { next: 'arrived' }],
  ['present', 90_000, { next: 'arrived' }],
  ['missing', 0, { next: 'wait', until: after(30) }],
  ['missing', 30, { next: 'wait', until: after(60) }],
  ['missing', 3590, { next: 'wait', until: after(3600) }],
  ['missing', 3600, { next: 'failed' }],
  ['missing', 90_000, { next: 'failed' }],
  ['failing', 0, { next: 'failed' }],
])('%s after %d s: %j', (state, seconds, expected) => expect(arrivalOf({ state }, enqueued, after(seconds))).toEqual(expected));

test.each([
  [0, 1],
  [3, 4],
  [40, 50],
  [1000, 1030],
  [3599, 3600],
])('what is not in our own directory after %d s is looked for after %d s', (seconds, next) =>
  expect(arrivalOf({ state: 'missing' }, enqueued, after(seconds), true)).toEqual({ next: 'wait', until: after(next) }),
);

test.each<[string | null, string | null, boolean]>([
  ['rubygems', 'gem', true],
  ['npm', 'tgz', true],
  ['oci', 'tar', true],
  ['npm', 'gem', false],
  ['oci', null, false],
  ['pypi', 'whl', false],
  ['constructor', 'gem', false],
  [null, 'gem', false],
])('a package of %j of the type %j is read first: %j', (engine, filetype, expected) => expect(isProcessed(engine, filetype)).toBe(expected));

let world: World;
let admin: Client;
let release: Wire;
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(enqueued);
  admin = await world.as('admin');
  release = await world.create('release');
});

async function create(attributes: Wire = {}, of = release): Promise<{ id: string; url: string }> {
  const relationships = { release: { data: { type: 'releases', id: of.id } } };
  const { data, headers } = await admin.post('/artifacts', { data: { type: 'artifacts', attributes: { filename: 'a', ...attributes }, relationships } }, 307);
  return { id: data.id, url: String(headers.location) };
}
const row = (id: string): Promise<Wire> => world.server.find('release_artifact', { id });
const pending = async () => (await world.server.jobs.pending()).map(({ name, runAt }) => [name, runAt.toISOString()]);
async function passes(seconds: number): Promise<void> {
  world.server.clock.travel(seconds * 1000);
  await world.server.jobs.run();
}

describe('an upload', () => {
  test('is looked for at once, then every half minute, and is there once its bytes are', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const { id, url } = await create({ filesize: 1 });
    await world.server.jobs.run();
    expect(await pending()).toEqual([['artifacts.wait-for-upload', '2026-02-03T10:00:30.000Z']]);
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(200);
    await passes(29);
    expect((await row(id)).status).toBe('WAITING');
    await passes(1);
    expect(await row(id)).toMatchObject({
      status: 'UPLOADED',
      content_type: 'application/octet-stream',
      etag: '5d41402abc4b2a76b9719d911017c592',
      updated_at: after(30),
    });
    expect([Number((await row(id)).content_length), Number((await row(id)).filesize)]).toEqual([5, 1]);
    expect(await pending()).toEqual([]);
    expect(await world.emitted()).toEqual(['artifact.created', 'artifact.upload.succeeded', 'artifact.uploaded']);
    const logs = await world.server.sql(
      `select resource_type, resource_id, whodunnit_id, request_log_id, environment_id from event_logs where event <> 'artifact.created'`,
    );
    expect(logs).toEqual(Array(2).fill({ resource_type: 'artifacts', resource_id: id, whodunnit_id: null, request_log_id: null, environment_id: null }));
    const payloads = world.server.webhooks.sent.map((call) => JSON.parse(JSON.parse(call.body!).data.attributes.payload).data);
    expect(payloads.map(({ attributes, links }) => [attributes.status, 'redirect' in links])).toEqual([
      ['WAITING', true],
      ['UPLOADED', false],
      ['UPLOADED', false],
    ]);
  });

  test('is given up after an hour, and not before', async () => {
    const { id } = await create();
    await world.server.jobs.run();
    await passes(3599);
    expect((await row(id)).status).toBe('WAITING');
    expect(await pending()).toEqual([['artifacts.wait-for-upload', '2026-02-03T11:00:00.000Z']]);
    await passes(1);
    expect((await row(id)).status).toBe('FAILED');
    expect(await world.emitted()).toEqual(['artifact.created', 'artifact.upload.failed']);
    expect(await pending()).toEqual([]);
  });

  test('is looked for at least once, however late', async () => {
    const [there, gone] = [await create(), await create({ filename: 'b' })];
    await fetch(there.url, { method: 'PUT', body: 'x' });
    await passes(86_400);
    expect([(await row(there.id)).status, (await row(gone.id)).status]).toEqual(['UPLOADED', 'FAILED']);
  });

  test('fails when the store refuses to tell', async () => {
    const { id } = await create();
    world.server.storage.simulate('timeout');
    await world.server.jobs.run();
    expect((await row(id)).status).toBe('FAILED');
    expect(await world.emitted()).toEqual(['artifact.created', 'artifact.upload.failed']);
  });

  test('is there where the store is said to have everything, and not where it is said to have nothing', async () => {
    world.server.storage.simulate('present');
    const { id } = await create();
    await world.server.jobs.run();
    expect(await row(id)).toMatchObject({ status: 'UPLOADED', content_length: expect.anything(), etag: expect.any(String) });
    world.server.storage.simulate('missing');
    const other = await create({ filename: 'b' });
    await fetch(other.url, { method: 'PUT', body: 'x' });
    await world.server.jobs.run();
    expect((await row(other.id)).status).toBe('WAITING');
  });

  test.each(['UPLOADED', 'FAILED', 'YANKED', 'PROCESSING'])('of one that is %s by now changes nothing', async (status) => {
    const { id } = await create();
    await world.server.update('release_artifact', id, { status });
    world.server.storage.simulate('present');
    await world.server.jobs.run();
    expect((await row(id)).status).toBe(status);
    expect(await world.emitted()).toEqual(['artifact.created']);
    expect(await pending()).toEqual([]);
  });

  test('of one that is gone is forgotten', async () => {
    const { id } = await create();
    await admin.delete(`/artifacts/${id}`, undefined, 204);
    await world.server.jobs.run();
    expect([await row(id), await pending()]).toEqual([undefined, []]);
  });

  test('is told of in the environment of the artifact', async () => {
    const environment = await world.create('environment', { isolation_strategy: 'SHARED' });
    const inside = await world.create('release_artifact', { release_id: (await world.create('release', { environment_id: environment.id })).id });
    const relationships = { release: { data: { type: 'releases', id: inside.release_id } } };
    await admin.in(environment).post('/artifacts', { data: { type: 'artifacts', attributes: { filename: 'z' }, relationships } }, 307);
    world.server.storage.simulate('present');
    await world.emitted();
    const rows = await world.server.sql('select distinct environment_id from event_logs');
    expect(rows).toEqual([{ environment_id: environment.id }]);
  });

  test.each([
    ['rubygems', 'gem', ['artifact.upload.processing', 'artifact.upload.succeeded']],
    ['npm', 'tgz', ['artifact.upload.processing', 'artifact.upload.succeeded']],
    ['npm', 'zip', ['artifact.upload.succeeded', 'artifact.uploaded']],
    ['pypi', 'whl', ['artifact.upload.succeeded', 'artifact.uploaded']],
    [null, 'gem', ['artifact.upload.succeeded', 'artifact.uploaded']],
  ])('to a package of %j of the type %s is told of as %j', async (engine, filetype, events) => {
    const inPackage = await world.create('release_package', { engine, product_id: release.product_id });
    await world.server.update('release', release.id, { package_id: inPackage.id });
    world.server.storage.simulate('present');
    const { id } = await create({ filetype });
    expect(await world.emitted()).toEqual(['artifact.created', ...events]);
    expect((await row(id)).status).toBe('UPLOADED');
  });
});

describe('old links', () => {
  test('of downloads and upgrades are deleted, ninety days after their day', async () => {
    const artifact = await world.create('release_artifact', { release_id: release.id, status: 'UPLOADED' });
    for (const day of ['2026-02-02T23:59:59Z', '2026-02-03T00:00:00Z', '2026-05-04T23:00:00Z']) {
      world.server.clock.freeze(day);
      await admin.get(`/artifacts/${artifact.id}`, 303);
    }
    await world.server.jobs.run();
    await world.server.sql(`insert into artifact_links select gen_random_uuid(), account_id, environment_id, created_at, release_id, kind.kind, url, ttl
      from artifact_links cross join (values ('upgrade'), ('upload')) as kind (kind)`);
    const left = async () => {
      const rows = await world.server.sql('select kind, count(*)::int as count from artifact_links group by kind order by kind');
      return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
    };
    await world.server.jobs.cron('prune download links');
    expect(await left()).toEqual({ download: 2, upgrade: 3, upload: 3 });
    await world.server.jobs.cron('prune upgrade links');
    expect(await left()).toEqual({ download: 2, upgrade: 2, upload: 3 });
  });
});
