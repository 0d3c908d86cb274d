/**
 * A joined row that many rows have in common, like a policy: it comes as one text, and what was read before is handed out again. With fifty columns on each of a
 * hundred rows, to take them apart cost a quarter of a list.
 */
import { getTableColumns, type PgTable, type SQL, sql } from './drizzle.ts';
import { oid, parsers } from './values.ts';

/** How a driver would read a cell of a type; any other type is read as its text. */
const cells: Record<string, (text: string) => unknown> = {
  boolean: (text) => text === 't',
  integer: Number,
  'double precision': Number,
  bigint: parsers[oid.int8]!,
  json: parsers[oid.json]!,
  jsonb: parsers[oid.jsonb]!,
  'text[]': parsers[oid.textArray]!,
  bytea: parsers[oid.bytea]!,
};

/** A cell in quotes, where quotes and backslashes are doubled, or one without any, which is nothing when it is empty; and what ends it. */
const cell = /("(?:[^"]|"")*"|[^",)]*)([,)])/y;

/** Reads a row as PostgreSQL writes it: `(1,"a ""b""",)`. Throws TypeError for what is none. */
export function parseRowText(text: string): (string | null)[] {
  const list: (string | null)[] = [];
  cell.lastIndex = 1;
  for (let end = ','; end === ','; ) {
    const found = text.startsWith('(') ? cell.exec(text) : null;
    if (!found) throw new TypeError('not the text of a row');
    const [, written, next] = found as unknown as [string, string, string];
    list.push(written === '' ? null : written.startsWith('"') ? written.slice(1, -1).replace(/(["\\])\1/g, '$1') : written);
    end = next;
  }
  return list;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Date)) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** Characters of rows that are remembered of a table: some thousand policies. */
const remembered = 2 ** 21;

type Read<Row> = (text: string) => Row | null;

/** The same answer to the same text, as long as not too many others have come. */
function remembering<Row>(read: Read<Row>): Read<Row> {
  const known = new Map<string, Row | null>();
  let held = 0;
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    held += text.length;
    if (held > remembered) {
      known.clear();
      held = text.length;
    }
    const row = read(text);
    known.set(text, row);
    return row;
  };
}

function readerOf<T extends PgTable>(table: T): Read<T['$inferSelect']> {
  const columns = Object.entries(getTableColumns(table));
  return remembering((text) => {
    const values = parseRowText(text);
    const row = Object.fromEntries(
      columns.map(([name, column], index) => {
        const value = values[index] ?? null;
        return [name, value === null ? null : column.mapFromDriverValue(cells[column.getSQLType()]?.(value) ?? value)];
      }),
    );
    return row.id === null ? null : (frozen(row) as T['$inferSelect']);
  });
}

/** One for each table, whatever it is joined to. */
const readers = new WeakMap<PgTable, Read<unknown>>();

/** A computed value that reads a table's row, null where an outer join has none. Rows are shared, so they are frozen. */
export function sharedRow<T extends PgTable>(table: T): SQL<T['$inferSelect'] | null> {
  const read = (readers.get(table) ?? readerOf(table)) as Read<T['$inferSelect']>;
  readers.set(table, read);
  const columns = Object.values(getTableColumns(table)).map((column) => sql`${column}`);
  return sql`row(${sql.join(columns, sql`, `)})::text`.mapWith(read) as SQL<T['$inferSelect'] | null>;
}
