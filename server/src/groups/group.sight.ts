/** Which groups concern a bearer: as SQL, and as the test of a loaded group. */
import type { Asker, Bearer } from '../kernel/access/access.ts';
import { and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { groupOwners } from './group.table.ts';

/** Ids of the groups that a user is a member or an owner of. */
export const groupIdsOfUser = ({ id, groupId }: Bearer, { accountId }: Pick<Asker, 'accountId'>): SQL =>
  sql`(select ${groupOwners.groupId} from ${groupOwners} where ${groupOwners.accountId} = ${accountId} and ${groupOwners.userId} = ${id} union select ${groupId}::uuid)`;

/** Whether a user owns a group. */
export async function ownsGroup(bearer: Bearer, group: { id: string; accountId: string }, { db }: Pick<Asker, 'db'>): Promise<boolean> {
  const pair = and(eq(groupOwners.accountId, group.accountId), eq(groupOwners.groupId, group.id), eq(groupOwners.userId, bearer.id));
  return (await db.select({ id: groupOwners.id }).from(groupOwners).where(pair).limit(1)).length > 0;
}
