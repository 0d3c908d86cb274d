/** `POST /users/:id/actions/update-password` (spec/users.md 3.1). */
import { verifyPassword } from '../kernel/crypto/passwords.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError, notFound } from '../kernel/http/errors.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { rules, validate } from '../kernel/jsonapi/rules.ts';
import { revokeTokensOf } from '../tokens/revoke.ts';
import { digestOf } from './update-user.ts';
import { type UserRecord, userRecords } from './user.records.ts';
import { passwordRules } from './user.rules.ts';

const password = rules(userRecords, passwordRules);

/** Sets a new password, for whoever knows the old one, and ends every token but the request's. @throws {ApiError} 401, 422 */
export async function changePassword(
  user: UserRecord,
  context: Context,
  { meta: { oldPassword, newPassword } }: { meta: { oldPassword: string; newPassword: string } },
): Promise<UserRecord> {
  const knows = user.passwordDigest !== null && (await verifyPassword(oldPassword, user.passwordDigest));
  if (!knows) throw apiError('UNAUTHORIZED', { detail: 'is not valid', source: { pointer: '/meta/oldPassword' } });
  await validate(password, { password: newPassword }, { db: context.db, now: context.now, changed: new Set(['password']) });
  const changes = {
    passwordDigest: await digestOf(context, newPassword),
    passwordResetDigest: null,
    passwordResetSentAt: null,
    updatedAt: context.now,
  };
  return context.change(async (change) => {
    const row = await lockRow(change, userRecords, user);
    if (!row) throw notFound('user', context.params.id!.toLowerCase());
    if (row.passwordDigest !== user.passwordDigest) throw apiError('CONFLICT');
    await updateRow(change, userRecords, row, changes);
    await revokeTokensOf(change, 'user', row.id, context.token?.id);
    return { ...row, ...changes };
  });
}
