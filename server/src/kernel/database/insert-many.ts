import { snakeKey } from '../http/keys.ts';
import { arrayText, readArray, readSeparated, separatedText } from './array-text.ts';
import type { Db } from './database.ts';
import { getTableColumns, getTableName, type PgColumn, type PgTable } from './drizzle.ts';
import { internals } from './internals.ts';

/** The columns that rows have, in the table's order. */
const columnsGiven = (table: PgTable, row: object): [name: string, column: PgColumn][] =>
  (Object.entries(getTableColumns(table)) as [string, PgColumn][]).filter(([name]) => name in row);

/** Without its collation, which is the column's affair. */
const typeOf = (column: PgColumn): string => column.getSQLType().replace(/ collate .*/, '');
/** An array's elements are arrays only as texts. */
const isList = (column: PgColumn): boolean => typeOf(column).endsWith('[]');

/** The text of an INSERT, a parameter for each column. @param read how PostgreSQL makes a list of one */
function statementOf(table: PgTable, columns: [name: string, column: PgColumn][], read: (parameter: string) => string): string {
  const types = columns.map(([, column]) => (isList(column) ? 'text[]' : `${typeOf(column)}[]`));
  const names = columns.map(([name]) => `"${snakeKey(name)}"`);
  const values = columns.map(([, column], index) => `given.${names[index]}${isList(column) ? `::${typeOf(column)}` : ''}`);
  const lists = types.map((type, index) => `${read(`$${index + 1}`)}::${type}`);
  const given = `unnest(${lists.join(', ')}) as given (${names.join(', ')})`;
  return `insert into "${getTableName(table)}" (${names.join(', ')}) select ${values.join(', ')} from ${given}`;
}

/**
 * Inserts many rows. The builder makes a parameter of each cell, which for batches of logs cost more processor time than all else of a request; JSON in one
 * parameter takes PostgreSQL twice as long to read as a list for each column.
 * @param rows every one with the same members; what the first lacks gets its column's default
 */
export async function insertMany<T extends PgTable>(db: Db, table: T, rows: readonly T['$inferInsert'][]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsGiven(table, rows[0]!);
  const lists = columns.map(([name]) => rows.map((row) => (row as Record<string, unknown>)[name]));
  const separated = lists.map(separatedText);
  const plain = separated.every((text) => text !== undefined);
  const params = plain ? separated : lists.map(arrayText);
  await internals(db)
    .session.prepareQuery({ sql: statementOf(table, columns, plain ? readSeparated : readArray), params }, undefined, undefined, true, (inserted) => inserted)
    .execute();
}
