import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { stringifyJson } from '../http/json.ts';
import { snakeKey } from '../http/keys.ts';
import type { Db } from './database.ts';

/**
 * Inserts many rows as one parameter. The builder makes a parameter of each cell, which for batches of logs cost more processor time than all else of a request.
 * @param rows every one with the same members; what the first lacks gets its column's default
 */
export async function insertMany<T extends PgTable>(db: Db, table: T, rows: readonly T['$inferInsert'][]): Promise<void> {
  if (rows.length === 0) return;
  const columns = getTableColumns(table) as Record<string, PgColumn>;
  const given = Object.keys(columns).filter((name) => name in rows[0]!);
  const named = given.map((name) => snakeKey(name));
  const json = stringifyJson(rows.map((row) => Object.fromEntries(given.map((name, index) => [named[index]!, (row as Record<string, unknown>)[name]]))));
  const list: SQL = sql.join(
    named.map((name) => sql.identifier(name)),
    sql`, `,
  );
  await db.execute(sql`insert into ${table} (${list}) select ${list} from json_populate_recordset(null::${table}, ${json}::text::json)`);
}
