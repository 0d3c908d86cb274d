import { hash } from 'node:crypto';
import type { SigningKeys, VerifyingKeys } from './account-keys.ts';
import { decryptText, encryptText } from './aes-gcm.ts';
import { base64, fromBase64 } from './encoding.ts';
import { isSigningAlgorithm, type SigningAlgorithm, sign, verify } from './signing.ts';

/** License files and machine files differ in their frame, in the prefix of what is signed, and in the secret. */
export type FileKind = 'license' | 'machine';

/** How the payload is written into the file. */
export type FileEncoding = 'base64' | 'aes-256-gcm';

/** One of the eight algorithms of spec/validation.md 11.3, e.g. `aes-256-gcm+ed25519`. */
export type FileAlgorithm = `${FileEncoding}+${SigningAlgorithm}`;

/** An algorithm in its parts. */
export interface FileMethod {
  name: FileAlgorithm;
  encoding: FileEncoding;
  signing: SigningAlgorithm;
}

/** Why a certificate could not be opened. */
export interface OpenFailure {
  failure: 'malformed' | 'not genuine' | 'secret is required' | 'secret is wrong';
}

const signingOfScheme = new Map<string | null, SigningAlgorithm>([
  ['RSA_2048_PKCS1_PSS_SIGN_V2', 'rsa-pss-sha256'],
  ['RSA_2048_PKCS1_PSS_SIGN', 'rsa-pss-sha256'],
  ['RSA_2048_PKCS1_SIGN_V2', 'rsa-sha256'],
  ['RSA_2048_PKCS1_SIGN', 'rsa-sha256'],
  ['RSA_2048_PKCS1_ENCRYPT', 'rsa-sha256'],
  ['RSA_2048_JWT_RS256', 'rsa-sha256'],
  ['ECDSA_P256_SIGN', 'ecdsa-p256'],
]);

/** The algorithm of a file when the client names none: by the policy's scheme, and by `encrypt` (spec/validation.md 11.3). */
export function defaultFileMethod(scheme: string | null, encrypt: boolean): FileMethod {
  return method(encrypt ? 'aes-256-gcm' : 'base64', signingOfScheme.get(scheme) ?? 'ed25519');
}

const method = (encoding: FileEncoding, signing: SigningAlgorithm): FileMethod => ({ name: `${encoding}+${signing}`, encoding, signing });

/** Splits an algorithm's name at its first `+`; case matters. Else the detail of the 400 `CHECKOUT_ALGORITHM_INVALID` (spec/validation.md 11.1). */
export function parseFileAlgorithm(name: string): FileMethod | { detail: string } {
  const [encoding, ...rest] = name.split('+');
  const signing = rest.join('+');
  if (encoding !== 'base64' && encoding !== 'aes-256-gcm') return { detail: 'invalid encoding algorithm' };
  if (!isSigningAlgorithm(signing)) return { detail: 'invalid signing algorithm' };
  return method(encoding, signing);
}

/** What goes into a certificate. */
export interface CertificateContent {
  kind: FileKind;
  /** The JSON document, as text. */
  payload: string;
  algorithm: FileMethod;
  /** The license key; of a machine file followed directly by the machine's fingerprint. Used by AES only. */
  secret: string;
}

const cipherKey = (secret: string) => hash('sha256', secret, 'buffer');

/**
 * The text of a license or machine file (spec/validation.md 12): the payload encoded, then signed, then framed.
 * `iv` is for known answers only; a file of its own always takes 12 fresh random bytes.
 */
export async function certificate(content: CertificateContent, keys: SigningKeys, iv?: Uint8Array): Promise<string> {
  const { kind, payload, algorithm, secret } = content;
  const enc = algorithm.encoding === 'base64' ? base64(payload) : encryptText(cipherKey(secret), payload, undefined, iv).map(base64).join('.');
  const sig = base64(await sign(algorithm.signing, `${kind}/${enc}`, keys));
  const lines = base64(JSON.stringify({ enc, sig, alg: algorithm.name })).match(/.{1,60}/g)!;
  const frame = `${kind.toUpperCase()} FILE-----`;
  return `-----BEGIN ${frame}\n${lines.join('\n')}\n-----END ${frame}\n`;
}

function readEnvelope(body: string): { enc: string; sig: string; algorithm: FileMethod } | undefined {
  try {
    const { enc, sig, alg } = JSON.parse(fromBase64(body).toString('utf8')) as Record<string, unknown>;
    if (typeof enc !== 'string' || typeof sig !== 'string' || typeof alg !== 'string') return undefined;
    const algorithm = parseFileAlgorithm(alg);
    return 'detail' in algorithm ? undefined : { enc, sig, algorithm };
  } catch {
    return undefined;
  }
}

/** Verifies a certificate and opens its payload. `secret` is needed by AES only; validity in time is for the caller to judge (`meta.expiry`). */
export function openCertificate(text: string, keys: VerifyingKeys, secret?: string): { kind: FileKind; algorithm: FileMethod; payload: string } | OpenFailure {
  const [, frame, body] = /^-----BEGIN (LICENSE|MACHINE) FILE-----\s([\w+/=\s]+)\s-----END \1 FILE-----\s*$/.exec(text) ?? [];
  const envelope = body && readEnvelope(body);
  if (!frame || !envelope) return { failure: 'malformed' };
  const kind: FileKind = frame === 'LICENSE' ? 'license' : 'machine';
  const { enc, sig, algorithm } = envelope;
  if (!verify(algorithm.signing, `${kind}/${enc}`, fromBase64(sig), keys)) return { failure: 'not genuine' };
  if (algorithm.encoding === 'base64') return { kind, algorithm, payload: fromBase64(enc).toString('utf8') };
  if (secret === undefined) return { failure: 'secret is required' };
  const payload = decryptText(cipherKey(secret), enc.split('.').map(fromBase64));
  return payload === undefined ? { failure: 'secret is wrong' } : { kind, algorithm, payload };
}
