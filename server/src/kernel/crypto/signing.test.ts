import fc from 'fast-check';
import { expect, test } from 'vitest';
import vectors from '../../../test/vectors/keys.json' with { type: 'json' };
import { loadKeys } from './account-keys.ts';
import { isSigningAlgorithm, sign, signingAlgorithms, verify } from './signing.ts';

const keys = loadKeys(vectors.stored);

test.each(signingAlgorithms)('%s verifies what it signs, and nothing that was altered', async (algorithm) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), async (data, at) => {
      const signature = await sign(algorithm, data, keys);
      expect(verify(algorithm, data, signature, keys)).toBe(true);
      const altered = Uint8Array.from(data);
      altered[at % data.length]! ^= 1;
      expect(verify(algorithm, altered, signature, keys)).toBe(false);
      signature[at % signature.length]! ^= 1;
      expect(verify(algorithm, data, signature, keys)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test.each(signingAlgorithms)('%s does not verify a signature of another algorithm, nor one that is none', async (algorithm) => {
  for (const other of signingAlgorithms.filter((name) => name !== algorithm)) {
    expect(verify(algorithm, 'text', await sign(other, 'text', keys), keys), other).toBe(false);
  }
  expect(verify(algorithm, 'text', Buffer.alloc(0), keys)).toBe(false);
  expect(verify(algorithm, 'text', Buffer.alloc(9000, 1), keys)).toBe(false);
});

test('a text is signed as its UTF-8', async () => {
  expect(await sign('ed25519', 'ünïcode', keys)).toEqual(await sign('ed25519', Buffer.from('ünïcode'), keys));
});

test('a name counts as an algorithm only as it is written', () => {
  expect(['ed25519', 'ED25519', 'rsa-sha1', 'toString', '__proto__', ''].filter(isSigningAlgorithm)).toEqual(['ed25519']);
});
