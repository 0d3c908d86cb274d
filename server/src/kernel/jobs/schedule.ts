import type { PgBoss } from 'pg-boss';
import type { Database, Tx } from '../database/database.ts';
import { execute } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';

interface Schedule {
  name: string;
  cron: string;
  next: Date;
}

/**
 * Which jobs are due by their cron expressions. The database remembers when each fired last, and whoever moves that on fires it, so each occurrence fires once
 * however many processes look, and one missed while none ran is made up for.
 */
export class Schedules {
  readonly #database: Database;
  readonly #boss: PgBoss;
  #schedules: Schedule[] = [];

  constructor(database: Database, boss: PgBoss) {
    this.#database = database;
    this.#boss = boss;
  }

  /** Takes up the jobs that have a cron expression; a new one has its first occurrence after `now`. */
  async load(jobs: readonly { name: string; cron?: string }[], now: Date): Promise<void> {
    for (const { name, cron } of jobs) {
      if (cron === undefined) continue;
      const [row] = await this.#database.rows(
        `insert into pgboss.schedule (name, cron, updated_on) values ($1, $2, $3) on conflict (name, key) do update set cron = excluded.cron returning updated_on`,
        [name, cron, now],
      );
      this.#schedules.push({ name, cron, next: this.#after(cron, row!.updated_on as Date) });
    }
  }

  /** Fires each schedule that is due, in a transaction with its claim. */
  async fire(now: Date, enqueue: (tx: Tx, name: string) => Promise<void>): Promise<void> {
    for (const schedule of this.#schedules) {
      if (schedule.next > now) continue;
      await this.#database.transaction(async (tx) => {
        const claimed = await execute(
          tx,
          sql`update pgboss.schedule set updated_on = ${now.toISOString()}::timestamptz
            where name = ${schedule.name} and updated_on < ${schedule.next.toISOString()}::timestamptz returning name`,
        );
        if (claimed.length > 0) await enqueue(tx, schedule.name);
      });
      schedule.next = this.#after(schedule.cron, now);
    }
  }

  #after(cron: string, from: Date): Date {
    return this.#boss.previewSchedule(cron, { from, count: 1, tz: 'UTC' })[0]!;
  }
}
