/** `PATCH /users/:id`: judged on what the user would become, and with what a change of role entails (spec/users.md 2.3, spec/auth.md 9.6). */
import { authorize, requirePermissions } from '../kernel/access/access.ts';
import { defaultPermissions, type PermissionSet, wildcard } from '../kernel/access/permissions.ts';
import { storedRole, type UserRole } from '../kernel/access/roles.ts';
import { hashPassword } from '../kernel/crypto/passwords.ts';
import type { Db } from '../kernel/database/database.ts';
import { getTableColumns } from '../kernel/database/drizzle.ts';
import { difference } from '../kernel/events/difference.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import type { Answer } from '../kernel/http/route.ts';
import { lookup } from '../kernel/jsonapi/lookup.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { defaultPermissionsOf } from '../settings/default-permissions.ts';
import { revokeTokensOf } from '../tokens/revoke.ts';
import { lackOfAdmins } from './admin-minimum.ts';
import { userAccess } from './user.access.ts';
import { userDocument } from './user.document.ts';
import { normalEmail, type UserRecord, userRecords } from './user.records.ts';
import { userRules } from './user.rules.ts';
import { updateUser } from './user.schema.ts';
import { users } from './user.table.ts';

/** What a user of a role gets by default in an account. */
export async function defaultsOf(db: Db, accountId: string, role: UserRole): Promise<PermissionSet> {
  return role === 'user' ? defaultPermissionsOf(db, accountId, 'user') : defaultPermissions[role];
}

type Sent = NonNullable<(typeof updateUser)['value']['data']['attributes']>;

/** The columns that a request changes, `password` apart; wherever it names the role, permissions shrink to the role's defaults. */
async function changesOf(db: Db, user: UserRecord, sent: Sent): Promise<Partial<UserRecord>> {
  const { role, email, permissions, ...rest } = sent;
  const changes: Partial<UserRecord> = { ...rest, ...(email !== undefined && { email: normalEmail(email) }), ...(permissions && { permissions }) };
  if (role === undefined) return changes;
  const defaults = await defaultsOf(db, user.accountId, role);
  const kept = (permissions ?? user.permissions).filter((name) => name === wildcard || defaults.includes(name));
  return { ...changes, role: storedRole(role), permissions: kept };
}

/** The digest to store for a password that was sent; null: none any more. A password that the rules will refuse is not worth the work. */
export async function digestOf(context: Context, password: string | null): Promise<string | null> {
  if (password === null) return null;
  return [...password].length > 72 ? '' : hashPassword(password, context.services.config.passwordCost);
}

const sameSet = (a: PermissionSet, b: PermissionSet): boolean => a.length === b.length && a.every((name) => b.includes(name));

export async function runUpdate(context: Context): Promise<Answer> {
  const found = await lookup(context, { records: userRecords, access: userAccess }, context.params.id!, { lowerCase: true });
  context.requestResource = { type: 'users', id: found.id };
  const sent = checkParams(updateUser, context.body, context.sender).data.attributes;
  refuseUnknownPermissions(sent.permissions, userRecords);
  // Whoever is to be an admin no more is one yet.
  if (found.role === 'admin') requirePermissions(context, ['user.update', 'admin.update']);
  await authorize(context, userAccess.may.update, { record: { ...found, ...(await changesOf(context.db, found, sent)) } });
  const passwordDigest = sent.password === undefined ? undefined : await digestOf(context, sent.password);
  const user = await context.change(async (change) => {
    const row = await lockRow(change, userRecords, found);
    if (!row) throw notFound('user', context.params.id!.toLowerCase());
    const changes = await changesOf(change.db, row, sent);
    const next: UserRecord = { ...row, ...changes, ...(passwordDigest !== undefined && { passwordDigest }), updatedAt: context.now };
    const roleChanges = next.role !== row.role;
    const rules = roleChanges || !sameSet(next.permissions, row.permissions) ? [...userRules.rules, () => lackOfAdmins(change, row, next)] : userRules.rules;
    await validate({ ...userRules, rules }, next, { db: change.db, now: context.now, changed: new Set(Object.keys(changes)) });
    const { password: _, ...columns } = changes;
    await updateRow(change, userRecords, row, { ...columns, ...(passwordDigest !== undefined && { passwordDigest }), updatedAt: context.now });
    if (roleChanges) await revokeTokensOf(change, 'user', row.id, context.token?.id);
    const diff = difference(row, next, Object.keys(getTableColumns(users)));
    await change.emit('user.updated', { document: userDocument, access: userAccess, row: next }, { log: { diff } });
    return next;
  });
  return { status: 200, document: { data: userDocument.render(user, { now: context.now, context: 'response' }) } };
}
