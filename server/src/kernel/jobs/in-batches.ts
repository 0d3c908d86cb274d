import { setTimeout as wait } from 'node:timers/promises';
import { execute, type Tx } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import type { JobContext } from './job.ts';

/** Rows of a batch, milliseconds between two, of one at most, and of a whole run: what is left then waits for the next one (spec/events.md 12.1). */
export interface Batches {
  rows?: number;
  pauseMs?: number;
  statementMs?: number;
  longestMs?: number;
}

/**
 * Repeats a bounded write, each in its own transaction of limited time, until a batch is short. The pauses leave the database to requests.
 * @param write at most so many rows. @returns how many it were
 */
export async function inBatches(
  { transaction, signal, services }: Pick<JobContext, 'transaction' | 'signal'> & Partial<Pick<JobContext, 'services'>>,
  write: (tx: Tx, rows: number) => Promise<number>,
  batches: Batches = {},
): Promise<void> {
  const { rows = 1000, pauseMs = 1000, statementMs = 60_000, longestMs = 3_600_000 } = { ...services?.config.pruning, ...batches };
  const began = performance.now();
  for (;;) {
    const written = await transaction(async (tx) => {
      await execute(tx, sql`set local statement_timeout = ${sql.raw(String(statementMs))}`);
      return write(tx, rows);
    });
    if (written < rows || signal.aborted || performance.now() - began > longestMs) return;
    await wait(pauseMs, undefined, { signal }).catch(() => {});
  }
}
