import { addInterval, isInterval } from '../kernel/duration.ts';

const day = 86_400_000;

/** What a license is known by when its state is judged; `createdAt` and the `last...At` instants show activity. */
export interface LicenseLife {
  suspended: boolean;
  expiry: Date | null;
  createdAt: Date;
  lastValidatedAt: Date | null;
  lastCheckInAt: Date | null;
  lastCheckOutAt: Date | null;
  owner: { bannedAt: Date | null } | null;
}

/** The part of a policy that governs check-ins. */
export interface CheckInPolicy {
  requireCheckIn: boolean;
  checkInInterval: string | null;
  checkInIntervalCount: number | null;
}

/** The limits of a policy, or a license's overrides of them; null is no limit, or no override. Memory and disk are 64-bit. */
export interface Limits {
  maxMachines: number | null;
  maxProcesses: number | null;
  maxUsers: number | null;
  maxCores: number | null;
  maxMemory: bigint | null;
  maxDisk: bigint | null;
  maxUses: number | null;
}

export type LicenseStatus = 'BANNED' | 'SUSPENDED' | 'EXPIRED' | 'EXPIRING' | 'INACTIVE' | 'ACTIVE';

/** The license's owner is banned; attached users' bans do not matter (spec/licenses.md 1.1). */
export const isBanned = (license: Pick<LicenseLife, 'owner'>): boolean => license.owner !== null && license.owner.bannedAt !== null;

/** The expiry is set and lies before now (spec/licenses.md 1.1). */
export const isExpired = (license: Pick<LicenseLife, 'expiry'>, now: Date): boolean => license.expiry !== null && license.expiry < now;

/** The expiry lies within the next three days, both ends excluded (spec/licenses.md 1.1). */
export const isExpiring = ({ expiry }: Pick<LicenseLife, 'expiry'>, now: Date): boolean =>
  expiry !== null && expiry > now && expiry.getTime() < now.getTime() + 3 * day;

/** Created, validated, checked in or checked out at `since` or later (spec/licenses.md 8.2). */
export const isActiveSince = (license: LicenseLife, since: Date): boolean =>
  [license.createdAt, license.lastValidatedAt, license.lastCheckOutAt, license.lastCheckInAt].some((at) => at !== null && at >= since);

/** Active within the last 90 days (spec/licenses.md 1.1). */
export const isActive = (license: LicenseLife, now: Date): boolean => isActiveSince(license, new Date(now.getTime() - 90 * day));

const statuses: [LicenseStatus, (license: LicenseLife, now: Date) => boolean][] = [
  ['BANNED', isBanned],
  ['SUSPENDED', (license) => license.suspended],
  ['EXPIRED', isExpired],
  ['EXPIRING', isExpiring],
  ['ACTIVE', isActive],
];

/** The `status` attribute: the first rule that matches wins (spec/licenses.md 1.1). */
export const licenseStatus = (license: LicenseLife, now: Date): LicenseStatus => statuses.find(([, holds]) => holds(license, now))?.[0] ?? 'INACTIVE';

/** An expired license under this policy may not even authenticate: `REVOKE_ACCESS`, or unset (spec/validation.md 4.1). */
export const revokesAccess = (policy: { expirationStrategy: string | null }): boolean => (policy.expirationStrategy ?? 'REVOKE_ACCESS') === 'REVOKE_ACCESS';

/** An expired license under this policy stays valid: `MAINTAIN_ACCESS` or `ALLOW_ACCESS` (spec/validation.md 4.1). */
export const staysValid = (policy: { expirationStrategy: string | null }): boolean =>
  policy.expirationStrategy === 'MAINTAIN_ACCESS' || policy.expirationStrategy === 'ALLOW_ACCESS';

/** The interval between check-ins, or undefined when the policy does not ask for them. */
function checkInEvery({ requireCheckIn, checkInInterval, checkInIntervalCount }: CheckInPolicy) {
  if (!requireCheckIn || checkInIntervalCount === null || !isInterval(checkInInterval)) return undefined;
  return { count: checkInIntervalCount, interval: checkInInterval };
}

/** The `nextCheckIn` attribute: the last check-in plus the policy's interval, or null (spec/licenses.md 1). */
export function nextCheckIn(license: Pick<LicenseLife, 'lastCheckInAt'>, policy: CheckInPolicy): Date | null {
  const every = checkInEvery(policy);
  return every && license.lastCheckInAt ? addInterval(license.lastCheckInAt, every.count, every.interval) : null;
}

/** The last check-in lies before now minus the interval, counted back on the calendar (spec/validation.md 4.3). */
export function isOverdue(license: Pick<LicenseLife, 'lastCheckInAt'>, policy: CheckInPolicy, now: Date): boolean {
  const every = checkInEvery(policy);
  return every !== undefined && license.lastCheckInAt !== null && license.lastCheckInAt < addInterval(now, every.count, every.interval, -1);
}

/** The limit in force: the override when it is set and not 0, else the fallback (spec/licenses.md 1.2). */
export const effectiveLimit = <T extends number | bigint>(override: T | null, fallback: T | null): T | null => override || fallback;

/** All limits in force of a license: its overrides over its policy's limits (spec/licenses.md 1.2). */
export const effectiveLimits = (license: Limits, policy: Limits): Limits => ({
  maxMachines: effectiveLimit(license.maxMachines, policy.maxMachines),
  maxProcesses: effectiveLimit(license.maxProcesses, policy.maxProcesses),
  maxUsers: effectiveLimit(license.maxUsers, policy.maxUsers),
  maxCores: effectiveLimit(license.maxCores, policy.maxCores),
  maxMemory: effectiveLimit(license.maxMemory, policy.maxMemory),
  maxDisk: effectiveLimit(license.maxDisk, policy.maxDisk),
  maxUses: effectiveLimit(license.maxUses, policy.maxUses),
});
