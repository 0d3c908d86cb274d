import { createHmac, hash, randomBytes } from 'node:crypto';
import { compare } from 'bcryptjs';
import { parseUuid } from '../id.ts';

/** A new v3 secret: `<prefix>-<hex>v3` with `byteLength` random bytes, 32 or, for licenses, 16 (spec/auth.md 5.2). */
export function newTokenSecret(prefix: string, byteLength: number): string {
  return `${prefix}-${randomBytes(byteLength).toString('hex')}v3`;
}

/** The version that a secret's end names, or undefined for a text that cannot be a token (spec/auth.md 5.2). */
export function tokenVersion(secret: string): 1 | 2 | 3 | undefined {
  const version = Number(/v(\d+)$/.exec(secret)?.[1]);
  return version === 1 || version === 2 || version === 3 ? version : undefined;
}

/** What is stored and looked up of a v3 secret: hex HMAC-SHA256 under the account's `secretKey`, the 128 hex digits themselves being the key. */
export function tokenDigest(secret: string, accountSecretKey: string): string {
  return createHmac('sha256', accountSecretKey).update(secret).digest('hex');
}

/** What is stored of a v2 secret: hex HMAC-SHA512 under the text of the account's RSA private key (PEM). */
export function tokenDigestV2(secret: string, rsaPrivateKey: string): string {
  return createHmac('sha512', rsaPrivateKey).update(secret).digest('hex');
}

/** The account and the token that a v1 secret, `<account id>.<token id>.<hex>v1` without dashes, claims to be of; undefined if it is shaped otherwise. */
export function tokenIdsV1(secret: string): { accountId: string; tokenId: string } | undefined {
  const [, account, token] = /^([0-9a-f]{32})\.([0-9a-f]{32})\.[0-9a-f]*v1$/i.exec(secret) ?? [];
  const accountId = account && parseUuid(account);
  const tokenId = token && parseUuid(token);
  return accountId && tokenId ? { accountId, tokenId } : undefined;
}

/** Whether a v1 secret belongs to the stored bcrypt of its hex SHA-256. */
export async function isTokenV1(secret: string, digest: string): Promise<boolean> {
  return digest.startsWith('$2') && compare(hash('sha256', secret, 'hex'), digest);
}
