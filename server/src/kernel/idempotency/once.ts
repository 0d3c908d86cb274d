/**
 * Answers a request that has a key once: the row of the key is inserted in the transaction that does the work, so whoever comes second waits for that row's lock,
 * and a process that dies takes the row with it. That there is work going on is a lock and not a mark that somebody would have to clear.
 */
import { seal, unseal } from '../crypto/sealing.ts';
import type { Tx } from '../database/database.ts';
import { and, eq, lte, sql } from '../database/drizzle.ts';
import { lockNotAvailable } from '../database/errors.ts';
import type { Context } from '../http/context.ts';
import { apiError } from '../http/errors.ts';
import type { Headers } from '../http/headers.ts';
import { parseJson } from '../http/json.ts';
import { oncePerServer } from '../services.ts';
import { idempotencyKeys, keptForMs } from './idempotency-key.table.ts';
import type { RequestKey } from './request-key.ts';

/** An answer in the words of the request's version, before it gets the headers that every response has anew. */
export interface Written {
  status: number;
  body: string | Buffer;
  /** undefined: no body. */
  type?: string | undefined;
  headers?: Headers | undefined;
  /** What a JSON body says, for the log. */
  json?: unknown;
}

/** What is kept of it. Bodies that are no text are in base64. */
interface Kept extends Pick<Written, 'status' | 'type' | 'headers'> {
  version: string;
  text?: string;
  base64?: string;
}

const longestWaitMs = 5000;

const place = ({ accountId, bearer, key }: RequestKey): string => JSON.stringify([accountId, bearer, key]);
const rowOf = ({ accountId, bearer, key }: RequestKey) =>
  and(eq(idempotencyKeys.accountId, accountId), eq(idempotencyKeys.bearer, bearer), eq(idempotencyKeys.key, key));

/** Requests of this process that are being worked on: whoever waits for one of them waits here, and not with a connection in hand. */
const running = oncePerServer(() => new Map<string, Promise<unknown>>());

/** Starts the work as soon as no other of its name goes on. @throws {ApiError} 409 when that takes too long */
async function inTurn<T>(others: Map<string, Promise<unknown>>, name: string, milliseconds: number, work: () => Promise<T>): Promise<T> {
  if (others.has(name)) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(apiError('IDEMPOTENCY_KEY_IN_USE')), milliseconds);
    });
    try {
      for (let other = others.get(name); other; other = others.get(name)) await Promise.race([other.catch(() => {}), late]);
    } finally {
      clearTimeout(timer);
    }
  }
  const own = work().finally(() => others.delete(name));
  others.set(name, own);
  return own;
}

/** Takes the key for this transaction, also when its last answer is no longer kept. @returns false when it is taken. @throws {ApiError} 409 */
async function take(tx: Tx, request: RequestKey, now: Date, waitMs: number): Promise<boolean> {
  const { fingerprint } = request;
  await tx.execute(sql`select set_config('lock_timeout', ${String(waitMs)}, true)`);
  const taken = await tx
    .insert(idempotencyKeys)
    .values({ ...request, createdAt: now })
    .onConflictDoUpdate({
      target: [idempotencyKeys.accountId, idempotencyKeys.bearer, idempotencyKeys.key],
      set: { fingerprint, response: null, createdAt: now },
      setWhere: lte(idempotencyKeys.createdAt, new Date(now.getTime() - keptForMs)),
    })
    .returning({ key: idempotencyKeys.key })
    .catch((error: unknown) => Promise.reject(lockNotAvailable(error) ? apiError('IDEMPOTENCY_KEY_IN_USE') : error));
  await tx.execute(sql`select set_config('lock_timeout', reset_val, true) from pg_settings where name = 'lock_timeout'`);
  return taken.length > 0;
}

async function keep(tx: Tx, request: RequestKey, { services, version }: Context, { status, type, headers, body }: Written): Promise<void> {
  const kept: Kept = { status, type, headers, version, ...(typeof body === 'string' ? { text: body } : { base64: body.toString('base64') }) };
  const response = seal(services.ring, JSON.stringify(kept), place(request));
  await tx.update(idempotencyKeys).set({ response }).where(rowOf(request));
}

/** What was answered before. The request becomes one of the version that it had then. @throws {ApiError} 422; 409 when it has gone this very moment */
async function repeat(tx: Tx, request: RequestKey, context: Context): Promise<Written> {
  const [row] = await tx.select().from(idempotencyKeys).where(rowOf(request));
  if (!row?.response) throw apiError('IDEMPOTENCY_KEY_IN_USE');
  if (row.fingerprint !== request.fingerprint) throw apiError('IDEMPOTENCY_KEY_REUSED');
  const { text, base64, version, ...kept } = JSON.parse(unseal(context.services.ring, row.response, place(request))) as Kept;
  context.version = version;
  const body = text ?? Buffer.from(base64!, 'base64');
  const isJson = text && kept.type?.includes('json');
  return { ...kept, body, headers: { ...kept.headers, 'Idempotent-Replayed': 'true' }, ...(isJson && { json: parseJson(Buffer.from(text)) }) };
}

/** Does the work and keeps its answer, or repeats the answer that is kept. Work that throws is undone as a whole, and nothing is kept. @throws {ApiError} 409, 422 */
export async function answerOnce(context: Context, request: RequestKey, work: () => Promise<Written>): Promise<Written> {
  const { database, config } = context.services;
  const waitMs = Math.min(longestWaitMs, config.requestTimeoutMs / 2);
  return inTurn(running(context.services), place(request), waitMs, () =>
    database
      .transaction(async (tx) => {
        if (!(await take(tx, request, context.now, waitMs))) return repeat(tx, request, context);
        context.outer = tx;
        const written = await work();
        await keep(tx, request, context, written);
        return written;
      })
      .finally(() => {
        context.outer = undefined;
      }),
  );
}
