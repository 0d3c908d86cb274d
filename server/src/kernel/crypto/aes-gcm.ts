import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/** Ciphertext, initialization vector (12 bytes) and tag (16 bytes), in the order in which every format here writes them. */
export type Box = readonly [ciphertext: Uint8Array, iv: Uint8Array, tag: Uint8Array];

const cipher = 'aes-256-gcm';
const options = { authTagLength: 16 };
const none = Buffer.alloc(0);

/** Encrypts a text under a 32-byte key. `bound` is authenticated but not stored; `iv` is given for known answers only, else it is fresh and random. */
export function encryptText(key: Uint8Array | KeyObject, plaintext: string, bound: Uint8Array = none, iv: Uint8Array = randomBytes(12)): Box {
  const aes = createCipheriv(cipher, key, iv, options).setAAD(bound);
  const ciphertext = Buffer.concat([aes.update(plaintext, 'utf8'), aes.final()]);
  return [ciphertext, iv, aes.getAuthTag()];
}

/** The text in a box that was read from somewhere, or undefined if it has other parts, another key, another `bound`, or was altered. */
export function decryptText(key: Uint8Array | KeyObject, box: readonly Uint8Array[], bound: Uint8Array = none): string | undefined {
  const [ciphertext, iv, tag] = box;
  if (box.length !== 3 || iv!.length !== 12 || tag!.length !== 16) return undefined;
  const aes = createDecipheriv(cipher, key, iv!, options).setAAD(bound).setAuthTag(tag!);
  try {
    return Buffer.concat([aes.update(ciphertext!), aes.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
