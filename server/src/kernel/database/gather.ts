/**
 * What is asked for at once goes out as one statement. To pass a statement on costs the driver and the server as much as to run a short one, so what requests ask
 * for while the event loop goes through the sockets that have something to read is gathered, and sent when it is through: an idle server waits for nobody.
 */
import { arrayText } from './array-text.ts';
import { quickLane } from './connection.ts';
import type { Db } from './database.ts';
import { is, Placeholder, type SQL, sql } from './drizzle.ts';
import { connectionLost } from './errors.ts';
import { internals } from './internals.ts';

interface Ask<Value, Result> {
  value: Value;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Asks of one statement, at most. */
const most = 100;

/** Answers asks together. @template Value what is asked @template Result what is answered */
export class Gatherer<Value, Result> {
  readonly #run: (values: Value[]) => Promise<Result[]>;
  #waiting: Ask<Value, Result>[] = [];

  /** @param run answers every value, in their order; when it rejects, each is asked again by itself, unless there is nobody to ask */
  constructor(run: (values: Value[]) => Promise<Result[]>) {
    this.#run = run;
  }

  ask(value: Value): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ value, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += most) void this.#answer(waiting.slice(at, at + most));
  }

  async #answer(asks: Ask<Value, Result>[]): Promise<void> {
    try {
      const results = await this.#run(asks.map(({ value }) => value));
      asks.forEach(({ resolve }, index) => void resolve(results[index]!));
    } catch (error) {
      if (asks.length > 1 && !connectionLost(error)) for (const ask of asks) void this.#answer([ask]);
      else for (const { reject } of asks) reject(error);
    }
  }
}

/** A value that a gathered statement gets when it runs, where code that builds SQL wants a text. @param type PostgreSQL's name of its type */
export const given = (name: string, type = 'uuid'): string => sql`${sql.placeholder(name)}::${sql.raw(type)}` as unknown as string;

/** Values by the names under which the statement has them `given`. */
export type GivenValues = Readonly<Record<string, unknown>>;

/** The asks as a relation, a row for each: `asked(<names>, nth)`. */
const relationOf = (names: readonly string[]): string =>
  `unnest(${names.map((_, index) => `$${index + 1}::text::text[]`).join(', ')}) with ordinality as asked(${names.map((name) => `"${name}"`).join(', ')}, nth)`;

/** Prepares a text with the relation `asked`, whose last column is `nth`, the number of the ask that a row answers, counted from 1. */
function prepared<Row>(db: Db, name: string, names: readonly string[], text: string, map: (cells: unknown[]) => Row): Gatherer<GivenValues, Row[]> {
  const query = { sql: text, params: names.map((given) => sql.placeholder(given)) };
  const statement = internals(quickLane(db)).session.prepareQuery(query, undefined, name, true, (rows) => rows);
  return new Gatherer(async (asks) => {
    const lists = Object.fromEntries(names.map((given) => [given, arrayText(asks.map((values) => values[given]))]));
    const found: Row[][] = asks.map(() => []);
    for (const cells of (await statement.execute(lists)) as unknown[][]) found[Number(cells.at(-1)) - 1]!.push(map(cells));
    return found;
  });
}

/**
 * A SELECT, prepared once, that is asked for many at a time.
 * @param query its text; each parameter is a `given` one
 * @param map makes a row of its cells, behind which stands one more that is not the row's
 */
export function gatheredSelect<Row>(db: Db, name: string, query: { sql: string; params: unknown[] }, map: (cells: unknown[]) => Row) {
  const nameOf = (param: unknown): string => {
    if (is(param, Placeholder)) return param.name;
    throw new TypeError(`${name}: a gathered statement has no parameters but given ones`);
  };
  const names = [...new Set(query.params.map(nameOf))];
  const each = query.sql.replace(/\$(\d+)/g, (_, number: string) => `asked."${nameOf(query.params[Number(number) - 1])}"`);
  return prepared(db, name, names, `select found.*, asked.nth from ${relationOf(names)} cross join lateral (${each}) found`, map);
}

/**
 * A statement, prepared once, that changes what many ask for.
 * @param names of what is given
 * @param text reads the relation `asked` (all texts, and `nth`), and returns `nth` of each ask that it has answered
 * @returns whether the ask was answered
 */
export function gatheredChange(db: Db, name: string, names: readonly string[], text: SQL): (values: GivenValues) => Promise<boolean> {
  const { sql: written } = internals(db).dialect.sqlToQuery(sql`with asked as (select * from ${sql.raw(relationOf(names))}) ${text}`);
  const gatherer = prepared(db, name, names, written, () => true);
  return async (values) => (await gatherer.ask(values)).length > 0;
}
