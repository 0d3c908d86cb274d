import { hash } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { sameText } from './constant-time.ts';
import { isTokenV1, newTokenSecret, tokenDigest, tokenDigestV2, tokenIdsV1, tokenVersion } from './token-secrets.ts';

const accountSecretKey = '00112233445566778899aabbccddeeff'.repeat(4);

test('the digest of a v3 secret is the check value of the specification', () => {
  const secret = `prod-${'0123456789abcdef'.repeat(4)}v3`;
  expect(tokenDigest(secret, accountSecretKey)).toBe('d4e6a926f12d8e2b37239260aed7112ebe286d5b8884928924146b182b49dcb6');
});

test.each([
  ['admin', 32, /^admin-[0-9a-f]{64}v3$/],
  ['activ', 16, /^activ-[0-9a-f]{32}v3$/],
])('a secret for %s has %i random bytes', (prefix, length, form) => {
  expect(newTokenSecret(prefix, length)).toMatch(form);
  expect(newTokenSecret(prefix, length)).not.toBe(newTokenSecret(prefix, length));
});

test.each([
  ['admin-00v3', 3],
  ['admi-00v2', 2],
  ['a.b.00v1', 1],
  ['admin-00v4', undefined],
  ['admin-00v33', undefined],
  ['admin-00v', undefined],
  ['admin-00', undefined],
  ['v3admin', undefined],
  ['admin-00v3\n', undefined],
  ['', undefined],
])('the version of %j is %s', (secret, version) => {
  expect(tokenVersion(secret)).toBe(version);
});

test('a v2 digest is 512 bits that depend on secret and key', () => {
  const digest = tokenDigestV2('admi-00v2', 'pem');
  expect(digest).toMatch(/^[0-9a-f]{128}$/);
  expect(new Set([digest, tokenDigestV2('admi-01v2', 'pem'), tokenDigestV2('admi-00v2', 'other')]).size).toBe(3);
});

test('a v1 secret names its account and token, and belongs to the bcrypt of its SHA-256 only', async () => {
  const secret = `6d4a7d143c554b0e9f5e2f4f8a2c9b01.c2f1d8b463a74a0e8a7751b0e2c9d704.${'ab'.repeat(31)}v1`;
  expect(tokenIdsV1(secret)).toEqual({ accountId: '6d4a7d14-3c55-4b0e-9f5e-2f4f8a2c9b01', tokenId: 'c2f1d8b4-63a7-4a0e-8a77-51b0e2c9d704' });
  const digest = hashSync(hash('sha256', secret, 'hex'), 4);
  expect(await isTokenV1(secret, digest)).toBe(true);
  expect(await isTokenV1(secret.replace('ab', 'ba'), digest)).toBe(false);
  expect(await isTokenV1(secret, 'not a hash')).toBe(false);
});

test.each(['', 'a.b.cv1', 'admin-00v3', `${'0'.repeat(32)}.${'0'.repeat(32)}`, `${'0'.repeat(32)}.${'0'.repeat(31)}.00v1`])(
  '%j is not shaped like a v1 secret',
  (secret) => {
    expect(tokenIdsV1(secret)).toBeUndefined();
  },
);

test.each([
  ['', '', true],
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['ü', 'u', false],
])('comparing %j with %j in constant time gives %s', (a, b, same) => {
  expect(sameText(a, b)).toBe(same);
});
