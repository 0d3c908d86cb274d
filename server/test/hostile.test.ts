/** Whatever a client sends, the answer is one of the documented form: no crash, no hang, nothing of our insides (spec/http.md 9). */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { routes } from '../src/app.ts';
import type { Param } from '../src/kernel/http/params.ts';
import type { Route } from '../src/kernel/http/route.ts';
import type { Injected } from '../src/testkit.ts';
import { newWorld, type World } from './kit.ts';

/** A failure prints its seed; with it in the environment the same requests are sent again. */
const seed = process.env.HOSTILE_SEED === undefined ? {} : { seed: Number(process.env.HOSTILE_SEED) };
const patience = 5000;

const texts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\n',
    '\ud83d\ude00',
    '\u202e',
    'actions',
    'null',
    '__proto__',
    'constructor',
    "' or 1=1 --",
    '%00',
    '../../etc/passwd',
    '{{7*7}}',
  ],
  ...[
    '0',
    '-1',
    '1e309',
    '9'.repeat(40),
    '2024-02-30',
    '2024-01-01T00:00:00Z',
    'P1Y',
    'a@b',
    'x@example.com',
    'https://example.com',
    'http://[',
    'x'.repeat(300),
    'é'.repeat(9000),
  ],
];
const numbers = [
  '0',
  '-1',
  '1',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
  '9'.repeat(60),
  '1.0',
  '1e3',
  '1.5',
  '-0',
  '1e400',
];

/** JSON as text, so that a value may be one that JavaScript does not have. */
type Text = fc.Arbitrary<string>;
const stringText: Text = fc.oneof(fc.constantFrom(...texts), fc.string(), fc.string({ unit: 'binary' })).map((text) => JSON.stringify(text));
const harmless: Text = fc.constantFrom('"good"', '"GOOD_1"', '"ann@example.com"', '"https://example.com/x"', '"2030-01-01T00:00:00Z"');
const harmlessAny: Text = fc.constantFrom('{}', '{"a":1}', '[]', '"good"');
const numberText: Text = fc.constantFrom(...numbers);
const anyText: Text = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(stringText, numberText, fc.constantFrom('null', 'true', 'false', '{}', '[]', '[null]', '"\\u0000"', '"\\ud800"')) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"a":{"b":{"c":{"d":{"e":1}}}}}',
      `{"__proto__":{"x":1}}`,
      '[[[[[[1]]]]]]',
      '{"a\\u0000":1}',
      `[${'1,'.repeat(200)}1]`,
      '{"":""}',
    ),
  },
);

/** Text of a value that a schema may or may not take; ids are those of records that exist. */
function textFor({ spec }: Param<unknown, boolean>, ids: readonly string[]): Text {
  const fitting = (): Text => {
    if (spec.oneOf) return fc.constantFrom(...spec.oneOf).map((text) => JSON.stringify(text));
    if (spec.children) {
      const members = Object.entries(spec.children).map(([name, child]) =>
        fc
          .tuple(fc.constant(name), textFor(child, ids), fc.nat(9))
          .map(([key, value, dice]) => (child.spec.required ? dice > 0 : dice > 5) && `${JSON.stringify(key)}:${value}`),
      );
      return fc.tuple(...members).map((parts) => `{${parts.filter(Boolean).join(',')}}`);
    }
    if (spec.items) return fc.array(textFor(spec.items, ids), { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
    if (spec.kind === 'integer') return numberText;
    if (spec.kind === 'boolean') return fc.constantFrom('true', 'false');
    if (spec.kind === 'uuid') return fc.constantFrom(...ids).map((id) => JSON.stringify(id));
    return spec.kind === 'string' || spec.kind === 'time' ? fc.oneof({ weight: 3, arbitrary: harmless }, { weight: 1, arbitrary: stringText }) : fc.oneof(harmlessAny, anyText);
  };
  return fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constant(1) }).chain((odd) => (odd === null ? fitting() : anyText));
}

const deep = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
const rawBodies: fc.Arbitrary<string | Buffer> = fc.oneof(
  anyText,
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    '{',
    '"',
    '/*',
    '//',
    '\ufeff{}',
    '{"data":1}=',
    '{"a":1,"a":2}',
    deep(50_000, '[', ']'),
    deep(50_000, '{"a":', '}'),
    '[' + '['.repeat(100_000),
    `"${'x'.repeat(1_000_000)}"`,
    '9'.repeat(100_000),
  ),
);

const segments = [
  ...[
    '%00',
    '%0A',
    '%ff',
    '%',
    '%4',
    '..',
    '.',
    '%2e%2e',
    '%2F',
    '-',
    '~',
    'a.json',
    'x'.repeat(3000),
    '%F0%9F%98%80',
    'actions',
    '0',
    'null',
    '__proto__',
    '{}',
    '|',
    ';a=b',
    '%25',
  ],
];
const queries = [
  ...[
    '',
    'a',
    '=',
    '&&',
    '%',
    'a=%ff',
    'a[b',
    'a[]=1&a[b]=2',
    'limit=-1',
    'limit=9e99',
    'page[number]=1&page[size]=1',
    'page[cursor]=x',
    'page[cursor]=',
    'page=1',
    'order=x',
    'order=asc',
  ],
  ...[
    'token=x',
    'auth=license:%00',
    'environment=%00',
    'account_id=%00',
    'metadata[a]=%00',
    'metadata[__proto__]=1',
    'metadata[a][b][c]=1',
    'include=a,b,%00',
    'prefer[]=x',
    `a${'[b]'.repeat(33)}=1`,
  ],
  ...[
    'date[start]=x&date[end]=y',
    'status=%00',
    'product=%00',
    'user=%00',
    'q=' + 'x'.repeat(5000),
    'expires[within]=P9999999Y',
    'activations[gt]=99999999999999999999',
    'ttl=99999999999999999999999',
  ],
];
const headerValues: Record<string, string[]> = {
  accept: ['*/*', 'text/html', 'application/json', '', ',', 'a/b;q=x', 'x'.repeat(2000)],
  'content-type': ['application/json', 'application/xml', 'nonsense', '', 'multipart/form-data', 'application/json; charset=utf-16'],
  'keygen-version': ['1.0', '1.1', '1.4', '1.5', '1.7', '1.8', '9', ''],
  'keygen-environment': ['', 'none', 'sandbox', '\xff'],
  'keygen-accept-signature': ['algorithm="rsa-pss-sha256"', 'algorithm="ecdsa-p256"', '"', 'x'.repeat(2000)],
  cookie: ['session_id=x', 'session_id=%00', '=;=;'],
  origin: ['https://a.example', 'null', ''],
  prefer: ['no-download', ','],
  'x-forwarded-for': ['1.2.3.4', 'nonsense', '::1, ,', 'x'.repeat(1000)],
  'x-request-start': ['t=1', '9'.repeat(30), 'x'],
  'user-agent': ['\xff', 'electron-builder'],
  'transfer-encoding': ['chunked'],
};
const odd = Object.entries(headerValues).map(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));
const headersArbitrary = fc.array(fc.oneof(...odd), { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs) as Record<string, string>);
const credentials = [
  'admin',
  'license',
  'none',
  'Bearer x',
  'Basic eDp5',
  'Basic !',
  'License \xff',
  'Bearer ',
  'Basic OjpAOg==',
  'Bearer token="',
  'Nonsense',
];

/** Stands for the id of a record of the collection that the path names. */
const fittingName = 'fitting';

interface Scene {
  world: World;
  ids: string[];
  byCollection: Record<string, string>;
  secrets: Record<string, string>;
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
    'webhook-events': await world.create('webhook_event', { webhook_endpoint_id: endpoint.id }),
  };
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
  if (!/json/.test(type)) return expect(type === '' ? response.body : type, place).toMatch(/^$|^text\/|^application\/octet-stream/);
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

const requestOf = (route: Route, ids: readonly string[]) =>
  fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...route.methods) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE') },
    ),
    names: fc.array(fc.oneof({ weight: 14, arbitrary: fc.constant(fittingName) }, { weight: 2, arbitrary: fc.constantFrom(...ids) }, { weight: 2, arbitrary: fc.constantFrom(...segments) }), {
      minLength: 4,
      maxLength: 4,
    }),
    query: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.constantFrom(...queries) },
      { weight: 1, arbitrary: fc.string().map((text) => encodeURIComponent(text.toWellFormed())) },
    ),
    body: fc.oneof({ weight: 5, arbitrary: route.body ? textFor(route.body, ids) : anyText }, { weight: 2, arbitrary: rawBodies }),
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant({} as Record<string, string>) }, { weight: 1, arbitrary: headersArbitrary }),
    authorization: fc.oneof({ weight: 6, arbitrary: fc.constantFrom('admin', 'admin', 'admin', 'license') }, { weight: 1, arbitrary: fc.constantFrom(...credentials) }),
    account: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...segments) }),
  });

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
    const path = whole.replace(/([a-z-]*\/)(?::[a-z_]+(?:\([^)]*\))?|\*)/gi, (_, collection: string) => `${collection}${nameOf(collection.slice(0, -1), names[next++]!)}`);
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
        'X-Long: ' + 'y'.repeat(20_000),
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
