import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { keyring } from '../crypto/sealing.ts';
import { DirectoryStore } from './directory-store.ts';

const ring = keyring(Buffer.alloc(32, 1));
const prefix = 'artifacts/4a5bc0de-0000-4000-8000-000000000001/e2f1a7c4-2f6d-4b0b-9f57-5d1d3a9b7c11';
const key = `${prefix}/mac/App.dmg`;
const now = new Clock().now();

let directory: string;
let store: DirectoryStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-objects-'));
  store = new DirectoryStore({ directory, origin: () => 'https://licenses.example.com', ring });
});
afterEach(() => rmSync(directory, { recursive: true }));

async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}
const files = () =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const read = async (range?: { first: number; last: number }) => text((await store.open(key))!.stream(range));

describe('a directory', () => {
  test('keeps objects, tells of them and removes them', async () => {
    expect(await store.head(key)).toEqual({ state: 'missing' });
    expect(await store.open(key)).toBeUndefined();
    await store.remove(key);
    const written = await store.write(key, chunks('hel', 'lo'), now);
    expect(written).toMatchObject({ length: 5, etag: expect.stringMatching(/^[0-9a-f-]+$/) });
    expect(await store.head(key)).toEqual({ state: 'present', ...written });
    expect([await read(), await read({ first: 1, last: 2 })]).toEqual(['hello', 'el']);
    await store.remove(key);
    expect([await store.head(key), files()]).toEqual([{ state: 'missing' }, []]);
  });

  test('has another tag for each version', async () => {
    const tags = new Set<string | null>();
    for (const part of ['a', 'b', 'a']) tags.add((await store.write(key, chunks(part), now)).etag);
    expect(tags.size).toBe(3);
  });

  test('has objects without bytes', async () => {
    await store.write(key, chunks(), now);
    expect(await store.head(key)).toMatchObject({ state: 'present', length: 0 });
  });

  test('shows nothing of what is cut short, and keeps what was there', async () => {
    await store.write(key, chunks('whole'), now);
    await expect(store.write(key, chunks('half', new Error('gone')), now)).rejects.toThrow('gone');
    expect(await read()).toBe('whole');
    expect(files()).toHaveLength(1);
  });

  test('of two writers keeps the one that ends last, whole', async () => {
    const long = Array.from({ length: 50 }, () => 'x'.repeat(10_000));
    await Promise.all([store.write(key, chunks(...long), now), store.write(key, chunks('y'), now), store.write(key, chunks(...long), now)]);
    expect([1, 500_000]).toContain((await read()).length);
    expect(files()).toHaveLength(1);
  });

  test('throws away what crashes left behind, a day later', async () => {
    mkdirSync(join(directory, 'unfinished'));
    for (const [name, hours] of [
      ['old', 25],
      ['new', 23],
    ] as const) {
      writeFileSync(join(directory, 'unfinished', name), 'half');
      utimesSync(join(directory, 'unfinished', name), now, new Date(now.getTime() - hours * 3_600_000));
    }
    await store.write(key, chunks('x'), now);
    await store.write(`${key}2`, chunks('x'), now);
    await expect.poll(() => readdirSync(join(directory, 'unfinished'))).toEqual(['new']);
  });

  test('that cannot be read is failing, and not without the object', async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file');
    expect(await store.head(key)).toMatchObject({ state: 'failing', error: expect.any(Error) });
    await expect(store.write(key, chunks('x'), now)).rejects.toThrow();
  });

  test.each(['artifacts/../../etc/passwd', '/etc/passwd', '', `${prefix}/`])('has no object called %j', async (name) => {
    expect(await store.head(name)).toEqual({ state: 'missing' });
    expect(await store.open(name)).toBeUndefined();
    await expect(store.write(name, chunks('x'), now)).rejects.toThrow(TypeError);
    await store.remove(name);
    expect(files()).toEqual([]);
  });

  test('makes URLs of the server that it belongs to', async () => {
    const url = new URL(await store.presign({ method: 'GET', key, seconds: 60, now }));
    expect(url.origin).toBe('https://licenses.example.com');
    expect(url.pathname.endsWith(`/${key}`)).toBe(true);
    expect(store.admits({ method: 'GET', key, query: url.search.slice(1), now })).toBe(true);
  });
});
