import type { Db } from './database.ts';
import { sql } from './drizzle.ts';

/** Waits for, and holds until the transaction ends, the lock of something that has no row: a name within a scope. Locks of several names are taken in one order. */
export async function lockName(db: Db, ...name: readonly string[]): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name.join('\n')}, 0))`);
}
