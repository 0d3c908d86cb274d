import { type ExtractTablesWithRelations, type PgDatabase, type PgQueryResultHKT, type PgTransaction, type SQL, sql } from './drizzle.ts';

type Schema = Record<string, never>;

/** Drizzle on either driver, with one static type. */
export type Drizzle = PgDatabase<PgQueryResultHKT, Schema>;

/** An open transaction; whatever is to commit together gets the same one. */
export type Tx = PgTransaction<PgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

/** Something that runs queries: the database itself (each statement commits by itself) or a transaction. */
export type Db = Drizzle | Tx;

/** A row as `rows` gives it: timestamptz is a Date, int8 a number (a bigint beyond 2^53), json parsed, bytea a Buffer, the rest as Postgres writes it. */
export type Row = Record<string, unknown>;

/** The installation's PostgreSQL, whether a server or embedded. The drivers differ inside this folder only. */
export interface Database {
  readonly driver: 'postgres' | 'pglite';
  readonly drizzle: Drizzle;
  /** Runs in a read committed transaction, which rolls back when `run` rejects; nothing is retried. Inside, use only `tx`: the embedded database has one connection. */
  transaction<T>(run: (tx: Tx) => Promise<T>): Promise<T>;
  /** Raw SQL, one statement with `$1` parameters (Date, bigint, Buffer and plain objects are fine). */
  rows(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Raw SQL of any number of statements, on one connection; the rows of all of them. A failure leaves no transaction open. */
  script(text: string): Promise<Row[]>;
  /** Calls back for each notification on the channel, whichever process sent it, until the returned function is called. */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>;
  /** Notifies the channel; through a transaction, when that commits. */
  notify(db: Db, channel: string, payload: string): Promise<void>;
  /** The whole embedded database in memory as a tar file, for `openDatabase({ memory, template })`. Undefined on a server. */
  dump?(): Promise<Blob>;
  /** Waits for running queries, and leaves no socket, timer or lock. May be called twice. */
  close(): Promise<void>;
}

/** The rows of a `db.execute(...)`, which the two drivers wrap differently. Instants in them are text. */
export async function execute(db: Db, statement: SQL): Promise<Row[]> {
  const result = (await db.execute(statement)) as unknown as Row[] | { rows: Row[] };
  return Array.isArray(result) ? [...result] : result.rows;
}

const lanes = new WeakMap<object, Drizzle>();

/** Gives statements that are short by nature connections of their own, where no list or report is in their way. */
export const setQuickLane = (db: Drizzle, lane: Drizzle): void => void lanes.set(db, lane);

/** What short statements run on. Those of a transaction run in it. */
export const quickLane = (db: Db): Db => lanes.get(db) ?? db;

const hooks = new WeakMap<object, (() => void)[]>();

/** Calls back once the transaction has committed, never if it rolls back; at once for a db that is no transaction of `Database.transaction`. */
export function afterCommit(db: Db, callback: () => void): void {
  const waiting = hooks.get(db);
  if (waiting) waiting.push(callback);
  else callback();
}

/** The part of `Database` that is the same on both drivers. */
export function common(drizzle: Drizzle): Pick<Database, 'drizzle' | 'transaction' | 'notify'> {
  return {
    drizzle,
    async transaction(run) {
      const committed: (() => void)[] = [];
      const result = await drizzle.transaction((tx) => {
        hooks.set(tx, committed);
        return run(tx);
      });
      for (const callback of committed) callback();
      return result;
    },
    async notify(db, channel, payload) {
      await db.execute(sql`select pg_notify(${channel}, ${payload})`);
    },
  };
}
