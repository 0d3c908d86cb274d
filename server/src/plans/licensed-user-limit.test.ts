import { describe, expect, test } from 'vitest';
import { licensedUserLimit, tooManyLicensedUsers } from './licensed-user-limit.ts';

const trial = { state: 'trialing', hasCard: false } as const;
const withCard = { state: 'trialing', hasCard: true } as const;
const subscribed = { state: 'subscribed', hasCard: true } as const;
const plan = (price: number | null, maxLicenses: number | null, maxUsers: number | null) => ({
  price,
  maxLicenses,
  maxUsers,
  maxReqs: null,
  requestLogRetentionDuration: null,
});

describe('the limit is the maximum of licenses, else that of users, of those who do not pay', () => {
  test.each([
    // plan                   billing     limit
    [plan(0, 50, 100), null, 50],
    [plan(0, 50, 10), null, 50],
    [plan(null, 50, null), null, 50],
    [plan(0, 0, 100), null, 0],
    [plan(0, null, 100), null, 100],
    [plan(0, null, 0), null, 0],
    [plan(0, null, null), null, null],
    [plan(0, 50, 100), subscribed, 50],
    [plan(0, 50, 100), withCard, 50],
    [plan(4900, 50, 100), null, null],
    [plan(4900, 50, 100), subscribed, null],
    [plan(4900, 50, 100), withCard, null],
    [plan(4900, 50, 100), trial, 50],
    [plan(4900, null, 100), trial, 100],
    [plan(4900, null, null), trial, null],
    [null, trial, null],
    [null, null, null],
  ])('%j, %j: %s', (of, billing, limit) => {
    expect(licensedUserLimit({ plan: of, billing }, 'multiplayer')).toBe(limit);
    expect(licensedUserLimit({ plan: of, billing }, 'singleplayer')).toBeNull();
  });
});

test.each([
  [0, '0'],
  [50, '50'],
  [999, '999'],
  [1000, '1,000'],
  [2_147_483_647, '2,147,483,647'],
])('a limit of %d is told as %s', (limit, text) => {
  expect(tooManyLicensedUsers(limit, 'https://app.example.com/billing')).toEqual({
    subject: '~account',
    kind: 'ALU_LIMIT_EXCEEDED',
    detail: `Your tier's active licensed user limit of ${text} has been reached for your account. Please upgrade to a paid tier and add a payment method at https://app.example.com/billing.`,
  });
});
