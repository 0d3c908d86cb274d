/** E-mail and password, on `POST /tokens` only (spec/auth.md 2.5). The order of the checks tells a login form what to ask for next. */
import { hashPassword, needsRehash, verifyPassword } from '../kernel/crypto/passwords.ts';
import { and, eq, isNull, or } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { type User, users } from '../users/user.table.ts';

const email = /^[^\s@\0]+@(?:[a-z0-9-]+\.)+[a-z]{2,}$/i;

/** @returns the user. @throws {ApiError} 401 */
export async function signIn(context: Context, credentials: { email: string; password: string }): Promise<User> {
  if (!email.test(credentials.email)) throw apiError('EMAIL_REQUIRED');
  const named = eq(users.email, credentials.email.toLowerCase());
  const [user] = await context.db
    .select()
    .from(users)
    .where(and(eq(users.accountId, context.accountId), named, signInSet(context)));
  if (!user) throw apiError('EMAIL_INVALID');
  if (user.passwordDigest === null) throw apiError('PASSWORD_NOT_SUPPORTED');
  if (credentials.password.trim() === '') throw apiError('PASSWORD_REQUIRED');
  if (!(await verifyPassword(credentials.password, user.passwordDigest))) throw apiError('PASSWORD_INVALID');
  if (needsRehash(user.passwordDigest)) await rehash(context, user, credentials.password);
  return user;
}

/** Imported digests are replaced by the server's own kind, unless the password has changed meanwhile. */
async function rehash({ db, services }: Context, { accountId, id, passwordDigest }: User, password: string): Promise<void> {
  const digest = await hashPassword(password, services.config.passwordCost);
  await db
    .update(users)
    .set({ passwordDigest: digest })
    .where(and(eq(users.accountId, accountId), eq(users.id, id), eq(users.passwordDigest, passwordDigest!)));
}

/** The users that may sign in to the current environment: its own set, and global admins (spec/auth.md 2.7). */
const signInSet = (context: Context) => {
  const { environment } = context;
  const globalAdmin = and(eq(users.role, 'admin'), isNull(users.environmentId));
  if (environment === null) return isNull(users.environmentId);
  const own = eq(users.environmentId, environment.id);
  return environment.isolationStrategy === 'SHARED' ? or(own, isNull(users.environmentId)) : or(own, globalAdmin);
};
