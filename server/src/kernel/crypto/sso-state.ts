import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { decryptText, encryptText } from './aes-gcm.ts';
import { base64url, fromBase64 } from './encoding.ts';

/** Who tried to log in, and in which environment (null: the global one). */
export interface SsoState {
  email: string;
  environmentId: string | null;
}

const derive = promisify(pbkdf2);
const lifetimeMilliseconds = 5 * 60 * 1000;

/** The key of an account's states, from its `secretKey` (spec/auth.md 8.2). Takes some 20 ms of the thread pool, so callers may keep it. */
export function ssoStateKey(accountSecretKey: string): Promise<Buffer> {
  return derive(accountSecretKey, 'sso', 65_536, 32, 'sha256');
}

/** Encrypts a text as `<ciphertext>.<iv>.<tag>` (spec/auth.md 8.2). `iv` is for known answers only. */
export function encryptSsoState(plaintext: string, key: Uint8Array, iv?: Uint8Array): string {
  return encryptText(key, plaintext, undefined, iv).map(base64url).join('.');
}

/** The `state` that goes to the broker and comes back with the callback within five minutes. */
export function sealSsoState(state: SsoState, key: Uint8Array, now: Date): string {
  const data = { email: state.email, environment_id: state.environmentId };
  const exp = new Date(now.getTime() + lifetimeMilliseconds).toISOString();
  return encryptSsoState(JSON.stringify({ state: { data, exp } }), key);
}

function decrypt(text: string, key: Uint8Array): unknown {
  const plaintext = decryptText(key, text.split('.').map(fromBase64));
  try {
    return plaintext && JSON.parse(plaintext);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The value itself, or, when it is wrapped with an expiry in an object's only member, what is wrapped unless it has expired. */
function unwrap(value: unknown, now: Date): unknown {
  if (!isObject(value)) return undefined;
  const [only, ...others] = Object.values(value);
  if (others.length > 0 || !isObject(only)) return value;
  return typeof only.exp === 'string' && now.getTime() < Date.parse(only.exp) ? only.data : undefined;
}

/** The state of a callback, or undefined if it does not decrypt, is malformed or has expired. A state without expiry is accepted (spec/auth.md 8.2). */
export function openSsoState(text: string, key: Uint8Array, now: Date): SsoState | undefined {
  const state = unwrap(decrypt(text, key), now);
  if (!isObject(state) || typeof state.email !== 'string') return undefined;
  const environmentId = state.environment_id ?? null;
  return environmentId === null || typeof environmentId === 'string' ? { email: state.email, environmentId } : undefined;
}
