import { expect, test } from 'vitest';
import type { SubscriptionState } from '../kernel/services.ts';
import { isTrialingOrFree } from './standing.ts';

const states: SubscriptionState[] = ['pending', 'trialing', 'subscribed', 'paused', 'canceling', 'canceled'];
const plan = (price: number | null) => ({ price, maxLicenses: null, maxUsers: null, maxReqs: null, requestLogRetentionDuration: null });
const isLimited = (price: number | null | undefined, state?: SubscriptionState, hasCard = false): boolean =>
  isTrialingOrFree({ plan: price === undefined ? null : plan(price), billing: state === undefined ? null : { state, hasCard } });

test.each(states)('%s: limited on a free plan, and on a priced one or without a plan only while it is a trial without a card', (state) => {
  for (const hasCard of [false, true]) {
    expect(isLimited(0, state, hasCard)).toBe(true);
    expect(isLimited(null, state, hasCard)).toBe(true);
    for (const price of [1, 4900, undefined]) expect(isLimited(price, state, hasCard), `${price} ${hasCard}`).toBe(state === 'trialing' && !hasCard);
  }
});

test.each([
  [undefined, false],
  [4900, false],
  [0, true],
  [null, true],
])('without a billing record the plan alone decides: a price of %s limits: %s', (price, limited) => {
  expect(isLimited(price)).toBe(limited);
});
