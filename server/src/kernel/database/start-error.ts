/** The server cannot start for a reason that its operator can mend. The message is one line that names the variable and what to do. */
export class StartError extends Error {
  override name = 'StartError';
}

const field = (error: unknown, name: string): unknown => (typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined);
const text = (error: unknown): string =>
  String(field(error, 'message') ?? field(error, 'name') ?? error)
    .replace(/\s+/g, ' ')
    .trim();

type Advice = (where: string) => string;
const unreachable: Advice = (where) => `no PostgreSQL answers at ${where}: start it, or correct the host and port`;
const refusedLogin: Advice = (where) => `the PostgreSQL server at ${where} refuses this user or password: correct them`;
const starting: Advice = (where) => `the PostgreSQL server at ${where} is starting up or shutting down: try again in a moment`;

const serverAdvice: Record<string, Advice> = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ENOENT: unreachable,
  CONNECT_TIMEOUT: unreachable,
  CONNECTION_CLOSED: unreachable,
  '28P01': refusedLogin,
  '28000': refusedLogin,
  '3D000': (where) => `the PostgreSQL server at ${where} has no such database: create it (createdb), or correct its name`,
  '53300': (where) => `the PostgreSQL server at ${where} has no connection left: raise its max_connections, or lower DATABASE_POOL_SIZE`,
  '57P03': starting,
  '57P01': starting,
  '25006': (where) => `the PostgreSQL server at ${where} is read-only: name its primary`,
  '42501': (where) => `this user may not create tables in the database at ${where}: grant it CREATE, or make it the owner`,
  '53100': (where) => `the disk of the PostgreSQL server at ${where} is full: free some space`,
};

/** The one line about a PostgreSQL server that cannot be used; `where` is host, port and database, without the password. */
export function serverStartError(error: unknown, where: string): StartError {
  if (error instanceof StartError) return error;
  const advice = serverAdvice[String(field(error, 'code'))];
  return new StartError(`DATABASE_URL: ${advice ? advice(where) : `the PostgreSQL server at ${where} cannot be used (${text(error)})`}.`, { cause: error });
}

const directoryAdvice: Record<string, Advice> = {
  EACCES: (where) => `${where} is not writable for this user: change its owner or permissions, or name another directory`,
  EPERM: (where) => `${where} is not writable for this user: change its owner or permissions, or name another directory`,
  EROFS: (where) => `${where} is on a read-only disk: name a directory that can be written`,
  ENOSPC: (where) => `the disk of ${where} is full: free some space, or name another directory`,
  EDQUOT: (where) => `the disk quota of ${where} is used up: free some space, or name another directory`,
  ENOENT: (where) => `${where} cannot be created: name another directory`,
  ENOTDIR: (where) => `${where} is not a directory: name another one`,
  EEXIST: (where) => `${where} is not a directory: name another one`,
  '53100': (where) => `the disk of ${where} is full: free some space, or name another directory`,
};

/** Error numbers of the embedded database's file system (WASI). */
const embeddedCodes: Record<string, string> = { 2: 'EACCES', 19: 'EDQUOT', 51: 'ENOSPC', 63: 'EPERM', 69: 'EROFS' };

/** The one line about a data directory that cannot be used. */
export function directoryStartError(error: unknown, directory: string): StartError {
  if (error instanceof StartError) return error;
  const advice = directoryAdvice[String(field(error, 'code') ?? embeddedCodes[String(field(error, 'errno'))])];
  return new StartError(`LATCHKEY_DATA_DIR: ${advice ? advice(directory) : `the database in ${directory} does not open (${text(error)})`}.`, { cause: error });
}
