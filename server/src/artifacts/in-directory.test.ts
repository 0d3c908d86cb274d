/** Artifacts of an installation without buckets: from creation to download, over real sockets (spec/distribution.md 8, 9; spec/clients.md C12). */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-artifacts-'));
afterAll(() => rmSync(directory, { recursive: true }));

let world: World;
let admin: Client;
let release: Wire;
beforeEach(async () => {
  world = await newWorld({ config: { storage: { directory } } });
  admin = await world.as('admin');
  release = await world.create('release', { status: 'PUBLISHED' });
});

const create = async (filename: string): Promise<{ id: string; url: string }> => {
  const body = { data: { type: 'artifacts', attributes: { filename }, relationships: { release: { data: { type: 'releases', id: release.id } } } } };
  const { data, headers } = await admin.post('/artifacts', body, 307);
  return { id: data.id, url: String(headers.location) };
};
const put = (url: string, body: string | Buffer, headers: Record<string, string> = {}) => fetch(url, { method: 'PUT', body: body as string, headers });
const urlOf = async (id: string, query = '') => String((await admin.get(`/artifacts/${id}${query}`, 303)).headers.location);

async function upload(filename: string, bytes: string | Buffer): Promise<{ id: string; put: string; get: string }> {
  const { id, url } = await create(filename);
  expect((await put(url, bytes)).status).toBe(200);
  await world.server.jobs.run();
  return { id, put: url, get: await urlOf(id) };
}
const files = () => readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test('an artifact is created, put, noticed, downloaded and deleted', async () => {
  const { id, url } = await create('mac/Night in+gale.dmg');
  const target = new URL(url);
  expect(target.origin).toBe(world.server.url);
  expect(target.pathname).toBe(`/-/storage/artifacts/${world.account.id}/${release.id}/mac/Night%20in%2Bgale.dmg`);
  expect(target.search).toContain('X-Amz-Credential=local');
  await world.server.jobs.run();
  expect((await admin.get(`/artifacts/${id}`, 200)).data.attributes.status).toBe('WAITING');
  const uploaded = await put(url, 'hello', { authorization: 'Bearer nobody', 'content-type': 'text/html', accept: 'nonsense' });
  expect([uploaded.status, await uploaded.text()]).toEqual([200, '']);
  world.server.clock.travel(1000);
  await world.server.jobs.run();
  const stored: Wire = await world.server.find('release_artifact', { id });
  expect(stored).toMatchObject({ status: 'UPLOADED', backend: 'LOCAL', content_type: 'application/octet-stream' });
  expect([Number(stored.content_length), `"${stored.etag}"`]).toEqual([5, uploaded.headers.get('etag')]);
  const downloaded = await fetch(await urlOf(id));
  expect([downloaded.status, await downloaded.text()]).toEqual([200, 'hello']);
  await admin.delete(`/artifacts/${id}`, undefined, 204);
  await world.server.jobs.run();
  expect([await world.count('artifacts'), (await fetch(downloaded.url)).status]).toEqual([0, 404]);
});

test('bytes come as nothing that a browser would run, to any page, and never with credentials', async () => {
  const { get } = await upload('evil.html', '<script>alert(1)</script>');
  const { headers } = await fetch(get, { headers: { origin: 'https://portal.localhost', authorization: 'License x', cookie: 'session_id=x' } });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Content-Length, Content-Range, ETag, Last-Modified, Accept-Ranges',
    'accept-ranges': 'bytes',
    'content-length': '25',
    etag: expect.stringMatching(/^"[0-9a-f-]+"$/),
    'last-modified': expect.stringMatching(/GMT$/),
    'x-request-id': expect.any(String),
  });
  expect(headers.get('access-control-allow-credentials')).toBeNull();
});

describe('of an object', () => {
  test('parts, versions and facts can be asked for', async () => {
    const { get } = await upload('a.bin', '0123456789');
    const whole = await fetch(get);
    const etag = whole.headers.get('etag')!;
    const modified = whole.headers.get('last-modified')!;
    await whole.text();
    const rows: [Record<string, string>, number, string, string | null][] = [
      [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
      [{ range: 'bytes=-2' }, 206, '89', 'bytes 8-9/10'],
      [{ range: 'bytes=8-' }, 206, '89', 'bytes 8-9/10'],
      [{ range: 'bytes=10-' }, 416, '', 'bytes */10'],
      [{ range: 'bytes=0-1,4-5' }, 200, '0123456789', null],
      [{ range: 'bytes=2-4', 'if-range': etag }, 206, '234', 'bytes 2-4/10'],
      [{ range: 'bytes=2-4', 'if-range': '"other"' }, 200, '0123456789', null],
      [{ 'if-none-match': etag }, 304, '', null],
      [{ 'if-none-match': '"other"' }, 200, '0123456789', null],
      [{ 'if-modified-since': modified }, 304, '', null],
    ];
    for (const [headers, status, body, range] of rows) {
      const response = await fetch(get, { headers });
      expect([headers, response.status, await response.text(), response.headers.get('content-range')]).toEqual([headers, status, body, range]);
    }
    const head = await fetch(get, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag'), await head.text()]).toEqual([200, '10', etag, '']);
  });

  test('without bytes there is nothing, and it is there', async () => {
    const { get } = await upload('empty', '');
    const response = await fetch(get);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', '']);
    expect((await fetch(get, { headers: { range: 'bytes=0-' } })).status).toBe(416);
  });

  test('many bytes come as they went', async () => {
    const bytes = Buffer.alloc(3_000_001, 'latchkey ');
    const { get } = await upload('large.bin', bytes);
    expect(Buffer.compare(Buffer.from(await (await fetch(get)).arrayBuffer()), bytes)).toBe(0);
    const part = await fetch(get, { headers: { range: 'bytes=1000000-2999999' } });
    expect(Buffer.compare(Buffer.from(await part.arrayBuffer()), bytes.subarray(1_000_000, 3_000_000))).toBe(0);
  });
});

describe('a URL', () => {
  test('is good for one method on one object, and for its time', async () => {
    const { put: putUrl, get } = await upload('one', '1');
    const other = await upload('other', '2');
    const otherPath = new URL(other.get).pathname;
    const moved = Object.assign(new URL(get), { pathname: otherPath }).href;
    const refusals: [string, string][] = [
      ['PUT', get],
      ['GET', putUrl],
      ['POST', putUrl],
      ['DELETE', get],
      ['GET', moved],
      ['GET', get.replace(/Expires=\d+/, 'Expires=999999')],
      ['GET', get.split('?')[0]!],
    ];
    for (const [method, url] of refusals) {
      const response = await fetch(url, { method, ...(method === 'PUT' && { body: 'x' }) });
      expect([method, url, response.status, response.headers.get('www-authenticate')]).toEqual([method, url, 403, null]);
      expect(await response.json()).toMatchObject({ errors: [{ title: 'Access denied', detail: 'The URL does not allow this, or is no longer valid' }] });
    }
    world.server.clock.travel(840_000);
    expect((await fetch(get)).status).toBe(200);
    world.server.clock.travel(61_000);
    expect((await fetch(get)).status).toBe(403);
    expect((await put(putUrl, '3')).status).toBe(200);
    world.server.clock.travel(3_600_000);
    expect((await put(putUrl, '4')).status).toBe(403);
    expect(await (await fetch(await urlOf((await admin.get('/artifacts?release=', 200)).data.at(-1).id))).text()).toBe('3');
  });

  test('may be asked about by browsers of any page', async () => {
    const { url } = await create('x');
    const headers = { origin: 'https://portal.example.com', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' };
    const response = await fetch(url, { method: 'OPTIONS', headers });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('an upload', () => {
  const raw = (url: string, headers: Record<string, string | number>) => request(url, { method: 'PUT', headers });

  test('may come in chunks, and wait to be told to go on', async () => {
    const { id, url } = await create('chunked');
    const response = await fetch(url, { method: 'PUT', body: Readable.toWeb(Readable.from(['hel', 'lo'])) as never, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(200);
    const asking = raw(url, { expect: '100-continue', 'content-length': 4 });
    asking.flushHeaders();
    await once(asking, 'continue');
    asking.end('more');
    const [answer] = await once(asking, 'response');
    expect(answer.statusCode).toBe(200);
    answer.resume();
    world.server.clock.travel(31_000);
    await world.server.jobs.run();
    expect(await (await fetch(await urlOf(id))).text()).toBe('more');
  });

  test('that is cut leaves nothing that anybody sees', async () => {
    const { id, url } = await create('cut');
    const before = files();
    const sending = raw(url, { 'content-length': 1_000_000 });
    sending.on('error', () => {});
    sending.write(Buffer.alloc(100_000));
    await expect.poll(files).toBe(before + 1);
    sending.destroy();
    await expect.poll(files).toBe(before);
    await world.server.jobs.run();
    expect((await admin.get(`/artifacts/${id}`, 200)).data.attributes.status).toBe('WAITING');
  });

  test('may not be larger than an artifact can be', async () => {
    const { url } = await create('huge');
    const sending = raw(url, { 'content-length': 5 * 1024 ** 3 + 1 });
    sending.on('error', () => {});
    sending.flushHeaders();
    const [answer] = await once(sending, 'response');
    expect(answer.statusCode).toBe(413);
    sending.destroy();
  });

  test('is no larger for the limit on other bodies', async () => {
    world = await newWorld({ config: { storage: { directory }, maxBodyBytes: 1000 } });
    admin = await world.as('admin');
    release = await world.create('release');
    const { url } = await create('larger');
    expect((await put(url, Buffer.alloc(2000))).status).toBe(200);
    await admin.post('/artifacts', 'x'.repeat(2000), 413);
  });
});

test.each(['../../../../etc/passwd', '..%2F..%2Fx', '/etc/passwd', 'a/../../b', '%2e%2e', 'nul\u0001', 'C:\\x', '.', '..', `${'é'.repeat(255)}`])(
  'a filename like %j leads nowhere else',
  async (filename) => {
    const outside = readdirSync(join(directory, '..')).filter((name) => !name.startsWith('latchkey'));
    const { id, url } = await create(filename);
    // what a client makes of dots in the path is no URL of ours any more
    const dots = /(?:^|\/)\.{1,2}(?:\/|$)|%2e/i.test(filename);
    const response = await put(url, 'x');
    expect([200, ...(dots ? [403, 404] : [])]).toContain(response.status);
    expect((await admin.get(`/artifacts/${id}`, 200)).data.attributes.filename).toBe(filename);
    expect(readdirSync(join(directory, '..')).filter((name) => !name.startsWith('latchkey'))).toEqual(outside);
    expect(readdirSync(directory).filter((name) => name !== 'unfinished' && !/^[0-9a-f-]{36}$/.test(name))).toEqual([]);
  },
);

test('whatever path or header is sent there, the answer is one of the documented form', async () => {
  const { get } = await upload('x', 'x');
  const { port } = new URL(world.server.url);
  const query = new URL(get).search;
  const paths = ['', 'x', '..', '%00', 'artifacts/%2e%2e/x', 'artifacts//', '%ff', '%', 'artifacts/x?', 'x'.repeat(20_000)];
  for (const path of paths)
    for (const method of ['GET', 'PUT', 'HEAD', 'PATCH', 'OPTIONS']) {
      const socket = connect(Number(port), '127.0.0.1');
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.end(`${method} /-/storage/${path}${query} HTTP/1.1\r\nHost: x\r\nRange: bytes=9-1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      await once(socket, 'close');
      const text = Buffer.concat(chunks).toString();
      expect([path.slice(0, 20), method, text.slice(9, 12)]).toEqual([path.slice(0, 20), method, expect.stringMatching(/^(?:200|400|403|404)$/)]);
    }
});

test('transfers are no requests of the API: no log of them is kept', async () => {
  await upload('x', 'x');
  await world.server.jobs.run();
  const rows = await world.server.sql('select method, url from request_logs');
  expect(rows.map(({ method }) => method).sort()).toEqual(['GET', 'POST']);
  expect(JSON.stringify(rows)).not.toContain('/-/storage');
});
