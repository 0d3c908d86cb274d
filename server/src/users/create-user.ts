import { storedRole } from '../kernel/access/roles.ts';
import type { Context } from '../kernel/http/context.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { idOf, newRow } from '../kernel/jsonapi/resource.ts';
import { defaultsOf, digestOf } from './update-user.ts';
import { freshUser, normalEmail, type UserRecord, userRecords } from './user.records.ts';
import type { createUser } from './user.schema.ts';

/** A user as a request asks for it (spec/users.md 2.2). @throws {ApiError} 422 for unknown permissions */
export async function draftUser({ data }: (typeof createUser)['value'], context: Context): Promise<UserRecord> {
  const { role = 'user', password = null, permissions, email, ...sent } = data.attributes;
  refuseUnknownPermissions(permissions, userRecords);
  return {
    ...freshUser,
    ...sent,
    ...newRow(context, { environmentId: idOf(data.relationships.environment) }),
    email: normalEmail(email),
    role: storedRole(role),
    permissions: [...(permissions ?? (await defaultsOf(context.db, context.accountId, role)))],
    groupId: idOf(data.relationships.group) ?? null,
    password,
    passwordDigest: await digestOf(context, password),
  };
}
