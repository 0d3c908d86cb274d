import type { UserRecord } from './user.records.ts';

export const userStatuses = ['ACTIVE', 'INACTIVE', 'BANNED'] as const;
export type UserStatus = (typeof userStatuses)[number];

const period = 90 * 86_400_000;

/** The instant before which nothing counts as activity any more. */
export const activeSince = (now: Date): Date => new Date(now.getTime() - period);

/** Banned, active for 90 days after its creation and after any use of one of its licenses, else inactive (spec/users.md 1.4). */
export function userStatus(user: Pick<UserRecord, 'bannedAt' | 'createdAt' | 'lastUseAt'>, now: Date): UserStatus {
  if (user.bannedAt !== null) return 'BANNED';
  const since = activeSince(now);
  return user.createdAt >= since || (user.lastUseAt !== null && user.lastUseAt >= since) ? 'ACTIVE' : 'INACTIVE';
}
