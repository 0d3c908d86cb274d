import type { Database } from './connection.ts';
import { openPostgres } from './postgres.ts';

export { afterCommit, type Database, type Db, type Drizzle, execute, type Row, type Tx } from './connection.ts';
export { StartError } from './start-error.ts';

/** Where the data is: a server (a pool of `connections`, 10 by default), a directory (embedded), or memory (embedded, for tests; `template` is a dump). */
export type DatabaseOptions = { url: string; connections?: number } | { dataDir: string } | { memory: true; template?: Blob | Buffer };

/** Opens the database. StartError, with one line for the operator, when the server or the directory cannot be used. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if ('url' in options) return openPostgres(options.url, options.connections ?? 10);
  // some megabytes that a server with a PostgreSQL does not need
  const { openDirectory, openMemory } = await import('./pglite.ts');
  if ('dataDir' in options) return openDirectory(options.dataDir);
  return openMemory(options.template);
}
