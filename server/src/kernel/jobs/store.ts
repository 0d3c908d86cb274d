import type { PgBoss } from 'pg-boss';
import type { Clock } from '../clock.ts';
import { afterCommit, type Database, type Db, execute } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import { uniqueViolation } from '../database/errors.ts';
import { uuid } from '../id.ts';
import { deadLetters, within } from './boss.ts';
import type { JobHealth } from './entry.ts';

/** A claimed entry: this process runs it, unless its heartbeats fail and another claims it; every settlement names the attempt. */
export interface Claim {
  id: string;
  name: string;
  data: object;
  retryCount: number;
  retryLimit: number;
}

/** An entry to be: what it runs with, and the key under which it waits, if any. */
export interface NewEntry {
  payload: object;
  key?: string | undefined;
}

/** What waits. */
export interface Pending {
  name: string;
  data: unknown;
  runAt: Date;
}

/** What failed for good. */
export interface DeadLetter {
  name: string;
  data: unknown;
  error: unknown;
}

const claimDue = `
with due as (
  select candidate.id, candidate.name, candidate.start_after, candidate.created_on
  from unnest($1::text[], $2::int[]) as free (name, slots)
  cross join lateral (
    select id, name, start_after, created_on from pgboss.job
    where name = free.name and state < 'active' and not blocked and start_after <= $3::timestamptz
    order by start_after, created_on, id limit free.slots for update skip locked
  ) as candidate
  order by start_after, created_on, id limit $4
)
update pgboss.job as job set state = 'active', started_on = $3::timestamptz, heartbeat_on = $3::timestamptz,
  retry_count = case when job.started_on is null then job.retry_count else job.retry_count + 1 end
from due where job.name = due.name and job.id = due.id
returning job.id, job.name, job.data, job.retry_count as "retryCount", job.retry_limit as "retryLimit", job.start_after, job.created_on`;

const reschedule = `
update pgboss.job set state = $1::pgboss.job_state, start_after = $2::timestamptz, keep_until = greatest(keep_until, $2::timestamptz + interval '10 years'),
  retry_limit = $3, output = $4::jsonb, heartbeat_on = null
where name = $5 and id = $6 and state = 'active' and retry_count = $7`;

/** The entries in the database. Everything asks our clock for the time. */
export class JobStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #boss: PgBoss;

  constructor(database: Database, clock: Clock, boss: PgBoss) {
    this.#database = database;
    this.#clock = clock;
    this.#boss = boss;
  }

  /**
   * Adds entries of one job through `db`, so that they commit with it, and calls back once they are there: one statement, however many they are. One that waits
   * under the same key becomes due at the earlier of the two instants instead.
   */
  async add(db: Db, name: string, entries: readonly NewEntry[], runAt: Date | undefined, added: () => void): Promise<void> {
    if (entries.length === 0) return;
    const startAfter = runAt ?? this.#clock.now();
    const options = { returnId: true, db: within(db, this.#clock) };
    for (let rest = entries.map(({ payload, key = uuid() }) => ({ id: uuid(), data: payload, singletonKey: key, startAfter })); rest.length > 0; ) {
      const stored = new Set((await this.#boss.insert(name, rest, options)) ?? []);
      const refused = rest.filter(({ id }) => !stored.has(id));
      if (refused.length === 0) break;
      // the row locks keep the waiting entries from running before what this transaction writes can be seen
      const keys = JSON.stringify(refused.map(({ singletonKey }) => singletonKey));
      const waiting = await execute(
        db,
        sql`update pgboss.job set start_after = least(start_after, ${startAfter.toISOString()}::timestamptz)
          where name = ${name} and coalesce(singleton_key, '') in (select json_array_elements_text(${keys}::text::json)) and state = 'created' and policy = 'short'
          returning singleton_key`,
      );
      const met = new Set(waiting.map((row) => row.singleton_key));
      rest = refused.filter(({ singletonKey }) => !met.has(singletonKey));
    }
    afterCommit(db, added);
  }

  /** Claims up to `limit` due entries in the order of their due times; `slots` says how many of which job. */
  async claim(slots: ReadonlyMap<string, number>, limit: number): Promise<Claim[]> {
    const rows = await this.#database.rows(claimDue, [[...slots.keys()], [...slots.values()], this.#clock.now(), limit]);
    const order = (row: Record<string, unknown>): string => `${(row.start_after as Date).toISOString()}${(row.created_on as Date).toISOString()}${row.id}`;
    return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1)) as unknown as Claim[];
  }

  /** The entry is done. */
  async complete(claim: Claim): Promise<void> {
    await this.#boss.complete(claim.name, [claim] as never);
  }

  /** The entry is to run again at an instant, with its retries afresh. If another waits under its key, that one will do. */
  async again(claim: Claim, at: Date, retries: number): Promise<void> {
    try {
      await this.#reschedule(claim, 'created', at, claim.retryCount + 1 + retries, null);
    } catch (error) {
      if (uniqueViolation(error) === undefined) throw error;
      await this.complete(claim);
    }
  }

  /** The entry failed and is to run again at an instant. */
  async retry(claim: Claim, at: Date, error: unknown): Promise<void> {
    await this.#reschedule(claim, 'retry', at, claim.retryLimit, JSON.stringify({ message: String(error) }));
  }

  /** The entry failed for good, and becomes a dead letter. */
  async bury(claim: Claim, error: unknown): Promise<void> {
    await this.#boss.fail(claim.name, [claim] as never, { message: String(error) });
  }

  /** Says that the claimed entries are still being worked on. */
  async heartbeat(claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return;
    const ids = claims.map((claim) => claim.id);
    await this.#database.rows(`update pgboss.job set heartbeat_on = $1::timestamptz where id = any($2::uuid[]) and state = 'active'`, [this.#clock.now(), ids]);
  }

  async pending(name: string | undefined): Promise<Pending[]> {
    const rows = await this.#database.rows(
      `select name, data, start_after as "runAt" from pgboss.job where state < 'active' and name <> $1 and ($2::text is null or name = $2)
       order by start_after, created_on, id`,
      [deadLetters, name ?? null],
    );
    return rows as unknown as Pending[];
  }

  async due(): Promise<Omit<JobHealth, 'alive'>> {
    const [row] = await this.#database.rows(
      `select count(*)::int as due, min(start_after) as oldest from pgboss.job where state < 'active' and name <> $1 and start_after <= $2::timestamptz`,
      [deadLetters, this.#clock.now()],
    );
    return { due: row!.due as number, oldest: (row!.oldest as Date | null) ?? undefined };
  }

  async deadLetters(): Promise<DeadLetter[]> {
    const rows = await this.#database.rows(`select source_name as name, data, source_output as error from pgboss.job where name = $1 order by created_on, id`, [
      deadLetters,
    ]);
    return rows as unknown as DeadLetter[];
  }

  async #reschedule(claim: Claim, state: 'created' | 'retry', at: Date, limit: number, output: string | null): Promise<void> {
    await this.#database.rows(reschedule, [state, at, limit, output, claim.name, claim.id, claim.retryCount]);
  }
}
