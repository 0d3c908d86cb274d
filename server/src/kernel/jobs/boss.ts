import { type ConstructorOptions, fromDrizzle, PgBoss } from 'pg-boss';
import type { Clock } from '../clock.ts';
import type { Database, Db } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import type { Job, Log } from './job.ts';

/** The queue that keeps entries which failed for good. */
export const deadLetters = 'dead-letters';

/** Tables of the queue that hold set-up and no entries: `emptyTables` is to leave them alone. */
export const jobSetupTables = ['pgboss.version', 'pgboss.queue', 'pgboss.schedule'] as const;

const decade = 10 * 365 * 86_400;

/** The queue's time is our clock's: pg-boss reads it in one place of its SQL, which stands for the machine's time only while the clock does. */
function atOurTime(text: string, clock: Clock): string {
  if (clock.frozenAt) return text.replaceAll('pgboss.job_now()', `'${clock.frozenAt.toISOString()}'::timestamptz`);
  return clock.offset === 0 ? text : text.replaceAll('pgboss.job_now()', `(pgboss.job_now() + interval '${clock.offset} milliseconds')`);
}

type Connection = NonNullable<ConstructorOptions['db']>;

/** The queue's connection: our database. Without a clock the time is the machine's. */
function connection(database: Database, clock: Clock | undefined): Connection {
  return {
    async executeSql(text, values) {
      const statement = clock ? atOurTime(text, clock) : text;
      return { rows: values?.length ? await database.rows(statement, values) : await database.script(statement) };
    },
  };
}

/** The queue's connection for one call: the caller's transaction. */
export function within(db: Db, clock: Clock): Connection {
  const inner = fromDrizzle(db as never, sql as never);
  return { executeSql: (text, values) => inner.executeSql(atOurTime(text, clock), values) };
}

/** A pg-boss on our database: storage, retention and the recovery of what crashed processes held. Claiming and schedules are ours (store.ts, schedule.ts). */
export function createBoss(database: Database, clock: Clock | undefined, logger: Log, options: { migrate: boolean }): PgBoss {
  const boss = new PgBoss({
    db: connection(database, clock),
    backend: database.driver,
    schedule: false,
    registerInstance: false,
    supervise: false,
    monitorIntervalSeconds: 30,
    maintenanceIntervalSeconds: 3600,
    ...options,
  });
  boss.on('error', (error) => logger.error({ err: error }, 'the job queue failed'));
  return boss;
}

const queueOptions = ({ retry, timeoutSeconds }: Job<never>) => ({
  policy: 'short' as const,
  deadLetter: deadLetters,
  retryLimit: retry.limit,
  retryDelay: retry.delaySeconds,
  retryBackoff: retry.backoff,
  expireInSeconds: timeoutSeconds + 60,
  heartbeatSeconds: 60,
  retentionSeconds: decade,
  deleteAfterSeconds: 86_400,
});

/** Entries are claimed by their due time. */
const dueIndex = `begin; select pg_advisory_xact_lock(28107473);
create index if not exists latchkey_due on pgboss.job_common (name, start_after) where state < 'active'; commit;`;

/**
 * Creates what the queue keeps in the database: its tables (schema `pgboss`), and a queue for each job. Belongs to the migrations; any number of processes may
 * run it at once, and once installed it costs a few reads.
 */
export async function installJobs(database: Database, jobs: readonly Job<never>[], logger: Log): Promise<void> {
  const boss = createBoss(database, undefined, logger, { migrate: true });
  await boss.start();
  try {
    const installed = new Map((await boss.getQueues(undefined, { limit: 100_000 })).map((queue) => [queue.name, queue]));
    if (!installed.has(deadLetters)) await boss.createQueue(deadLetters, { retentionSeconds: decade });
    for (const job of jobs) {
      const { policy, ...options } = queueOptions(job);
      const queue = installed.get(job.name) as Record<string, unknown> | undefined;
      if (!queue) await boss.createQueue(job.name, { policy, ...options });
      else if (Object.entries(options).some(([name, value]) => queue[name] !== value)) await boss.updateQueue(job.name, options);
    }
    if ((await database.rows(`select to_regclass('pgboss.latchkey_due') as index`))[0]!.index === null) await database.script(dueIndex);
  } finally {
    await boss.stop({ graceful: false });
  }
}
