/**
 * Reads rows of a table and what is joined to it. Drizzle builds its SELECT once; after that only the WHERE and what follows it is built, and cells go straight
 * to their places: with a hundred columns a row, building and mapping cost more than the rest of a request.
 */
import { shapeOf } from '../shape.ts';
import type { Db } from './database.ts';
import { Column, getTableColumns, getTableName, is, type PgColumn, type PgTable, SQL, sql, Table } from './drizzle.ts';
import { type GivenValues, gatheredSelect } from './gather.ts';
import { internals } from './internals.ts';

type Cell = unknown;
type Decode = (value: Cell) => unknown;

/** What one member of a row is read from: a whole table, or one computed value. */
interface Part {
  name: string;
  /** The columns' property names; undefined for a computed value. */
  keys: string[] | undefined;
  decoders: (Decode | undefined)[];
  start: number;
  /** Where its id stands, which is null when a joined row is not there. */
  idAt: number;
  /** What its columns are read into. */
  shape: Record<string, unknown>;
}

/** Undefined where the driver's value is the column's. */
function decoderOf(column: Column): Decode | undefined {
  const own = Object.getPrototypeOf(column).mapFromDriverValue as Decode;
  return own === Column.prototype.mapFromDriverValue ? undefined : (value) => column.mapFromDriverValue(value);
}

/** Columns by the names that their values get: a table's, or some of them. Undefined for a computed value. */
function columnsOf(field: unknown): [string, PgColumn][] | undefined {
  if (is(field, SQL)) return undefined;
  return Object.entries((is(field, Table) ? getTableColumns(field) : field) as Record<string, PgColumn>);
}

function partsOf(fields: Record<string, unknown>): Part[] {
  let start = 0;
  return Object.entries(fields).map(([name, field]) => {
    const columns = columnsOf(field);
    const part: Part = {
      name,
      keys: columns?.map(([key]) => key),
      decoders: columns
        ? columns.map(([, column]) => decoderOf(column))
        : [(field as { decoder?: { mapFromDriverValue: Decode } }).decoder?.mapFromDriverValue],
      start,
      idAt: start + (columns?.findIndex(([key]) => key === 'id') ?? 0),
      shape: shapeOf<unknown>(columns?.map(([key]) => key) ?? []),
    };
    start += columns?.length ?? 1;
    return part;
  });
}

function read(part: Part, cells: Cell[], into: Record<string, unknown>): Record<string, unknown> {
  const { keys, decoders, start } = part;
  for (let index = 0; index < keys!.length; index++) {
    const value = cells[start + index];
    const decode = decoders[index];
    into[keys![index]!] = value === null || decode === undefined ? value : decode(value);
  }
  return into;
}

type Select = (db: Db) => { toSQL(): { sql: string; params: unknown[] } };

/** What is particular to a read. */
export interface Tail {
  /** What finds the few rows that the rest judges. */
  first?: SQL | undefined;
  /** All that follows the joins: WHERE, ORDER BY, LIMIT, locks. */
  rest: SQL;
}

/** @param fields `self`: the table whose columns become the row's own members; the others become members by their names, `id` among the columns of each */
export class Reader<Row> {
  readonly #parts: Part[];
  readonly #shape: Record<string, unknown>;
  readonly #table: PgTable;
  readonly #select: Select;
  /** The SELECT up to its FROM, and from the joins on. */
  #head: readonly [SQL, SQL] | undefined;

  /** @param select builds the whole SELECT without a WHERE */
  constructor(table: PgTable, fields: Record<string, unknown>, select: Select) {
    this.#table = table;
    this.#parts = partsOf(fields);
    this.#shape = shapeOf<unknown>(this.#parts.flatMap(({ name, keys }) => (name === 'self' ? keys! : [name])));
    this.#select = select;
  }

  #statement(db: Db, { first, rest }: Tail): { sql: string; params: unknown[] } {
    this.#head ??= this.#headOf(db);
    const [before, after] = this.#head;
    const table = this.#table;
    // a fence: PostgreSQL would otherwise be free to look among all that the rest admits
    const source = first ? sql`(select * from ${table} where ${first} offset 0) as ${sql.identifier(getTableName(table))}` : sql`${table}`;
    return internals(db).dialect.sqlToQuery(sql`${before} from ${source}${after}${rest}`);
  }

  #headOf(db: Db): [SQL, SQL] {
    const { sql: text, params } = this.#select(db).toSQL();
    if (params.length > 0) throw new TypeError('what is joined may not depend on parameters');
    const from = ` from "${getTableName(this.#table)}"`;
    const at = text.lastIndexOf(from);
    return [sql.raw(text.slice(0, at)), sql.raw(text.slice(at + from.length))];
  }

  #row = (cells: Cell[]): Row => {
    const row = { ...this.#shape };
    for (const part of this.#parts) {
      if (part.name === 'self') read(part, cells, row);
      else if (part.keys) row[part.name] = cells[part.idAt] === null ? null : read(part, cells, { ...part.shape });
      else row[part.name] = part.decoders[0] && cells[part.start] !== null ? part.decoders[0](cells[part.start]) : cells[part.start];
    }
    return row as Row;
  };

  all(db: Db, tail: Tail): Promise<Row[]> {
    return internals(db)
      .session.prepareQuery(this.#statement(db, tail), undefined, undefined, true, (rows) => rows.map(this.#row))
      .execute() as Promise<Row[]>;
  }

  /** The same prepared and gathered (gather.ts): a row for each who asks, with `given` values in the tail. */
  prepare(db: Db, name: string, tail: Tail): (values: GivenValues) => Promise<Row | undefined> {
    const gatherer = gatheredSelect(db, name, this.#statement(db, tail), this.#row);
    return async (values) => (await gatherer.ask(values))[0];
  }
}
