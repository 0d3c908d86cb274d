import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { decryptText, encryptText } from './aes-gcm.ts';
import { base64url, fromBase64 } from './encoding.ts';

interface MasterKey {
  id: string;
  key: KeyObject;
}

/** The master keys of an installation: the first seals, all of them open. */
export interface Keyring {
  current: MasterKey;
  byId: ReadonlyMap<string, MasterKey>;
}

const version = 's1';

/** A master key names itself, so rotating needs no numbering: the id is 8 hex digits that depend on the key and do not reveal it. */
function masterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== 32) throw new TypeError('a master key is 32 bytes');
  const id = createHmac('sha256', bytes).update('latchkey master key id').digest('hex').slice(0, 8);
  return { id, key: createSecretKey(bytes) };
}

/** A keyring of the master key in use and of older ones, 32 bytes each, that still open what they sealed. Throws on another length. */
export function keyring(current: Uint8Array, older: readonly Uint8Array[] = []): Keyring {
  const keys = [current, ...older].map(masterKey);
  // Reversed, so that the current key wins should it be listed again.
  return { current: keys[0]!, byId: new Map(keys.toReversed().map((key) => [key.id, key])) };
}

/** What the tag covers besides the secret: moving a sealed text to another row, column or key id makes it unreadable. */
const bound = (keyId: string, context: string) => Buffer.from(`${version}.${keyId}.${context}`, 'utf8');

/** Encrypts a secret for storage. `context` says where it is kept, e.g. `accounts.rsa_private_key:<account id>`; opening needs the same text. */
export function seal(ring: Keyring, secret: string, context: string): string {
  const { id, key } = ring.current;
  return [version, id, ...encryptText(key, secret, bound(id, context)).map(base64url)].join('.');
}

/** Decrypts what `seal` made. Throws when the key is not on the ring, the context differs, or the text was altered: damage, not a client's error. */
export function unseal(ring: Keyring, sealed: string, context: string): string {
  const [form, keyId = '', ...box] = sealed.split('.');
  if (form !== version) throw new Error(`not a sealed secret: ${context}`);
  const master = ring.byId.get(keyId);
  if (!master) throw new Error(`sealed with the unknown master key ${keyId}: ${context}`);
  const secret = decryptText(master.key, box.map(fromBase64), bound(keyId, context));
  if (secret === undefined) throw new Error(`sealed secret does not open: ${context}`);
  return secret;
}

/** Whether a sealed text is not under the current master key and should be sealed anew (rotation). */
export function needsResealing(ring: Keyring, sealed: string): boolean {
  return !sealed.startsWith(`${version}.${ring.current.id}.`);
}

/** The ring of configured keys: the first seals, all open. */
export const masterRing = (keys: readonly Uint8Array[]): Keyring => keyring(keys[0]!, keys.slice(1));
