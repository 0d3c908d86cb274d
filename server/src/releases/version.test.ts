import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, formatVersion, parseVersion, sortKey, type Version } from './version.ts';

const read = (text: string): Version => {
  const version = parseVersion(text);
  if (typeof version === 'string') throw new TypeError(`${text} is ${version}`);
  return version;
};
const max = String(2n ** 63n - 1n);
const over = String(2n ** 63n);

describe('syntax', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['0.0.0', '0.0.0'],
    ['1', '1.0.0'],
    ['1.', '1.0.0'],
    ['1.2', '1.2.0'],
    ['1.2.', '1.2.0'],
    ['01.002.0003', '1.2.3'],
    ['1.0.0-beta', '1.0.0-beta'],
    ['1.0.0-beta.01', '1.0.0-beta.01'],
    ['1.0.0-Beta-1.x', '1.0.0-Beta-1.x'],
    ['1.0.0--beta..1-', '1.0.0--beta..1-'],
    ['1.0.0+001', '1.0.0+001'],
    ['1.0.0-alpha+exp.sha-5114f85', '1.0.0-alpha+exp.sha-5114f85'],
    [`${max}.${max}.${max}-rc.${max}+${max}`, `${max}.${max}.${max}-rc.${max}+${max}`],
    [`1.0.0-rc${over}.${over}.a`, `1.0.0-rc${over}.${over}.a`],
  ])('%s is stored as %s', (text, stored) => {
    expect(formatVersion(read(text))).toBe(stored);
  });

  test.each([
    ...['', ' ', 'v1.0.0', '1.0.0 ', ' 1.0.0', '1.0.0\n', '.1', '1..0', '1.2.3.', '1.2.3.4', '1-beta', '1.0-beta', '1+1', '1.2+1', '-1.0.0', '1.-1.0', 'a.b.c'],
    ...['1.0.0-', '1.0.0+', '1.0.0-+1', '1.0.0-beta+', '1.0.0-bêta', '1.0.0-a_b', '1.0.0-a b', '1.0.0+a+b', '١.0.0', '1.x', '*', '~1.0.0', 'latest'],
  ])('%j is none', (text) => {
    expect(parseVersion(text)).toBe('invalid');
  });

  test.each([[over], [`1.${over}`], [`1.0.${over}`], [`1.0.0-${over}`], [`1.0.0-beta.${over}`], [`1.0.0+${over}`], [`1.0.0+build.${over}`]])(
    '%s does not fit',
    (text) => {
      expect(parseVersion(text)).toBe('too large');
    },
  );
});

describe('the sort key', () => {
  test.each<[string, string | null, bigint | null]>([
    ['beta', 'beta', null],
    ['beta.11', 'beta', 11n],
    ['beta-11', 'beta', 11n],
    ['alpha.beta', 'alpha.beta', null],
    ['alpha1', 'alpha1', null],
    ['rc.1.2', 'rc.1', 2n],
    ['20130313144700', null, 20130313144700n],
    ['001', null, 1n],
    ['exp.sha.6', 'exp.sha', 6n],
    ['build.12345f', 'build.12345f', null],
    ['1.beta', '1.beta', null],
    ['beta.1.', 'beta.1', null],
    ['-beta', 'beta', null],
    ['beta..1', 'beta', null],
    ['beta.-1', 'beta', null],
    ['..beta', null, null],
    ['-', null, null],
  ])('of %s is its words and the number at its end', (part, word, num) => {
    expect(sortKey(read(`1.2.3-${part}`))).toEqual({ major: 1n, minor: 2n, patch: 3n, preWord: word, preNum: num, buildWord: null, buildNum: null });
    expect(sortKey(read(`1.2.3+${part}`))).toEqual({ major: 1n, minor: 2n, patch: 3n, preWord: null, preNum: null, buildWord: word, buildNum: num });
  });
});

/** Any version, similar ones often. */
const part = fc.option(
  fc.oneof(fc.constantFrom('beta', 'alpha', 'rc.1', 'beta.2', 'beta.11', '1', '-', 'a..b', 'Beta'), fc.stringMatching(/^[0-9a-bA.-]{1,6}$/)),
  { nil: null },
);
const number = fc.oneof(fc.bigInt(0n, 2n), fc.bigInt(0n, 2n ** 63n - 1n));
const versions = fc.record({ major: number, minor: number, patch: number, prerelease: part, build: part });

describe('the order', () => {
  const descending = [
    '2.0.0',
    '1.10.0',
    '1.9.0',
    '1.0.10',
    '1.0.9',
    '1.0.1',
    '1.0.0+21AF26D3',
    '1.0.0+20130313144700',
    '1.0.0',
    '1.0.0-rc.1',
    '1.0.0-beta.11',
    '1.0.0-beta.2',
    '1.0.0-beta+exp.sha.5114f85',
    '1.0.0-beta+exp.sha.6',
    '1.0.0-beta',
    '1.0.0-alpha.beta',
    '1.0.0-alpha.1',
    '1.0.0-alpha+001',
    '1.0.0-alpha',
    '1.0.0-ALPHA',
    '0.9.9',
  ];
  test('is that of the specification', () => {
    const shuffled = descending.toSorted();
    expect(shuffled.toSorted((a, b) => compareVersions(read(b), read(a)))).toEqual(descending);
    for (const [index, high] of descending.entries()) for (const low of descending.slice(index + 1)) expect(compareVersions(read(high), read(low))).toBe(1);
  });

  test.each([
    ['2.0.1+hotfix', '2.0.1'],
    ['1.0.0-1', '1.0.0'],
    ['1.0.0-beta.1+1', '1.0.0-beta.1'],
    ['1.0.0-rc.1', '1.0.0-rc'],
    ['1.0.0-rc.1.1', '1.0.0-rc.2'],
  ])('puts %s above %s', (high, low) => {
    expect([compareVersions(read(high), read(low)), compareVersions(read(low), read(high))]).toEqual([1, -1]);
  });

  test('is total: of any versions each pair compares one way, and comparisons chain', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        expect(compareVersions(a, a)).toBe(0);
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
        const [low, mid, high] = [a, b, c].toSorted(compareVersions) as [Version, Version, Version];
        expect(compareVersions(low, mid)).toBeLessThanOrEqual(0);
        expect(compareVersions(mid, high)).toBeLessThanOrEqual(0);
        expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('takes for equal exactly those with equal sort keys', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        const same = Object.entries(sortKey(a)).every(([member, value]) => sortKey(b)[member as 'major'] === value);
        expect(compareVersions(a, b) === 0).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });
});

test('what is stored reads as the same version', () => {
  fc.assert(
    fc.property(versions, (version) => {
      const parsed = parseVersion(formatVersion(version));
      if (parsed !== 'too large') expect(parsed).toEqual(version);
      expect(parsed).not.toBe('invalid');
    }),
  );
});
