/** License keys: which one a new license gets (spec/licenses.md 7). */
import type { SigningKeys } from '../kernel/crypto/account-keys.ts';
import { type KeyScheme, keySchemes, makeKey } from '../kernel/crypto/key-schemes.ts';
import { legacyKeyDigest, newLegacyKey, newUnsignedKey } from '../kernel/crypto/plain-keys.ts';
import { snakeKey } from '../kernel/http/keys.ts';
import { uuid } from '../kernel/id.ts';
import type { Failure } from '../kernel/jsonapi/rules.ts';
import { isLegacy } from './license.document.ts';

/** What a key may tell of its license. */
export interface KeySubject {
  id: string;
  accountId: string;
  productId: string;
  createdAt: Date;
  expiry: Date | null;
  policy: { id: string; duration: number | null; scheme: string | null; encrypted: boolean };
  owner: { id: string; email: string } | null;
}

/** How keys are made: with whose keys, as which issuer; `cheap` digests are for tests. */
export interface KeyMaker {
  keys: SigningKeys;
  issuer: string;
  cheap?: boolean;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

function claimsOf({ id, accountId, createdAt, expiry }: KeySubject, issuer: string): object {
  const issued = seconds(createdAt);
  return { jti: uuid(), iss: issuer, aud: accountId, sub: id, iat: issued, nbf: issued, ...(expiry && { exp: seconds(expiry) }) };
}

function datasetOf({ id, accountId, productId, createdAt, expiry, policy, owner }: KeySubject): object {
  return {
    account: { id: accountId },
    product: { id: productId },
    policy: { id: policy.id, duration: policy.duration },
    user: owner && { id: owner.id, email: owner.email },
    license: { id, created: createdAt, expiry },
  };
}

/** What a key embeds when nothing was given (spec/licenses.md 7.4). */
export function defaultSeed(scheme: KeyScheme, license: KeySubject, issuer: string): string {
  const { id, createdAt, expiry, policy } = license;
  if (scheme === 'RSA_2048_JWT_RS256') return JSON.stringify(claimsOf(license, issuer));
  return JSON.stringify(scheme === 'RSA_2048_PKCS1_ENCRYPT' ? { id, created: createdAt, duration: policy.duration, expiry } : datasetOf(license));
}

const variables: Record<string, (license: KeySubject) => string | null | undefined> = {
  account: ({ accountId }) => accountId,
  product: ({ productId }) => productId,
  policy: ({ policy }) => policy.id,
  user: ({ owner }) => owner?.id,
  email: ({ owner }) => owner?.email,
  id: ({ id }) => id,
  created: ({ createdAt }) => createdAt.toISOString(),
  expiry: ({ expiry }) => expiry?.toISOString(),
  duration: ({ policy }) => policy.duration?.toString(),
};

/** Fills `{{name}}` in, in one pass; unknown names and nulls become nothing (spec/licenses.md 7.4). */
export const fillTemplate = (text: string, license: KeySubject): string =>
  text.replace(/\{\{([A-Za-z0-9_]+)\}\}/g, (_, name: string) => {
    const key = snakeKey(name);
    return (Object.hasOwn(variables, key) ? variables[key]!(license) : null) ?? '';
  });

const isKeyScheme = (scheme: string | null): scheme is KeyScheme => (keySchemes as (string | null)[]).includes(scheme);

/** The key of a license: what is stored, and the raw one where that is only a digest. */
export type MadeKey = { key: string; rawKey?: string };

/**
 * Makes the key of a new license whose policy has no pool (spec/licenses.md 7.1).
 * @param given the client's key, which schemes embed; null to make one
 * @returns what is wrong with the given key otherwise
 */
export async function keyOf(license: KeySubject, given: string | null, { keys, issuer, cheap }: KeyMaker): Promise<MadeKey | Failure> {
  const { scheme } = license.policy;
  if (isLegacy(license.policy)) {
    const rawKey = given ?? newLegacyKey(license.id);
    return { key: await legacyKeyDigest(rawKey, cheap), rawKey };
  }
  if (!isKeyScheme(scheme)) return { key: given ?? newUnsignedKey() };
  const seed = given === null ? defaultSeed(scheme, license, issuer) : fillTemplate(given, license);
  const made = await makeKey(scheme, seed, keys);
  return 'key' in made ? made : { subject: 'key', kind: made.code.slice('KEY_'.length), detail: made.detail };
}
