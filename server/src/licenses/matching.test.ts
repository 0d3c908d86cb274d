import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { componentMismatch, fingerprintMismatch, matches, neededMatches } from './matching.ts';

const lacks = { MATCH_ANY: 'any', MATCH_TWO: 'at least 2', MATCH_MOST: 'enough', MATCH_ALL: 'all' } as const;
type Strategy = keyof typeof lacks;

const table: [Strategy, number, number][] = [
  ['MATCH_ANY', 1, 1],
  ['MATCH_ANY', 2, 1],
  ['MATCH_ANY', 5, 1],
  ['MATCH_TWO', 1, 2],
  ['MATCH_TWO', 2, 2],
  ['MATCH_TWO', 5, 2],
  ['MATCH_MOST', 1, 1],
  ['MATCH_MOST', 2, 1],
  ['MATCH_MOST', 3, 2],
  ['MATCH_MOST', 4, 2],
  ['MATCH_MOST', 5, 3],
  ['MATCH_ALL', 1, 1],
  ['MATCH_ALL', 2, 2],
  ['MATCH_ALL', 5, 5],
];

describe.each(table)('%s of %d', (strategy, given, needed) => {
  test(`needs ${needed}`, () => expect(neededMatches(strategy, given)).toBe(needed));

  test('says what components lack', () => {
    const detail = `one or more component is not activated (does not match ${lacks[strategy]} associated components)`;
    expect(componentMismatch(strategy, given, needed - 1)).toBe(detail);
    expect(componentMismatch(strategy, given, needed)).toBeUndefined();
  });

  test.runIf(given > 1)('says what several fingerprints lack', () => {
    const detail = `one or more fingerprint is not activated (does not match ${lacks[strategy]} associated machines)`;
    expect(fingerprintMismatch(strategy, given, needed - 1)).toBe(detail);
    expect(fingerprintMismatch(strategy, given, needed)).toBeUndefined();
  });
});

test.each([...Object.keys(lacks), null])('under %s a single fingerprint needs one machine and has the singular detail', (strategy) => {
  expect(fingerprintMismatch(strategy, 1, 0)).toBe('fingerprint is not activated (does not match any associated machines)');
  expect(fingerprintMismatch(strategy, 1, 1)).toBeUndefined();
});

test('unset is MATCH_ANY', () => {
  expect(fingerprintMismatch(null, 3, 0)).toBe('one or more fingerprint is not activated (does not match any associated machines)');
  expect(componentMismatch(null, 1, 1)).toBeUndefined();
});

test('MATCH_ALL implies MATCH_MOST implies MATCH_ANY, and MATCH_TWO implies MATCH_ANY', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(100), (given, matched) => {
      const does = (strategy: Strategy) => matches(strategy, given, matched);
      expect(!does('MATCH_ALL') || does('MATCH_MOST')).toBe(true);
      expect(!does('MATCH_MOST') || does('MATCH_ANY')).toBe(true);
      expect(!does('MATCH_TWO') || does('MATCH_ANY')).toBe(true);
    }),
  );
});
