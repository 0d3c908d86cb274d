import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyring, needsResealing, seal, unseal } from './sealing.ts';

const old = randomBytes(32);
const current = randomBytes(32);
const ring = keyring(current, [old]);

test('a sealed secret opens in its context only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (secret, context, other) => {
      const sealed = seal(ring, secret, context);
      expect(unseal(ring, sealed, context)).toBe(secret);
      if (other !== context) expect(() => unseal(ring, sealed, other)).toThrow('does not open');
    }),
  );
});

test('sealing twice gives two texts, and neither shows the secret', () => {
  const texts = [1, 2].map(() => seal(ring, 'hunter2', 'c'));
  expect(texts[0]).not.toBe(texts[1]);
  expect(texts.join()).not.toContain('hunter2');
});

test('after a rotation the old key still opens, and what it sealed is due to be sealed anew', () => {
  const sealed = seal(keyring(old), 'secret', 'c');
  expect(unseal(ring, sealed, 'c')).toBe('secret');
  expect(needsResealing(ring, sealed)).toBe(true);
  expect(needsResealing(ring, seal(ring, 'secret', 'c'))).toBe(false);
  expect(() => unseal(keyring(current), sealed, 'c')).toThrow('unknown master key');
});

test('an altered text does not open', () => {
  const [version, id, ciphertext, iv, tag] = seal(ring, 'secret', 'c').split('.') as [string, string, string, string, string];
  const turned = (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`;
  const altered = [
    [version, id, turned(ciphertext), iv, tag],
    [version, id, ciphertext, turned(iv), tag],
    [version, id, ciphertext, iv, turned(tag)],
    [version, id, ciphertext, iv, tag.slice(0, 8)],
    [version, id, ciphertext, iv],
    [version, id, ciphertext, iv, tag, ''],
    [version, keyring(old).current.id, ciphertext, iv, tag],
  ];
  for (const parts of altered) expect(() => unseal(ring, parts.join('.'), 'c'), parts.join('.')).toThrow('does not open');
  for (const text of ['', 'secret', `s2.${id}.${ciphertext}.${iv}.${tag}`]) expect(() => unseal(ring, text, 'c')).toThrow('not a sealed secret');
});

test('the errors name the context and never the secret', () => {
  expect(() => unseal(ring, 'hunter2', 'accounts.rsa_private_key:1')).toThrow(/^not a sealed secret: accounts.rsa_private_key:1$/);
});

test.each([0, 16, 31, 33])('a master key of %i bytes is refused', (length) => {
  expect(() => keyring(randomBytes(length))).toThrow('32 bytes');
});
