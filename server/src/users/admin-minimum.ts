/** An account keeps an admin, and one that can do everything (spec/auth.md 9.6). */
import { accounts } from '../accounts/account.table.ts';
import { isRoot } from '../kernel/access/permissions.ts';
import { and, eq, ne } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type Failure, refuse } from '../kernel/jsonapi/rules.ts';
import type { User } from './user.table.ts';
import { users } from './user.table.ts';

const one = 'account must have at least 1 admin user';
const full = `${one} with a full permission set`;

type Admin = Pick<User, 'id' | 'role' | 'permissions'>;

/** What a change of an admin leaves the account without, if anything. @param next undefined when the admin is deleted */
function missing(admin: Admin, next: Admin | undefined, others: readonly Admin[]): string | undefined {
  const roots = others.filter(({ permissions }) => isRoot(permissions)).length;
  if (next?.role === 'admin') return isRoot(next.permissions) || roots > 0 ? undefined : full;
  if (others.length === 0) return one;
  if (next || isRoot(admin.permissions)) return undefined;
  return others.length === 1 || roots === 0 ? full : undefined;
}

/**
 * What is wrong with demoting, narrowing or deleting an admin, all environments together. Those who change admins wait for each other.
 * Call it with the row locked.
 * @param next the user as it would become, its role or permissions being changed; undefined: it is deleted
 */
export async function lackOfAdmins({ db, accountId }: Change, user: Admin, next: Admin | undefined): Promise<Failure | undefined> {
  if (user.role !== 'admin') return undefined;
  await db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId)).for('no key update');
  const others = await db
    .select()
    .from(users)
    .where(and(eq(users.accountId, accountId), eq(users.role, 'admin'), ne(users.id, user.id)));
  const detail = missing(user, next, others);
  return detail === undefined ? undefined : { subject: '~account', detail, kind: 'ADMINS_REQUIRED' };
}

/** Refuses to delete the last admin of an account. Call it with the row locked. @throws {ApiError} 422 */
export async function keepAdmins(change: Change, user: Admin): Promise<void> {
  const failure = await lackOfAdmins(change, user, undefined);
  if (failure) refuse([failure], 'user', 'users');
}
