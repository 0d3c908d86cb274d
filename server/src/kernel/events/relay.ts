/** Reads the outbox: what changes have written there becomes logs, deliveries and notifications, in one transaction with its removal (spec/events.md 1). */
import { sql } from 'drizzle-orm';
import { type Database, execute, type Tx } from '../database/database.ts';
import type { Log } from '../jobs/job.ts';
import type { OutboxEntry } from './outbox.table.ts';

/** What becomes of events; app.ts composes it of what logs, deliveries and licenses do with them. */
export type Dispatch = (tx: Tx, entries: readonly OutboxEntry[]) => Promise<void>;

const batch = 200;

export class Relay {
  readonly #database: Database;
  readonly #dispatch: Dispatch;
  readonly #logger: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;

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

  /** Told after a commit that has written to the outbox. */
  wake(): void {
    if (!this.#timer) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.drain()
      .catch((error) => this.#logger.error({ err: error }, 'events could not be passed on; they wait'))
      .finally(() => {
        this.#running = undefined;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#again = false;
    await this.#running;
  }

  /** Passes everything on that waits. */
  async drain(): Promise<void> {
    for (let size = batch; ; ) {
      const passed = await this.#pass(size).catch((error) => {
        if (size === 1) throw error;
        return undefined;
      });
      // One bad entry must not hold up the others of its batch: they go one by one, and it alone stays.
      if (passed === undefined) size = 1;
      else if (passed < size) return;
    }
  }

  #pass(size: number): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const rows = await execute(
        tx,
        sql`delete from outbox where id in (select id from outbox order by id limit ${size} for update skip locked) returning id, account_id, created_at, entry`,
      );
      const entries = rows.map(
        (row) => ({ ...(row.entry as object), id: row.id, accountId: row.account_id, createdAt: new Date(row.created_at as string) }) as OutboxEntry,
      );
      entries.sort((a, b) => (a.id < b.id ? -1 : 1));
      if (entries.length > 0) await this.#dispatch(tx, entries);
      return entries.length;
    });
  }
}
