import { setImmediate as turn } from 'node:timers/promises';
import { type Database, execute } from './database.ts';
import { and, eq, type SQL, sql } from './drizzle.ts';
import type { AccountTable } from './records.ts';

/** Rows that are to go: a table and which of its rows. */
export type Doomed = readonly [table: AccountTable, which: SQL | undefined];

const batch = 500;

/**
 * Deletes any number of rows without a long transaction: table by table, each batch for itself, so that being cut short loses nothing. Requests come in between
 * batches, also where the database is embedded and works in this very thread.
 * @returns 'more' when it was aborted before it was done; what jobs answer
 */
export async function deleteInBatches(database: Database, accountId: string, doomed: readonly Doomed[], signal: AbortSignal): Promise<'more' | undefined> {
  for (const [table, which] of doomed) {
    for (let deleted = batch; deleted === batch; ) {
      if (signal.aborted) return 'more';
      const ids = sql`select ${table.id} from ${table} where ${and(eq(table.accountId, accountId), which)} limit ${batch}`;
      const gone = sql`delete from ${table} where ${eq(table.accountId, accountId)} and ${table.id} in (${ids}) returning 1`;
      const [row] = await execute(database.drizzle, sql`with gone as (${gone}) select count(*)::int as count from gone`);
      deleted = Number(row!.count);
      await turn();
    }
  }
  return undefined;
}
