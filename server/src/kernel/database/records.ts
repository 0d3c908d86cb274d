/** How a resource's rows are found: the table, what is joined to it, and what a path may call a row. */
import { parseUuid } from '../id.ts';
import type { Db } from './database.ts';
import { and, eq, getTableName, gt, lt, or, type PgColumn, type PgTable, SQL, sql } from './drizzle.ts';
import type { GivenValues } from './gather.ts';
import { Reader } from './reader.ts';
import { sharedRow } from './shared-row.ts';

export interface AccountCells {
  id: PgColumn;
  accountId: PgColumn;
  createdAt: PgColumn;
  environmentId?: PgColumn;
}
export type AccountTable = PgTable & AccountCells;

interface Join<T extends PgTable = PgTable, Always extends boolean = boolean> {
  table: T;
  on: SQL;
  always: Always;
  shared?: boolean;
}
/** Every row has one. */
export const inner = <T extends PgTable>(table: T, on: SQL | undefined): Join<T, true> => ({ table, on: on!, always: true });
/** A row may have one. */
export const left = <T extends PgTable>(table: T, on: SQL | undefined): Join<T, false> => ({ table, on: on!, always: false });

/** Many rows have the same one (shared-row.ts); nobody may change it. */
export const shared = <J extends Join>(join: J): J => ({ ...join, shared: true });

/** `a.account_id = b.account_id and a.<column> = b.id` */
export const sameAccount = (from: { accountId: PgColumn }, column: PgColumn, to: AccountCells): SQL =>
  and(eq(to.accountId, from.accountId), eq(to.id, column))!;

type Joins = Record<string, Join>;
type Extras = Record<string, SQL>;
type Joined<J extends Joins> = {
  [K in keyof J]: J[K] extends Join<infer T, infer A> ? (A extends true ? T['$inferSelect'] : T['$inferSelect'] | null) : never;
};
type Extra<E extends Extras> = { [K in keyof E]: E[K] extends SQL<infer V> ? V : never };

/** A row as code gets it: its own columns, and each joined row or computed value under its name. */
export type RowOf<T extends PgTable, J extends Joins, E extends Extras> = T['$inferSelect'] & Joined<J> & Extra<E>;

/** A column that a path's identifier may equal, or the comparison itself where an index wants it otherwise. */
export type Alias = PgColumn | ((identifier: string) => SQL);

export interface Lookup {
  /** Finds the few rows that the WHERE then judges, whatever the WHERE would find through an index of its own. Not with locks. */
  first?: SQL | undefined;
  order?: 'asc' | 'desc';
  /** Another order than that of lists. */
  by?: SQL;
  limit?: number;
  offset?: number;
  lock?: 'update' | 'share' | 'key share';
  /** Fails at once (`lockNotAvailable`) instead of waiting for the lock. */
  noWait?: boolean;
}

export interface Records<Row> {
  table: AccountTable;
  /** Plural, as on the wire: `webhook-endpoints`. */
  type: string;
  /** As errors name it (spec/http.md 9.7). */
  noun: string;
  /** The topic of the documentation that errors point at (spec/http.md 10.4). */
  topic: string;
  /** What stands in for the id in paths. */
  aliases: readonly Alias[];
  scoped: boolean;
  find(db: Db, where: SQL | undefined, lookup?: Lookup): Promise<Row[]>;
  /** The oldest row, by a prepared and gathered statement (gather.ts), for hot paths: with `given` values in the WHERE. */
  prepare(db: Db, name: string, where: SQL | undefined, first?: SQL): (values: GivenValues) => Promise<Row | undefined>;
  count(db: Db, where: SQL | undefined): Promise<number>;
  /** The WHERE of a path's identifier (spec/http.md 17). @param aliases besides the id; the resource's own when left out */
  called(identifier: string, aliases?: readonly Alias[]): SQL;
  /** The rows that come after one in the order of lists: comparison on (created, id). */
  after(last: { createdAt: Date; id: string }, order: 'asc' | 'desc'): SQL;
  /** Only for types. */
  row?: Row;
}
/** The row type of records. */
export type Row<R> = R extends Records<infer T> ? T : never;

interface Options<J extends Joins, E extends Extras> {
  type: string;
  noun: string;
  topic?: string;
  aliases?: readonly Alias[];
  joins?: J;
  extras?: E;
}

/** @param table led by `account_id`, as columns.ts builds it */
export function records<T extends AccountTable, const J extends Joins = Record<never, never>, const E extends Extras = Record<never, never>>(
  table: T,
  options: Options<J, E>,
): Records<RowOf<T, J, E>> & { table: T } {
  const { type, noun, topic = type, aliases = [] } = options;
  const joins = Object.entries(options.joins ?? {}) as [string, Join][];
  const fields = {
    self: table,
    ...Object.fromEntries(joins.map(([name, join]) => [name, join.shared ? sharedRow(join.table) : join.table])),
    ...options.extras,
  };
  const from = (db: Db, selection: Record<string, unknown>) => {
    let query = db
      .select(selection as { self: T })
      .from(table as PgTable)
      .$dynamic();
    for (const [, join] of joins) query = (join.always ? query.innerJoin(join.table, join.on) : query.leftJoin(join.table, join.on)) as typeof query;
    return query;
  };
  const ordered = (order: 'asc' | 'desc'): SQL => {
    const direction = sql.raw(order);
    return sql` order by ${table.createdAt} ${direction}, ${table.id} ${direction}`;
  };
  const reader = new Reader<RowOf<T, J, E>>(table, fields, (db) => from(db, fields));

  return {
    table,
    type,
    noun,
    topic,
    aliases,
    scoped: 'environmentId' in table,
    find(db, where, { first, order = 'desc', by, limit, offset, lock, noWait = false } = {}) {
      const tail = [
        where && sql` where ${where}`,
        by ? sql` order by ${by}` : ordered(order),
        limit !== undefined && sql` limit ${limit}`,
        offset && sql` offset ${offset}`,
        lock && sql.raw(` for ${lock} of "${getTableName(table)}"${noWait ? ' nowait' : ''}`),
      ];
      return reader.all(db, { first, rest: sql.join(tail.filter((part) => part instanceof SQL)) });
    },
    prepare(db, name, where, first) {
      return reader.prepare(db, name, { first, rest: sql`${where && sql` where ${where}`}${ordered('asc')} limit 1` });
    },
    async count(db, where) {
      const [row] = (await from(db, { self: sql<number>`count(*)::int` }).where(where)) as unknown as { self: number }[];
      return row!.self;
    },
    called(identifier, columns = aliases) {
      const id = parseUuid(identifier);
      const matches = columns.map((alias) => (typeof alias === 'function' ? alias(identifier) : eq(alias, identifier)));
      if (id !== undefined) matches.push(eq(table.id, id));
      return or(...matches) ?? sql`false`;
    },
    after(last, order) {
      const compare = order === 'asc' ? gt : lt;
      return compare(sql`(${table.createdAt}, ${table.id})`, sql`(${last.createdAt.toISOString()}::timestamptz, ${last.id}::uuid)`);
    },
  };
}
