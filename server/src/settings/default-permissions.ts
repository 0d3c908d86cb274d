import { defaultPermissions, type PermissionSet } from '../kernel/access/permissions.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { settings } from './setting.table.ts';

/** What a new license or user may do when its creator names no permissions: the account's setting, else the built-in set (spec/accounts.md 6.1). */
export async function defaultPermissionsOf(db: Db, accountId: string, role: 'license' | 'user'): Promise<PermissionSet> {
  const [setting] = await db
    .select({ value: settings.value })
    .from(settings)
    .where(and(eq(settings.accountId, accountId), eq(settings.key, `default_${role}_permissions`)));
  const names = setting?.value as PermissionSet | null | undefined;
  return Array.isArray(names) && names.length > 0 ? names : defaultPermissions[role];
}
