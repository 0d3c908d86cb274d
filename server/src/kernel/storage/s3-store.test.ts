/** Against a server that speaks S3's protocol, though it believes every signature of version 4. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { S3Store } from './s3-store.ts';
import type { BucketSettings } from './store.ts';

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
const Server = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver;

const directory = mkdtempSync(join(tmpdir(), 'latchkey-s3-'));
const server = new Server({ port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: 'artifacts' }] });
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const key = 'artifacts/a/r/mac/Night in+gale (ü).dmg';
const now = new Clock().now();
let settings: BucketSettings;
let store: S3Store;

beforeAll(async () => {
  const { port } = await server.run();
  settings = { bucket: 'artifacts', region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true, credentials };
  store = new S3Store(settings);
});
afterAll(async () => {
  store.close();
  await server.close();
  rmSync(directory, { recursive: true });
});

describe('a bucket', () => {
  test('takes an object by a URL, tells of it, hands it out by another, and removes it', async () => {
    expect(await store.head(key)).toEqual({ state: 'missing' });
    const upload = await store.presign({ method: 'PUT', key, seconds: 3600, now });
    expect(new URL(upload).pathname).toBe('/artifacts/artifacts/a/r/mac/Night%20in%2Bgale%20%28%C3%BC%29.dmg');
    expect((await fetch(upload, { method: 'PUT', body: 'hello', headers: { 'content-type': 'text/plain' } })).status).toBe(200);
    expect(await store.head(key)).toEqual({ state: 'present', length: 5, type: 'text/plain', etag: '5d41402abc4b2a76b9719d911017c592' });
    const url = await store.presign({ method: 'GET', key, seconds: 900, now });
    expect(await (await fetch(url)).text()).toBe('hello');
    const part = await fetch(url, { headers: { range: 'bytes=1-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'el']);
    await store.remove(key);
    expect(await store.head(key)).toEqual({ state: 'missing' });
    await store.remove(key);
  });

  test('takes an empty object', async () => {
    const upload = await store.presign({ method: 'PUT', key, seconds: 60, now });
    expect((await fetch(upload, { method: 'PUT' })).status).toBe(200);
    expect(await store.head(key)).toMatchObject({ state: 'present', length: 0 });
  });

  test('refuses URLs that are too old', async () => {
    const old = await store.presign({ method: 'GET', key, seconds: 60, now: new Date(now.getTime() - 120_000) });
    expect((await fetch(old)).status).toBe(403);
  });

  test('that refuses is no bucket without the object', async () => {
    const stranger = new S3Store({ ...settings, credentials: { accessKeyId: 'STRANGER', secretAccessKey: 'guessed' } });
    expect(await stranger.head(key)).toMatchObject({ state: 'failing', error: expect.any(Error) });
    await expect(stranger.remove(key)).rejects.toThrow();
    stranger.close();
  });

  test('that is out of reach is failing', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const unreachable = new S3Store({ ...settings, endpoint: `http://127.0.0.1:${port}` });
    expect(await unreachable.head(key)).toMatchObject({ state: 'failing' });
    unreachable.close();
  });
});

test.each<[string, Partial<BucketSettings>, string]>([
  ['of S3', { endpoint: null, forcePathStyle: false, region: 'eu-west-1' }, 'https://artifacts.s3.eu-west-1.amazonaws.com/artifacts/k'],
  ['of a store like S3', { endpoint: 'https://minio.example.com', forcePathStyle: false }, 'https://artifacts.minio.example.com/artifacts/k'],
  ['with the bucket in the path', { endpoint: 'https://minio.example.com', forcePathStyle: true }, 'https://minio.example.com/artifacts/artifacts/k'],
  [
    'of R2',
    { endpoint: 'https://cf.r2.cloudflarestorage.com', forcePathStyle: false, region: 'auto' },
    'https://artifacts.cf.r2.cloudflarestorage.com/artifacts/k',
  ],
  ['below an origin', { bucket: 'https://files.example.com/x', bucketIsOrigin: true, endpoint: null }, 'https://files.example.com/x/artifacts/k'],
])('URLs %s are signed in the query', async (_, more, expected) => {
  const own = new S3Store({ ...settings, ...more });
  const url = new URL(await own.presign({ method: 'GET', key: 'artifacts/k', seconds: 900, now: new Date('2026-02-03T10:00:00Z') }));
  expect(`${url.origin}${url.pathname}`).toBe(expected);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `S3RVER/20260203/${more.region ?? 'us-east-1'}/s3/aws4_request`,
    'X-Amz-Date': '20260203T100000Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect([...url.searchParams.keys()].filter((name) => name.startsWith('response-'))).toEqual([]);
});
