import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import stored from '../../../test/vectors/keys.json' with { type: 'json' };
import vectors from '../../../test/vectors/license-keys.json' with { type: 'json' };
import { loadKeys } from './account-keys.ts';
import { type KeyScheme, keySchemes, makeKey, openKey } from './key-schemes.ts';
import { isLegacyKey, legacyKeyDigest, legacyKeyLicenseId, newLegacyKey, newUnsignedKey } from './plain-keys.ts';

const keys = loadKeys(stored.stored);
const signed = vectors.keys
  .filter((vector) => vector.scheme !== 'LEGACY_ENCRYPT')
  .map((vector) => ({ ...vector, seed: vector.seed!, scheme: vector.scheme as KeyScheme }));
const legacy = vectors.keys.find((vector) => vector.scheme === 'LEGACY_ENCRYPT')!;

const made = async (scheme: KeyScheme, seed: string) => {
  const result = await makeKey(scheme, seed, keys);
  return 'key' in result ? result.key : expect.fail(result.detail);
};

test('the vectors know every scheme', () => {
  expect(new Set(signed.map(({ scheme }) => scheme))).toEqual(new Set(keySchemes));
});

describe.each(signed)('known answer $scheme', ({ scheme, seed, key, signingData, deterministicSignature }) => {
  test('the given key opens', () => {
    expect(openKey(scheme, key, keys)).toBe(seed);
  });

  test('our key has the same data, opens, and is the same where the signature is determined', async () => {
    const ours = await made(scheme, seed);
    expect(openKey(scheme, ours, keys)).toBe(seed);
    if (deterministicSignature) expect(ours).toBe(key);
    else expect(ours.split('.')[0]).toBe(key.split('.')[0]);
    if (signingData?.startsWith('key/')) expect(ours.startsWith(`${signingData}.`)).toBe(true);
  });
});

const seedOf: Partial<Record<KeyScheme, fc.Arbitrary<string>>> = {
  RSA_2048_PKCS1_ENCRYPT: fc.string({ maxLength: 60, unit: 'grapheme' }).filter((text) => Buffer.byteLength(text) <= 245),
  RSA_2048_JWT_RS256: fc
    .dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }))
    .map((claims) => JSON.stringify({ ...claims, exp: 1, iat: 1, nbf: 1 })),
};

test.each(keySchemes)('%s gives back any seed, and does not open once a character was altered', async (scheme) => {
  const seeds = seedOf[scheme] ?? fc.string({ unit: 'grapheme', minLength: 1 });
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat(), async (seed, at) => {
      const key = await made(scheme, seed);
      expect(openKey(scheme, key, keys)).toBe(seed);
      const position = at % key.length;
      const altered = `${key.slice(0, position)}${key[position] === 'A' ? 'B' : 'A'}${key.slice(position + 1)}`;
      expect(openKey(scheme, altered, keys), altered).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test.each(keySchemes)('%s opens neither nonsense nor a key with a part more', async (scheme) => {
  const key = await made(scheme, '{"exp":1}');
  for (const text of ['', '.', '..', 'key/.', 'key/a.b', 'a.b.c', `${key}.${key}`, `${key}x`, `${key}=x`, `${key}\n`, ` ${key}`])
    expect(openKey(scheme, text, keys), text).toBeUndefined();
});

test.each([
  ['a', 245, true],
  ['a', 246, false],
  ['ü', 122, true],
  ['ü', 123, false],
])('RSA_2048_PKCS1_ENCRYPT counts bytes, not characters: %j, %i times', async (character, times, fits) => {
  const failure = { code: 'KEY_BYTE_SIZE_EXCEEDED', detail: 'key exceeds maximum byte length (max size of 245 bytes)' };
  expect(await makeKey('RSA_2048_PKCS1_ENCRYPT', character.repeat(times), keys)).toEqual(fits ? { key: expect.any(String) } : failure);
});

const notJson = 'must be a valid JSON encoded string';
const wrongType = (claim: string, type: string) => `${claim} claim must be a numeric value but it is a ${type}`;
test.each([
  ['nonsense', notJson],
  ['', notJson],
  ['"text"', notJson],
  ['null', notJson],
  ['[1]', notJson],
  ['{"exp":"1"}', wrongType('exp', 'string')],
  ['{"exp":null}', wrongType('exp', 'nilclass')],
  ['{"iat":true}', wrongType('iat', 'trueclass')],
  ['{"iat":false}', wrongType('iat', 'falseclass')],
  ['{"nbf":[]}', wrongType('nbf', 'array')],
  ['{"nbf":{}}', wrongType('nbf', 'hash')],
  ['{"nbf":"","iat":"","exp":[]}', wrongType('exp', 'array')],
  ['{"nbf":"","iat":[],"exp":1}', wrongType('iat', 'array')],
])('RSA_2048_JWT_RS256 refuses the claims %s', async (seed, why) => {
  expect(await makeKey('RSA_2048_JWT_RS256', seed, keys)).toEqual({
    code: 'KEY_JWT_CLAIMS_INVALID',
    detail: `key is not a valid JWT claims payload (${why})`,
  });
});

test.each([
  ['{}', '{}'],
  [' { "b" : 1 ,\n\t"a" : [ 1.5, "x y" ] } ', '{"b":1,"a":[1.5,"x y"]}'],
  ['{"10":1,"9":12345678901234567890}', '{"10":1,"9":12345678901234567890}'],
  ['{"a":"\\u00fc\\/ \\"\\\\ \\n"}', '{"a":"ü/ \\"\\\\ \\n"}'],
])('RSA_2048_JWT_RS256 embeds %s compactly, losing nothing', async (seed, payload) => {
  expect(openKey('RSA_2048_JWT_RS256', await made('RSA_2048_JWT_RS256', seed), keys)).toBe(payload);
});

test('an unsigned key is six groups of upper-case hex digits that end in V3, and no two are alike', () => {
  const many = Array.from({ length: 50 }, newUnsignedKey);
  for (const key of many) expect(key).toMatch(/^([0-9A-F]{6}-){5}V3$/);
  expect(new Set(many).size).toBe(50);
});

test('a raw legacy key begins with the id of its license, ends in v1, and only it belongs to its digest', async () => {
  const raw = newLegacyKey(vectors.licenseId);
  expect(raw).toMatch(/^c2f1d8b463a74a0e8a7751b0e2c9d704-[0-9a-f]{32}-[0-9a-f]{32}-[0-9a-f]{30}v1$/);
  expect(legacyKeyLicenseId(raw)).toBe(vectors.licenseId);
  const digest = await legacyKeyDigest(raw);
  expect(digest).toMatch(/^\$2[aby]\$12\$/);
  expect(await isLegacyKey(raw, digest)).toBe(true);
  expect(await isLegacyKey(newLegacyKey(vectors.licenseId), digest)).toBe(false);
});

test('the given legacy key belongs to the given digest', async () => {
  expect(createHash('sha256').update(legacy.raw!).digest('hex')).toBe(legacy.sha256Hex);
  expect(legacyKeyLicenseId(legacy.raw!)).toBe(legacy.lookupLicenseId);
  expect(await isLegacyKey(legacy.raw!, legacy.stored!)).toBe(true);
  expect(await isLegacyKey(`${legacy.raw}0`, legacy.stored!)).toBe(false);
  expect(await isLegacyKey(legacy.raw!, legacy.raw!)).toBe(false);
});

test.each(['', 'c2f1d8b463a74a0e8a7751b0e2c9d704', 'c2f1d8b463a74a0e8a7751b0e2c9d704-', 'c2f1d8b4-63a7-4a0e-8a77-51b0e2c9d704-x', `${'z'.repeat(32)}-x`])(
  '%j is not shaped like a legacy key',
  (raw) => expect(legacyKeyLicenseId(raw)).toBeUndefined(),
);
