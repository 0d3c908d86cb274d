/** Counters of license tokens: how many machines a token has activated and deactivated (spec/auth.md 5.7). */
import type { Bearer, BearerToken } from '../kernel/access/access.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { lockNotAvailable } from '../kernel/database/errors.ts';
import type { Change } from '../kernel/events/change.ts';
import { apiError } from '../kernel/http/errors.ts';
import { refuse } from '../kernel/jsonapi/rules.ts';
import { type Token, tokens } from './token.table.ts';

type Counter = 'activations' | 'deactivations';
/** Who acts: a request's context is one. */
interface Actor {
  bearer: Bearer | null;
  token: BearerToken | null;
}

const limits = { activations: 'maxActivations', deactivations: 'maxDeactivations' } as const;
const singular = { activations: 'activation', deactivations: 'deactivation' } as const;
const largest = 2_147_483_647;

const source = (counter: Counter) => ({ pointer: `/data/attributes/${counter}` });

/**
 * The token's row, locked without waiting. Who has no limit goes on uncounted when another transaction holds it.
 * @throws {ApiError} 409 when it has one
 */
async function locked({ db, accountId }: Change, id: string, counter: Counter): Promise<Token | undefined> {
  const select = () =>
    db
      .select()
      .from(tokens)
      .where(and(eq(tokens.accountId, accountId), eq(tokens.id, id)));
  const [seen] = await select();
  if (!seen) return undefined;
  if (seen[limits[counter]] === null) return (await select().for('update', { skipLocked: true }))[0];
  try {
    return (await select().for('update', { noWait: true }))[0];
  } catch (error) {
    if (!lockNotAvailable(error)) throw error;
    throw apiError('CONFLICT', { detail: `failed to increment due to another conflicting ${singular[counter]}`, source: source(counter) });
  }
}

async function count(change: Change, { bearer, token: sent }: Actor, counter: Counter): Promise<void> {
  if (bearer?.kind !== 'license' || !sent) return;
  const token = await locked(change, sent.id, counter);
  if (!token) return;
  const next = token[counter] + 1;
  const maximum = token[limits[counter]];
  if (maximum !== null && next > maximum)
    refuse([{ subject: counter, detail: `exceeds maximum allowed (${maximum})`, kind: 'LIMIT_EXCEEDED' }], 'token', 'tokens');
  if (next > largest) throw apiError('INTEGER_TOO_LARGE', { source: source(counter) });
  const { accountId, id } = token;
  await change.db
    .update(tokens)
    .set({ [counter]: next })
    .where(and(eq(tokens.accountId, accountId), eq(tokens.id, id)));
}

/**
 * Counts a machine that a license's token activates; nothing for other bearers and for license keys. Call it in the machine's transaction, after its rules.
 * @throws {ApiError} 422 beyond `maxActivations`, 409 when another activation with the token is under way, 400 when the counter is full
 */
export const countActivation = (change: Change, actor: Actor): Promise<void> => count(change, actor, 'activations');

/** The same for a machine that it deactivates. @throws {ApiError} 422 beyond `maxDeactivations`, 409, 400 */
export const countDeactivation = (change: Change, actor: Actor): Promise<void> => count(change, actor, 'deactivations');
