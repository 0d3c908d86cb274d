import { constants, sign as nodeSign, verify as nodeVerify, type SigningOptions } from 'node:crypto';
import type { KeyKind, SigningKeys, VerifyingKeys } from './account-keys.ts';
import { asBuffer } from './encoding.ts';

interface Method {
  key: KeyKind;
  digest: 'sha256' | null;
  signing: SigningOptions;
  verifying: SigningOptions;
  /** Slow enough (RSA: 0.3 to 1 ms) to be worth the trip to the thread pool; the others take some 40 µs. */
  offLoop: boolean;
}

const pkcs1 = { padding: constants.RSA_PKCS1_PADDING };
const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
const der = { dsaEncoding: 'der' } as const;

/** The four algorithms of spec/validation.md 12. PSS signs with the longest salt (222 bytes) and verifies any. */
const methods = {
  ed25519: { key: 'ed25519', digest: null, signing: {}, verifying: {}, offLoop: false },
  'rsa-pss-sha256': {
    key: 'rsa2048',
    digest: 'sha256',
    signing: pss(constants.RSA_PSS_SALTLEN_MAX_SIGN),
    verifying: pss(constants.RSA_PSS_SALTLEN_AUTO),
    offLoop: true,
  },
  'rsa-sha256': { key: 'rsa2048', digest: 'sha256', signing: pkcs1, verifying: pkcs1, offLoop: true },
  'ecdsa-p256': { key: 'ecdsa', digest: 'sha256', signing: der, verifying: der, offLoop: false },
} as const satisfies Record<string, Method>;

/** `ed25519`, `rsa-pss-sha256`, `rsa-sha256` or `ecdsa-p256`. */
export type SigningAlgorithm = keyof typeof methods;

/** The signing algorithms, the default first. */
export const signingAlgorithms = Object.keys(methods) as SigningAlgorithm[];

/** Whether a text is exactly (case matters) the name of a signing algorithm. */
export function isSigningAlgorithm(text: string): text is SigningAlgorithm {
  return Object.hasOwn(methods, text);
}

/** Signs bytes, or a text's UTF-8, with the account's key of that kind. RSA runs in the thread pool, the rest at once. */
export async function sign(algorithm: SigningAlgorithm, data: string | Uint8Array, keys: SigningKeys): Promise<Buffer> {
  const { key, digest, signing, offLoop }: Method = methods[algorithm];
  const bytes = asBuffer(data);
  // A bare key spares Ed25519, the default of every response, the parsing of options.
  if (digest === null) return nodeSign(null, bytes, keys.private[key]);
  const options = { key: keys.private[key], ...signing };
  if (!offLoop) return nodeSign(digest, bytes, options);
  return new Promise((resolve, reject) => {
    nodeSign(digest, bytes, options, (error, signature) => (error ? reject(error) : resolve(signature)));
  });
}

/** Whether `signature` is the account's over the data. Never throws for a malformed signature. */
export function verify(algorithm: SigningAlgorithm, data: string | Uint8Array, signature: Uint8Array, keys: VerifyingKeys): boolean {
  const { key, digest, verifying }: Method = methods[algorithm];
  return nodeVerify(digest, asBuffer(data), { key: keys.public[key], ...verifying }, signature);
}
