/** Which of several faults is told, and how accounts, environments and records are named (spec/http.md 1, 14, 15, 17). */
import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type World } from '../../../test/kit.ts';

let world: World;
let secret: string;
beforeEach(async () => {
  world = await newWorld();
  const user = await world.create('user', { role: 'admin' });
  secret = String((await world.create('token', { bearer_id: user.id })).secret);
});

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  payload?: string;
}
const told = async (url: string, { method = 'GET', headers = {}, payload }: Ask = {}) => {
  const response = await world.server.inject({ method, url: url.replace('P', world.base), headers, ...(payload !== undefined && { payload }) });
  const [error] = response.body && /json/.test(String(response.headers['content-type'])) ? (JSON.parse(response.body).errors ?? [undefined]) : [undefined];
  return { status: response.statusCode, code: error?.code, detail: error?.detail, source: error?.source, headers: response.headers, body: response.body };
};

describe('of all faults together the first in this order is told', () => {
  /** Each fault, in the order of the checks; a request has its own and all later ones. */
  const faults: [string, number, string, (ask: { url: string; headers: Record<string, string>; payload: string }) => void][] = [
    ['media type', 400, 'MIME_TYPE_INVALID', (ask) => Object.assign(ask.headers, { accept: 'text/html' })],
    ['query syntax', 400, 'PARAMETERS_INVALID', (ask) => Object.assign(ask, { url: `${ask.url}?a=%4` })],
    ['body syntax', 400, 'JSON_INVALID', (ask) => Object.assign(ask, { payload: '{"' })],
    ['version', 400, 'INVALID_API_VERSION', (ask) => Object.assign(ask.headers, { 'keygen-version': '9' })],
    ['account', 404, "The requested account 'none' was not found", (ask) => Object.assign(ask, { url: ask.url.replace('P', '/v1/accounts/none') })],
    ['environment', 400, 'ENVIRONMENT_INVALID', (ask) => Object.assign(ask.headers, { 'keygen-environment': 'none' })],
    ['signature', 400, 'invalid accept-signature header (malformed)', (ask) => Object.assign(ask.headers, { 'keygen-accept-signature': 'x' })],
    ['credentials', 401, 'TOKEN_INVALID', (ask) => Object.assign(ask.headers, { authorization: 'Bearer wrong' })],
    ['record', 404, "The requested entitlement 'none' was not found", () => {}],
  ];
  test.each(faults.map(([name, status, text], index) => [name, status, text, index] as const))('%s: %d %s', async (_, status, text, index) => {
    const ask = { url: 'P/entitlements/none', headers: { authorization: `Bearer ${secret}` }, payload: '{}' };
    for (const [, , , spoil] of faults.slice(index)) spoil(ask);
    const error = await told(ask.url, { ...ask, method: 'PATCH' });
    expect([error.status, error.code === 'NOT_FOUND' ? error.detail : (error.code ?? error.detail)]).toEqual([status, text]);
  });

  test('a record beats permissions, and permissions the body of an update', async () => {
    const { id } = await world.create('entitlement');
    const license = await world.create('license');
    await world.create('license_entitlement', { license_id: license.id, entitlement_id: id });
    const client = await world.as('license', license);
    await client.patch('/entitlements/none', {}, 404);
    await client.patch(`/entitlements/${id}`, {}, 403);
    await client.post('/entitlements', {}, 400);
    await client.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a', code: 'actions' } } }, 403);
  });
});

describe('bodies', () => {
  const code = (error: { status: number; code: string; detail: string }) => [error.status, error.code, error.detail];
  const invalid = [400, 'JSON_INVALID', 'The request could not be completed because it contains invalid JSON (check formatting/encoding)'];
  test.each(['{', '{"data":', "{'data':1}", '{"data":1,}', '{"data":1}=', '{"data":"\\ud888"}', '{"data": /*, 1 */ }', 'data'])(
    '%s is invalid, and answered early',
    async (payload) => {
      const error = await told('P/entitlements', { method: 'POST', payload, headers: { accept: 'application/json' } });
      expect(code(error)).toEqual(invalid);
      expect(error.headers['content-type']).toBe('application/vnd.api+json; charset=utf-8');
      for (const name of ['keygen-version', 'keygen-account', 'keygen-signature', 'cache-control']) expect(error.headers[name]).toBeUndefined();
      expect(JSON.parse(error.body).meta).toBeUndefined();
      await world.server.jobs.run();
      expect(await world.count('request_logs')).toBe(0);
    },
  );
  test('that are no UTF-8 are invalid', async () => {
    const response = await world.server.inject({ method: 'POST', url: `${world.base}/entitlements`, payload: Buffer.from('{"data":"\xe4"}', 'latin1') });
    expect(JSON.parse(response.body).errors[0].code).toBe('JSON_INVALID');
  });
  test.each([
    ['the path', 'GET', 'P/entitlements/a%00b', undefined],
    ['the account', 'GET', '/v1/accounts/a%00/entitlements', undefined],
    ['an attribute', 'POST', 'P/entitlements', { name: 'a\0', code: 'a' }],
    ['a looked up attribute', 'POST', 'P/entitlements', { name: 'a', code: 'a\0' }],
    ['metadata', 'POST', 'P/entitlements', { name: 'a', code: 'a', metadata: { a: '\0' } }],
    ['the environment', 'GET', 'P/entitlements?environment=%00', undefined],
  ])('a null byte in %s is refused, late', async (_, method, url, attributes) => {
    const payload = attributes && JSON.stringify({ data: { type: 'entitlements', attributes } });
    const error = await told(url, { method, headers: { authorization: `Bearer ${secret}` }, ...(payload !== undefined && { payload }) });
    expect(code(error)).toEqual([400, 'ENCODING_INVALID', 'The request could not be completed because it contains an unexpected null byte (check encoding)']);
    expect(error.headers['keygen-signature'] === undefined).toBe(url.includes('a%00/'));
    await world.server.jobs.run();
    expect(await world.count('request_logs')).toBe(url.includes('a%00/') ? 0 : 1);
  });
  test('bytes that are no UTF-8 in credentials or in the path', async () => {
    const detail = 'The request could not be completed because it contains an invalid byte sequence (check encoding)';
    const credentials = await told('P/entitlements', { headers: { authorization: 'Bearer \xff' } });
    expect(code(credentials)).toEqual([400, 'ENCODING_INVALID', detail]);
    expect(credentials.headers['keygen-signature']).toBeDefined();
    const path = await told('P/entitlements/%ff');
    expect(code(path)).toEqual([400, 'ENCODING_INVALID', detail]);
    expect(path.headers['keygen-version']).toBeUndefined();
  });
});

describe('an environment', () => {
  test.each([
    ['the header, by code', { 'keygen-environment': 'sandbox' }, '', 200],
    ['the header, by id', { 'keygen-environment': 'ID' }, '', 200],
    ['the header, by id in capitals', { 'keygen-environment': 'UPPER' }, '', 200],
    ['the query', {}, '?environment=sandbox', 200],
    ['the header before the query', { 'keygen-environment': 'sandbox' }, '?environment=none', 200],
    ['an empty header before the query', { 'keygen-environment': '' }, '?environment=sandbox', 400],
    ['another case of the code', { 'keygen-environment': 'Sandbox' }, '', 400],
    ['an empty query', {}, '?environment=', 400],
    ['an unknown one', { 'keygen-environment': 'none' }, '', 400],
  ] as [string, Record<string, string>, string, number][])('named by %s', async (_, headers, query, status) => {
    const { id } = await world.create('environment', { code: 'sandbox' });
    const token = await world.create('token', { bearer_type: 'environment', bearer_id: id, environment_id: id });
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('ID', id).replace('UPPER', id.toUpperCase())]));
    const answer = await told(`P/entitlements${query}`, { headers: { ...sent, authorization: `Bearer ${token.secret}` } });
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.headers['keygen-environment']).toBe('sandbox');
    else expect([answer.code, answer.detail, answer.source]).toEqual(['ENVIRONMENT_INVALID', 'environment is invalid', { header: 'Keygen-Environment' }]);
  });
  test('in a body counts, though a route that declares its body refuses the member', async () => {
    const unknown = await told('P/entitlements', { method: 'POST', payload: '{"environment":"none"}' });
    expect(unknown.code).toBe('ENVIRONMENT_INVALID');
    await world.create('environment', { code: 'sandbox' });
    const shared = await told('P/entitlements', {
      method: 'POST',
      payload: '{"environment":"sandbox","data":{}}',
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(shared.status).toBe(401);
  });
  test('of another account does not exist', async () => {
    const other = await world.server.create('account');
    await world.server.create('environment', { account_id: other.id, code: 'foreign' });
    expect((await told('P/entitlements', { headers: { 'keygen-environment': 'foreign' } })).code).toBe('ENVIRONMENT_INVALID');
  });
});

describe('a path without route', () => {
  test('is logged where it is known whose it is', async () => {
    await told('/v1/nowhere');
    await told('/v1/accounts/other/nowhere');
    await world.server.jobs.run();
    expect(await world.server.sql('select status, requestor_id from request_logs')).toEqual([
      { status: '404', requestor_id: null },
      { status: '404', requestor_id: null },
    ]);
    const many = await newWorld({ mode: 'multiplayer', config: { host: 'api.example.com' } });
    await many.server.update('account', String(many.account.id), { cname: 'licensing.customer.test' });
    await many.server.inject({ url: '/v1/nowhere' });
    await many.server.inject({ url: '/v1/nowhere', headers: { host: 'licensing.customer.test' } });
    await many.server.jobs.run();
    expect(await many.count('request_logs')).toBe(1);
  });
});

describe('a record is named', () => {
  test('by its id in any case, with or without dashes, or by its alias exactly', async () => {
    const { id } = await world.create('entitlement', { code: 'Dark' });
    const found = async (name: string) => (await told(`P/entitlements/${name}`, { headers: { authorization: `Bearer ${secret}` } })).status;
    for (const name of [id, id.toUpperCase(), id.replaceAll('-', ''), 'Dark']) expect([name, await found(name)]).toEqual([name, 200]);
    for (const name of ['dark', ` ${id}`, `${id}%0A`, `{${id}}`, `${id}x`, id.slice(1), 'Dark%0A']) expect([name, await found(name)]).toEqual([name, 404]);
  });
  test('in the 404 as it was written', async () => {
    const error = await told('P/entitlements/no%20%22such%22%0A', { headers: { authorization: `Bearer ${secret}` } });
    expect([error.status, error.code, error.detail]).toEqual([404, 'NOT_FOUND', `The requested entitlement 'no "such"\n' was not found`]);
  });
  test('outside its account or environment it does not exist', async () => {
    const environment = await world.create('environment');
    const inside = await world.create('entitlement', { environment_id: environment.id });
    const other = await world.server.create('entitlement', { account_id: (await world.server.create('account')).id });
    for (const { id } of [inside, other] as { id: string }[])
      expect((await told(`P/entitlements/${id}`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(404);
  });
});

describe('the account, in singleplayer', () => {
  test.each([
    ['P/entitlements', 200, undefined],
    ['/v1/accounts/SLUG/entitlements', 200, undefined],
    ['/v1/accounts/UPPER/entitlements', 200, undefined],
    ['/v1/accounts/BARE/entitlements', 200, undefined],
    ['/v1/entitlements', 200, undefined],
    ['/v1/entitlements?account_id=SLUG', 200, undefined],
    ['/v1/entitlements?account_id=', 200, undefined],
    ['/v1/entitlements?account_id[]=x', 200, undefined],
    ['/v1/entitlements?account_id=nobody', 404, "The requested account 'nobody' was not found"],
    ['/v1/accounts/nobody/entitlements', 404, "The requested account 'nobody' was not found"],
    ['/v1/accounts/OTHER/entitlements', 404, 'account is invalid (expected ID)'],
  ])('%s: %d %s', async (path, status, detail) => {
    const other = await world.server.create('account', { slug: 'other-account' });
    const id = String(world.account.id);
    const fill = (text: string) =>
      text
        .replace('SLUG', String(world.account.slug))
        .replace('UPPER', id.toUpperCase())
        .replace('BARE', id.replaceAll('-', ''))
        .replace('OTHER', String(other.slug))
        .replace('ID', id);
    const answer = await told(fill(path), { headers: { authorization: `Bearer ${secret}` } });
    expect([answer.status, answer.detail]).toEqual([status, detail && fill(detail)]);
    expect(answer.headers['keygen-signature'] === undefined).toBe(status === 404);
  });
});

describe('the account, in multiplayer on api.example.com', () => {
  let many: World;
  beforeEach(async () => {
    many = await newWorld({ mode: 'multiplayer', config: { host: 'api.example.com', extraHosts: ['intern.example.org'] } });
    await many.server.update('account', String(many.account.id), { cname: 'licensing.customer.test', slug: 'acme' });
    const user = await many.create('user', { role: 'admin' });
    secret = String((await many.create('token', { bearer_id: user.id })).secret);
  });
  const account = 'account is required';
  const endpoint = 'The requested endpoint was not found (check your HTTP method, Accept header, and URL path)';
  test.each([
    ['api.example.com', '/v1/accounts/acme/entitlements', 200, undefined],
    ['API.example.com:8443', '/v1/accounts/acme/entitlements', 200, undefined],
    ['other.example.com', '/v1/accounts/acme/entitlements', 200, undefined],
    ['intern.example.org', '/v1/accounts/acme/entitlements', 200, undefined],
    ['licensing.customer.test', '/v1/entitlements', 200, undefined],
    ['licensing.customer.test', '/v1/entitlements?account_id=none', 200, undefined],
    ['licensing.customer.test', '/v1/ping', 200, undefined],
    ['licensing.customer.test', '/v1/health', 204, undefined],
    ['licensing.customer.test', '/v1/accounts/acme/entitlements', 404, endpoint],
    ['licensing.customer.test', '/v1/accounts/acme/billing', 404, endpoint],
    ['licensing.customer.test', '/v1/billing', 404, endpoint],
    ['foo.customer.test', '/v1/entitlements', 404, account],
    ['foo.example.com', '/v1/entitlements', 404, account],
    ['api.example.com', '/v1/entitlements', 404, account],
    ['api.example.com', '/v1/entitlements?account_id=acme', 200, undefined],
    ['api.example.com', '/v1/accounts/nobody/entitlements', 404, "The requested account 'nobody' was not found"],
    ['api.example.com', '/v1/accounts/nobody/ping', 200, undefined],
  ])('%s%s: %d %s', async (host, url, status, detail) => {
    world = many;
    const answer = await told(url, { headers: { host, accept: '*/*', authorization: `Bearer ${secret}`, 'x-forwarded-host': 'licensing.customer.test' } });
    expect([answer.status, answer.detail]).toEqual([status, detail]);
    if (status === 200 && url.includes('entitlements')) expect(answer.headers['keygen-account']).toBe(many.account.id);
    expect(answer.headers['keygen-mode']).toBe('multiplayer');
  });
});
