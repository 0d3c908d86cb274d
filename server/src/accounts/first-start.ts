/** What the first start of a singleplayer installation makes: the account, its admin, and a token (README). */
import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import type { Database } from '../kernel/database/database.ts';
import { asc, sql } from '../kernel/database/drizzle.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { accounts } from './account.table.ts';
import { adminRow, insertAccount, insertAdmin, insertAdminToken } from './create-account.ts';
import { slugified } from './sign-up-name.ts';

export interface FirstStart {
  accountId: string;
  /** What is told once, and only if it was generated; undefined on later starts. */
  made?: { email: string; password: string; token: string };
}

/** Finds the account to serve, or makes it, however many processes start at once. */
export async function prepareAccount(database: Database, ring: Keyring, config: Config, now: Date): Promise<FirstStart> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('latchkey.first-start'))`);
    const [existing] = await tx.select({ id: accounts.id }).from(accounts).orderBy(asc(accounts.createdAt), asc(accounts.id)).limit(1);
    if (existing) return { accountId: config.accountId ?? existing.id };
    const account = {
      id: config.accountId,
      name: config.accountName,
      slug: slugified(config.accountName.toLowerCase()) || 'latchkey',
      apiVersion: currentVersion,
      protected: true,
    };
    const { id, keys } = await insertAccount(tx, ring, account, now);
    const password = config.adminPassword ?? randomBytes(12).toString('base64url');
    const admin = adminRow({ email: config.adminEmail, password }, { accountId: id, now });
    await insertAdmin(tx, admin, config.passwordCost);
    const token = await insertAdminToken(tx, id, admin.id, keys.secretKey, now, config.adminToken ?? undefined);
    return { accountId: id, made: { email: config.adminEmail, password, token } };
  });
}
