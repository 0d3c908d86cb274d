type Fields = { code: string; constraint_name?: unknown; constraint?: unknown };

const hasCode = (error: unknown): error is Fields => typeof error === 'object' && error !== null && typeof (error as { code?: unknown }).code === 'string';

/** The driver's error below what Drizzle and others wrapped around it. */
function driverError(error: unknown): Fields | undefined {
  for (let e = error, depth = 0; e && depth < 10; e = (e as { cause?: unknown }).cause, depth++) if (hasCode(e)) return e;
  return undefined;
}

/** The SQLSTATE of a database error (or the driver's own code when there was no answer), however it is wrapped; else undefined. */
export const sqlState = (error: unknown): string | undefined => driverError(error)?.code;

function constraintOf(error: unknown, state: string): string | undefined {
  const found = driverError(error);
  if (found?.code !== state) return undefined;
  return String(found.constraint_name ?? found.constraint ?? '');
}

const oneOf =
  (...states: string[]) =>
  (error: unknown): boolean =>
    states.includes(sqlState(error) ?? '');

/** The unique constraint or index that a write broke; undefined for any other error. */
export const uniqueViolation = (error: unknown): string | undefined => constraintOf(error, '23505');

/** The foreign key that a write broke; undefined for any other error. */
export const foreignKeyViolation = (error: unknown): string | undefined => constraintOf(error, '23503');

/** The check constraint that a write broke; undefined for any other error. */
export const checkViolation = (error: unknown): string | undefined => constraintOf(error, '23514');

/** A number does not fit its column. */
export const numericOutOfRange = oneOf('22003');

/** A text that PostgreSQL cannot hold: a null character, or bytes that are no UTF-8. */
export const invalidText = oneOf('22021', '22P05');

/** A lock asked for with NOWAIT or a timeout is held by another transaction. */
export const lockNotAvailable = oneOf('55P03');

/** A deadlock or serialization failure: the same transaction may succeed when it is run again. */
export const conflict = oneOf('40001', '40P01');

const lostConnection = new Set([
  ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ...['57P01', '57P02', '57P03'],
]);

/** The connection is gone, or there is none to be had. Never so on the embedded database. */
export const connectionLost = (error: unknown): boolean => {
  const state = sqlState(error) ?? '';
  return lostConnection.has(state) || /^08[0-9A-Z]{3}$/.test(state);
};
