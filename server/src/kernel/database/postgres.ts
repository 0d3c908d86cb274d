import postgres from 'postgres';
import { arrayText } from './array-text.ts';
import { common, type Database, type Drizzle, type Row, setQuickLane } from './connection.ts';
import { onPostgres } from './drizzle.ts';
import { StartError, serverStartError } from './start-error.ts';
import { oid, parameter, parseInstant, parsers } from './values.ts';

const oldestVersion = 150_000;

function withInstants(result: postgres.RowList<postgres.Row[]>): Row[] {
  const instants = (result.columns ?? []).filter((column) => column.type === oid.timestamptz).map((column) => column.name);
  for (const row of result) for (const name of instants) if (typeof row[name] === 'string') row[name] = parseInstant(row[name]);
  return [...result];
}

/** Where a URL points, without its password; StartError when it is none. */
function describeUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol === 'postgres:' || protocol === 'postgresql:') return `${host || 'localhost'}${pathname}`;
  } catch {
    // falls through to the one error that both mistakes share
  }
  throw new StartError('DATABASE_URL: this is not a PostgreSQL URL: write postgres://user:password@host:5432/database.');
}

async function checkServer(client: postgres.Sql, where: string): Promise<void> {
  const [row] = await client<{ number: number; version: string }[]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version`;
  if (row!.number >= oldestVersion) return;
  throw new StartError(`DATABASE_URL: the server at ${where} is PostgreSQL ${row!.version}, and 15 is the oldest that works: upgrade it.`);
}

/** The driver tries for ever with a server that takes connections and drops them, so the check has an end of its own. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'CONNECT_TIMEOUT' })), seconds * 1000);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

async function runScript(client: postgres.Sql, text: string): Promise<Row[]> {
  const connection = await client.reserve();
  try {
    const result = (await connection.unsafe(text).simple()) as unknown as Row[] | Row[][];
    return result.flat();
  } catch (error) {
    // a script that fails within its own BEGIN leaves the connection in a failed transaction
    await connection.unsafe('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    connection.release();
  }
}

type Unsafe = Pick<postgres.Sql, 'unsafe'>;

/** A query that the driver resolves; its types do not tell. */
interface Resolvable {
  resolve(rows: unknown[]): void;
}

/** After a statement that fails among its rows the driver goes on counting: the next result on that connection begins with as many holes. */
function withoutHoles(rows: unknown[]): unknown[] {
  if (rows.length === 0 || 0 in rows) return rows;
  rows.splice(0, Number(Object.keys(rows).find((key) => /^\d+$/.test(key)) ?? rows.length));
  return rows;
}

/** Prepares each text once per connection, whoever sends it: parsing and planning our joins costs as much as running them. */
function preparing<T extends Unsafe>(client: T): T {
  const { unsafe } = client;
  const prepared = (text: string, params: never[] = [], options = {}) => {
    const query = unsafe(text, params, { ...options, prepare: params.length > 0 });
    const pending = query as unknown as Resolvable;
    const { resolve } = pending;
    pending.resolve = (rows) => resolve(withoutHoles(rows));
    return query;
  };
  return Object.assign(client, { unsafe: prepared });
}

/** Runs single statements on one client, and transactions on another one's connections. */
function divided(statements: postgres.Sql, transactions: postgres.Sql): postgres.Sql {
  const begin = transactions.begin as (run: (tx: postgres.TransactionSql) => unknown) => Promise<unknown>;
  return Object.assign(preparing(statements), { begin: (run: (tx: postgres.TransactionSql) => unknown) => begin((tx) => run(preparing(tx))) });
}

/**
 * How a process's connections are shared out. Single statements that come at once share a few and go out together, which is worth half as much again; those that
 * many requests wait for have one that nothing slow is on; a transaction keeps its connection, so it gets one of its own.
 */
function shares(connections: number): { quick: number; single: number; transactions: number } {
  const quick = connections > 3 ? 1 : 0;
  const single = Math.max(1, Math.floor(connections * 0.3));
  return { quick, single, transactions: Math.max(1, connections - quick - single) };
}

const drizzleOn = (client: postgres.Sql): Drizzle => onPostgres(client, { casing: 'snake_case' }) as unknown as Drizzle;

/** The clients of a pool, the one for single statements first, and Drizzle on them. They connect when they are used. */
function openClients(url: string, connections: number): { clients: [postgres.Sql, ...postgres.Sql[]]; drizzle: Drizzle } {
  const open = (max: number) => postgres(url, { max, connect_timeout: 10, onnotice: () => {}, connection: { TimeZone: 'UTC' } });
  const share = shares(connections);
  const client = open(share.single);
  const others = [open(share.transactions)];
  const drizzle = drizzleOn(divided(client, others[0]!));
  if (share.quick > 0) {
    const quick = open(share.quick);
    others.push(quick);
    setQuickLane(drizzle, drizzleOn(preparing(quick)));
  }
  // what Drizzle has set for the first, and what we read otherwise than the driver
  Object.assign(client.options.parsers, parsers);
  // only where both are given does the driver leave arrays to us
  client.options.serializers[oid.textArray] = arrayText;
  for (const { options } of others) {
    Object.assign(options.parsers, client.options.parsers);
    Object.assign(options.serializers, client.options.serializers);
  }
  return { clients: [client, ...others], drizzle };
}

/** Connects a pool of at most `connections` to a server, and throws StartError when it cannot be used or does not answer within `seconds`. */
export async function openPostgres(url: string, connections: number, seconds = 15): Promise<Database> {
  const where = describeUrl(url);
  const { clients, drizzle } = openClients(url, connections);
  const [client] = clients;
  try {
    await within(seconds, checkServer(client, where));
  } catch (error) {
    await Promise.all(clients.map((each) => each.end({ timeout: 0 })));
    throw serverStartError(error, where);
  }
  return {
    driver: 'postgres',
    ...common(drizzle),
    rows: async (text, params = []) => withInstants(await client.unsafe(text, params.map(parameter) as postgres.ParameterOrJSON<never>[])),
    script: (text) => runScript(client, text),
    async listen(channel, handler) {
      const { unlisten } = await client.listen(channel, handler);
      return unlisten;
    },
    close: async () => void (await Promise.all(clients.map((each) => each.end({ timeout: 5 })))),
  };
}
