/** Whatever a client sends, the answer is one of the documented form: no crash, no hang, nothing of our insides (spec/http.md 9). */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routes } from '../src/app.ts';
import type { Route } from '../src/kernel/http/route.ts';
import type { Injected } from '../src/testkit.ts';
import { fittingName, requestOf } from './hostile-requests.ts';
import { newWorld, type Wire, type World } from './kit.ts';

/** A failure prints its seed; with it in the environment the same requests are sent again. */
const seed = process.env.HOSTILE_SEED === undefined ? {} : { seed: Number(process.env.HOSTILE_SEED) };
const patience = 5000;

interface Scene {
  world: World;
  ids: string[];
  byCollection: Record<string, string>;
  secrets: Record<string, string>;
}

async function distributed(world: World, release: Wire): Promise<Record<string, Wire>> {
  const [platforms, arches, engines] = [await world.create('release_platform'), await world.create('release_arch'), await world.create('release_engine')];
  const named = { platform_id: platforms.id, arch_id: arches.id, status: 'UPLOADED' };
  const artifacts = await world.create('release_artifact', { release_id: release.id, ...named });
  const packages = await world.create('release_package', { product_id: release.product_id, engine_id: engines.id });
  return { artifacts, platforms, arches, engines, packages, channels: { id: release.channel_id } };
}

async function scene(): Promise<Scene> {
  const world = await newWorld();
  const environment = await world.create('environment', { code: 'sandbox' });
  const admin = await world.create('user', { role: 'admin' });
  const policy = await world.create('policy', { use_pool: true });
  const license = await world.create('license', { owner_id: admin.id });
  const machine = await world.create('machine', { license_id: license.id });
  const endpoint = await world.create('webhook_endpoint');
  const made: Record<string, { id: string }> = {
    ...{ users: admin, licenses: license, machines: machine, environments: environment, 'webhook-endpoints': endpoint, policies: policy },
    products: { id: String(license.product_id) },
    entitlements: await world.create('entitlement'),
    groups: await world.create('group'),
    keys: await world.create('key', { policy_id: policy.id }),
    components: await world.create('machine_component', { machine_id: machine.id }),
    processes: await world.create('machine_process', { machine_id: machine.id }),
    tokens: await world.create('token', { bearer_id: admin.id }),
    releases: await world.create('release', { product_id: license.product_id }),
    'webhook-events': await world.create('webhook_event', { webhook_endpoint_id: endpoint.id }),
  };
  Object.assign(made, await distributed(world, made.releases!));
  const byCollection = Object.fromEntries(Object.entries(made).map(([collection, { id }]) => [collection, id]));
  const token = (bearer_type: string, bearer_id: string) => world.create('token', { bearer_type, bearer_id });
  const secrets = { admin: `Bearer ${(await token('user', admin.id)).secret}`, license: `Bearer ${(await token('license', license.id)).secret}` };
  const ids = Object.values(byCollection);
  return { world, ids, byCollection, secrets };
}

/** The documented form: an error document, the short forms for readers of HTML and text, or a success. */
function expectForm(response: Injected, request: string): void {
  const type = String(response.headers['content-type'] ?? '');
  const place = `${request}\n-> ${response.statusCode} ${response.body.slice(0, 500)}`;
  expect(response.statusCode < 500, place).toBe(true);
  expect(response.body, place).not.toMatch(/node_modules|\.ts:\d|Failed query|at Object\./);
  if (!/json/.test(type)) {
    expect(type === '' ? response.body : type, place).toMatch(/^$|^text\/|^application\/octet-stream/);
    return;
  }
  if (response.body === '' && request.startsWith('HEAD ')) return;
  const document = JSON.parse(response.body);
  if (response.statusCode < 400) return;
  expect(document.errors?.length, place).toBeGreaterThan(0);
  for (const error of document.errors) {
    expect(error, place).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
    for (const member of Object.keys(error)) expect(['title', 'detail', 'code', 'source', 'links'], place).toContain(member);
  }
  expect(type, place).toMatch(/^application\/(?:vnd\.api\+)?json; charset=utf-8$/);
}

/** An account that deletes itself ends the scene. */
const tried = routes.filter(({ name }) => name !== 'accounts.delete');

const prefixes: Partial<Record<Route['base'], string>> = { account: '/v1/accounts/:account', itself: '/v1/accounts/:account', ping: '/v1/accounts/:account' };

test('no request to any route brings the server down, hangs it, or sees its insides', async () => {
  let { world, ids, byCollection, secrets } = await scene();
  let stale = false;
  const someRoute = fc.constantFrom(...tried.keys()).chain((index) => fc.tuple(fc.constant(index), requestOf(tried[index]!, ids)));
  const property = fc.asyncProperty(someRoute, async ([index, { method, names, query, body, headers, authorization, account }]) => {
    if (stale) ({ world, ids, byCollection, secrets } = await scene());
    stale = false;
    const route = tried[index]!;
    let next = 0;
    const nameOf = (collection: string, name: string) => (name === fittingName ? (byCollection[collection] ?? ids[0]!) : name);
    const whole = `${prefixes[route.base] ?? ''}${route.path}`.replace(/:account/, account ?? String(world.account.id));
    const path = whole.replace(
      /([a-z-]*\/)(?::[a-z_]+(?:\([^)]*\))?|\*)/gi,
      (_, collection: string) => `${collection}${nameOf(collection.slice(0, -1), names[next++]!)}`,
    );
    const given = secrets[authorization] ?? authorization;
    const sent = { ...headers, ...(given !== 'none' && { authorization: given }) };
    const url = query === '' ? path : `${path}?${query}`;
    const shown = `${method} ${route.name} ${url.slice(0, 200)} ${JSON.stringify(sent)} ${String(body).slice(0, 300)}`;
    const answer = world.server.inject({ method, url, headers: sent, ...(method !== 'GET' && method !== 'HEAD' && { payload: body }) });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer: ${shown}`)), patience);
    });
    const response = await Promise.race([answer, late]).finally(() => clearTimeout(timer));
    expectForm(response, shown);
    stale = authorization === 'admin' && response.statusCode === 401;
  });
  await fc.assert(property, { numRuns: 100_000, interruptAfterTimeLimit: 9000, ...seed });
}, 60_000);

test('no bytes on a socket do either', async () => {
  const { world, secrets } = await scene();
  const { port } = new URL(world.server.url);
  const line = fc.constantFrom(
    ...[
      `GET ${world.base}/entitlements HTTP/1.1`,
      'POST /v1/tokens HTTP/1.1',
      'GET /v1/ping HTTP/1.1',
      'BREW / HTTP/1.1',
      'GET  HTTP/1.1',
      'GET /v1/ping HTTP/9.9',
      'PRI * HTTP/2.0',
      'CONNECT a:1 HTTP/1.1',
      'GET /%ff HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      `GET /${'x'.repeat(20_000)} HTTP/1.1`,
    ],
  );
  const header = fc.oneof(
    fc.constantFrom(
      ...[
        'Host: localhost',
        'Host: a\r\nHost: b',
        'Content-Length: 5',
        'Content-Length: -1',
        'Content-Length: 5\r\nContent-Length: 6',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: x',
        'Expect: 100-continue',
        'Expect: x',
        'Upgrade: websocket\r\nConnection: upgrade',
        ': x',
        'X',
        'X: \x01',
        `Authorization: ${secrets.admin}`,
        'Content-Type: \xff',
        'Accept: text/html\r\nAccept: application/json',
        'Keygen-Version: 1.8\r\nKeygen-Version: 1.7',
        `X-Long: ${'y'.repeat(20_000)}`,
      ],
    ),
    fc.tuple(fc.string(), fc.string()).map(([name, value]) => `${name}: ${value}`),
  );
  const bytes = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(line, fc.array(header, { maxLength: 4 }), fc.constantFrom('', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '{}'))
        .map(([first, headers, body]) => Buffer.from(`${[first, ...headers].join('\r\n')}\r\n\r\n${body}`, 'latin1')),
    },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array)) },
  );
  const property = fc.asyncProperty(bytes, async (sent) => {
    const socket = connect(Number(port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
    socket.setTimeout(patience, () => socket.destroy(new Error('late')));
    let late = false;
    socket.on('timeout', () => {
      late = true;
    });
    socket.end(sent);
    await once(socket, 'close').catch(() => {});
    expect(late, `no answer: ${sent.toString('latin1').slice(0, 500)}`).toBe(false);
    const text = Buffer.concat(chunks).toString('latin1');
    for (const status of text.matchAll(/^HTTP\/1\.1 (\d+)/gm)) expect(Number(status[1]), sent.toString('latin1').slice(0, 500)).toBeLessThan(500);
    const body = text.slice(text.lastIndexOf('\r\n\r\n') + 4);
    if (/^HTTP\/1\.1 4\d\d[\s\S]*application\/(?:vnd\.api\+)?json/.test(text) && body.startsWith('{')) expect(JSON.parse(body).errors).toHaveLength(1);
  });
  await fc.assert(property, { numRuns: 10_000, interruptAfterTimeLimit: 4000, ...seed });
  expect((await fetch(`${world.server.url}/v1/ping`)).status).toBe(200);
}, 60_000);
