import { setTimeout as wait } from 'node:timers/promises';
import { execute, type Tx } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import type { JobContext } from './job.ts';

/** Rows of a batch, milliseconds between two, and of a whole run: what is left then waits for the next one (spec/events.md 12.1). */
export interface Batches {
  rows?: number;
  pauseMs?: number;
  longestMs?: number;
}

/**
 * Repeats a bounded write, each in its own transaction of at most a minute, until a batch is short. The pauses leave the database to requests.
 * @param write at most so many rows. @returns how many it were
 */
export async function inBatches(
  { transaction, signal }: Pick<JobContext, 'transaction' | 'signal'>,
  write: (tx: Tx, rows: number) => Promise<number>,
  { rows = 1000, pauseMs = 1000, longestMs = 3_600_000 }: Batches = {},
): Promise<void> {
  const began = performance.now();
  for (;;) {
    const written = await transaction(async (tx) => {
      await execute(tx, sql`set local statement_timeout = 60000`);
      return write(tx, rows);
    });
    if (written < rows || signal.aborted || performance.now() - began > longestMs) return;
    await wait(pauseMs, undefined, { signal }).catch(() => {});
  }
}
