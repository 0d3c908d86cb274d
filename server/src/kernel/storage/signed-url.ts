/** URLs of our own that allow one method on one object for a while: signed, so that nothing needs to be kept. Pure. */
import { createHmac, type KeyObject } from 'node:crypto';
import { sameText } from '../crypto/constant-time.ts';
import type { Keyring } from '../crypto/sealing.ts';
import type { Presigned } from './store.ts';

/** Below the server's origin; the object's key follows. */
export const objectPrefix = '/-/storage/';

type SigningKey = Buffer;

const derived = (key: KeyObject): SigningKey => createHmac('sha256', key).update('latchkey storage urls').digest();

/** The keys that belong to an installation's master keys: the first signs, all of them verify. */
export function urlKeys({ current, byId }: Keyring): readonly SigningKey[] {
  const others = [...byId.values()].filter(({ id }) => id !== current.id);
  return [current, ...others].map(({ key }) => derived(key));
}

/** `20260203T100000Z` */
const compact = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '');

function instantOf(text: string): number {
  const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.map(Number) ?? [];
  return Date.UTC(year!, month! - 1, day!, hours!, minutes!, seconds!);
}

const signature = (key: SigningKey, method: string, date: string, seconds: string, object: string): string =>
  createHmac('sha256', key).update([method, date, seconds, object].join('\n')).digest('hex');

const algorithm = 'LATCHKEY-HMAC-SHA256';

/** An object's key as a path: each part percent-encoded but for unreserved characters. */
export const encodedKey = (key: string): string =>
  encodeURIComponent(key.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');

/** A URL's path and query. The parameters have the names that clients know: the oldest publishers send their API credentials along unless they see one of them. */
export function signedPath({ method, key, seconds, now }: Presigned, keys: readonly SigningKey[]): string {
  const date = compact(now);
  const query = {
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': 'local',
    'X-Amz-Date': date,
    'X-Amz-Expires': String(seconds),
    'X-Amz-Signature': signature(keys[0]!, method, date, String(seconds), key),
  };
  const parameters = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `${objectPrefix}${encodedKey(key)}?${parameters.join('&')}`;
}

/** Whether the query of a URL was signed for this, and is still good. */
export function admits({ method, key, query, now }: { method: string; key: string; query: string; now: Date }, keys: readonly SigningKey[]): boolean {
  const given = new URLSearchParams(query);
  const [date, seconds, signed] = ['X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Signature'].map((name) => given.get(name) ?? '') as [string, string, string];
  const until = /^\d{1,7}$/.test(seconds) ? instantOf(date) + Number(seconds) * 1000 : Number.NaN;
  // also where it is not a number
  if (!(now.getTime() <= until)) return false;
  return keys.some((signingKey) => sameText(signature(signingKey, method, date, seconds, key), signed));
}
