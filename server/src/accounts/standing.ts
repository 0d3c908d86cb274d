/** What an account's plan and subscription make of it (spec/accounts.md 8.2). */
import type { CurrentAccount } from '../kernel/services.ts';

/** A number in a sentence: `2,500`. */
export const separated = (figure: number): string => figures.format(figure);
const figures = new Intl.NumberFormat('en-US');

export type Standing = Pick<CurrentAccount, 'plan' | 'billing'>;

/** On a plan that costs nothing. */
const isFree = ({ plan }: Standing): boolean => plan !== null && (plan.price ?? 0) === 0;

/** Limits are for those who do not pay yet: on a free plan, or trying without a card. Never without a plan and a billing record. */
export const isTrialingOrFree = (account: Standing): boolean => (account.billing?.state === 'trialing' && !account.billing.hasCard) || isFree(account);
