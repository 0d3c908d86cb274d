import { expect, test } from 'vitest';
import vectors from '../../../test/vectors/keys.json' with { type: 'json' };
import { accountMeta, generateAccountKeys, loadKeys, loadPublicKeys } from './account-keys.ts';
import { sign, signingAlgorithms, verify } from './signing.ts';

test('a new account gets keys in the forms of the specification, and its halves belong together', async () => {
  const keys = await generateAccountKeys();
  expect(keys.secretKey).toMatch(/^[0-9a-f]{128}$/);
  expect(keys.ed25519PrivateKey).toMatch(/^[0-9a-f]{64}$/);
  expect(keys.ed25519PublicKey).toMatch(/^[0-9a-f]{64}$/);
  expect(keys.rsaPrivateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n[\w+/=\n]+-----END RSA PRIVATE KEY-----\n$/);
  expect(keys.rsaPublicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+-----END PUBLIC KEY-----\n$/);
  expect(keys.ecdsaPrivateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n$/);
  expect(keys.ecdsaPublicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+-----END PUBLIC KEY-----\n$/);

  const loaded = loadKeys(keys);
  expect(loaded.public.rsa2048.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
  expect(loaded.public.ecdsa.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
  for (const algorithm of signingAlgorithms) {
    expect(verify(algorithm, 'text', await sign(algorithm, 'text', loaded), loadPublicKeys(keys)), algorithm).toBe(true);
  }
});

test('an account shows the base64 of its stored public keys', () => {
  expect(accountMeta(vectors.stored)).toEqual(vectors.accountMeta);
});

test.each(['', 'ab', 'g'.repeat(64), 'a'.repeat(66)])('an Ed25519 key that is not 64 hex digits is refused: %j', (key) => {
  expect(() => loadKeys({ ...vectors.stored, ed25519PrivateKey: key })).toThrow('64 hex digits');
  expect(() => loadPublicKeys({ ...vectors.stored, ed25519PublicKey: key })).toThrow('64 hex digits');
});
