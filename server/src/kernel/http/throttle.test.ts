import { describe, expect, test } from 'vitest';
import { newWorld } from '../../../test/kit.ts';
import { MemoryCounters } from './counters.ts';

const limits = (more = {}) => ({ config: { rateLimits: { perSecond: null, perMinute: null, allow: [], block: [], ...more } } });
const at = '2025-03-04T10:00:00.250Z';
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const notice = {
  errors: [
    {
      title: 'Too many requests',
      detail: 'Throttle limit has been reached for your IP address. Please slow down. See https://keygen.sh/docs/api/rate-limiting/ for more info.',
      code: 'TOO_MANY_REQUESTS',
    },
  ],
};

interface Ask {
  method?: string;
  url: string;
  headers?: Record<string, string>;
  payload?: string;
  remoteAddress?: string;
}

async function limited(more = {}) {
  const world = await newWorld(limits(more));
  world.server.clock.freeze(at);
  const ask = (request: Ask) => world.server.inject(request);
  const statuses = async (n: number, request: Ask) => {
    const found: number[] = [];
    for (let i = 0; i < n; i++) found.push((await ask(request)).statusCode);
    return found;
  };
  return { world, ask, statuses };
}

describe('credentials', () => {
  const user = '11111111-1111-4111-8111-111111111111';
  test.each([
    ['auth', 60, { method: 'POST', url: '/tokens', headers: basic('Ann@example.com:secret') }, { headers: basic('bob@example.com:secret') }],
    [
      'rstpwd',
      3600,
      { method: 'POST', url: '/passwords', payload: '{"meta":{"email":"ann@example.com"}}' },
      { payload: '{"meta":{"email":"bob@example.com"}}' },
    ],
    ['mutpwd', 600, { method: 'POST', url: `/users/${user}/actions/update-password` }, { url: '/users/bob@example.com/actions/update-password' }],
    ['mutpwd', 600, { method: 'POST', url: `/users/${user}/actions/reset-password` }, { url: '/users/bob@example.com/actions/reset-password' }],
    ['mutmfa', 600, { method: 'POST', url: `/users/${user}/second-factors` }, { url: '/users/bob@example.com/second-factors' }],
    ['mutmfa', 600, { method: 'PATCH', url: `/users/${user}/second-factors/x` }, { url: '/users/bob@example.com/second-factors/x' }],
    ['mutmfa', 600, { method: 'PUT', url: `/users/${user}/second-factors/x` }, { url: '/users/bob@example.com/second-factors/x' }],
    ['mutmfa', 600, { method: 'DELETE', url: `/users/${user}/second-factors/x` }, { url: '/users/bob@example.com/second-factors/x' }],
  ] as [string, number, Ask, Partial<Ask>][])('%s: the sixth attempt within %d seconds is refused (%j)', async (window, period, request, other) => {
    const { world, ask, statuses } = await limited();
    const below = (sent: Ask) => ({ ...sent, url: `${world.base}${sent.url}` });
    expect(await statuses(5, below(request))).not.toContain(429);
    const refused = await ask(below(request));
    expect([refused.statusCode, JSON.parse(refused.body)]).toEqual([429, notice]);
    const ends = (Math.floor(Date.parse(at) / 1000 / period) + 1) * period;
    expect(refused.headers).toMatchObject({
      'content-type': 'application/vnd.api+json; charset=utf-8',
      'x-ratelimit-window': window,
      'x-ratelimit-count': '6',
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(ends),
      'retry-after': String(Math.ceil(ends - Date.parse(at) / 1000)),
    });
    for (const name of ['keygen-version', 'keygen-account', 'keygen-signature', 'x-signature', 'keygen-edition']) expect(refused.headers[name]).toBeUndefined();

    // Another subject, another address and another account have windows of their own.
    expect((await ask({ ...below(request), ...(other.url ? below({ ...request, ...other }) : other) })).statusCode).not.toBe(429);
    expect((await ask({ ...below(request), remoteAddress: '9.9.9.9' })).statusCode).not.toBe(429);
    expect((await ask({ ...request, url: `/v1/accounts/other${request.url}` })).statusCode).toBe(404);
    // Only below an account that the path names.
    expect(await statuses(6, { ...request, url: `/v1${request.url}` })).not.toContain(429);
    world.server.clock.travel(ends * 1000 - Date.parse(at));
    expect((await ask(below(request))).statusCode).not.toBe(429);
  });

  test('spelling an account, an address or a path otherwise opens no new window', async () => {
    const { world, statuses } = await limited();
    const id = String(world.account.id);
    const ask = (url: string, email: string) => statuses(3, { method: 'POST', url, headers: basic(email) });
    await ask(`/v1/accounts/${id}/tokens`, 'ann@example.com:secret');
    await ask(`/v1//accounts/${id.toUpperCase()}/t%6Fkens/`, 'ANN@example.com:other');
    expect(await ask(`/v1/accounts/${id.replaceAll('-', '')}/tokens.json`, 'ann@example.com:secret')).toEqual([429, 429, 429]);
  });

  test.each([
    ['a token as credentials', 'POST', '/tokens', basic('token:abc'), undefined],
    ['no password', 'POST', '/tokens', basic('ann@example.com:'), undefined],
    ['no basic credentials', 'POST', '/tokens', { authorization: 'Bearer a@b:c' }, undefined],
    ['a list', 'GET', '/tokens', basic('ann@example.com:secret'), undefined],
    ['no e-mail', 'POST', '/passwords', {}, '{"meta":{}}'],
    ['an e-mail that is none', 'POST', '/passwords', {}, '{"meta":{"email":1}}'],
    ['a broken body', 'POST', '/passwords', {}, '{"meta":'],
    ['a body that is null', 'POST', '/passwords', {}, '{"meta":null}'],
    ['reading second factors', 'GET', '/users/x/second-factors', {}, undefined],
  ])('%s is not counted', async (_, method, url, headers, payload) => {
    const { world, statuses } = await limited();
    expect(await statuses(7, { method, url: `${world.base}${url}`, headers, ...(payload !== undefined && { payload }) })).not.toContain(429);
  });

  test('a padded body does not escape the count', async () => {
    const { world, statuses } = await limited();
    const payload = JSON.stringify({ meta: { email: 'ann@example.com' } }) + ' '.repeat(20_000);
    expect(await statuses(6, { method: 'POST', url: `${world.base}/passwords`, payload })).toContain(429);
  });
});

describe('all requests of a client', () => {
  test('headers describe the window that is closest to its limit, on routed responses only', async () => {
    const { world, ask } = await limited({ perSecond: 3, perMinute: 100 });
    const { headers } = await ask({ url: `${world.base}/entitlements` });
    expect(headers).toMatchObject({ 'x-ratelimit-window': '1s', 'x-ratelimit-count': '1', 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    expect(headers['x-ratelimit-reset']).toBe(String(Math.floor(Date.parse(at) / 1000) + 1));
    const early = await ask({ url: `${world.base}/entitlements`, headers: { accept: 'text/html' } });
    expect([early.statusCode, early.headers['x-ratelimit-window']]).toEqual([400, undefined]);
    const third = await ask({ url: '/nowhere', headers: { accept: '*/*' } });
    expect([third.statusCode, third.headers['x-ratelimit-window']]).toEqual([404, '1s']);
  });

  test('the one that exceeds the limit is refused, until the second is over', async () => {
    const { world, ask, statuses } = await limited({ perSecond: 2, perMinute: 3 });
    const request = { url: `${world.base}/ping`, headers: { origin: 'https://a.example' } };
    expect(await statuses(3, request)).toEqual([200, 200, 429]);
    world.server.clock.travel(1000);
    const refused = await statuses(2, request);
    expect(refused).toEqual([200, 429]);
    const last = await ask(request);
    expect(last.headers).toMatchObject({ 'x-ratelimit-window': '1s', 'access-control-allow-origin': '*', vary: 'Origin', 'retry-after': '1' });
    expect(last.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('clients are told apart by account, address and credential', async () => {
    const { world, ask, statuses } = await limited({ perMinute: 1 });
    const request = { url: `${world.base}/ping` };
    expect(await statuses(2, request)).toEqual([200, 429]);
    expect((await ask({ ...request, headers: { authorization: 'Bearer a' } })).statusCode).toBe(200);
    expect((await ask({ ...request, url: `${world.base}/ping?token=a` })).statusCode).toBe(200);
    expect((await ask({ ...request, remoteAddress: '9.9.9.9' })).statusCode).toBe(200);
    expect((await ask({ url: '/v1/ping' })).statusCode).toBe(200);
    expect((await ask({ ...request, headers: { 'x-forwarded-for': '8.8.8.8' } })).statusCode).toBe(200);
    expect((await ask({ ...request, headers: { 'x-forwarded-for': '8.8.8.8' }, remoteAddress: '7.7.7.7' })).statusCode).toBe(200);
    expect((await ask({ ...request, remoteAddress: '7.7.7.7' })).statusCode).toBe(429);
  });

  test('without such limits there are no headers', async () => {
    const { world, ask } = await limited();
    expect((await ask({ url: `${world.base}/ping` })).headers['x-ratelimit-limit']).toBeUndefined();
  });

  test('allowed addresses are never refused, blocked ones always', async () => {
    const { statuses, ask } = await limited({ perSecond: 1, allow: ['10.0.0.0/8'], block: ['6.6.6.0/24', '10.1.1.1'] });
    expect(await statuses(5, { url: '/v1/ping', remoteAddress: '10.1.1.1' })).toEqual([200, 200, 200, 200, 200]);
    const refused = await ask({ url: '/v1/ping', remoteAddress: '6.6.6.6' });
    expect([refused.statusCode, JSON.parse(refused.body)]).toEqual([
      403,
      {
        errors: [
          {
            title: 'Forbidden',
            detail:
              'Your IP address has been temporarily blacklisted due to abusive behavior. Please see https://keygen.sh/docs/api/rate-limiting/ for more info.',
          },
        ],
      },
    ]);
    expect(refused.headers).toMatchObject({
      'content-type': 'application/vnd.api+json; charset=utf-8',
      'x-ratelimit-window': 'blacklist',
      'x-ratelimit-count': '0',
      'x-ratelimit-limit': '0',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '0',
    });
  });
});

describe('probes', () => {
  test.each([
    '/etc/passwd',
    '/v1/ping?file=/etc/passwd',
    '/v1/ping?f=%2Fetc%2Fprofile',
    '/wp-content/x',
    '/wp-admin',
    '/wp-login',
    '/cgi-bin/a',
    '/index.php',
    '/a.cgi',
  ])('%s: three block the address for half an hour', async (url) => {
    const { world, statuses } = await limited();
    expect(await statuses(2, { url })).not.toContain(403);
    expect(await statuses(1, { url: '/v1/ping' })).toEqual([200]);
    expect(await statuses(1, { url })).not.toContain(403);
    expect(await statuses(1, { url: '/v1/ping' })).toEqual([403]);
    expect(await statuses(1, { url: '/v1/ping', remoteAddress: '9.9.9.9' })).toEqual([200]);
    world.server.clock.travel(30 * 60_000 - 1000);
    expect(await statuses(1, { url: '/v1/ping' })).toEqual([403]);
    world.server.clock.travel(1000);
    expect(await statuses(1, { url: '/v1/ping' })).toEqual([200]);
  });
  test('are forgotten after ten minutes', async () => {
    const { world, statuses } = await limited();
    await statuses(2, { url: '/index.php' });
    world.server.clock.travel(600_000);
    await statuses(2, { url: '/index.php' });
    expect(await statuses(1, { url: '/v1/ping' })).toEqual([200]);
  });
});

test('without limits nothing is counted, and nobody is blocked', async () => {
  const world = await newWorld();
  for (let i = 0; i < 8; i++) await world.server.inject({ url: '/etc/passwd' });
  expect((await world.server.inject({ url: '/v1/ping' })).statusCode).toBe(200);
});

test('counters take a bounded place, and live ones survive a sweep', () => {
  const counters = new MemoryCounters(2000);
  const now = new Date(0);
  for (let i = 0; i < 10_000; i++) counters.add(`old ${i}`, new Date(1), now);
  expect(counters.size).toBeLessThanOrEqual(2000);
  counters.add('live', new Date(10_000), now);
  for (let i = 0; i < 900; i++) counters.add(`later ${i}`, new Date(5000), new Date(2));
  expect(counters.read('live', new Date(2))).toBe(1);
  expect(counters.add('live', new Date(10_000), new Date(2))).toBe(2);
  expect(counters.read('live', new Date(10_000))).toBe(0);
});
