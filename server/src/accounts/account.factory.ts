import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { type AccountKeys, ed25519PublicOf, generateAccountKeys } from '../kernel/crypto/account-keys.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { factory } from '../testkit/factory.ts';
import { sealKeys } from './account.secrets.ts';
import { accounts } from './account.table.ts';

const names = {
  secret_key: 'secretKey',
  rsa_private_key: 'rsaPrivateKey',
  rsa_public_key: 'rsaPublicKey',
  ed25519_private_key: 'ed25519PrivateKey',
  ed25519_public_key: 'ed25519PublicKey',
  ecdsa_private_key: 'ecdsaPrivateKey',
  ecdsa_public_key: 'ecdsaPublicKey',
} as const satisfies Record<string, keyof AccountKeys>;

let slow: Promise<AccountKeys> | undefined;

/** A key set of its own, but for the RSA pair: making one costs more than most tests. */
async function quickKeys(): Promise<AccountKeys> {
  slow ??= generateAccountKeys();
  const ed25519 = generateKeyPairSync('ed25519');
  const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ...(await slow),
    secretKey: randomBytes(64).toString('hex'),
    ed25519PrivateKey: ed25519.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('hex'),
    ed25519PublicKey: ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'),
    ecdsaPrivateKey: ecdsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ecdsaPublicKey: ecdsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const spki = (privateKey: KeyObject): string => createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

/** The public keys that belong to private ones. */
function publicHalves({ rsaPrivateKey, ecdsaPrivateKey, ed25519PrivateKey }: Partial<AccountKeys>): Partial<AccountKeys> {
  return {
    ...(rsaPrivateKey && { rsaPublicKey: spki(createPrivateKey(rsaPrivateKey)) }),
    ...(ecdsaPrivateKey && { ecdsaPublicKey: spki(createPrivateKey(ecdsaPrivateKey)) }),
    ...(ed25519PrivateKey && { ed25519PublicKey: ed25519PublicOf(ed25519PrivateKey) }),
  };
}

export const accountFactory = factory({
  type: 'account',
  table: accounts,
  defaults: ({ sequence }) => ({ name: `Account ${sequence}`, slug: `account-${sequence}`, api_version: currentVersion }),
  async prepare({ ring }, attributes, how) {
    const given = Object.fromEntries(Object.entries(names).flatMap(([column, name]) => (attributes[column] === undefined ? [] : [[name, attributes[column]]])));
    if (how === 'update' && Object.keys(given).length === 0) return { columns: attributes };
    const keys: Partial<AccountKeys> = { ...(how === 'create' && (await quickKeys())), ...publicHalves(given), ...given };
    const id = String(attributes.id);
    const sealed = sealKeys(ring, id, keys);
    const columns = Object.fromEntries(Object.entries(names).flatMap(([column, name]) => (keys[name] === undefined ? [] : [[column, sealed[name]]])));
    return { columns: { ...attributes, ...columns }, plain: keys.secretKey === undefined ? {} : { secret_key: keys.secretKey } };
  },
});
