/** How many active licensed users an account may have (spec/licenses.md 4.5, spec/accounts.md 11.3): decisions only, on what is known of the account. */
import { isTrialingOrFree, type Standing, separated } from '../accounts/standing.ts';
import type { KernelConfig } from '../kernel/config.ts';
import type { Failure } from '../kernel/jsonapi/rules.ts';

/** The limit that holds for an account; null: none. Whoever pays, or has left a card for when the trial ends, exceeds it freely. */
export function licensedUserLimit(account: Standing, mode: KernelConfig['mode']): number | null {
  if (mode === 'singleplayer' || !isTrialingOrFree(account)) return null;
  return account.plan?.maxLicenses ?? account.plan?.maxUsers ?? null;
}

/** What an account hears that is at its limit. @param billing where the plan can be changed (`Names.billing`) */
export const tooManyLicensedUsers = (limit: number, billing: string): Failure => ({
  subject: '~account',
  kind: 'ALU_LIMIT_EXCEEDED',
  detail: `Your tier's active licensed user limit of ${separated(limit)} has been reached for your account. Please upgrade to a paid tier and add a payment method at ${billing}.`,
});
