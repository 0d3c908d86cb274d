/** Reads the outbox: what changes have written there becomes logs, deliveries and notifications, in one transaction with its removal (spec/events.md 1). */
import { wallClock } from '../clock.ts';
import { type Database, execute, type Tx } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import type { Log } from '../jobs/job.ts';
import type { OutboxEntry } from './outbox.table.ts';

/** What becomes of events; app.ts composes it of what logs, deliveries and licenses do with them. */
export type Dispatch = (tx: Tx, entries: readonly OutboxEntry[]) => Promise<void>;

const batch = 200;
/** Milliseconds from a commit to the pass that it asks for. */
const pause = 50;
/** Milliseconds that an entry which could not be passed on is left alone; a new process tries it at once. */
const restOfBad = 60_000;

export class Relay {
  readonly #database: Database;
  readonly #dispatch: Dispatch;
  readonly #logger: Log;
  /** Entries that could not be passed on, and until when they are left alone. */
  readonly #bad = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(database: Database, dispatch: Dispatch, logger: Log) {
    this.#database = database;
    this.#dispatch = dispatch;
    this.#logger = logger;
  }

  /** Looks every second; `wake` makes it look at once. Any number of processes may do so. */
  start(milliseconds = 1000): void {
    this.#timer = setInterval(() => this.wake(), milliseconds);
    this.#timer.unref();
  }

  /** Told after a commit that has written to the outbox. Waits a moment, so that under load one pass takes many. */
  wake(): void {
    if (!this.#timer) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      if (this.#running) this.wake();
      else this.#run();
    }, pause);
  }

  #run(): void {
    this.#running = this.drain()
      .catch((error) => this.#logger.error({ err: error }, 'events could not be passed on; they wait'))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#timer = undefined;
    await this.#running;
  }

  /** Passes everything on that waits. A bad entry holds up no other; rejects afterwards with what was wrong with one. */
  async drain(): Promise<void> {
    this.#forgive();
    const failures: unknown[] = [];
    for (;;) {
      const passed = await this.#pass(batch).catch(() => undefined);
      if (passed === undefined) failures.push(...(await this.#oneByOne()));
      else if (passed < batch) break;
    }
    if (failures.length > 0) throw failures[0];
  }

  #forgive(): void {
    for (const [id, until] of this.#bad) if (until <= wallClock()) this.#bad.delete(id);
  }

  /** A batch that failed, entry by entry. @returns what was wrong with those that are left behind. Rejects when there is no reading at all */
  async #oneByOne(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let passed = 0; passed < batch; passed++) {
      const taken: string[] = [];
      try {
        if ((await this.#pass(1, taken)) === 0) break;
      } catch (error) {
        if (taken.length === 0) throw error;
        for (const id of taken) this.#bad.set(id, wallClock() + restOfBad);
        failures.push(error);
      }
    }
    return failures;
  }

  /** @param taken gets the ids of the entries, also when they cannot be passed on */
  #pass(size: number, taken: string[] = []): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const left =
        this.#bad.size > 0
          ? sql`where id not in (${sql.join(
              [...this.#bad.keys()].map((id) => sql`${id}::uuid`),
              sql`, `,
            )})`
          : sql``;
      const rows = await execute(
        tx,
        sql`delete from outbox where id = any(array(select id from outbox ${left} order by id limit ${size} for update skip locked)) returning id, account_id, created_at, entry`,
      );
      const entries = rows.map(
        (row) => ({ ...(row.entry as object), id: row.id, accountId: row.account_id, createdAt: new Date(row.created_at as string) }) as OutboxEntry,
      );
      entries.sort((a, b) => (a.id < b.id ? -1 : 1));
      taken.push(...entries.map(({ id }) => id));
      if (entries.length > 0) await this.#dispatch(tx, entries);
      return entries.length;
    });
  }
}
