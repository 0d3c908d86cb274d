import { constants, privateEncrypt, publicDecrypt } from 'node:crypto';
import type { SigningKeys, VerifyingKeys } from './account-keys.ts';
import { asBuffer, base64url, base64urlPadded, decodeExactly } from './encoding.ts';
import { type SigningAlgorithm, sign, verify } from './signing.ts';

/** A seed that a scheme cannot carry, with the texts of spec/licenses.md 7.6. */
export interface KeyFailure {
  code: 'KEY_BYTE_SIZE_EXCEEDED' | 'KEY_JWT_CLAIMS_INVALID';
  detail: string;
}

interface Scheme {
  make(seed: string, keys: SigningKeys): Promise<{ key: string } | KeyFailure>;
  /** The embedded text of a genuine key, else undefined. */
  open(key: string, keys: VerifyingKeys): string | undefined;
}

/** A key of the form `[<prefix>]<data>.<signature>`; undefined for any other text. */
function twoParts(key: string, prefix = ''): { signed: string; data: Buffer; signature: Buffer } | undefined {
  const [signed = '', last = '', ...rest] = key.split('.');
  const data = decodeExactly(signed.slice(prefix.length), base64urlPadded);
  const signature = decodeExactly(last, base64urlPadded);
  return signed.startsWith(prefix) && data && signature && rest.length === 0 ? { signed, data, signature } : undefined;
}

/** `key/<seed>.<signature>`: what is signed is the text before the dot. */
const signedText = (algorithm: SigningAlgorithm): Scheme => ({
  async make(seed, keys) {
    const data = `key/${base64urlPadded(seed)}`;
    return { key: `${data}.${base64urlPadded(await sign(algorithm, data, keys))}` };
  },
  open(key, keys) {
    const parts = twoParts(key, 'key/');
    return parts && verify(algorithm, parts.signed, parts.signature, keys) ? parts.data.toString('utf8') : undefined;
  },
});

/** `<seed>.<signature>`: what is signed is the seed itself. */
const signedSeed = (algorithm: SigningAlgorithm): Scheme => ({
  async make(seed, keys) {
    return { key: `${base64urlPadded(seed)}.${base64urlPadded(await sign(algorithm, seed, keys))}` };
  },
  open(key, keys) {
    const parts = twoParts(key);
    return parts && verify(algorithm, parts.data, parts.signature, keys) ? parts.data.toString('utf8') : undefined;
  },
});

/** What PKCS#1 v1.5 leaves of a 2048-bit block. */
const maximumSeedBytes = 245;

/** The seed under the private key (block type 1), for readers to recover with the public one. Runs on the event loop: Node has no other form. */
const encrypted: Scheme = {
  async make(seed, keys) {
    const bytes = asBuffer(seed);
    if (bytes.length > maximumSeedBytes) {
      return { code: 'KEY_BYTE_SIZE_EXCEEDED', detail: `key exceeds maximum byte length (max size of ${maximumSeedBytes} bytes)` };
    }
    return { key: base64urlPadded(privateEncrypt({ key: keys.private.rsa2048, padding: constants.RSA_PKCS1_PADDING }, bytes)) };
  },
  open(key, keys) {
    const block = decodeExactly(key, base64urlPadded);
    if (!block) return undefined;
    try {
      return publicDecrypt({ key: keys.public.rsa2048, padding: constants.RSA_PKCS1_PADDING }, block).toString('utf8');
    } catch {
      return undefined;
    }
  },
};

const jwtHeader = base64url('{"alg":"RS256"}');

/** The name of a JSON value's type in the details of the API. */
function claimType(value: unknown): string {
  if (value === null) return 'nilclass';
  if (typeof value === 'boolean') return `${value}class`;
  if (Array.isArray(value)) return 'array';
  return typeof value === 'string' ? 'string' : 'hash';
}

function parseClaims(seed: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(seed);
    return claims !== null && typeof claims === 'object' && !Array.isArray(claims) ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The same JSON without blanks and needless escapes. Token by token, as parsing it would round large numbers and reorder members named by numbers. */
function compactJson(json: string): string {
  return json.replace(/"(?:[^"\\]+|\\.)*"|\s+/g, (token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : ''));
}

function claimsFailure(seed: string): KeyFailure | undefined {
  const invalid = (why: string): KeyFailure => ({ code: 'KEY_JWT_CLAIMS_INVALID', detail: `key is not a valid JWT claims payload (${why})` });
  const claims = parseClaims(seed);
  if (!claims) return invalid('must be a valid JSON encoded string');
  const wrong = ['exp', 'iat', 'nbf'].find((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'number');
  return wrong === undefined ? undefined : invalid(`${wrong} claim must be a numeric value but it is a ${claimType(claims[wrong])}`);
}

const jwt: Scheme = {
  async make(seed, keys) {
    const failure = claimsFailure(seed);
    if (failure) return failure;
    const data = `${jwtHeader}.${base64url(compactJson(seed))}`;
    return { key: `${data}.${base64url(await sign('rsa-sha256', data, keys))}` };
  },
  open(key, keys) {
    const [header, payload = '', signature = '', ...rest] = key.split('.');
    const [claims, bytes] = [payload, signature].map((part) => decodeExactly(part, base64url));
    if (header !== jwtHeader || !claims || !bytes || rest.length > 0) return undefined;
    return verify('rsa-sha256', `${header}.${payload}`, bytes, keys) ? claims.toString('utf8') : undefined;
  },
};

const schemes = {
  RSA_2048_PKCS1_ENCRYPT: encrypted,
  RSA_2048_PKCS1_SIGN: signedSeed('rsa-sha256'),
  RSA_2048_PKCS1_PSS_SIGN: signedSeed('rsa-pss-sha256'),
  RSA_2048_JWT_RS256: jwt,
  RSA_2048_PKCS1_SIGN_V2: signedText('rsa-sha256'),
  RSA_2048_PKCS1_PSS_SIGN_V2: signedText('rsa-pss-sha256'),
  ED25519_SIGN: signedText('ed25519'),
  ECDSA_P256_SIGN: signedText('ecdsa-p256'),
} satisfies Record<string, Scheme>;

/** The schemes whose key embeds a seed: all but none and `LEGACY_ENCRYPT`. */
export type KeyScheme = keyof typeof schemes;

/** The schemes whose key embeds a seed. */
export const keySchemes = Object.keys(schemes) as KeyScheme[];

/** The license key that embeds `seed`, or why the scheme cannot carry it (spec/licenses.md 7.5, 7.6). Templates are already filled in. */
export function makeKey(scheme: KeyScheme, seed: string, keys: SigningKeys): Promise<{ key: string } | KeyFailure> {
  return schemes[scheme].make(seed, keys);
}

/** The text that a genuine key of the scheme embeds, else undefined. */
export function openKey(scheme: KeyScheme, key: string, keys: VerifyingKeys): string | undefined {
  return schemes[scheme].open(key, keys);
}
