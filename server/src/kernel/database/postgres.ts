import { drizzle as onPostgres } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { common, type Database, type Drizzle, type Row } from './connection.ts';
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

/** Prepares each text once per connection, whoever sends it: parsing and planning our joins costs as much as running them. */
function preparing<T extends Unsafe>(client: T): T {
  const { unsafe } = client;
  const prepared = (text: string, params: never[] = [], options = {}) => unsafe(text, params, { ...options, prepare: params.length > 0 });
  return Object.assign(client, { unsafe: prepared });
}

/**
 * One client for single statements, and another one's connections for transactions. Statements that come at once share a few connections and go out together,
 * which for the short ones that requests are made of is worth half as much again; a transaction keeps its connection, so it gets one of its own.
 */
function divided(statements: postgres.Sql, transactions: postgres.Sql): postgres.Sql {
  const begin = transactions.begin as (run: (tx: postgres.TransactionSql) => unknown) => Promise<unknown>;
  return Object.assign(preparing(statements), { begin: (run: (tx: postgres.TransactionSql) => unknown) => begin((tx) => run(preparing(tx))) });
}

/** Of a process's connections, those that single statements share. */
const sharedBy = (connections: number): number => Math.max(1, Math.floor(connections * 0.4));

/** Connects a pool of at most `connections` to a server, and throws StartError when it cannot be used or does not answer within `seconds`. */
export async function openPostgres(url: string, connections: number, seconds = 15): Promise<Database> {
  const where = describeUrl(url);
  const open = (max: number) => postgres(url, { max: Math.max(1, max), connect_timeout: 10, onnotice: () => {}, connection: { TimeZone: 'UTC' } });
  const client = open(sharedBy(connections));
  const transactions = open(connections - sharedBy(connections));
  const drizzle = onPostgres(divided(client, transactions), { casing: 'snake_case' }) as unknown as Drizzle;
  Object.assign(client.options.parsers, parsers);
  Object.assign(transactions.options.parsers, client.options.parsers);
  Object.assign(transactions.options.serializers, client.options.serializers);
  try {
    await within(seconds, checkServer(client, where));
  } catch (error) {
    await Promise.all([client.end({ timeout: 0 }), transactions.end({ timeout: 0 })]);
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
    close: async () => void (await Promise.all([client.end({ timeout: 5 }), transactions.end({ timeout: 5 })])),
  };
}
