import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket, type Server as SocketServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { caller, type Reply } from '../kernel/outgoing/caller.ts';
import { callThrough } from '../kernel/outgoing/follow.ts';
import { outcomeOfError, outcomeOfReply, retryDelay } from './outcome.ts';

const plain = 'https://hooks.example.com/';
const ngrok = 'https://abc.ngrok.io/x';

describe('a reply', () => {
  test.each<[number, string, string | null, object]>([
    [200, plain, 'ok', { status: 'DELIVERED' }],
    [299, plain, '', { status: 'DELIVERED' }],
    [304, plain, '', { status: 'FAILING', retried: true }],
    [404, plain, 'tunnel abc.ngrok.io not found', { status: 'FAILING', retried: true }],
    [500, plain, 'oops', { status: 'FAILING', retried: true }],
    [410, plain, 'gone', { status: 'FAILED', disables: true }],
    [530, plain, 'frozen', { status: 'FAILED', disables: true }],
    [404, ngrok, 'Tunnel ABC.ngrok.io not found', { status: 'FAILED', disables: true }],
    [404, ngrok, 'nothing here', { status: 'FAILING', retried: true }],
    [504, ngrok, 'late', { status: 'FAILED' }],
    [504, 'https://abc.loca.lt', 'late', { status: 'FAILED' }],
    [504, plain, 'late', { status: 'FAILING', retried: true }],
  ])('of %d from %s', (code, url, body, expected) => {
    expect(outcomeOfReply({ status: code, location: undefined, body }, url)).toEqual({ response: { code, body }, ...expected });
  });

  test('that is too large is not kept, and one with null characters is kept without', () => {
    const reply = { status: 200, location: undefined };
    expect(outcomeOfReply({ ...reply, body: null }, plain).response).toEqual({ code: 200, body: 'RES_BODY_TOO_LARGE' });
    expect(outcomeOfReply({ ...reply, body: 'a\0b' }, plain).response).toEqual({ code: 200, body: 'ab' });
  });
});

describe('an error', () => {
  const final = { status: 'FAILED' };
  const retried = { status: 'FAILING', retried: true };
  test.each<[string, string, object]>([
    ['CERT_HAS_EXPIRED', 'SSL_ERROR', retried],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SSL_ERROR', retried],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SSL_ERROR', retried],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'SSL_ERROR', retried],
    ['EPROTO', 'SSL_ERROR', retried],
    ['UND_ERR_CONNECT_TIMEOUT', 'REQ_TIMEOUT', retried],
    ['UND_ERR_HEADERS_TIMEOUT', 'REQ_TIMEOUT', retried],
    ['UND_ERR_BODY_TIMEOUT', 'REQ_TIMEOUT', retried],
    ['ETIMEDOUT', 'REQ_TIMEOUT', retried],
    ['ECONNREFUSED', 'CONN_REFUSED', final],
    ['ECONNRESET', 'CONN_RESET', final],
    ['ENETUNREACH', 'NET_UNREACH', final],
    ['EHOSTUNREACH', 'HOST_UNREACH', final],
    ['ENOTFOUND', 'DNS_ERROR', final],
    ['EAI_AGAIN', 'DNS_ERROR', final],
    ['EPRIVATE', 'DNS_ERROR', final],
    ['UND_ERR_SOCKET', 'EOF_ERROR', final],
  ])('%s is %s', (code, body, expected) => {
    expect(outcomeOfError(Object.assign(new Error('x'), { code }))).toEqual({ response: { code: null, body }, ...expected });
  });

  test('of another kind changes nothing and is tried again', () => {
    expect(outcomeOfError(new Error('x'))).toEqual({ retried: true });
    expect(outcomeOfError(Object.assign(new Error('x'), { code: 'HPE_INVALID_HEADER_TOKEN' }))).toEqual({ retried: true });
  });
});

test('retries come after 10 to 100 minutes and the fourth power of their number, fifteen times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 14 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (n, random) => {
      const rest = retryDelay(n, random)! - n ** 4;
      expect(rest % 600).toBe(0);
      expect(rest / 600).toBeGreaterThanOrEqual(1);
      expect(rest / 600).toBeLessThanOrEqual(10);
    }),
  );
  expect(retryDelay(15, 0)).toBeUndefined();
});

describe('a call', () => {
  const open: (Server | SocketServer)[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
  const listening = async (server: Server | SocketServer): Promise<number> => {
    open.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const web = (answer: (response: ServerResponse, path: string) => void) => listening(createServer((request, response) => answer(response, request.url!)));
  const socket = (answer: (socket: Socket) => void) => listening(createSocketServer((s) => void s.on('error', () => {}).once('data', () => answer(s))));
  const outcome = async (url: string, options: object = {}): Promise<object> => {
    const calls = caller({ allowPrivate: true, timeoutMs: 200, ...options });
    try {
      const reply: Reply = await callThrough(calls, { method: 'POST', url: new URL(url), headers: { 'Content-Type': 'application/json' }, body: '{}' });
      return outcomeOfReply(reply, url);
    } catch (error) {
      return outcomeOfError(error);
    } finally {
      await calls.close();
    }
  };
  const failure = (body: string) => expect.objectContaining({ response: { code: null, body } });

  test('to nobody is refused', async () => {
    const port = await web(() => {});
    const [server] = open.splice(0);
    await new Promise((done) => server!.close(done));
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('CONN_REFUSED'));
  });
  test('that is reset', async () => {
    const port = await socket((s) => s.resetAndDestroy());
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('CONN_RESET'));
  });
  test('that ends without an answer', async () => {
    const port = await socket((s) => s.end());
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('EOF_ERROR'));
  });
  test('that ends within its answer', async () => {
    for (const header of ['', 'Connection: close\r\n']) {
      const port = await socket((s) => s.end(`HTTP/1.1 200 OK\r\n${header}Content-Length: 100\r\n\r\nabc`));
      expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('EOF_ERROR'));
    }
  });
  test('that is never answered', async () => {
    const port = await web(() => {});
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('REQ_TIMEOUT'));
  });
  test('whose answer never ends', async () => {
    const port = await web((response) => void response.writeHead(200).write('abc'));
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual(failure('REQ_TIMEOUT'));
  });
  test('with TLS to a server without', async () => {
    const port = await web((response) => response.end());
    expect(await outcome(`https://127.0.0.1:${port}/`)).toEqual(failure('SSL_ERROR'));
  });
  test('to an unknown name', async () => {
    const resolve = (_host: string, _options: object, callback: (error: Error) => void) =>
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    expect(await outcome('http://unknown.example/', { resolve })).toEqual(failure('DNS_ERROR'));
  });
  test('that gets no HTTP', async () => {
    const port = await socket((s) => s.end('hello\r\n\r\n'));
    expect(await outcome(`http://127.0.0.1:${port}/`)).toEqual({ retried: true });
  });

  test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '[::1]', '[fd00::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'to the private address %s is refused unless it is allowed',
    async (host) => {
      expect(await outcome(`http://${host}:1/`, { allowPrivate: false })).toEqual(failure('DNS_ERROR'));
    },
  );
  test('to a name that leads to a private address is refused, at the address that would be dialled', async () => {
    const port = await web((response) => response.end());
    const resolve = (_host: string, _options: object, callback: (error: null, addresses: object[]) => void) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    expect(await outcome(`http://inside.example:${port}/`, { resolve, allowPrivate: false })).toEqual(failure('DNS_ERROR'));
    expect(await outcome(`http://inside.example:${port}/`, { resolve })).toMatchObject({ status: 'DELIVERED' });
  });
  test('reads no more of an answer than is kept', async () => {
    const port = await web((response, path) => response.end('x'.repeat(path === '/large' ? 2049 : 2048)));
    expect(await outcome(`http://127.0.0.1:${port}/large`)).toMatchObject({ response: { body: 'RES_BODY_TOO_LARGE' }, status: 'DELIVERED' });
    expect(await outcome(`http://127.0.0.1:${port}/`)).toMatchObject({ response: { body: 'x'.repeat(2048) } });
  });
});

describe('redirects', () => {
  const through = async (replies: Partial<Reply>[]) => {
    const seen: string[] = [];
    const calls = {
      close: async () => {},
      call: async ({ method, url, headers, body }: { method: string; url: URL; headers: object; body?: string }) => {
        seen.push(`${method} ${url.href} ${body ?? '-'} ${Object.keys(headers).join()}`);
        return { status: 200, location: undefined, body: '', ...replies.shift() };
      },
    };
    const headers = { 'Content-Type': 'application/json', Authorization: 'Basic x' };
    const last = await callThrough(calls, { method: 'POST', url: new URL('https://a.example/x?y=1'), headers, body: 'B' });
    return { seen, last };
  };

  test.each([301, 302, 303])('%d become GET without a body', async (status) => {
    const { seen, last } = await through([{ status, location: '/z' }, { status: 204 }]);
    expect(seen[1]).toBe('GET https://a.example/z - Authorization');
    expect(last.status).toBe(204);
  });
  test.each([307, 308])('%d repeat the request, elsewhere without its credentials', async (status) => {
    const { seen } = await through([{ status, location: 'https://b.example/z' }]);
    expect(seen[1]).toBe('POST https://b.example/z B Content-Type');
  });
  test('are followed four times, and no further', async () => {
    const hop = { status: 307, location: '/again' };
    expect((await through([hop, hop, hop, hop])).seen).toHaveLength(5);
    await expect(through([hop, hop, hop, hop, hop])).rejects.toThrow('more than 4 redirects');
  });
  test('without or with a useless location', async () => {
    expect((await through([{ status: 302 }])).last.status).toBe(302);
    await expect(through([{ status: 302, location: 'file:///etc/passwd' }])).rejects.toThrow('is not followed');
  });
});
