/** Response headers, CORS and API versions over HTTP (spec/http.md 11, 13). */
import { describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../../test/kit.ts';
import { apiVersions } from '../versions/supported.ts';

const constants = {
  'cache-control': 'no-transform, no-store, max-age=0',
  'content-security-policy': "default-src 'none'; report-uri /-/csp-reports; report-to csp-reports;",
  'report-to': '{ "group": "csp-reports", "max_age": 10886400, "endpoints": [{ "url": "https://localhost/-/csp-reports" }] }',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'x-xss-protection': '0',
  'x-permitted-cross-domain-policies': 'none',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'keygen-edition': 'EE',
  'keygen-mode': 'singleplayer',
};

async function admin(world: World, more: object = {}) {
  const user = await world.create('user', { role: 'admin', ...more });
  const token = await world.create('token', { bearer_id: user.id, ...more });
  return { user, token, headers: { authorization: `Bearer ${token.secret}` } as Record<string, string> };
}

const get = (world: World, path: string, headers: Record<string, string> = {}) => world.server.inject({ url: path.replace('P', world.base), headers });

describe('headers of routed responses', () => {
  test('name account, bearer, token and environment', async () => {
    const world = await newWorld();
    const environment = await world.create('environment', { code: 'sandbox' });
    const { user, token, headers } = await admin(world, { environment_id: environment.id });
    for (const path of ['P/entitlements', 'P/entitlements/none', 'P/entitlements?limit=0']) {
      const response = await get(world, path, { ...headers, 'keygen-environment': environment.id, 'x-request-id': 'mine' });
      expect(response.headers).toMatchObject({
        ...constants,
        'keygen-account': world.account.id,
        'keygen-bearer': user.id,
        'keygen-token': token.id,
        'keygen-environment': 'sandbox',
        'keygen-version': '1.8',
      });
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      if (response.statusCode >= 400) expect(JSON.parse(response.body).meta).toEqual({ id: response.headers['x-request-id'] });
    }
  });
  test.each([
    ['/v1/ping', {}, 200, { 'keygen-version': '1.8' }],
    ['/v1/accounts/none/ping', {}, 200, {}],
    ['/v1/health', { 'keygen-version': '1.2' }, 204, { 'keygen-version': '1.2' }],
    ['/nowhere', { accept: '*/*' }, 404, {}],
    ['/v1/accounts/none/entitlements', {}, 404, {}],
  ] as [string, Record<string, string>, number, object][])('%s %j: %d names nobody and is not signed', async (path, headers, status, more) => {
    const world = await newWorld();
    const response = await get(world, path, headers);
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({ ...constants, ...more });
    for (const name of ['account', 'bearer', 'token', 'environment', 'signature', 'date', 'digest']) expect(response.headers[`keygen-${name}`]).toBeUndefined();
    expect(response.headers['x-signature']).toBeUndefined();
  });
  test('a failed authentication names the account only; an expired token also itself', async () => {
    const world = await newWorld();
    const wrong = await get(world, 'P/entitlements', { authorization: 'Bearer admin-123v3' });
    expect([wrong.statusCode, wrong.headers['keygen-account'], wrong.headers['keygen-token']]).toEqual([401, world.account.id, undefined]);
    const { token, headers } = await admin(world);
    await world.server.update('token', String(token.id), { expiry: '2020-01-01' });
    const expired = await get(world, 'P/entitlements', headers);
    expect([expired.statusCode, expired.headers['keygen-token'], expired.headers['keygen-bearer']]).toEqual([401, token.id, undefined]);
  });
  test.each([
    [{}, 'Bearer'],
    [{ authorization: 'bearer x' }, 'Bearer'],
    [{ authorization: 'Basic eDo=' }, 'Basic'],
    [{ authorization: 'TOKEN x' }, 'Token'],
    [{ authorization: 'License x' }, 'License'],
  ] as [Record<string, string>, string][])('401 for %j names the scheme %s', async (headers, scheme) => {
    const world = await newWorld();
    const response = await get(world, 'P/entitlements', headers);
    expect([response.statusCode, response.headers['www-authenticate']]).toEqual([401, `${scheme} realm="keygen"`]);
  });
  test('the revision is shown when it is known, and no HSTS over plain HTTP', async () => {
    const world = await newWorld({ config: { revision: 'abc123', baseUrl: 'http://localhost' } });
    const { headers } = await get(world, '/v1/ping');
    expect(headers).toMatchObject({ 'keygen-revision': 'abc123', 'report-to': expect.stringContaining('http://localhost/-/csp-reports') });
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

describe('CORS', () => {
  const exposed =
    'keygen-accept-signature, keygen-signature, keygen-date, keygen-digest, keygen-account-id, keygen-bearer-id, keygen-token-id, keygen-account, keygen-bearer, keygen-token, keygen-environment, keygen-license, keygen-edition, keygen-mode, keygen-revision, keygen-version, x-ratelimit-window, x-ratelimit-count, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id, x-signature, date, digest';
  const cors = {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-expose-headers': exposed,
    'access-control-max-age': '86400',
    vary: 'Origin',
  };
  test.each([
    ['https://a.example', '*', undefined],
    ['null', '*', undefined],
    ['https://portal.localhost', 'https://portal.localhost', 'true'],
    ['https://portal.localhost.evil.example', '*', undefined],
  ])('for the origin %s', async (origin, allowed, credentials) => {
    const world = await newWorld();
    for (const path of ['/v1/ping', 'P/entitlements', '/nowhere', 'P/entitlements?a=%4', '/v1/ping|', 'P/entitlements?x']) {
      const { headers } = await get(world, path, { origin, ...(path.endsWith('x') && { accept: 'text/html' }) });
      expect(headers).toMatchObject({ ...cors, 'access-control-allow-origin': allowed });
      expect(headers['access-control-allow-credentials']).toBe(credentials);
    }
  });
  test('without an origin there are none', async () => {
    const world = await newWorld();
    const { headers } = await get(world, '/v1/ping');
    for (const name of [...Object.keys(cors), 'access-control-allow-origin']) expect(headers[name]).toBeUndefined();
  });
  test.each(['/v1/entitlements', '/nowhere', '/v1/ping?a=%4', '/v1/pi|ng'])('a preflight of %s is answered before anything else', async (url) => {
    const world = await newWorld();
    const ask = (more: Record<string, string>) => world.server.inject({ method: 'OPTIONS', url, headers: { origin: 'https://a.example', ...more } });
    const answered = await ask({ 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'Authorization, X-Odd', accept: 'text/html' });
    expect([answered.statusCode, answered.body]).toEqual([200, '']);
    expect(answered.headers).toMatchObject({ ...cors, 'access-control-allow-origin': '*', 'access-control-allow-headers': 'Authorization, X-Odd' });
    expect(answered.headers['keygen-version']).toBeUndefined();
    expect((await ask({ 'access-control-request-method': 'PATCH' })).headers['access-control-allow-headers']).toBeUndefined();
    expect((await ask({})).statusCode).not.toBe(200);
  });
});

describe('the API version', () => {
  const versionOf = async (headers: Record<string, string>, account: string | null) => {
    const world = await newWorld();
    await world.server.update('account', String(world.account.id), { api_version: account });
    return { world, response: await get(world, 'P/entitlements', { ...(await admin(world)).headers, ...headers }) };
  };
  test.each([
    [{}, null, '1.8'],
    [{}, '1.5', '1.5'],
    [{ 'keygen-version': '1.6' }, '1.5', '1.6'],
    [{ 'keygen-version': '1.4' }, '1.5', '1.4'],
    [{ 'keygen-version': 'v1.1' }, null, '1.1'],
    ...apiVersions.map((version) => [{ 'keygen-version': version }, null, version]),
  ] as [Record<string, string>, string | null, string][])('%j with the account at %j is %s', async (headers, account, expected) => {
    const { response } = await versionOf(headers, account);
    expect([response.statusCode, response.headers['keygen-version']]).toEqual([200, expected]);
  });
  test.each(['1', '1.8.0', '2.0', '', '1.9', 'vv1.1', '1.0, 1.1', 'V1.1', ' '])('%j is unsupported, whatever else is wrong', async (version) => {
    const world = await newWorld();
    for (const path of ['P/entitlements', '/v1/accounts/none/entitlements', '/v1/ping']) {
      const response = await get(world, path, { 'keygen-version': version, 'keygen-environment': 'none', authorization: 'Bearer wrong' });
      expect([response.statusCode, JSON.parse(response.body)]).toEqual([
        400,
        {
          errors: [
            {
              title: 'Bad request',
              detail: 'unsupported API version requested',
              code: 'INVALID_API_VERSION',
              links: { about: 'https://keygen.sh/docs/api/versioning/' },
            },
          ],
          meta: { id: response.headers['x-request-id'] },
        },
      ]);
      for (const name of Object.keys(response.headers)) expect(name).not.toMatch(/^keygen-|^x-signature$/);
    }
  });
  test('of an account that is no longer supported is refused too, when the request names none', async () => {
    const { world, response } = await versionOf({}, '0.9');
    expect(response.statusCode).toBe(400);
    expect((await get(world, 'P/entitlements', { 'keygen-version': '1.8' })).statusCode).toBe(401);
  });
  test.each(apiVersions)('%s has its own names for the headers of the bearer, on success and on errors', async (version) => {
    const world = await newWorld();
    const { user, token, headers } = await admin(world);
    for (const path of ['P/entitlements', 'P/entitlements/none']) {
      const response: Wire = await get(world, path, { ...headers, 'keygen-version': version });
      const [old, now] = version <= '1.3' ? ['-id', ''] : ['', '-id'];
      for (const [name, id] of Object.entries({ account: world.account.id, bearer: user.id, token: token.id })) {
        expect(response.headers[`keygen-${name}${old}`]).toBe(id);
        expect(response.headers[`keygen-${name}${now}`]).toBeUndefined();
      }
      expect(response.headers['keygen-signature']).toBeDefined();
    }
  });
});
