/** Making an account with its keys and admins (spec/accounts.md 4.2). */
import { defaultPermissions } from '../kernel/access/permissions.ts';
import { type AccountKeys, generateAccountKeys } from '../kernel/crypto/account-keys.ts';
import { hashPassword, type PasswordCost } from '../kernel/crypto/passwords.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import { newTokenSecret, tokenDigest } from '../kernel/crypto/token-secrets.ts';
import type { Db } from '../kernel/database/database.ts';
import { uuid } from '../kernel/id.ts';
import { tokens } from '../tokens/token.table.ts';
import { freshUser, normalEmail, type UserRecord } from '../users/user.records.ts';
import { users } from '../users/user.table.ts';
import { sealKeys } from './account.secrets.ts';
import { accounts } from './account.table.ts';

export interface NewAccount {
  id?: string | null;
  name: string | null;
  slug: string;
  apiVersion: string;
  protected: boolean;
  planId?: string | null;
}

/** Inserts an account; its keys are made unless they are given (imports, tests). */
export async function insertAccount(db: Db, ring: Keyring, account: NewAccount, now: Date, keys?: AccountKeys): Promise<{ id: string; keys: AccountKeys }> {
  const id = account.id ?? uuid();
  const made = keys ?? (await generateAccountKeys());
  await db.insert(accounts).values({ ...account, id, createdAt: now, updatedAt: now, ...sealKeys(ring, id, made) });
  return { id, keys: made };
}

export interface NewAdmin {
  email: string;
  /** null or empty: none. */
  password?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  metadata?: Record<string, unknown>;
}

/** What an admin is made for; without an environment it is a global one. */
export interface AdminOf {
  accountId: string;
  environmentId?: string;
  now: Date;
}

/** The row of an admin with all permissions. */
export const adminRow = ({ email, password, firstName = null, lastName = null, metadata = {} }: NewAdmin, of: AdminOf): UserRecord => ({
  ...freshUser,
  id: uuid(),
  accountId: of.accountId,
  environmentId: of.environmentId ?? null,
  createdAt: of.now,
  updatedAt: of.now,
  firstName,
  lastName,
  email: normalEmail(email),
  role: 'admin',
  permissions: [...defaultPermissions.admin],
  metadata,
  password: password || null,
});

/** Inserts an admin with the digest of its password. */
export async function insertAdmin(db: Db, admin: UserRecord, cost: PasswordCost): Promise<void> {
  const passwordDigest = admin.password ? await hashPassword(admin.password, cost) : null;
  await db.insert(users).values({ ...admin, passwordDigest });
}

/** Inserts a token that never expires for a user. @returns its secret */
export async function insertAdminToken(
  db: Db,
  accountId: string,
  userId: string,
  secretKey: string,
  now: Date,
  secret = newTokenSecret('admin', 32),
): Promise<string> {
  await db
    .insert(tokens)
    .values({ id: uuid(), accountId, bearerType: 'user', bearerId: userId, digest: tokenDigest(secret, secretKey), createdAt: now, updatedAt: now });
  return secret;
}
