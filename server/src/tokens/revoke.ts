/** Tokens that end with something else: a password, a role, their bearer. */
import type { BearerKind } from '../kernel/access/roles.ts';
import { and, eq, ne } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { tokens } from './token.table.ts';

/** Revokes all tokens of a bearer, without events. @param except the id of one that stays: the request's own */
export async function revokeTokensOf({ db, accountId }: Change, kind: BearerKind, bearerId: string, except?: string | null): Promise<void> {
  const borne = and(eq(tokens.accountId, accountId), eq(tokens.bearerType, kind), eq(tokens.bearerId, bearerId));
  await db.delete(tokens).where(except ? and(borne, ne(tokens.id, except)) : borne);
}
