import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admits, admitsMachine, nodeLockedOverage, overage } from './overage.ts';

const strategies = ['NO_OVERAGE', 'ALLOW_1_25X_OVERAGE', 'ALLOW_1_5X_OVERAGE', 'ALLOW_2X_OVERAGE', 'ALWAYS_ALLOW_OVERAGE', null];
const max64 = 2n ** 63n - 1n;

test.each<[number | bigint, number | bigint, string | null, boolean]>([
  [5, 4, 'NO_OVERAGE', false],
  [5, 4, null, false],
  [4, 4, 'NO_OVERAGE', true],
  [5, 4, 'ALLOW_1_25X_OVERAGE', true],
  [6, 4, 'ALLOW_1_25X_OVERAGE', false],
  [6, 4, 'ALLOW_1_5X_OVERAGE', true],
  [7, 4, 'ALLOW_1_5X_OVERAGE', false],
  [4, 2, 'ALLOW_1_5X_OVERAGE', false],
  [4, 2, 'ALLOW_2X_OVERAGE', true],
  [5, 2, 'ALLOW_2X_OVERAGE', false],
  [48, 32, 'ALLOW_1_5X_OVERAGE', true],
  [49, 32, 'ALLOW_1_5X_OVERAGE', false],
  // 1.25 x 3 = 3.75 and 1.5 x 3 = 4.5: no rounding
  [4, 3, 'ALLOW_1_25X_OVERAGE', false],
  [4, 3, 'ALLOW_1_5X_OVERAGE', true],
  [5, 3, 'ALLOW_1_5X_OVERAGE', false],
  [1_000_000, 1, 'ALWAYS_ALLOW_OVERAGE', true],
  // apart by one where doubles cannot tell
  [max64, max64 - 1n, 'NO_OVERAGE', false],
  [5n * 2n ** 60n, 2n ** 62n, 'ALLOW_1_25X_OVERAGE', true],
  [5n * 2n ** 60n + 1n, 2n ** 62n, 'ALLOW_1_25X_OVERAGE', false],
  [2n ** 62n, 2n ** 61n, 'ALLOW_2X_OVERAGE', true],
  [2n ** 62n + 1n, 2n ** 61n, 'ALLOW_2X_OVERAGE', false],
])('%d of %d under %s: %s', (count, limit, strategy, expected) => expect(overage(count, limit, strategy)).toBe(expected));

test.each([
  [2, 1, 'ALLOW_2X_OVERAGE', true],
  [3, 1, 'ALLOW_2X_OVERAGE', false],
  [9, 1, 'ALWAYS_ALLOW_OVERAGE', true],
  [5, 4, 'ALLOW_1_25X_OVERAGE', false],
  [6, 4, 'ALLOW_1_5X_OVERAGE', false],
  [2, 1, 'NO_OVERAGE', false],
  [2, 1, null, false],
])('node-locked: %d of %d under %s: %s', (count, limit, strategy, expected) => expect(nodeLockedOverage(count, limit, strategy)).toBe(expected));

describe('creation', () => {
  test.each<[string | null, number, number]>([
    ['NO_OVERAGE', 4, 4],
    ['ALLOW_1_25X_OVERAGE', 4, 5],
    ['ALLOW_1_5X_OVERAGE', 4, 6],
    ['ALLOW_2X_OVERAGE', 5, 10],
    ['ALLOW_2X_OVERAGE', 3, 6],
    [null, 3, 3],
  ])('under %s a limit of %d admits %d and not one more', (strategy, limit, most) => {
    expect([admits(most, limit, strategy), admits(most + 1, limit, strategy)]).toEqual([true, false]);
    expect([admitsMachine(most - 1, limit, strategy), admitsMachine(most, limit, strategy)]).toEqual([true, false]);
  });

  test.each(strategies)('without limit %s admits any number', (strategy) => expect(admits(max64, null, strategy)).toBe(true));

  test('the first machine is admitted whatever the limit', () => {
    expect(admitsMachine(0, 0, 'NO_OVERAGE')).toBe(true);
    expect(admits(1, 0, 'NO_OVERAGE')).toBe(false);
  });
});

test('a more generous strategy allows all that a stricter one does, and numbers agree with bigints', () => {
  const counts = fc.integer({ min: 0, max: 2_147_483_647 });
  fc.assert(
    fc.property(counts, counts, (count, limit) => {
      const allowed = strategies.slice(0, 5).map((strategy) => overage(count, limit, strategy));
      expect(allowed.toSorted((a, b) => Number(a) - Number(b))).toEqual(allowed);
      expect(strategies.slice(0, 5).map((strategy) => overage(BigInt(count), BigInt(limit), strategy))).toEqual(allowed);
    }),
  );
});
