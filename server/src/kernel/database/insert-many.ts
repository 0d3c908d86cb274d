import { getTableColumns, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { snakeKey } from '../http/keys.ts';
import { arrayText } from './array-text.ts';
import type { Db } from './database.ts';

/** The columns that rows have, in the table's order. */
const columnsGiven = (table: PgTable, row: object): [name: string, column: PgColumn][] =>
  (Object.entries(getTableColumns(table)) as [string, PgColumn][]).filter(([name]) => name in row);

/** An array's elements are arrays only as texts. */
const isList = (column: PgColumn): boolean => column.getSQLType().endsWith('[]');

/**
 * Inserts many rows, a parameter for each column. The builder makes a parameter of each cell, which for batches of logs cost more processor time than all else
 * of a request; JSON in one parameter takes PostgreSQL twice as long to read.
 * @param rows every one with the same members; what the first lacks gets its column's default
 */
export async function insertMany<T extends PgTable>(db: Db, table: T, rows: readonly T['$inferInsert'][]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsGiven(table, rows[0]!);
  const names = columns.map(([name]) => sql.identifier(snakeKey(name)));
  const lists = columns.map(([name, column]) => {
    const cells = arrayText(rows.map((row) => (row as Record<string, unknown>)[name]));
    return sql`${cells}::text::${sql.raw(isList(column) ? 'text[]' : `${column.getSQLType()}[]`)}`;
  });
  const values = columns.map(([, column], index) => sql`given.${names[index]}${sql.raw(isList(column) ? `::${column.getSQLType()}` : '')}`);
  const joined = (parts: unknown[]) => sql.join(parts as ReturnType<typeof sql>[], sql`, `);
  await db.execute(sql`insert into ${table} (${joined(names)}) select ${joined(values)} from unnest(${joined(lists)}) as given (${joined(names)})`);
}
