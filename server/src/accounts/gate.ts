/** Which accounts are served, and how much (spec/accounts.md 11.1). Before authentication, on every route that is `gated`. */
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { isFromOurPages } from '../kernel/names.ts';
import { requestsToday } from './request-count.ts';
import { isTrialingOrFree, type Standing, separated } from './standing.ts';

/** Requests a day of whoever tries without a card, whatever the plan says. */
const ofTrials = 2500;

const ended = new Set(['paused', 'canceled']);

/** Accounts without a subscription of record are always active. */
export const isActive = ({ billing }: Standing): boolean => billing === null || !ended.has(billing.state);

/** Requests that an account may make a day; null: any number. */
export function dailyLimit(account: Standing): number | null {
  if (!isTrialingOrFree(account)) return null;
  return account.billing?.state === 'trialing' && !account.billing.hasCard ? ofTrials : (account.plan?.maxReqs ?? null);
}

/** The first instant of the next UTC day. */
const tomorrow = (now: Date): string => `${new Date(now.getTime() + 86_400_000).toISOString().slice(0, 10)} 00:00:00 UTC`;

/** @throws {ApiError} 403 without an active subscription, 402 beyond the day's limit */
export async function passGate({ account, services, headers, now }: Context): Promise<void> {
  if (!isActive(account)) throw apiError('SUBSCRIPTION_INACTIVE');
  const limit = dailyLimit(account);
  if (limit === null || isFromOurPages(services.config, headers.origin)) return;
  if ((await requestsToday(services, account.id, now)) <= limit) return;
  const detail = `Daily API request limit of ${separated(limit)} has been reached for your account. Please add a payment method at ${services.config.names.billing} to continue. This limit will reset at ${tomorrow(now)}.`;
  throw apiError('DAILY_LIMIT_REACHED', { detail });
}
