import { execute } from '../database/database.ts';
import { type PgColumn, type PgTable, type SQL, sql } from '../database/drizzle.ts';
import { inBatches } from './in-batches.ts';
import { type Job, job } from './job.ts';

type LogTable = PgTable & { createdAt: PgColumn; expiresAt: PgColumn };

/** What of a log is kept for 30 days only, however long the log itself is kept: the SET that forgets it, and the WHERE of rows that still have it. */
interface Forgotten {
  set: SQL;
  has: SQL;
}

const forgetAfterMs = 30 * 86_400_000;

/** The schedule that deletes logs past their time, and empties the columns of the older ones (spec/events.md 6.4, 7.4). */
export function retentionOf(name: string, table: LogTable, { set, has }: Forgotten): Job<Record<string, never>> {
  return job({
    name,
    cron: '17 * * * *',
    concurrency: 1,
    timeoutSeconds: 4000,
    async run(_, context) {
      const now = context.now.toISOString();
      const old = new Date(context.now.getTime() - forgetAfterMs).toISOString();
      const some = (which: SQL, rows: number) =>
        sql`ctid = any(array(select ctid from ${table} where ${which} limit ${rows} for update skip locked)) returning 1`;
      await inBatches(context, async (tx, rows) => {
        const expired = sql`${table.expiresAt} < ${now}::timestamptz`;
        return (await execute(tx, sql`delete from ${table} where ${some(expired, rows)}`)).length;
      });
      await inBatches(context, async (tx, rows) => {
        const forgettable = sql`${table.createdAt} < ${old}::timestamptz and ${has}`;
        return (await execute(tx, sql`update ${table} set ${set} where ${some(forgettable, rows)}`)).length;
      });
    },
  });
}
