import { addDuration } from '../kernel/duration.ts';
import { isExpired } from './license.status.ts';

/** What can set the first expiry of a license (policy attribute `expirationBasis`). */
export type ExpirationBasis = 'FROM_CREATION' | 'FROM_FIRST_VALIDATION' | 'FROM_FIRST_ACTIVATION' | 'FROM_FIRST_DOWNLOAD' | 'FROM_FIRST_USE';

interface Lifetime {
  /** Seconds, added on the calendar; null is perpetual. */
  duration: number | null;
}

/**
 * The expiry of a license after `event` happened: now plus the policy's duration if it is still unset and the policy counts from that event, else
 * what it was (spec/licenses.md 4.4). An unset basis is `FROM_CREATION`.
 */
export function initialExpiry(expiry: Date | null, policy: Lifetime & { expirationBasis: string | null }, event: ExpirationBasis, now: Date): Date | null {
  if (expiry !== null || policy.duration === null || (policy.expirationBasis ?? 'FROM_CREATION') !== event) return expiry;
  return addDuration(now, policy.duration);
}

/** A renewal's new expiry, or why there is none: the policy has no duration, or the license no expiry. */
export type Renewal = { expiry: Date } | { refused: 'no duration' | 'no expiry' };

/** Renews an expiry by the policy's basis, `FROM_EXPIRY` when unset (spec/validation.md 7.1). */
export function renewedExpiry(expiry: Date | null, policy: Lifetime & { renewalBasis: string | null }, now: Date): Renewal {
  if (policy.duration === null) return { refused: 'no duration' };
  if (expiry === null) return { refused: 'no expiry' };
  const fromNow = policy.renewalBasis === 'FROM_NOW' || (policy.renewalBasis === 'FROM_NOW_IF_EXPIRED' && isExpired({ expiry }, now));
  return { expiry: addDuration(fromNow ? now : expiry, policy.duration) };
}

/** The expiry of a license that moves to `policy` now: kept, or reset to now plus the new duration, null without one (spec/licenses.md 10.1). */
export function transferredExpiry(expiry: Date | null, policy: Lifetime & { transferStrategy: string | null }, now: Date): Date | null {
  if (policy.transferStrategy !== 'RESET_EXPIRY') return expiry;
  return policy.duration === null ? null : addDuration(now, policy.duration);
}

/** What of two policies decides whether a license may move from one to the other. */
export interface TransferPolicy {
  encrypted: boolean;
  usePool: boolean;
  scheme: string | null;
  machineUniquenessStrategy: string | null;
  componentUniquenessStrategy: string | null;
}

const strictness = ['UNIQUE_PER_MACHINE', 'UNIQUE_PER_LICENSE', 'UNIQUE_PER_POLICY', 'UNIQUE_PER_PRODUCT', 'UNIQUE_PER_ACCOUNT'];
const isStricter = (next: unknown, current: unknown): boolean => strictness.indexOf(String(next)) > strictness.indexOf(String(current));
const always = () => true;

interface TransferRule {
  of: (policy: TransferPolicy) => unknown;
  forbids: (next: unknown, current: unknown) => boolean;
  detail: string;
}

const transferRules: TransferRule[] = [
  { of: (p) => p.encrypted, forbids: always, detail: 'cannot change from an encrypted policy to an unencrypted policy (or vice-versa)' },
  { of: (p) => p.usePool, forbids: always, detail: 'cannot change from a pooled policy to an unpooled policy (or vice-versa)' },
  { of: (p) => p.scheme, forbids: always, detail: 'cannot change to a policy with a different scheme' },
  {
    of: (p) => p.machineUniquenessStrategy ?? 'UNIQUE_PER_LICENSE',
    forbids: isStricter,
    detail: 'cannot change to a policy with a more strict machine uniqueness strategy',
  },
  {
    of: (p) => p.componentUniquenessStrategy ?? 'UNIQUE_PER_MACHINE',
    forbids: isStricter,
    detail: 'cannot change to a policy with a more strict component uniqueness strategy',
  },
];

/** Why a license may not move between two policies (`POLICY_NOT_COMPATIBLE`), or undefined; the first differing property decides (spec/licenses.md 10.1). */
export function transferConflict(current: TransferPolicy, next: TransferPolicy): string | undefined {
  const rule = transferRules.find(({ of }) => of(current) !== of(next));
  return rule?.forbids(rule.of(next), rule.of(current)) ? rule.detail : undefined;
}

/** Seconds: the least and the usual lifetime of a license or machine file; there is no greatest (spec/validation.md 11.1). */
export const fileTtl = { minimum: 3600, default: 2_629_746 } as const;

/** When a file that was issued at `issued` with `ttl` seconds expires, counted on the calendar; null never (spec/validation.md 11.4). */
export const fileExpiry = (issued: Date, ttl: number | null): Date | null => (ttl === null ? null : addDuration(issued, ttl));
