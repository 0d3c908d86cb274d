/** Paths, methods and media types as clients meet them (spec/http.md 2, 3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type World } from '../../../test/kit.ts';

let world: World;
let auth: Record<string, string>;
beforeEach(async () => {
  world = await newWorld();
  const user = await world.create('user', { role: 'admin' });
  auth = { authorization: `Bearer ${(await world.create('token', { bearer_id: user.id })).secret}` };
});

const ask = (method: string, url: string, headers: Record<string, string> = {}, payload?: string) =>
  world.server.inject({ method, url: url.replace('P', world.base), headers: { ...auth, ...headers }, ...(payload !== undefined && { payload }) });

const unmatched = {
  title: 'Not found',
  detail: 'The requested endpoint was not found (check your HTTP method, Accept header, and URL path)',
  code: 'NOT_FOUND',
};
const mime = {
  title: 'Bad request',
  detail: 'The mime type of the request is not acceptable (check content-type and accept headers)',
  code: 'MIME_TYPE_INVALID',
};
const jsonApi = 'application/vnd.api+json; charset=utf-8';
const json = 'application/json; charset=utf-8';

describe('a path', () => {
  test.each([
    'P/entitlements',
    'P/entitlements/',
    '/v1//entitlements',
    '//v1/entitlements',
    'P//entitlements//',
    '/v1/entitlement%73',
    '/v1/%65ntitlements?a=b',
  ])('%s is the list', async (url) => expect((await ask('GET', url)).statusCode).toBe(200));
  test.each(['/v1/entitlementz', '/V1/entitlements', '/v1/Entitlements', '/entitlements', '/v2/entitlements', '/', '/v1', 'P', '/v1/accounts', '/v1/billing'])(
    '%s has no list',
    async (url) => {
      const response = await ask('GET', url, { accept: '*/*' });
      if (url !== 'P') expect([response.statusCode, JSON.parse(response.body).errors]).toEqual([404, [unmatched]]);
    },
  );
  test.each([
    ['P/entitlements.json', 200, json],
    ['P/entitlements.jsonapi', 200, jsonApi],
    ['P/entitlements.jsonapi?limit=1', 200, jsonApi],
    ['P/entitlements.xml', 400, jsonApi],
    ['P/entitlements.json.json', 400, jsonApi],
    ['/v1/ping.json', 200, undefined],
    ['/v1/nowhere.xml', 404, 'text/html; charset=utf-8'],
  ])('%s answers %d, %s', async (url, status, type) => {
    const response = await ask('GET', url);
    expect([response.statusCode, response.headers['content-type']]).toEqual([status, type]);
    if (status === 400) expect(JSON.parse(response.body)).toEqual({ errors: [mime] });
  });
  test('names members percent-encoded, in any case, and a suffix chooses the media type against Accept', async () => {
    const { id } = await world.create('entitlement', { code: 'Dark Mode/ü' });
    for (const name of ['Dark%20Mode%2fü', 'Dark%20Mode%2F%C3%BC', 'Dark%20Mode%2f%c3%bc'].map(encodeURI).map((url) => url.replaceAll('%25', '%')))
      expect(JSON.parse((await ask('GET', `P/entitlements/${name}`)).body).data.id).toBe(id);
    const shown = await ask('GET', `P/entitlements/${id}.json`, { accept: 'text/html' });
    expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, json]);
  });
});

describe('a method', () => {
  test('HEAD answers what GET does, without the body', async () => {
    for (const url of ['P/entitlements', 'P/entitlements/none', '/v1/ping', '/nowhere']) {
      const [get, head] = [await ask('GET', url), await ask('HEAD', url)];
      expect([head.statusCode, head.body]).toEqual([get.statusCode, '']);
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      if (url === 'P/entitlements') expect(head.headers.digest).toBe(get.headers.digest);
    }
  });
  test('PUT is PATCH', async () => {
    const { id } = await world.create('entitlement');
    for (const method of ['PUT', 'PATCH']) {
      const response = await ask(method, `P/entitlements/${id}`, {}, JSON.stringify({ data: { type: 'entitlements', attributes: { name: method } } }));
      expect(JSON.parse(response.body).data.attributes.name).toBe(method);
    }
  });
  test.each([
    ['POST', 'P/entitlements/x'],
    ['DELETE', 'P/entitlements'],
    ['PATCH', 'P/ping'],
    ['POST', '/v1/health'],
    ['OPTIONS', 'P/entitlements'],
    ['TRACE', 'P/entitlements'],
    ['PROPFIND', 'P/entitlements'],
    ['QUERY', 'P/entitlements'],
  ])('%s %s is not offered: 404, without Allow', async (method, url) => {
    const response = await ask(method, url, { accept: 'application/json' });
    expect([response.statusCode, JSON.parse(response.body).errors]).toEqual([404, [unmatched]]);
    expect(response.headers.allow).toBeUndefined();
  });
  test('unknown to HTTP is refused early', async () => {
    const response = await ask('BREW', 'P/entitlements');
    expect([response.statusCode, JSON.parse(response.body)]).toEqual([
      400,
      { errors: [{ title: 'Bad request', detail: 'The HTTP method for the request is not valid', code: 'HTTP_METHOD_INVALID' }] },
    ]);
  });
  test('is not overridden', async () => {
    const { id } = await world.create('entitlement');
    expect((await ask('POST', `P/entitlements/${id}?_method=DELETE`, { accept: '*/*', 'x-http-method-override': 'DELETE' })).statusCode).toBe(404);
  });
});

describe('Accept', () => {
  test.each([
    [undefined, jsonApi],
    ['', jsonApi],
    ['*/*', jsonApi],
    ['*', jsonApi],
    ['application/octet-stream', jsonApi],
    ['application/json', json],
    ['application/json; charset=utf-8', json],
    ['application/vnd.api+json', jsonApi],
    ['application/vnd.keygen+json', jsonApi],
    ['text/x-json', json],
    ['application/jsonrequest', json],
    ['application/*', json],
    ['application/json, text/plain, */*', json],
    ['*/*, application/json, text/plain', json],
    ['text/plain, application/vnd.api+json, application/json', jsonApi],
    ['text/plain, application/json, application/html', json],
    ['*/*; q=0.5, application/xml', jsonApi],
    ['application/json;q=0.1, application/vnd.api+json;q=0.2', jsonApi],
    ['APPLICATION/JSON', json],
  ])('%j gets %s, errors too', async (accept, type) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    for (const url of ['P/entitlements', 'P/entitlements/none', 'P/entitlements?limit=0'])
      expect((await ask('GET', url, headers)).headers['content-type']).toBe(type);
  });
  test.each(['text/html', 'text/plain', 'application/xml', 'text/plain, text/html', 'image/*', 'application/json, nonsense', 'foo', 'a/b/c'])(
    '%j is refused, before the account is looked up',
    async (accept) => {
      const response = await ask('GET', '/v1/accounts/none/entitlements', { accept, origin: 'https://a.example' });
      expect([response.statusCode, JSON.parse(response.body)]).toEqual([400, { errors: [mime] }]);
      expect(response.headers).toMatchObject({ 'content-type': jsonApi, 'access-control-allow-origin': '*' });
      for (const name of ['keygen-version', 'keygen-signature', 'x-signature', 'keygen-edition', 'cache-control'])
        expect(response.headers[name]).toBeUndefined();
    },
  );
  test.each(['text/html', 'application/xml', 'text/plain', 'nonsense'])('%j is fine where any is', async (accept) =>
    expect((await ask('GET', '/v1/ping', { accept })).statusCode).toBe(200),
  );
  test.each([
    ['POST', undefined, json],
    ['POST', 'application/vnd.api+json', jsonApi],
    ['POST', 'text/plain', json],
    ['POST', 'application/octet-stream', jsonApi],
    ['GET', 'application/json', json],
    ['GET', undefined, jsonApi],
  ])('is absent: %s of %j gets %s', async (method, type, expected) => {
    const response = await ask(method, 'P/entitlements', type === undefined ? {} : { 'content-type': type }, method === 'POST' ? '{}' : undefined);
    expect(response.headers['content-type']).toBe(expected);
  });
  test('is absent: a request of another type is refused', async () => {
    const response = await ask('POST', 'P/entitlements', { 'content-type': 'application/xml' }, '{}');
    expect([response.statusCode, JSON.parse(response.body)]).toEqual([400, { errors: [mime] }]);
    const accepting = await ask('POST', 'P/entitlements', { 'content-type': 'application/xml', accept: '*/*' }, '{"data":{}}');
    expect(JSON.parse(accepting.body).errors).toEqual([{ title: 'Bad request', detail: 'is missing', source: { pointer: '/data' } }]);
  });
});

describe('a path without route answers', () => {
  test.each([
    [undefined, 'text/html; charset=utf-8', 'Not Found'],
    ['text/html', 'text/html; charset=utf-8', 'Not Found'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8', 'Not Found'],
    ['text/plain', 'text/plain; charset=utf-8', ''],
    ['application/json', json, 'json'],
    ['application/vnd.api+json', jsonApi, 'json'],
    ['*/*', jsonApi, 'json'],
    ['image/png', jsonApi, 'json'],
  ])('Accept %j with %s', async (accept, type, body) => {
    const response = await ask('GET', 'P/nowhere', accept === undefined ? {} : { accept });
    expect([response.statusCode, response.headers['content-type']]).toEqual([404, type]);
    if (body !== 'json') expect(response.body).toBe(body);
    else expect(JSON.parse(response.body)).toEqual({ errors: [unmatched], meta: { id: response.headers['x-request-id'] } });
    for (const name of ['keygen-account', 'keygen-bearer', 'keygen-token', 'keygen-signature', 'digest', 'x-signature'])
      expect(response.headers[name]).toBeUndefined();
    expect(response.headers).toMatchObject({ 'keygen-version': '1.8', 'keygen-edition': 'EE' });
  });
  test.each([
    ['a broken body', { 'content-type': 'application/json' }, '{"'],
    ['an unsupported version', { 'keygen-version': '9.9' }, ''],
    ['a broken query', {}, ''],
  ])('404 before it looks at %s', async (_, headers, payload) =>
    expect((await ask('POST', 'P/nowhere?a=%4', headers as Record<string, string>, payload)).statusCode).toBe(404),
  );
});

describe('statuses and bodies of successes', () => {
  test('a deleted record leaves no body and no content type; a create tells where the record is', async () => {
    const created = await ask('POST', 'P/entitlements', {}, JSON.stringify({ data: { type: 'entitlements', attributes: { name: 'a', code: 'a' } } }));
    const { id } = JSON.parse(created.body).data;
    expect([created.statusCode, created.headers.location]).toEqual([201, `https://localhost/v1/accounts/${world.account.id}/entitlements/${id}`]);
    const gone = await ask('DELETE', `P/entitlements/${id}`);
    expect([gone.statusCode, gone.body, gone.headers['content-type']]).toEqual([204, '', undefined]);
    expect((await ask('DELETE', `P/entitlements/${id}`)).statusCode).toBe(404);
  });
  test('a browser may report breaches of the content policy, up to 10 KiB of them', async () => {
    const report = (size: number) => ask('POST', '/-/csp-reports', { 'content-type': 'application/csp-report' }, 'x'.repeat(size));
    expect(await report(10 * 1024)).toMatchObject({ statusCode: 202, body: '' });
    expect((await report(10 * 1024 + 1)).statusCode).toBe(413);
  });
});
