/** What goes with a user (spec/users.md 2.4). */
import { groupOwners } from '../groups/group.table.ts';
import { type Database, execute } from '../kernel/database/database.ts';
import { deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { job } from '../kernel/jobs/job.ts';
import { belowLicenses } from '../licenses/below-licenses.ts';
import { licenses, licenseUsers } from '../licenses/license.table.ts';
import { machines } from '../machines/machine.table.ts';
import { revokeTokensOf } from '../tokens/revoke.ts';
import { keepAdmins } from './admin-minimum.ts';
import type { UserRecord } from './user.records.ts';

interface Removed {
  accountId: string;
  userId: string;
}

const batch = 500;

/** Removes machines that the user owned on licenses of others, which then count them no more. @returns how many went */
async function removeMachines({ accountId, userId }: Removed, { drizzle }: Database): Promise<number> {
  const doomed = sql`select ${machines.id} from ${machines} where ${machines.accountId} = ${accountId} and ${machines.ownerId} = ${userId} limit ${batch}`;
  const gone = sql`delete from ${machines} where ${machines.accountId} = ${accountId} and ${machines.id} in (${doomed})
    returning license_id, coalesce(cores, 0) as cores, coalesce(memory, 0) as memory, coalesce(disk, 0) as disk`;
  const less = sql`select license_id, count(*) as machines, sum(cores) as cores, sum(memory) as memory, sum(disk) as disk from gone group by license_id`;
  const counted = sql`update ${licenses} set machines_count = machines_count - less.machines, machines_core_count = machines_core_count - less.cores,
    machines_memory = machines_memory - less.memory, machines_disk = machines_disk - less.disk
    from less where ${licenses.accountId} = ${accountId} and ${licenses.id} = less.license_id returning 1`;
  const [row] = await execute(drizzle, sql`with gone as (${gone}), less as (${less}), counted as (${counted}) select count(*)::int as count from gone`);
  return Number(row!.count);
}

/** The user's row is gone already, and with it whatever could add to it. */
export const removeUser = job<Removed>({
  name: 'users.remove',
  key: ({ userId }) => userId,
  async run(removed, { database, signal }) {
    const { accountId, userId } = removed;
    const ids = sql`(select ${licenses.id} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.ownerId} = ${userId})`;
    const owned = [...belowLicenses(accountId, ids), [licenses, eq(licenses.ownerId, userId)]] as const;
    if ((await deleteInBatches(database, accountId, owned, signal)) === 'more') return 'more';
    while ((await removeMachines(removed, database)) === batch) if (signal.aborted) return 'more';
    return undefined;
  },
});

/** Licenses that the user was attached to stay, and count one user less. */
async function detach({ db, accountId }: Change, userId: string): Promise<void> {
  const gone = sql`delete from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.userId} = ${userId} returning license_id`;
  const fewer = sql`update ${licenses} set users_count = users_count - 1 from gone where ${licenses.accountId} = ${accountId} and ${licenses.id} = gone.license_id`;
  await execute(db, sql`with gone as (${gone}) ${fewer}`);
}

/** Removes at once what are few, and leaves licenses and machines to a job. @throws {ApiError} 422 for the last admin */
export async function removeWithUser({ id, ...user }: UserRecord, change: Change): Promise<void> {
  const { accountId } = change;
  await keepAdmins(change, { id, ...user });
  await revokeTokensOf(change, 'user', id);
  await detach(change, id);
  await change.db.delete(groupOwners).where(and(eq(groupOwners.accountId, accountId), eq(groupOwners.userId, id)));
  await change.enqueue(removeUser, { accountId, userId: id });
}
