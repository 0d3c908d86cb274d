import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';
import { startReceiver } from '../../test/receiver.ts';
import { loadPublicKeys } from '../kernel/crypto/account-keys.ts';
import { type SigningAlgorithm, signingAlgorithms, verify } from '../kernel/crypto/signing.ts';

let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

let world: World;
beforeEach(async () => {
  receiver.reset();
  world = await newWorld();
  world.server.clock.freeze('2026-02-03T10:00:00.000Z');
});

const minutes = 60_000;
const endpointAt = (attributes: Attributes = {}): Promise<Wire> => world.create('webhook_endpoint', { url: `${receiver.url}/in?t=1`, ...attributes });
const emit = async (attributes: Attributes = {}): Promise<Wire> => {
  const admin = await world.as('admin');
  const code = `CODE_${Math.random()}`;
  const { data } = await admin.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'Name', code, ...attributes } } }, 201);
  await world.server.jobs.run();
  return data;
};
const events = () => world.server.sql('select * from webhook_events where account_id = $1 order by created_at, id', [world.account.id]);
const theEvent = async () => (await events())[0]!;

describe('a delivery', () => {
  test('is the webhook event with its payload, once for each endpoint that listens', async () => {
    await endpointAt();
    await endpointAt({ subscriptions: ['license.created', 'entitlement.created'] });
    await endpointAt({ subscriptions: ['license.created'] });
    await endpointAt({ subscriptions: [] });
    const entitlement = await emit({ metadata: { fooBar: 1 } });
    expect(receiver.received).toHaveLength(2);
    expect(await events()).toHaveLength(2);
    const { method, url, headers, body } = receiver.received[0]!;
    const { data } = JSON.parse(body);
    expect([method, url]).toEqual(['POST', '/in?t=1']);
    expect(data.attributes).toEqual({
      endpoint: `${receiver.url}/in?t=1`,
      apiVersion: '1.8',
      payload: JSON.stringify({ data: entitlement }),
      event: 'entitlement.created',
      status: 'DELIVERING',
      lastResponseCode: null,
      lastResponseBody: null,
      created: '2026-02-03T10:00:00.000Z',
      updated: '2026-02-03T10:00:00.000Z',
    });
    expect(Object.keys(data)).toEqual(['id', 'type', 'attributes', 'relationships', 'links', 'meta']);
    expect(data.meta.idempotencyToken).toMatch(/^[0-9a-f]{62}v3$/);
    expect(data.links.self).toBe(`${world.base}/webhook-events/${data.id}`);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Keygen/1.8 (+https://keygen.sh/docs/api/webhooks/)',
      'keygen-version': '1.8',
      date: 'Tue, 03 Feb 2026 10:00:00 GMT',
      'keygen-date': 'Tue, 03 Feb 2026 10:00:00 GMT',
    });
    expect(await theEvent()).toMatchObject({ status: 'DELIVERED', last_response_code: 200, last_response_body: 'ok' });
  });

  test.each(signingAlgorithms)('is signed with %s', async (algorithm: SigningAlgorithm) => {
    await endpointAt({ signature_algorithm: algorithm });
    await emit();
    const { headers, body } = receiver.received[0]!;
    const digest = `sha-256=${createHash('sha256').update(body).digest('base64')}`;
    expect(headers).toMatchObject({ digest, 'keygen-digest': digest });
    const parts = /^keyid="(.+)", algorithm="(.+)", signature="(.+)", headers="\(request-target\) host date digest"$/.exec(
      String(headers['keygen-signature']),
    )!;
    expect(parts.slice(1, 3)).toEqual([world.account.id, algorithm]);
    const [row] = await world.server.sql('select * from accounts where id = $1', [world.account.id]);
    const keys = loadPublicKeys({
      ed25519PublicKey: String(row!.ed25519_public_key),
      rsaPublicKey: String(row!.rsa_public_key),
      ecdsaPublicKey: String(row!.ecdsa_public_key),
    });
    const signed = `(request-target): post /in?t=1\nhost: 127.0.0.1\ndate: ${headers.date}\ndigest: ${digest}`;
    expect(verify(algorithm, signed, Buffer.from(parts[3]!, 'base64'), keys)).toBe(true);
    expect(verify('rsa-sha256', body, Buffer.from(String(headers['x-signature']), 'base64'), keys)).toBe(true);
  });

  test('takes user and password of the URL as credentials', async () => {
    await endpointAt({ url: `${receiver.url.replace('//', '//me:s%40fe@')}/` });
    await emit();
    expect(receiver.received[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:s@fe').toString('base64')}`);
    expect(receiver.received[0]!.url).toBe('/');
  });

  test('goes nowhere but into the sink for hosts of the internet', async () => {
    await endpointAt({ url: 'https://hooks.example.com/x' });
    await emit();
    expect(world.server.webhooks.sent.map(({ method, url }) => [method, url])).toEqual([['POST', 'https://hooks.example.com/x']]);
    expect(await theEvent()).toMatchObject({ status: 'DELIVERED', last_response_code: 200 });
  });

  test('follows redirects, the last answer counts', async () => {
    await endpointAt();
    receiver.answer({ status: 302, headers: { location: '/in?t=1' } });
    await emit();
    expect(receiver.received.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET', 'GET']);
    expect(await theEvent()).toMatchObject({ status: 'DELIVERING', last_response_code: null, last_response_body: null });
    expect(await world.server.jobs.pending('webhook-events.deliver')).toHaveLength(1);
  });
});

describe('an answer', () => {
  test.each<[string, object, object, boolean, boolean]>([
    // answered                  kept                                                                                       retried disabled
    ['204', { status: 204, body: '' }, { status: 'DELIVERED', last_response_code: 204, last_response_body: '' }, false, false],
    ['of 2048 bytes', { body: 'x'.repeat(2048) }, { status: 'DELIVERED', last_response_body: 'x'.repeat(2048) }, false, false],
    ['of 2049 bytes', { body: 'x'.repeat(2049) }, { status: 'DELIVERED', last_response_body: 'RES_BODY_TOO_LARGE' }, false, false],
    ['500', { status: 500, body: 'oops' }, { status: 'FAILING', last_response_code: 500, last_response_body: 'oops' }, true, false],
    ['404', { status: 404, body: 'tunnel a.ngrok.io not found' }, { status: 'FAILING', last_response_code: 404 }, true, false],
    ['410', { status: 410, body: 'gone' }, { status: 'FAILED', last_response_code: 410, last_response_body: 'gone' }, false, true],
    ['530', { status: 530 }, { status: 'FAILED', last_response_code: 530 }, false, true],
  ])('%s', async (_, answer, kept, retried, disabled) => {
    const endpoint = await endpointAt();
    receiver.answer(answer);
    await emit();
    expect(await theEvent()).toMatchObject(kept);
    expect(await world.server.jobs.pending('webhook-events.deliver')).toHaveLength(retried ? 1 : 0);
    const after = await world.server.find('webhook_endpoint', { id: endpoint.id });
    expect(after).toMatchObject({ subscriptions: disabled ? [] : ['*'], updated_at: endpoint.updated_at });
  });

  test('of nobody is final', async () => {
    await endpointAt({ url: 'http://127.0.0.1:1/' });
    await emit();
    expect(await theEvent()).toMatchObject({ status: 'FAILED', last_response_code: null, last_response_body: 'CONN_REFUSED' });
  });
});

describe('a retry', () => {
  test('comes after 10 to 100 minutes and sends the same body; what succeeds is not sent again', async () => {
    await endpointAt();
    receiver.answer({ status: 503 });
    await emit();
    const [pending] = await world.server.jobs.pending('webhook-events.deliver');
    const delay = (pending!.runAt.getTime() - world.server.clock.now().getTime()) / minutes;
    expect(delay).toBeGreaterThanOrEqual(10);
    expect(delay).toBeLessThanOrEqual(100);
    world.server.clock.travel(delay * minutes - 1);
    await world.server.jobs.run();
    expect(receiver.received).toHaveLength(1);
    receiver.answer({ status: 200 });
    world.server.clock.travel(1);
    await world.server.jobs.run();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]!.body).toBe(receiver.received[0]!.body);
    expect(receiver.received[1]!.headers.date).not.toBe(receiver.received[0]!.headers.date);
    expect(await events()).toEqual([expect.objectContaining({ status: 'DELIVERED', last_response_code: 200 })]);
    expect(await world.server.jobs.pending('webhook-events.deliver')).toEqual([]);
  });

  test('is tried fifteen times, then the event has failed', async () => {
    await endpointAt();
    receiver.answer({ status: 503 });
    await emit();
    for (let n = 0; n < 15; n++) {
      expect(await theEvent()).toMatchObject({ status: 'FAILING' });
      world.server.clock.travel(100 * minutes + n ** 4 * 1000);
      await world.server.jobs.run();
    }
    expect(receiver.received).toHaveLength(16);
    expect(await theEvent()).toMatchObject({ status: 'FAILED', last_response_code: 503 });
    expect(await world.server.jobs.pending('webhook-events.deliver')).toEqual([]);
  });

  test.each<[string, (endpoint: Wire) => Promise<unknown>]>([
    ['whose endpoint is gone', ({ id }) => world.server.sql('delete from webhook_endpoints where id = $1', [id])],
    ['whose endpoint is disabled', ({ id }) => world.server.update('webhook_endpoint', id, { subscriptions: [] })],
    ['whose endpoint wants other events now', ({ id }) => world.server.update('webhook_endpoint', id, { subscriptions: ['license.created'] })],
    ['whose event is gone', () => world.server.sql('delete from webhook_events')],
  ])('%s is dropped', async (_, meanwhile) => {
    const endpoint = await endpointAt();
    receiver.answer({ status: 503 });
    await emit();
    await meanwhile(endpoint);
    world.server.clock.travel(101 * minutes);
    await world.server.jobs.run();
    expect(receiver.received).toHaveLength(1);
    for (const event of await events()) expect(event).toMatchObject({ status: 'FAILING' });
    expect(await world.server.jobs.pending('webhook-events.deliver')).toEqual([]);
  });
});

describe('versions', () => {
  test("a payload has the form of the endpoint's version, and the event says so", async () => {
    await endpointAt({ api_version: '1.4' });
    await endpointAt({ api_version: null });
    await world.server.update('account', String(world.account.id), { api_version: '1.2' });
    await emit({ metadata: { fooBar: { bazQux: 1 } } });
    expect(receiver.received.map(({ headers, body }) => [headers['keygen-version'], JSON.parse(body).data.attributes.apiVersion]).sort()).toEqual([
      ['1.2', '1.2'],
      ['1.4', '1.4'],
    ]);
    expect(receiver.received[0]!.headers['user-agent']).toMatch(/^Keygen\/1\.[24] /);
  });

  test('a machine that goes to an endpoint which was moved to an older version has the owner of its license as user', async () => {
    const admin = await world.as('admin');
    const [owner, keeper] = [await world.create('user'), await world.create('user')];
    const machine = await world.create('machine', { license_id: (await world.create('license', { owner_id: owner.id })).id, owner_id: keeper.id });
    const endpoint = await endpointAt({ subscriptions: ['machine.heartbeat.ping'] });
    receiver.answer({ status: 500 });
    await admin.post(`/machines/${machine.id}/actions/ping`, undefined, 200);
    await world.server.jobs.run();
    await world.server.update('webhook_endpoint', endpoint.id, { api_version: '1.5' });
    world.server.clock.travel(120 * minutes);
    await world.server.jobs.run();
    const [newer, older] = receiver.received.map(({ body }) => JSON.parse(body).data.attributes);
    const relationships = (attributes: Wire) => JSON.parse(attributes.payload).data.relationships;
    expect([newer.apiVersion, relationships(newer).owner.data.id, relationships(newer).user]).toEqual(['1.8', keeper.id, undefined]);
    const links = { related: `${world.base}/machines/${machine.id}/user` };
    expect([older.apiVersion, relationships(older).user, relationships(older).owner]).toEqual([
      '1.5',
      { links, data: { type: 'users', id: owner.id } },
      undefined,
    ]);
  });

  test('a release and an artifact that go to an endpoint which was moved to 1.0 have what that version shows of each other', async () => {
    const admin = await world.as('admin');
    const release = await world.create('release', { version: '1.0.0' });
    const artifact = await world.create('release_artifact', { release_id: release.id, filename: 'App.dmg', platform: 'darwin', filesize: 5 });
    const endpoint = await endpointAt();
    receiver.answer({ status: 500 });
    await admin.patch(`/releases/${release.id}`, { data: { type: 'releases', attributes: { name: 'New' } } }, 200);
    await admin.patch(`/artifacts/${artifact.id}`, { data: { type: 'artifacts', attributes: { filesize: 6 } } }, 200);
    await world.server.jobs.run();
    await world.server.update('webhook_endpoint', endpoint.id, { api_version: '1.0' });
    world.server.clock.travel(120 * minutes);
    await world.server.jobs.run();
    const payloads = receiver.received.slice(2).map(({ body }) => JSON.parse(JSON.parse(body).data.attributes.payload).data);
    const [shownRelease, shownArtifact] = ['releases', 'artifacts'].map((type) => payloads.find((data) => data.type === type));
    expect(shownRelease.attributes).toMatchObject({ status: 'NOT_PUBLISHED', filename: 'App.dmg', platform: 'darwin', filesize: 6, checksum: null });
    expect([shownRelease.relationships.artifact, shownRelease.relationships.artifacts]).toEqual([
      { links: { related: `${world.base}/releases/${release.id}/artifact` }, data: { type: 'artifacts', id: artifact.id } },
      undefined,
    ]);
    expect([shownArtifact.attributes.key, shownArtifact.relationships.product]).toEqual([
      'App.dmg',
      { links: { related: `${world.base}/products/${release.product_id}` }, data: { type: 'products', id: release.product_id } },
    ]);
  });

  test('an endpoint that was moved to a newer version still gets the older form of old events', async () => {
    const endpoint = await endpointAt({ api_version: '1.3' });
    receiver.answer({ status: 503 });
    await emit();
    await world.server.update('webhook_endpoint', endpoint.id, { api_version: '1.7' });
    world.server.clock.travel(101 * minutes);
    await world.server.jobs.run();
    const { headers, body } = receiver.received[1]!;
    expect([headers['keygen-version'], JSON.parse(body).data.attributes.apiVersion]).toEqual(['1.7', '1.3']);
  });
});

describe('environments', () => {
  test('endpoints hear of events of exactly their environment', async () => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    for (const environment_id of [isolated.id, shared.id, null]) await endpointAt({ environment_id });
    await emit();
    expect((await events()).map(({ environment_id }) => environment_id)).toEqual([null]);
    const inside = (await world.as('environment', shared)).in(shared);
    await inside.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'N', code: 'S' } } }, 201);
    await world.server.jobs.run();
    expect((await events()).map(({ environment_id }) => environment_id)).toEqual([null, shared.id]);
  });
});

test('a change that fails tells nobody', async () => {
  await endpointAt();
  const admin = await world.as('admin');
  await admin.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'Name', code: 'actions' } } }, 422);
  await world.server.jobs.run();
  expect([await world.count('webhook_events'), await world.count('event_logs'), await world.count('request_logs')]).toEqual([0, 0, 1]);
});
