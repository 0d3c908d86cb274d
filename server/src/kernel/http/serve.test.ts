/** What needs no resource: failures, times, sizes and sockets. */
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { apiError } from './errors.ts';
import type { Route } from './route.ts';
import { toyRoute, toyServer } from './toy.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((http) => http.close()));
});

function server(routes: readonly Route[], more = {}) {
  const toy = toyServer(routes, more);
  open.push(toy.http);
  return toy;
}

const failing = (error: unknown) => toyRoute('fail', '/v1/fail', { run: async () => Promise.reject(error) });
const databaseError = (code: string, more = {}) => Object.assign(new Error('Failed query'), { cause: Object.assign(new Error('no'), { code, ...more }) });
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('whatever a route throws becomes an error of the documented form', () => {
  test.each([
    [new Error('secret text'), 500, 'Internal server error', undefined, /^Looks like something went wrong! .* contact support@keygen\.sh\.$/],
    ['not even an error', 500, 'Internal server error', undefined, /^Looks/],
    [undefined, 500, 'Internal server error', undefined, /^Looks/],
    [databaseError('23505', { constraint: 'x' }), 409, 'Conflict', undefined, /because of a conflict$/],
    [databaseError('23503', { constraint: 'x' }), 409, 'Conflict', undefined, /because of a conflict$/],
    [databaseError('40P01'), 409, 'Conflict', undefined, /because of a conflict$/],
    [databaseError('55P03'), 409, 'Conflict', undefined, /because of a conflict$/],
    [databaseError('22003'), 400, 'Bad request', undefined, /^integer is too large$/],
    [databaseError('22021'), 400, 'Bad request', 'ENCODING_INVALID', /unexpected null byte/],
    [databaseError('22P05'), 400, 'Bad request', 'ENCODING_INVALID', /unexpected null byte/],
    [
      databaseError('ECONNREFUSED'),
      503,
      'Service unavailable',
      undefined,
      /^Our services are currently unavailable\. Please see https:\/\/status\.keygen\.sh /,
    ],
    [databaseError('57P01'), 503, 'Service unavailable', undefined, /^Our services/],
    [apiError('NOT_SUPPORTED'), 405, 'Not supported', undefined, /^The request could not be completed$/],
    [apiError('UNPROCESSABLE'), 422, 'Unprocessable entity', undefined, /^The request could not be completed$/],
  ])('%s: %d %s', async (error, status, title, code, detail) => {
    const { http, served } = server([failing(error)]);
    const response = await http.inject('/v1/fail');
    const { errors, meta } = response.json();
    expect(response.statusCode).toBe(status);
    expect(errors).toEqual([{ title, detail: expect.stringMatching(detail), ...(code !== undefined && { code }) }]);
    expect(meta.id).toMatch(uuid);
    expect(response.headers['x-request-id']).toBe(meta.id);
    expect(response.body).not.toContain('secret');
    expect(served).toMatchObject([{ id: meta.id, ...(status === 500 && { failure: error }) }]);
  });
});

test('a request that takes too long is given up with an early 503', async () => {
  const { http } = server([toyRoute('slow', '/v1/slow', { run: () => new Promise(() => {}) })], { requestTimeoutMs: 20 });
  const response = await http.inject({ url: '/v1/slow', headers: { origin: 'https://a.example', accept: 'application/json' } });
  expect(response.statusCode).toBe(503);
  expect(response.headers).toMatchObject({ 'content-type': 'application/vnd.api+json; charset=utf-8', 'access-control-allow-origin': '*' });
  expect(response.headers['keygen-version']).toBeUndefined();
  expect(response.json()).toEqual({ errors: [{ title: 'Request timeout', detail: 'The request timed out because the server took too long to respond' }] });
});

describe('bodies', () => {
  const echo = toyRoute('echo', '/v1/echo', {
    methods: ['POST'],
    run: async ({ body }) => ({ status: 200, raw: { body: JSON.stringify(body), type: 'application/json' } }),
  });
  const small = toyRoute('small', '/v1/small', { methods: ['POST'], maxBodyBytes: 10 });
  const tooLarge = {
    errors: [{ title: 'Payload too large', detail: 'The request could not be completed because its body is too large', code: 'BODY_TOO_LARGE' }],
  };
  test('over the configured size get 413, and without one any size is taken', async () => {
    const limited = server([echo], { maxBodyBytes: 20 });
    const refused = await limited.http.inject({ method: 'POST', url: '/v1/echo', payload: `{"data":"${'x'.repeat(30)}"}` });
    expect([refused.statusCode, refused.json()]).toEqual([413, tooLarge]);
    expect(refused.headers['content-type']).toBe('application/vnd.api+json; charset=utf-8');
    const free = server([echo]);
    expect((await free.http.inject({ method: 'POST', url: '/v1/echo', payload: `{"data":"${'x'.repeat(2_000_000)}"}` })).statusCode).toBe(200);
  });
  test('over the size of a route get 413 there', async () => {
    const { http } = server([small]);
    expect((await http.inject({ method: 'POST', url: '/v1/small', payload: '{}' })).statusCode).toBe(200);
    expect((await http.inject({ method: 'POST', url: '/v1/small', payload: `{"a":"${'x'.repeat(30)}"}` })).statusCode).toBe(413);
  });
  test.each([
    [undefined, { a_b: 1 }],
    ['', { a_b: 1 }],
    ['application/json', { a_b: 1 }],
    ['application/json; charset=utf-8', { a_b: 1 }],
    ['text/x-json', { a_b: 1 }],
    ['application/jsonrequest', { a_b: 1 }],
    ['application/vnd.api+json', { a_b: 1 }],
    ['application/vnd.keygen+json', { a_b: 1 }],
    ['application/x-www-form-urlencoded', { a_b: 1 }],
    ['multipart/form-data; boundary=x', { a_b: 1 }],
    ['text/plain; charset=latin1', { a_b: 1 }],
    ['application/xml', {}],
    ['application/octet-stream', {}],
    ['image/png', {}],
  ])('of type %j come to %j', async (type, expected) => {
    const { http } = server([echo]);
    const response = await http.inject({ method: 'POST', url: '/v1/echo', payload: '{"aB":1}', headers: type === undefined ? {} : { 'content-type': type } });
    expect([response.statusCode, response.json()]).toEqual([200, expected]);
  });
  test.each(['vnd.api+xml', 'json', 'a/b/c', 'application/', ';'])('of the malformed type %j are refused', async (type) => {
    const { http } = server([echo]);
    const response = await http.inject({ method: 'POST', url: '/v1/echo', payload: '{}', headers: { 'content-type': type } });
    expect([response.statusCode, response.json().errors[0].code]).toEqual([400, 'MIME_TYPE_INVALID']);
  });
  test('of electron-builder uploads are never parsed', async () => {
    const put = toyRoute('upload', '/v1/releases/:id/artifact', { methods: ['PUT'] });
    const { http } = server([put]);
    const send = (agent: string) =>
      http.inject({ method: 'PUT', url: '/v1/releases/x/artifact', payload: 'MZ..', headers: { 'user-agent': agent, 'content-type': 'application/json' } });
    expect((await send('electron-builder')).statusCode).toBe(200);
    expect((await send('electron-builder/24')).statusCode).toBe(200);
    expect((await send('curl electron-builder')).statusCode).toBe(400);
  });
});

describe('a server that is addressed by https', () => {
  const ask = (more: object, method: 'GET' | 'POST' | 'OPTIONS', url: string, headers: Record<string, string>) =>
    server([toyRoute('here', '/v1/here', { methods: ['GET', 'POST'] }), toyRoute('health', '/v1/health', {})], more).http.inject({ method, url, headers });
  const plain = { 'x-forwarded-proto': 'http' };
  test.each([
    ['GET', '/v1/here?a=%5B', plain, 301, 'https://localhost/v1/here?a=%5B'],
    ['POST', '/v1/here', plain, 308, 'https://localhost/v1/here'],
    ['GET', '/nowhere', plain, 301, 'https://localhost/nowhere'],
    ['GET', '/v1/here', { 'x-forwarded-proto': 'HTTP, https' }, 301, 'https://localhost/v1/here'],
    ['GET', '/v1/here', { ...plain, host: 'Licensing.Example.com:80' }, 301, 'https://licensing.example.com/v1/here'],
    ['GET', '/v1/here', { 'x-forwarded-proto': 'https, http' }, 200, undefined],
    ['GET', '/v1/here', {}, 200, undefined],
    ['GET', '/v1/health', plain, 200, undefined],
    ['OPTIONS', '/v1/here', { ...plain, origin: 'https://a.test', 'access-control-request-method': 'GET' }, 200, undefined],
  ] as const)('%s %s %j: %d %s', async (method, url, headers, status, location) => {
    const response = await ask({}, method, url, { host: 'localhost', ...headers });
    expect([response.statusCode, response.headers.location]).toEqual([status, location]);
  });
  test('sends to the address that it has, believes only proxies, and none that has http anywhere', async () => {
    expect((await ask({ baseUrl: 'https://localhost:8443' }, 'GET', '/v1/here', { host: 'localhost', ...plain })).headers.location).toBe(
      'https://localhost:8443/v1/here',
    );
    const stranger = server([toyRoute('here', '/v1/here', {})], {}).http;
    const told = { url: '/v1/here', headers: { host: 'localhost', ...plain } };
    expect((await stranger.inject({ ...told, remoteAddress: '203.0.113.9' })).statusCode).toBe(200);
    expect((await stranger.inject({ ...told, remoteAddress: '10.0.0.9' })).statusCode).toBe(301);
    expect((await ask({ baseUrl: 'http://localhost' }, 'GET', '/v1/here', { host: 'localhost', ...plain })).statusCode).toBe(200);
  });
});

describe('a route of older versions', () => {
  const old = toyRoute('old', '/v1/old', { base: 'host', until: '1.0', media: 'A' });
  const inAccount = toyRoute('older', '/older', { base: 'account', until: '1.0', media: 'A' });
  test.each([
    [{ accept: 'application/json' }, 'application/json; charset=utf-8', 'NOT_FOUND'],
    [{ accept: '*/*' }, 'application/vnd.api+json; charset=utf-8', 'NOT_FOUND'],
    [{}, 'text/html; charset=utf-8', undefined],
  ])('is none to newer ones, for %j too', async (accept, type, code) => {
    const { http } = server([old, inAccount]);
    const response = await http.inject({ url: '/v1/older', headers: { 'keygen-version': '1.1', ...accept } });
    expect([response.statusCode, response.headers['content-type']]).toEqual([404, type]);
    if (code === undefined) expect(response.body).toBe('Not Found');
    else expect(response.json().errors).toEqual([{ title: 'Not found', detail: expect.stringMatching(/^The requested endpoint was not found/), code }]);
  });
});

describe('on a socket', () => {
  async function raw(text: string | Buffer, routes: readonly Route[] = []): Promise<{ head: string; body: string; status: number }> {
    const { http } = server([toyRoute('ping', '/v1/ping', {}), ...routes]);
    await http.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((http.server.address() as AddressInfo).port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(text);
    await once(socket, 'close');
    const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    return { head, body, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]) };
  }
  const tail = 'Host: localhost\r\nConnection: close\r\n\r\n';
  test.each([
    ['https://app.example.com', '*', undefined],
    ['https://portal.localhost', 'https://portal.localhost', 'true'],
    [undefined, undefined, undefined],
  ])('a page of %s may read what the parser refuses', async (origin, allowed, credentials) => {
    const { head } = await raw(`BREW /v1/ping HTTP/1.1\r\n${origin ? `origin: ${origin}\r\n` : ''}${tail}`);
    expect(/^access-control-allow-origin: (.*)$/im.exec(head)?.[1]?.trim()).toBe(allowed);
    expect(/^access-control-allow-credentials: (.*)$/im.exec(head)?.[1]?.trim()).toBe(credentials);
    expect(/^vary: (.*)$/im.exec(head)?.[1]?.trim()).toBe(origin && 'Origin');
  });

  test.each([
    ['an unknown method', `BREW /v1/ping HTTP/1.1\r\n${tail}`, 400, 'HTTP_METHOD_INVALID', 'The HTTP method for the request is not valid'],
    ['a method in lower case', `get /v1/ping HTTP/1.1\r\n${tail}`, 400, 'HTTP_METHOD_INVALID', 'The HTTP method for the request is not valid'],
    ['unsafe characters', `GET /v1/ping?a=|b HTTP/1.1\r\n${tail}`, 400, 'URI_INVALID', /^The request could not be completed because the URI was invalid/],
    [
      'raw bytes',
      Buffer.from(`GET /v1/pi\xffng HTTP/1.1\r\n${tail}`, 'latin1'),
      400,
      'URI_INVALID',
      /^The request could not be completed because the URI was invalid/,
    ],
    ['a blank in the target', `GET /v1/pi ng HTTP/1.1\r\n${tail}`, 400, 'URI_INVALID', /^The request could not be completed because the URI was invalid/],
    ['another protocol', `GET /v1/ping FTP/1.1\r\n${tail}`, 400, undefined, 'The request could not be completed'],
    ['a target that is no path', `GET v1/ping HTTP/1.1\r\n${tail}`, 400, 'URI_INVALID', /^The request could not be completed because the URI was invalid/],
    ['a broken percent sequence', `GET /v1/%4 HTTP/1.1\r\n${tail}`, 400, 'URI_INVALID', /^The request could not be completed because the URI was invalid/],
    ['a path that is no UTF-8', `GET /v1/%ff HTTP/1.1\r\n${tail}`, 400, 'ENCODING_INVALID', /invalid byte sequence/],
    ['a header without a name', 'GET /v1/ping HTTP/1.1\r\n: x\r\n\r\n', 400, undefined, 'The request could not be completed'],
    ['headers that are too long', `GET /v1/ping HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n${tail}`, 400, undefined, 'The request could not be completed'],
    ['a path as long as a license key may be', `GET /v1/%4${'x'.repeat(30_000)} HTTP/1.1\r\n${tail}`, 400, 'URI_INVALID', /the URI was invalid/],
    ['two lengths', `POST /v1/ping HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${tail}`, 400, undefined, 'The request could not be completed'],
    [
      'length and chunks',
      `POST /v1/ping HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${tail}`,
      400,
      undefined,
      'The request could not be completed',
    ],
    ['not HTTP at all', 'hello\r\n\r\n', 400, undefined, undefined],
  ])('%s: %d %s', async (_, text, status, code, detail) => {
    const response = await raw(text as string);
    expect(response.status).toBe(status);
    expect(response.head).toMatch(/content-type: application\/vnd\.api\+json; charset=utf-8/i);
    expect(response.head).toMatch(/x-request-id: [0-9a-f-]{36}/i);
    const { errors, meta } = JSON.parse(response.body);
    expect(meta).toBeUndefined();
    expect(errors).toHaveLength(1);
    if (detail !== undefined)
      expect([errors[0].title, errors[0].code, errors[0].detail]).toEqual([
        'Bad request',
        code,
        typeof detail === 'string' ? detail : expect.stringMatching(detail),
      ]);
  });
  test.each([
    ['without a host', 'GET /v1/ping HTTP/1.1\r\nConnection: close\r\n\r\n', 200],
    ['with an absolute target', `GET http://localhost/v1/ping HTTP/1.1\r\n${tail}`, 200],
    ['with expectations', `GET /v1/ping HTTP/1.1\r\nExpect: miracles\r\n${tail}`, 200],
    ['with HTTP/1.0', 'GET /v1/ping HTTP/1.0\r\n\r\n', 200],
    ['with a known but unserved method', `PROPFIND /v1/ping HTTP/1.1\r\n${tail}`, 404],
    ['with TRACE', `TRACE /v1/ping HTTP/1.1\r\n${tail}`, 404],
    ['with QUERY', `QUERY /v1/ping HTTP/1.1\r\nContent-Length: 2\r\n${tail}{}`, 404],
    ['with OPTIONS *', `OPTIONS * HTTP/1.1\r\n${tail}`, 404],
    ['with a body that nobody asked for', `GET /v1/ping HTTP/1.1\r\nContent-Length: 5\r\n${tail}hello`, 200],
    ['that wants to switch protocols', `GET /v1/ping HTTP/1.1\r\nUpgrade: websocket\r\nHost: localhost\r\nConnection: upgrade, close\r\n\r\n`, 200],
  ])('a request %s is answered: %d', async (_, text, status) => {
    expect((await raw(text as string)).status).toBe(status);
  });
});
