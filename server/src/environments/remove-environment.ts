/** What a deleted environment leaves behind is removed in the background (spec/environments.md 1.6). */
import { execute } from '../kernel/database/database.ts';
import { getTableConfig, type PgColumn, type PgTable, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { job } from '../kernel/jobs/job.ts';
import { licenses } from '../licenses/license.table.ts';
import * as schema from '../schema.ts';

type ScopedTable = PgTable & { id: PgColumn; accountId: PgColumn; environmentId: PgColumn };

const isScoped = (table: PgTable): table is ScopedTable => 'environmentId' in table;
const { eventLogs, requestLogs, ...others } = schema;
const scoped = (Object.values(others) as PgTable[]).filter(isScoped);

const referrers = (table: ScopedTable): ScopedTable[] =>
  scoped.filter((other) => other !== table && getTableConfig(other).foreignKeys.some((key) => key.reference().foreignTable === table));

function withReferrers(placed: ScopedTable[], table: ScopedTable): ScopedTable[] {
  return placed.includes(table) ? placed : [...referrers(table).reduce(withReferrers, placed), table];
}

/** Every table with records of environments, logs aside; those that go with others by cascade come before them, so that no statement is unbounded. */
export const removedTables: readonly ScopedTable[] = scoped.reduce(withReferrers, []);

/** Licenses outside count the machines and users that they had in a shared environment. */
const counted: Record<string, { returning: SQL; less: SQL }> = {
  machines: {
    returning: sql`license_id, 0 as users, 1 as machines, coalesce(cores, 0) as cores, coalesce(memory, 0) as memory, coalesce(disk, 0) as disk`,
    less: sql`machines_count = machines_count - less.machines, machines_core_count = machines_core_count - less.cores,
      machines_memory = machines_memory - less.memory, machines_disk = machines_disk - less.disk`,
  },
  license_users: {
    returning: sql`license_id, 1 as users, 0 as machines, 0 as cores, 0 as memory, 0 as disk`,
    less: sql`users_count = users_count - less.users`,
  },
};

interface Removed {
  accountId: string;
  environmentId: string;
}

function removal(table: ScopedTable, { accountId, environmentId }: Removed, limit: number): SQL {
  const doomed = sql`select id from ${table} where account_id = ${accountId} and environment_id = ${environmentId} limit ${limit}`;
  const gone = sql`delete from ${table} where account_id = ${accountId} and id in (${doomed})`;
  const count = counted[getTableConfig(table).name];
  if (!count) return sql`with gone as (${gone} returning id) select count(*)::int as count from gone`;
  return sql`with gone as (${gone} returning ${count.returning}),
    less as (select license_id, sum(users) as users, sum(machines) as machines, sum(cores) as cores, sum(memory) as memory, sum(disk) as disk from gone group by license_id),
    kept as (update ${licenses} set ${count.less} from less
      where ${licenses}.account_id = ${accountId} and ${licenses}.id = less.license_id and ${licenses}.environment_id is distinct from ${environmentId} returning 1)
    select count(*)::int as count from gone`;
}

const batch = 500;

/** Each batch stands for itself: a run that is cut short goes on where it was. */
export const removeEnvironment = job<Removed>({
  name: 'environments.remove',
  async run(environment, { database, signal }) {
    for (const table of removedTables) {
      for (let removed = batch; removed === batch; ) {
        if (signal.aborted) return 'more';
        const [row] = await execute(database.drizzle, removal(table, environment, batch));
        removed = Number(row!.count);
      }
    }
    return undefined;
  },
});

/** Removes at once, and again when no request that still knows the environment can be under way. */
export async function scheduleRemoval(change: Change, environment: Removed, requestTimeoutMs: number): Promise<void> {
  await change.enqueue(removeEnvironment, environment);
  await change.enqueue(removeEnvironment, environment, { runAt: new Date(change.now.getTime() + requestTimeoutMs + 60_000) });
}
