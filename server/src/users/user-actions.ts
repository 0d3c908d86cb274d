import { getTableColumns } from '../kernel/database/drizzle.ts';
import { difference } from '../kernel/events/difference.ts';
import type { Context } from '../kernel/http/context.ts';
import { notFound } from '../kernel/http/errors.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { userAccess as access } from './user.access.ts';
import { userDocument as document } from './user.document.ts';
import { userRecords as records, type UserRecord } from './user.records.ts';
import { userRules } from './user.rules.ts';

/** Bans a user now, also one that is banned already, or lifts the ban (spec/users.md 2.6). Tokens stay, and sleep. */
export const setBan =
  (event: 'user.banned' | 'user.unbanned') =>
  (user: UserRecord, context: Context): Promise<UserRecord> =>
    context.change(async (change) => {
      const row = await lockRow(change, records, user);
      if (!row) throw notFound('user', context.params.id!.toLowerCase());
      const changes = { bannedAt: event === 'user.banned' ? context.now : null, updatedAt: context.now };
      await updateRow(change, records, row, changes);
      const next = { ...row, ...changes };
      await change.emit(event, { document, access, row: next });
      return next;
    });

/** Moves a user to a group, or out of any (spec/users.md 5.1). @throws {ApiError} 422 */
export function moveToGroup(user: UserRecord, context: Context, { data }: { data: { id: string } | null }): Promise<UserRecord> {
  const groupId = data?.id ?? null;
  return context.change(async (change) => {
    const row = await lockRow(change, records, user);
    if (!row) throw notFound('user', context.params.id!.toLowerCase());
    const next = { ...row, groupId, updatedAt: context.now };
    const changed = new Set(groupId === row.groupId ? [] : ['groupId']);
    await validate(userRules, next, { db: change.db, now: context.now, changed });
    await updateRow(change, records, row, { groupId, updatedAt: context.now });
    const diff = difference(row, next, Object.keys(getTableColumns(records.table)));
    await change.emit('user.group.updated', { document, access, row: next }, { log: { diff } });
    return next;
  });
}
