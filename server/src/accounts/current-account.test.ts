import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
const get = async (host: string, url: string, headers: Record<string, string> = {}, method = 'GET', payload?: string) => {
  const answer = await world.server.inject({
    method,
    url,
    headers: { host, accept: 'application/vnd.api+json', ...headers },
    ...(payload !== undefined && { payload }),
  });
  const { errors } = (answer.body === '' ? {} : JSON.parse(answer.body)) as Wire;
  return { status: answer.statusCode, headers: answer.headers, detail: errors?.[0].detail };
};
const unmatched = 'The requested endpoint was not found (check your HTTP method, Accept header, and URL path)';
const required = 'account is required';

describe('singleplayer', () => {
  const resource = '/entitlements';
  beforeEach(async () => {
    world = await newWorld();
    world.server.configure({ accountId: String(world.account.id) });
  });

  test('the path may name the account in any spelling, or not at all', async () => {
    const id = String(world.account.id);
    for (const name of [id, id.toUpperCase(), id.replaceAll('-', ''), world.account.slug])
      expect((await get('localhost', `/v1/accounts/${name}${resource}`)).status, String(name)).toBe(401);
    const { status, headers } = await get('localhost', `/v1${resource}`);
    expect(status).toBe(401);
    expect(headers['keygen-account']).toBe(id);
  });

  test.each([
    ['/v1/accounts/nobody', "The requested account 'nobody' was not found"],
    ['/v1/accounts/other', 'account is invalid (expected <id>)'],
    ['/v1', 'account is invalid (expected <id>)', '?account_id=other'],
    ['/v1', "The requested account 'x' was not found", '?account_id=x'],
    ['/v1/accounts/%20', "The requested account ' ' was not found"],
  ])('%s: %s', async (path, expected, query = '') => {
    await world.create('account', { slug: 'other' });
    const { status, detail, headers } = await get('localhost', `${path}${resource}${query}`);
    expect([status, detail]).toEqual([404, expected.replace('<id>', String(world.account.id))]);
    expect(headers['keygen-account']).toBeUndefined();
    expect(headers['keygen-signature']).toBeUndefined();
  });

  test('a body may name the account, but a path without one is the configured one', async () => {
    const { detail } = await get('localhost', `/v1${resource}`, { 'content-type': 'application/json' }, 'POST', JSON.stringify({ accountId: 'nobody' }));
    expect(detail).toBe("The requested account 'nobody' was not found");
  });

  test('without a configured account there is none', async () => {
    world.server.configure({ accountId: null });
    expect(await get('localhost', `/v1${resource}`)).toMatchObject({ status: 404, detail: required });
  });

  test('settings need the account in the path', async () => {
    expect(await get('localhost', '/v1/settings')).toMatchObject({ status: 404, detail: unmatched });
  });
});

describe('multiplayer', () => {
  let token: string;
  beforeEach(async () => {
    world = await newWorld({ mode: 'multiplayer', config: { host: 'api.example.com' } });
    await world.server.update('account', String(world.account.id), { slug: 'acme', cname: 'licensing.acme.test', domain: 'legacy.acme.test' });
    const admin = await world.create('user', { role: 'admin' });
    token = (await world.create('token', { bearer_id: admin.id })).secret;
  });

  test.each([
    // host                  path                                  status  detail
    ['licensing.acme.test', '/v1/entitlements', 200, undefined],
    ['LICENSING.acme.test:8080', '/v1/entitlements', 200, undefined],
    ['legacy.acme.test', '/v1/entitlements', 200, undefined],
    ['licensing.acme.test', '/v1/entitlements?account_id=other', 200, undefined],
    ['licensing.acme.test', '/v1/ping', 200, undefined],
    ['licensing.acme.test', '/v1/health', 204, undefined],
    ['licensing.acme.test', '/v1/accounts/acme/billing', 404, unmatched],
    ['licensing.acme.test', '/v1/billing', 404, unmatched],
    ['licensing.acme.test', '/v1/accounts/acme', 404, unmatched],
    ['licensing.acme.test', '/v1/accounts/acme/entitlements', 404, unmatched],
    ['licensing.acme.test', '/v1/accounts/acme/settings', 404, unmatched],
    ['foo.acme.test', '/v1/entitlements', 404, required],
    ['unknown.test', '/v1/entitlements', 404, required],
    ['foo.example.com', '/v1/entitlements', 404, required],
    ['api.example.com', '/v1/entitlements', 404, required],
    ['api.example.com', '/v1/entitlements?account_id=acme', 200, undefined],
    ['api.example.com', '/v1/accounts/acme/entitlements', 200, undefined],
    ['npm.pkg.example.com', '/v1/accounts/acme/entitlements', 200, undefined],
    ['api.example.com', '/v1/accounts/acme', 200, undefined],
    ['foo.example.com', '/v1/accounts/acme', 404, unmatched],
    ['foo.example.com', '/v1/accounts/acme/settings', 404, unmatched],
    ['api.example.com', '/v1/accounts/acme/settings', 200, undefined],
    ['api.example.com', '/v1/accounts/nobody/entitlements', 404, "The requested account 'nobody' was not found"],
    ['api.example.com', '/v1/accounts/other/entitlements', 401, 'You must be authenticated to complete the request'],
    ['api.example.com', '/v1/accounts', 404, unmatched],
    ['api.example.com', '/v1/ping', 200, undefined],
    ['api.example.com', '/v1/accounts/nobody/ping', 200, undefined],
  ])('%s%s: %d %s', async (host, url, status, detail) => {
    await world.create('account', { slug: 'other' });
    const answer = await get(host, url, { authorization: `Bearer ${token}` });
    expect([answer.status, answer.detail]).toEqual([status, detail]);
    const resolved = (status === 200 || status === 401) && !url.includes('ping');
    expect(answer.headers['keygen-account'] !== undefined).toBe(resolved);
    if (status === 200 && resolved) expect(answer.headers['keygen-account']).toBe(world.account.id);
    expect(answer.headers['keygen-signature'] !== undefined).toBe(resolved);
  });

  test('a custom domain that is one of our hosts captures nothing', async () => {
    await world.server.update('account', String(world.account.id), { cname: 'api.example.com' });
    expect(await get('api.example.com', '/v1/entitlements')).toMatchObject({ status: 404, detail: required });
  });

  test('a forwarded host is ignored', async () => {
    expect(await get('api.example.com', '/v1/entitlements', { 'x-forwarded-host': 'licensing.acme.test' })).toMatchObject({ status: 404, detail: required });
  });

  test("a host is one account's cname before it is an older one's legacy domain", async () => {
    const newer = await world.server.create('account', { cname: 'legacy.acme.test' });
    expect((await get('legacy.acme.test', '/v1/entitlements')).headers['keygen-account']).toBe(newer.id);
  });

  test('a changed custom domain holds at once', async () => {
    expect((await get('licensing.acme.test', '/v1/entitlements')).status).toBe(401);
    await world.server.update('account', String(world.account.id), { cname: 'new.acme.test' });
    expect((await get('licensing.acme.test', '/v1/entitlements')).detail).toBe(required);
    expect((await get('new.acme.test', '/v1/entitlements')).status).toBe(401);
  });

  test('what looks like a UUID may be a slug too; the oldest account wins', async () => {
    const id = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';
    await world.create('account', { id, created_at: '2030-01-01T00:00:00.000Z' });
    const elder = await world.create('account', { slug: id, created_at: '2020-01-01T00:00:00.000Z' });
    expect((await get('api.example.com', `/v1/accounts/${id}/entitlements`)).headers['keygen-account']).toBe(elder.id);
  });

  test('the version is judged before the account, the account before the environment', async () => {
    const bad = { 'keygen-version': '2.0', 'keygen-environment': 'nope' };
    expect(await get('api.example.com', '/v1/accounts/nobody/entitlements', bad)).toMatchObject({ status: 400, detail: 'unsupported API version requested' });
    expect(await get('api.example.com', '/v1/accounts/nobody/entitlements', { 'keygen-environment': 'nope' })).toMatchObject({ status: 404 });
    expect(await get('api.example.com', '/v1/accounts/acme/entitlements', { 'keygen-environment': 'nope' })).toMatchObject({
      status: 400,
      detail: 'environment is invalid',
    });
  });
});
