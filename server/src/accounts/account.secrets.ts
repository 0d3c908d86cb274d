/** An account's private keys at rest and in use. */
import { type AccountKeys, generateAccountKeys, loadKeys, type SigningKeys } from '../kernel/crypto/account-keys.ts';
import { type Keyring, seal, unseal } from '../kernel/crypto/sealing.ts';
import type { Account } from './account.table.ts';

const sealed = ['secretKey', 'rsaPrivateKey', 'ed25519PrivateKey', 'ecdsaPrivateKey'] as const satisfies readonly (keyof AccountKeys)[];

const contextOf = (name: string, accountId: string): string => `accounts.${name}:${accountId}`;

/** An account's keys, or some of them, as its columns hold them. */
export function sealKeys<Keys extends Partial<AccountKeys>>(ring: Keyring, accountId: string, keys: Keys): Keys {
  const secrets = sealed.flatMap((name) => (keys[name] === undefined ? [] : [[name, seal(ring, keys[name], contextOf(name, accountId))]]));
  return { ...keys, ...Object.fromEntries(secrets) };
}

/** Opens one of an account's secrets. */
export const openSecret = (ring: Keyring, account: Account, name: (typeof sealed)[number]): string => unseal(ring, account[name], contextOf(name, account.id));

/** Parses an account's keys; costs about 0.2 ms, so it is done once per account and kept with it. */
export function openKeys(ring: Keyring, account: Account): { secretKey: string; keys: SigningKeys } {
  const texts = Object.fromEntries(sealed.map((name) => [name, openSecret(ring, account, name)])) as Pick<AccountKeys, (typeof sealed)[number]>;
  return { secretKey: texts.secretKey, keys: loadKeys({ ...account, ...texts }) };
}

export { generateAccountKeys };
