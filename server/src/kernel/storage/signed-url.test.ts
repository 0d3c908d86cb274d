import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyring } from '../crypto/sealing.ts';
import { admits, encodedKey, signedPath, urlKeys } from './signed-url.ts';

const [master, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const keys = urlKeys(keyring(master));
const now = new Date('2026-02-03T10:00:00.500Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const key = 'artifacts/a/r/mac/App 1+2.dmg';
const path = signedPath({ method: 'GET', key, seconds: 900, now }, keys);
const [, query] = path.split('?') as [string, string];
const asked = { method: 'GET' as const, key, query, now };

test('a URL ends in the key, and carries no credential', () => {
  expect(path.split('?')[0]).toBe('/-/storage/artifacts/a/r/mac/App%201%2B2.dmg');
  expect(query).toMatch(
    /^X-Amz-Algorithm=LATCHKEY-HMAC-SHA256&X-Amz-Credential=local&X-Amz-Date=20260203T100000Z&X-Amz-Expires=900&X-Amz-Signature=[0-9a-f]{64}$/,
  );
});

describe('a URL is good', () => {
  test.each([
    ['as it was made', {}, true],
    ['with parameters in another order, and more of them', { query: `x=1&${query.split('&').reverse().join('&')}` }, true],
    ['until its last second', { now: later(899.4) }, true],
    ['no longer', { now: later(900) }, false],
    ['for no other method', { method: 'PUT' as const }, false],
    ['for no other object', { key: `${key}x` }, false],
    ['for no longer time', { query: query.replace('Expires=900', 'Expires=901') }, false],
    ['at no other time', { query: query.replace('T100000Z', 'T100001Z') }, false],
    ['with no other signature', { query: query.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) }, false],
    ['with no shorter signature', { query: query.slice(0, -1) }, false],
    ['never with nonsense', { query: query.replace('900', '1e9').replace('20260203T100000Z', '') }, false],
    ['never without a signature', { query: '' }, false],
  ])('%s', (_, change, expected) => expect(admits({ ...asked, ...change }, keys)).toBe(expected));

  test('under a master key that has been rotated, and under no other', () => {
    expect(admits(asked, urlKeys(keyring(other, [master])))).toBe(true);
    expect(admits(asked, urlKeys(keyring(other)))).toBe(false);
  });
});

test('keys survive the way through a URL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      const encoded = encodedKey(`artifacts/${name}`);
      expect(encoded).toMatch(/^[A-Za-z0-9\-._~/%]+$/);
      expect(decodeURIComponent(encoded)).toBe(`artifacts/${name}`);
    }),
  );
});
