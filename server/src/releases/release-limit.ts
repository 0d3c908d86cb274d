/** How many releases an account may have that does not pay yet (spec/distribution.md 3.7). */
import { isTrialingOrFree, type Standing } from '../accounts/standing.ts';
import type { KernelConfig } from '../kernel/config.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import { lockName } from '../kernel/database/locks.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { type Failure, refuse } from '../kernel/jsonapi/rules.ts';
import { releaseRecords } from './release.records.ts';
import { releases } from './release.table.ts';

const most = 10;

/** The limit that holds for an account; null: none. */
export const releaseLimit = (account: Standing, mode: KernelConfig['mode']): number | null =>
  mode === 'multiplayer' && isTrialingOrFree(account) ? most : null;

const full = (limit: number, billing: string): Failure => ({
  subject: '~account',
  kind: 'RELEASE_LIMIT_EXCEEDED',
  detail: `Your tier's release limit of ${limit} has been reached for your account. Please upgrade to a paid tier and add a payment method at ${billing}.`,
});

/** Counts while nobody else adds any to the account: those who are limited wait for each other. @throws {ApiError} 422 when the account may have no further release */
export async function requireRoom({ db, accountId }: Change, { account, services: { config } }: Context): Promise<void> {
  const limit = releaseLimit(account, config.mode);
  if (limit === null) return;
  await lockName(db, 'releases', accountId);
  const [found] = await db.select({ count: sql<number>`count(*)::int` }).from(releases).where(eq(releases.accountId, accountId));
  if (found!.count >= limit) refuse([full(limit, config.names.billing)], releaseRecords.noun, releaseRecords.topic);
}
