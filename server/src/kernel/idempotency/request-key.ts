/** `Idempotency-Key`: which requests it counts for, and what makes two requests the same one. */
import { createHash } from 'node:crypto';
import { sorted } from '../access/permissions.ts';
import type { Context } from '../http/context.ts';
import { apiError } from '../http/errors.ts';
import type { RouteFacts } from '../http/route-facts.ts';

/** Whose key it is, and for which request. */
export interface RequestKey {
  accountId: string;
  bearer: string;
  key: string;
  fingerprint: string;
}

const longestKey = 255;

/** Whether a route's POST can be sent with a key: all that have an account and know who asks. */
export const takesKey = ({ base, auth }: RouteFacts): boolean => (base === 'account' || base === 'itself') && auth !== 'none';

/**
 * The answer is repeated without asking again who may have it, so the same request is also one in the same environment, with the same permissions.
 * What the body says is compared byte by byte.
 */
function fingerprint({ method, target, environment, bearer, token, bytes }: Context): string {
  const may = sorted((token ?? bearer)?.permissions ?? []);
  return createHash('sha256')
    .update(JSON.stringify([method, target.raw, environment?.id, bearer?.role, may]))
    .update(bytes ?? '')
    .digest('hex');
}

/** The key of an authenticated request. @returns undefined where there is none, or it does not count. @throws {ApiError} 400 */
export function requestKey(context: Context): RequestKey | undefined {
  const { bearer, method, route } = context;
  const key = context.headers['idempotency-key'];
  if (key === undefined || method !== 'POST' || !takesKey(route) || bearer === null) return undefined;
  if (key.trim() === '' || key.length > longestKey) throw apiError('IDEMPOTENCY_KEY_INVALID');
  return { accountId: context.accountId, bearer: `${bearer.kind}:${bearer.id}`, key, fingerprint: fingerprint(context) };
}
