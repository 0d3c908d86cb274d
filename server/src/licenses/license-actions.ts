/** What the actions do to a license (spec/validation.md 6, 7, 9, 10). Pure. */
import { ApiError, badParameter, unprocessable } from '../kernel/http/errors.ts';
import { type Failure, refuse } from '../kernel/jsonapi/rules.ts';
import { renewedExpiry } from './expiry.ts';
import type { LicenseRecord } from './license.records.ts';
import { effectiveLimit } from './license.status.ts';

/** The columns that an action changes. Throws ApiError 422 when the license is not in a state for it. */
export type Act = (license: LicenseRecord, now: Date) => Partial<LicenseRecord>;

export const checkIn: Act = ({ policy }, now) => {
  if (!policy.requireCheckIn) throw unprocessable('cannot be checked in because the policy does not require it');
  return { lastCheckInAt: now };
};

export const renew: Act = ({ expiry, policy }, now) => {
  const renewal = renewedExpiry(expiry, policy, now);
  if (!('refused' in renewal)) return renewal;
  if (renewal.refused === 'no expiry') throw new ApiError(422, []);
  throw unprocessable('cannot be renewed because the policy does not have a duration');
};

const suspendedAttribute = { pointer: '/data/attributes/suspended' };

export const suspend: Act = ({ suspended }) => {
  if (suspended) throw unprocessable('is already suspended', suspendedAttribute);
  return { suspended: true };
};

export const reinstate: Act = ({ suspended }) => {
  if (!suspended) throw unprocessable('is not suspended', suspendedAttribute);
  return { suspended: false };
};

export const resetUsage: Act = () => ({ uses: 0 });

const usesFailure = (kind: string, detail: string): Failure => ({ subject: 'uses', kind, detail });
const largest = 2_147_483_647n;

/**
 * The uses after a step up or down (spec/validation.md 10).
 * @param step of any size, negative to count down @param member the body's, for errors
 * @throws {ApiError} 422 below 0 or above the limit, 400 for more than the column holds
 */
export function usesAfter(license: LicenseRecord, step: number | bigint, member: 'increment' | 'decrement'): number {
  const uses = BigInt(license.uses) + BigInt(step);
  const limit = effectiveLimit(license.maxUses, license.policy.maxUses);
  if (uses < 0n) refuse([usesFailure('INVALID', 'must be greater than or equal to 0')], 'license', 'licenses');
  if (limit !== null && uses > limit && BigInt(step) !== 0n)
    refuse([usesFailure('LIMIT_EXCEEDED', `usage exceeds maximum allowed for license (${limit})`)], 'license', 'licenses');
  if (uses > largest) throw badParameter('integer is too large', { pointer: `/meta/${member}` });
  return Number(uses);
}
