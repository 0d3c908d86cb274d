import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** The kinds of key pairs, named as in the account's `meta.keys` (spec/accounts.md 3.2). */
export type KeyKind = 'ed25519' | 'rsa2048' | 'ecdsa';

/** Public keys as texts: Ed25519 as 64 hex digits, RSA and P-256 as SPKI PEM (spec/accounts.md 3.6). */
export interface PublicKeyTexts {
  ed25519PublicKey: string;
  rsaPublicKey: string;
  ecdsaPublicKey: string;
}

/** Private keys as texts: the Ed25519 seed as 64 hex digits, RSA as PKCS#1 PEM, P-256 as PKCS#8 PEM (spec/accounts.md 3.6). */
export interface PrivateKeyTexts {
  ed25519PrivateKey: string;
  rsaPrivateKey: string;
  ecdsaPrivateKey: string;
}

/** All that an account keeps: both halves of its pairs, and `secretKey`, 128 hex digits that key its token digests. */
export interface AccountKeys extends PublicKeyTexts, PrivateKeyTexts {
  secretKey: string;
}

/** Parsed public keys: enough to verify. */
export type VerifyingKeys = { public: Record<KeyKind, KeyObject> };

/** Parsed key pairs of one account. Parsing costs some 0.2 ms, so callers keep this per account. */
export type SigningKeys = VerifyingKeys & { private: Record<KeyKind, KeyObject> };

const generate = promisify(generateKeyPair);

/** DER that precedes the 32 raw bytes of an Ed25519 key (RFC 8410). */
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex');

/** Makes the keys of a new account in the thread pool (RSA takes some 100 ms there). */
export async function generateAccountKeys(): Promise<AccountKeys> {
  const [rsa, ecdsa, ed25519] = await Promise.all([
    generate('rsa', {
      modulusLength: 2048,
      publicExponent: 65537,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
    generate('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }),
    generate('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'der' }, publicKeyEncoding: { type: 'spki', format: 'der' } }),
  ]);
  return {
    secretKey: randomBytes(64).toString('hex'),
    ed25519PrivateKey: ed25519.privateKey.subarray(-32).toString('hex'),
    ed25519PublicKey: ed25519.publicKey.subarray(-32).toString('hex'),
    rsaPrivateKey: rsa.privateKey,
    rsaPublicKey: rsa.publicKey,
    ecdsaPrivateKey: ecdsa.privateKey,
    ecdsaPublicKey: ecdsa.publicKey,
  };
}

/** 32 bytes from 64 hex digits, after the DER prefix. `Buffer.from` would silently stop at the first other character. */
function ed25519Der(prefix: Buffer, hex: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new TypeError('an Ed25519 key is 64 hex digits');
  return Buffer.concat([prefix, Buffer.from(hex, 'hex')]);
}

/** The public half of an Ed25519 key, both as hex digits. */
export function ed25519PublicOf(privateKey: string): string {
  const key = createPrivateKey({ key: ed25519Der(ed25519Pkcs8, privateKey), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
}

/** Parses public keys. Throws when one is malformed. */
export function loadPublicKeys(texts: PublicKeyTexts): VerifyingKeys {
  return {
    public: {
      ed25519: createPublicKey({ key: ed25519Der(ed25519Spki, texts.ed25519PublicKey), format: 'der', type: 'spki' }),
      rsa2048: createPublicKey(texts.rsaPublicKey),
      ecdsa: createPublicKey(texts.ecdsaPublicKey),
    },
  };
}

/** Parses an account's key pairs, once opened from storage. Throws when one is malformed. */
export function loadKeys(texts: PublicKeyTexts & PrivateKeyTexts): SigningKeys {
  return {
    ...loadPublicKeys(texts),
    private: {
      ed25519: createPrivateKey({ key: ed25519Der(ed25519Pkcs8, texts.ed25519PrivateKey), format: 'der', type: 'pkcs8' }),
      rsa2048: createPrivateKey(texts.rsaPrivateKey),
      ecdsa: createPrivateKey(texts.ecdsaPrivateKey),
    },
  };
}

/** What an account's document shows of its keys: base64 of the stored texts, for Ed25519 of the hex digits (spec/accounts.md 3.2). */
export function accountMeta(texts: PublicKeyTexts): { publicKey: string; keys: Record<KeyKind, string> } {
  const shown = (text: string) => Buffer.from(text).toString('base64');
  const rsa2048 = shown(texts.rsaPublicKey);
  return { publicKey: rsa2048, keys: { ed25519: shown(texts.ed25519PublicKey), rsa2048, ecdsa: shown(texts.ecdsaPublicKey) } };
}
