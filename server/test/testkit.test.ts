/** The contract of the test kit: people's own suites rest on it. */
import { describe, expect, test } from 'vitest';
import { getTableColumns } from '../src/kernel/database/drizzle.ts';
import { factories } from '../src/testkit/all-factories.ts';
import { startTestServer } from '../src/testkit.ts';
import { newWorld, scratchDatabase, serverWith, type Wire, type World } from './kit.ts';

const typesWith = (column: string) => factories.filter(({ table }) => column in getTableColumns(table)).map(({ type }) => type);
const types = typesWith('id');
const owned = typesWith('accountId');
const tokenFor = async (world: World, more: object = {}) => {
  const user = await world.create('user', { role: 'admin', ...more });
  return { authorization: `Bearer ${(await world.create('token', { bearer_id: user.id, ...more })).secret}` };
};

describe('factories', () => {
  test.each(types)('a %s needs nothing, is found, and counts as stored', async (type) => {
    const world = await newWorld();
    const made = await world.create(type);
    const found: Wire = await world.server.find(type, { id: made.id });
    expect(found.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(made).toMatchObject({ ...found, ...(type === 'account' && { secret_key: made.secret_key }) });
    expect(found.created_at).toBeInstanceOf(Date);
    expect(found.updated_at).toEqual(found.created_at);
    if (owned.includes(type)) expect(found.account_id).toBe(world.account.id);
    for (const name of Object.keys(found)) expect(name).toMatch(/^[a-z0-9_]+$/);
    await world.server.jobs.run();
    expect(await world.count('event_logs')).toBe(type === 'event_log' ? 1 : 0);
    expect(await world.server.jobs.pending()).toEqual([]);
  });

  test.each(owned)('without an account there is one for a %s', async (type) => {
    const server = await serverWith();
    await server.reset();
    const made = await server.create(type);
    expect(await server.sql('select id from accounts')).toEqual([{ id: made.account_id }]);
  });

  test.each(typesWith('environmentId').filter((type) => !['event_log', 'request_log'].includes(type)))(
    'the parents of a %s are made in its environment',
    async (type) => {
      const world = await newWorld();
      const environment = await world.create('environment');
      const made: Wire = await world.create(type, { environment_id: environment.id });
      const { parents = {} } = factories.find((factory) => factory.type === type)!;
      expect(made.environment_id).toBe(environment.id);
      for (const [column, parent] of Object.entries(parents)) {
        const row: Wire = await world.server.find(parent, { id: made[column] });
        expect([parent, row.account_id, row.environment_id]).toEqual([parent, world.account.id, environment.id]);
      }
    },
  );

  test('id and times may be given, as texts or dates, also in the past; request rules do not hold', async () => {
    const world = await newWorld();
    const id = '01a213ee-2975-7000-83b3-dcb08785da4d';
    const made = await world.create('license', { id, created_at: '2001-02-03T04:05:06Z', updated_at: new Date('2002-02-03'), expiry: '2003-01-01' });
    expect([made.id, made.created_at, made.updated_at, made.expiry]).toEqual([
      id,
      new Date('2001-02-03T04:05:06Z'),
      new Date('2002-02-03'),
      new Date('2003-01-01'),
    ]);
  });

  test('storage constraints hold, and mistakes are told', async () => {
    const world = await newWorld();
    await world.create('entitlement', { code: 'A' });
    await expect(world.create('entitlement', { code: 'a' })).rejects.toThrow();
    await expect(world.create('unicorn')).rejects.toThrow(/no factory makes a unicorn; there are: account/);
    await expect(world.create('entitlement', { colour: 1 })).rejects.toThrow('a entitlement has no colour');
    await expect(world.server.update('entitlement', '01a213ee-2975-7000-83b3-dcb08785da4d', {})).rejects.toThrow(/there is no entitlement/);
  });

  test('permissions are lists of names, a role is in snake case, a password is plain or null', async () => {
    const world = await newWorld();
    const agent = await world.create('user', {
      role: 'sales_agent',
      permissions: ['license.read', 'token.generate'],
      password: 'secret123',
      email: ' Ann@Example.com',
    });
    expect(agent).toMatchObject({ role: 'sales_agent', permissions: ['license.read', 'token.generate'], email: 'ann@example.com' });
    const login = (password: string) =>
      world.server.inject({
        method: 'POST',
        url: `${world.base}/tokens`,
        headers: { authorization: `Basic ${Buffer.from(`ann@example.com:${password}`).toString('base64')}` },
      });
    expect((await login('secret123')).statusCode).toBe(201);
    expect((await login('wrong')).statusCode).toBe(401);
    expect((await world.create('user', { password: null })).password_digest).toBeNull();
  });

  test('what the database does not hold in plain text is handed out, so that anybody can be acted as', async () => {
    const world = await newWorld();
    expect(world.account.secret_key).toMatch(/^[0-9a-f]+$/);
    const license = await world.create('license', { policy_id: (await world.create('policy', { authentication_strategy: 'MIXED' })).id, key: 'MY-KEY' });
    expect(license.key).toBe('MY-KEY');
    await world.withKey(license).get(`/licenses/${license.id}`, 200);
    const legacy = await world.create('license', { policy_id: (await world.create('policy', { encrypted: true })).id });
    expect([typeof legacy.raw, legacy.key]).toEqual(['string', legacy.raw]);
    const token = await world.create('token', { bearer_type: 'license', bearer_id: license.id });
    const secret = `activ-${'0'.repeat(64)}v3`;
    await world.server.update('token', token.id, { secret });
    expect((await world.server.inject({ url: `${world.base}/licenses/${license.id}`, headers: { authorization: `Bearer ${secret}` } })).statusCode).toBe(200);
  });

  test('what the product keeps consistent stays consistent', async () => {
    const world = await newWorld();
    const license = await world.create('license');
    const machine = await world.create('machine', { license_id: license.id, cores: 4, memory: 2 ** 33 });
    await world.create('license_user', { license_id: license.id });
    expect(await world.server.find('license', { id: license.id })).toMatchObject({ machines_count: 1, machines_core_count: 4, users_count: 1 });
    await world.server.update('machine', machine.id, { cores: 8 });
    expect(await world.server.find('license', { id: license.id })).toMatchObject({ machines_core_count: 8 });
    const other = await world.create('license');
    await world.server.update('machine', machine.id, { license_id: other.id });
    expect(await world.server.find('license', { id: license.id })).toMatchObject({ machines_count: 0, machines_core_count: 0 });
    expect(await world.server.find('machine', { id: machine.id })).toMatchObject({ policy_id: other.policy_id });
  });

  test('find gives the oldest that fits, null finds null, and nothing is undefined', async () => {
    const world = await newWorld();
    const first = await world.create('entitlement', { name: 'same' });
    await world.create('entitlement', { name: 'same' });
    expect((await world.server.find('entitlement', { name: 'same' }))!.id).toBe(first.id);
    expect((await world.server.find('entitlement', { name: 'same', environment_id: null }))!.id).toBe(first.id);
    expect(await world.server.find('entitlement', { name: 'other' })).toBeUndefined();
  });
});

describe('the clock', () => {
  test('governs every instant, due times included, as far ahead as 2552', async () => {
    const world = await newWorld();
    const { clock } = world.server;
    const at = '2552-04-25T10:11:12.345Z';
    clock.freeze(at);
    expect(clock.now().toISOString()).toBe(at);
    const admin = await world.as('admin');
    const { data, headers } = await admin.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a', code: 'a' } } }, 201);
    expect([data.attributes.created, headers.date]).toEqual([at, 'Tue, 25 Apr 2552 10:11:12 GMT']);
    clock.travel(60_000);
    expect(clock.now().toISOString()).toBe('2552-04-25T10:12:12.345Z');
    clock.freeze(new Date('2020-01-01'));
    expect(clock.now()).toEqual(new Date('2020-01-01'));
    expect(() => clock.freeze('whenever')).toThrow(TypeError);
    clock.release();
    const machine = new Date(clock.now());
    expect(Math.abs(machine.getTime() - performance.timeOrigin - performance.now())).toBeLessThan(5000);
    clock.travel(3_600_000);
    expect(clock.now().getTime() - machine.getTime()).toBeGreaterThanOrEqual(3_600_000);
  });
});

describe('jobs', () => {
  const subscribed = async () => {
    const world = await newWorld();
    await world.create('webhook_endpoint', { url: 'https://hooks.example.com/', subscriptions: ['*'] });
    await (await world.as('admin')).post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a', code: 'a' } } }, 201);
    return world;
  };
  test('run what is due and what that enqueues, flush what is batched, and calls to strangers end in a sink', async () => {
    const world = await subscribed();
    expect(await world.count('webhook_events')).toBe(0);
    await world.server.jobs.run();
    expect([await world.count('webhook_events'), await world.count('event_logs'), await world.count('request_logs')]).toEqual([1, 1, 1]);
    expect(await world.server.jobs.pending()).toEqual([]);
    expect(world.server.webhooks.sent).toHaveLength(1);
  });
  test('fire no schedule by themselves; one is fired by name', async () => {
    const world = await newWorld();
    const old = await world.create('event_log', { created_at: '2001-01-01' });
    await world.server.jobs.run();
    expect(await world.server.find('event_log', { id: old.id })).toBeDefined();
    await world.server.jobs.cron('log retention');
    expect(await world.server.find('event_log', { id: old.id })).toBeUndefined();
    await expect(world.server.jobs.cron('no.such')).rejects.toThrow('no schedule is called no.such');
  });
  test.each([
    'license expirations',
    'license-check-ins',
    'cull_dead_machines',
    'cull dead processes',
    'prune tokens',
    'prune webhook events',
    'machines.sweep',
  ])('a schedule is called %s too', async (name) => {
    const world = await newWorld();
    await world.server.jobs.cron(name);
  });
});

describe('inject', () => {
  test('is the same stack as the socket', async () => {
    const world = await newWorld();
    const authorization = await tokenFor(world);
    const path = `${world.base}/entitlements`;
    const injected = await world.server.inject({ url: path, headers: authorization });
    const fetched = await fetch(`${world.server.url}${path}`, { headers: authorization });
    expect([injected.statusCode, injected.body]).toEqual([fetched.status, await fetched.text()]);
    expect(
      Object.keys(injected.headers)
        .filter((name) => /^keygen-|^x-/.test(name))
        .sort(),
    ).toEqual([...fetched.headers.keys()].filter((name) => /^keygen-|^x-/.test(name)).sort());
    expect(injected.rawPayload).toEqual(Buffer.from(injected.body));
  });
  test('sends payloads as they are, text or bytes, and the address that it is told', async () => {
    const world = await newWorld();
    const headers = await tokenFor(world);
    const body = ' {"data":{"type":"entitlements","attributes":{"name":"é","code":"a"}}} ';
    for (const payload of [body, Buffer.from(body.replace('"a"', '"b"')), new TextEncoder().encode(body.replace('"a"', '"c"'))])
      expect((await world.server.inject({ method: 'POST', url: `${world.base}/entitlements`, headers, payload })).statusCode).toBe(201);
    await world.server.inject({ url: `${world.base}/entitlements`, headers, remoteAddress: '8.8.4.4' });
    await world.server.jobs.run();
    expect((await world.server.sql('select distinct ip from request_logs order by ip')).map(({ ip }) => ip)).toEqual(['127.0.0.1', '8.8.4.4']);
  });
  test('sends the headers that it is given, in any case, and no user agent of its own', async () => {
    const world = await newWorld();
    const { authorization } = await tokenFor(world);
    const url = `${world.base}/entitlements`;
    await world.server.inject({ url, headers: { Authorization: authorization, HOST: 'localhost', accept: undefined } });
    await world.server.inject({ url, headers: { authorization, 'User-Agent': 'acme/1' } });
    await world.server.jobs.run();
    const logged = await world.server.sql('select status, user_agent from request_logs order by created_at, id');
    expect(logged).toEqual([
      { status: '200', user_agent: null },
      { status: '200', user_agent: 'acme/1' },
    ]);
  });
});

describe('options', () => {
  test('host is the API host, and baseUrl the origin of links', async () => {
    const world = await newWorld({ mode: 'multiplayer', config: { host: 'api.keygen.example' } });
    const client = await world.as('admin');
    const { headers } = await client.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a', code: 'a' } } }, 201);
    expect(headers.location).toMatch(/^https:\/\/api\.keygen\.example\/v1\/accounts\//);
    expect((await world.server.inject({ url: `${world.base}/entitlements`, headers: { host: 'api.other.example', accept: '*/*' } })).statusCode).toBe(404);
  });
  test('url leads to the API whatever its host is called', async () => {
    const world = await newWorld({ mode: 'multiplayer', config: { host: 'api.keygen.example' } });
    expect((await fetch(`${world.server.url}${world.base}/entitlements`)).status).toBe(401);
  });
  test('a key that secrets are sealed with, and more hosts, may be given', async () => {
    const world = await newWorld({
      mode: 'multiplayer',
      config: { host: 'api.keygen.example', extraHosts: ['keys.example'], masterKeys: [Buffer.alloc(32, 1)] },
    });
    const headers = await tokenFor(world);
    for (const host of ['api.keygen.example', 'keys.example'])
      expect((await world.server.inject({ url: `${world.base}/entitlements`, headers: { ...headers, host } })).statusCode).toBe(200);
    expect((await fetch(`${world.server.url}${world.base}/entitlements`, { headers })).status).toBe(200);
  });
  test.each([
    ['multiplayer', true],
    ['singleplayer', false],
  ] as const)('cloud is on when asked for in %s: %s', async (mode, on) => {
    expect((await serverWith({ mode, config: { cloud: true } })).config.cloud).toBe(on);
    expect((await serverWith({ mode })).config.cloud).toBe(false);
  });
  test('rateLimits are off by default, on when asked for, and forgotten by a reset', async () => {
    const attempt = async (world: World) => (await world.server.inject({ method: 'POST', url: `${world.base}/users/x/actions/reset-password` })).statusCode;
    const free = await newWorld();
    for (let i = 0; i < 8; i++) expect(await attempt(free)).not.toBe(429);
    const limited = await newWorld({ config: { rateLimits: true } });
    for (let i = 0; i < 5; i++) await attempt(limited);
    expect(await attempt(limited)).toBe(429);
    await limited.server.reset();
    expect(await attempt(limited)).not.toBe(429);
  });
  test.each([
    [undefined, 'https://keygen.sh/docs/api/authentication/'],
    ['keygen', 'https://keygen.sh/docs/api/authentication/'],
    ['latchkey', 'https://localhost/docs/api/authentication/'],
  ] as const)('names %s lead to %s', async (names, about) => {
    const world = await newWorld(names === undefined ? {} : { config: { names } });
    const { errors } = await world.anonymous().get('/entitlements', 401);
    expect(errors[0].links.about).toBe(about);
  });
  test('singleplayer serves the oldest account, the one that is configured, or none', async () => {
    const world = await newWorld();
    const other = await world.server.create('account');
    const status = async () => (await world.server.inject({ url: '/v1/entitlements' })).headers['keygen-account'];
    expect(await status()).toBe(world.account.id);
    world.server.configure({ accountId: String(other.id) });
    expect(await status()).toBe(other.id);
    world.server.configure({ accountId: null });
    expect(await status()).toBeUndefined();
  });
});

describe('storage', () => {
  const urlOf = async (world: World, more: object = {}) => {
    const artifact = await world.create('release_artifact', { status: 'UPLOADED', filename: 'app.zip', ...more });
    const { headers } = await (await world.as('admin')).get(`/artifacts/${artifact.id}`, 303);
    return { artifact, url: String(headers.location) };
  };

  test('has what was created as uploaded, and what is put to its URLs', async () => {
    const world = await newWorld();
    const { artifact, url } = await urlOf(world, { filesize: 12 });
    expect(new URL(url).pathname.endsWith(`/artifacts/${world.account.id}/${artifact.release_id}/app.zip`)).toBe(true);
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(12);
    expect((await world.server.inject({ url: url.slice(world.server.url.length) })).rawPayload).toHaveLength(12);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    for (const altered of [url.replace('Expires=900', 'Expires=901'), `${url}x`, `${url}&x=1`, url.replace(/Signature=./, 'Signature=x')])
      expect((await fetch(altered)).status).toBe(403);
    world.server.clock.travel(901_000);
    expect((await fetch(url)).status).toBe(403);
    const waiting = await world.create('release_artifact', { filename: 'later.zip' });
    await world.server.update('release_artifact', waiting.id, { status: 'UPLOADED' });
    const { headers } = await (await world.as('admin')).get(`/artifacts/${waiting.id}`, 303);
    expect((await fetch(String(headers.location))).status).toBe(200);
  });

  test('is emptied by a reset, and behaves again', async () => {
    const world = await newWorld();
    const { artifact, url } = await urlOf(world);
    world.server.storage.simulate('timeout');
    await world.server.reset();
    expect((await fetch(url)).status).toBe(404);
    await world.server.create('account', { id: world.account.id });
    const again = await world.create('release_artifact', { id: artifact.id, status: 'UPLOADED' });
    const user = await world.create('user', { role: 'admin' });
    const { secret } = await world.create('token', { bearer_id: user.id });
    await world
      .anonymous()
      .with({ authorization: `Bearer ${secret}` })
      .delete(`/artifacts/${again.id}`, undefined, 204);
    await world.server.jobs.run();
    expect(await world.count('artifacts')).toBe(0);
  });

  test.each(['https://files.example.com', 'https://files.example.com/bucket/'])('has its URLs at %s', async (publicUrl) => {
    const { artifact, url } = await urlOf(await newWorld({ config: { storage: { publicUrl } } }));
    expect(url.split('?')[0]).toBe(`${publicUrl.replace(/\/$/, '')}/artifacts/${artifact.account_id}/${artifact.release_id}/app.zip`);
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('sql gives rows as objects with columns as stored, and the server sees what it changed', async () => {
  const world = await newWorld();
  expect(await world.server.sql('select $1::int as one, array[true] as flags, now() is not null as there', [1])).toEqual([
    { one: 1, flags: [true], there: true },
  ]);
  await world.anonymous().get('/entitlements', 401);
  await world.server.sql('update accounts set slug = $1', ['renamed']);
  expect((await world.server.inject({ url: '/v1/accounts/renamed/entitlements' })).statusCode).toBe(401);
});

test('a reset forgets which licenses were validated lately, also when their ids come again', async () => {
  const id = '01a213ee-2975-7000-83b3-dcb08785da4d';
  for (let run = 0; run < 2; run++) {
    const world = await newWorld();
    world.server.clock.freeze('2024-01-31T12:00:00.000Z');
    const policy = await world.create('policy', { duration: 86_400, expiration_basis: 'FROM_FIRST_VALIDATION' });
    const license = await world.create('license', { id, policy_id: policy.id });
    await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: license.key } }, 200);
    await world.server.jobs.run();
    expect((await world.server.find('license', { id }))!.expiry).toEqual(new Date('2024-02-01T12:00:00.000Z'));
  }
});

test('a reset empties all data and releases the clock, in under 20 ms', async () => {
  const world = await newWorld();
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    await world.server.create('machine');
    await world.server.create('webhook_event');
    world.server.clock.freeze('2001-01-01');
    await world.server.inject({ url: '/v1/entitlements' });
    const begun = performance.now();
    await world.server.reset();
    times.push(performance.now() - begun);
    expect(world.server.clock.now().getFullYear()).toBeGreaterThan(2001);
    for (const table of ['accounts', 'machines', 'webhook_events', 'request_logs', 'outbox'])
      expect(await world.server.sql(`select 1 from ${table}`)).toEqual([]);
  }
  expect(Math.min(...times)).toBeLessThan(20);
});

test('a reset forgets what the server remembers of records: the next test may use the same ids', async () => {
  const id = '01a213ee-2975-7000-83b3-dcb08785da4d';
  for (let time = 0; time < 2; time++) {
    const world = await newWorld();
    world.server.clock.freeze('2026-01-01T00:00:00.000Z');
    const policy = await world.create('policy', { duration: 86_400, expiration_basis: 'FROM_FIRST_VALIDATION' });
    await world.create('license', { id, policy_id: policy.id });
    await (await world.as('admin')).post(`/licenses/${id}/actions/validate`, undefined, 200);
    await world.server.jobs.run();
    expect((await world.server.find('license', { id }))!.expiry).toEqual(new Date('2026-01-02'));
  }
});

test('a closed server leaves no timer, socket or file', async () => {
  const held = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /Timeout|TCP|Pipe|FS|Immediate|TLS/.test(name))
      .sort();
  const before = held();
  const databaseUrl = await scratchDatabase();
  const server = await startTestServer(databaseUrl === undefined ? {} : { databaseUrl });
  const account = await server.create('account');
  await server.inject({ url: `/v1/accounts/${account.id}/entitlements` });
  const url = server.url;
  await fetch(`${url}/v1/ping`, { headers: { connection: 'close' } });
  await server.close();
  await expect(fetch(`${url}/v1/ping`)).rejects.toThrow();
  const left = () =>
    held().filter((name, index, all) => all.slice(0, index + 1).filter((other) => other === name).length > before.filter((other) => other === name).length);
  for (let turn = 0; turn < 200 && left().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toEqual([]);
}, 60_000);
