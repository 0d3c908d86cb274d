import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import { and, eq, type SQL } from '../kernel/database/drizzle.ts';
import { releases } from './release.table.ts';
import { higher, satisfying } from './upgrade.candidates.ts';
import { isHigher, parseConstraint, satisfies, upgradeOf, type VersionConstraint, type Versioned } from './upgrade.ts';
import { compareVersions, formatVersion, parseVersion, type SortKey, sortKey, type Version } from './version.ts';

const version = (text: string): Version => parseVersion(text) as Version;
const key = (text: string): SortKey => sortKey(version(text));

describe('higher', () => {
  test.each([
    // current, higher
    ['1.0.0', '2.0.0', true],
    ['1.9.9', '2.0.0', true],
    ['2.0.0', '1.9.9', false],
    ['1.0.0', '1.1.0', true],
    ['1.0.9', '1.1.0', true],
    ['1.0.0', '1.0.1', true],
    ['1.0.0', '1.0.0', false],
    ['1.0.9', '1.0.10', true],
    ['9.0.0', '10.0.0', true],
    // build metadata alone is no upgrade of a stable release
    ['1.0.0', '1.0.0+1', false],
    ['1.0.0+1', '1.0.0+2', false],
    ['1.0.0', '1.0.0-beta', false],
    ['1.0.0', '1.0.1-beta.1', true],
    ['1.0.0-beta.1', '1.0.0', true],
    ['1.0.0-beta.1', '1.0.0+1', true],
    ['1.0.0-alpha.1', '1.0.0-beta.1', true],
    ['1.0.0-beta.1', '1.0.0-alpha.2', false],
    ['1.0.0-beta.1', '1.0.0-rc.1', true],
    ['1.0.0-beta.2', '1.0.0-beta.11', true],
    ['1.0.0-beta.11', '1.0.0-beta.2', false],
    ['1.0.0-beta', '1.0.0-beta.1', true],
    ['1.0.0-beta.1', '1.0.0-beta', false],
    // without a number, builds are not looked at
    ['1.0.0-beta', '1.0.0-beta+1', false],
    ['1.0.0-beta.1', '1.0.0-beta.1+a', true],
    ['1.0.0-beta.1', '1.0.0-beta.1+1', false],
    ['1.0.0-beta.1+a', '1.0.0-beta.1+b', true],
    ['1.0.0-beta.1+b', '1.0.0-beta.1+a', false],
    ['1.0.0-beta.1+a', '1.0.0-beta.1+a.1', true],
    ['1.0.0-beta.1+a.2', '1.0.0-beta.1+a.10', true],
    ['1.0.0-beta.1+a.2', '1.0.0-beta.1+a', false],
  ])('than %s is %s: %s', (current, candidate, expected) => expect(isHigher(key(candidate), key(current))).toBe(expected));
});

describe('a constraint', () => {
  test.each([
    '1',
    '1.2',
    '1.2.3',
    '1-beta',
    '1.2-beta.1',
    '1.2.3-beta.1+build.2',
    '1+p1',
    '=1',
    '!=1',
    '>1',
    '<1',
    '>=1.0',
    '<=1.0',
    '~1',
    '~>1.2',
    '>=  1.0',
    ' 1',
  ])('%s is one', (text) => expect(parseConstraint(text)).toBeDefined());
  test.each(['1.x', 'A', '^1.0', '', '1.', '.1', '1.2.3.4', 'v1', '==1', '1 ', '1-', '1+', '1-ä', '=>1', '1.0\n'])('%j is none', (text) =>
    expect(parseConstraint(text)).toBeUndefined(),
  );
  test.each([
    ['1', '1.0.0 1.9.9 1.0.0-beta.1', '0.9.0 2.0.0'],
    ['1.2', '1.2.0 1.3.0 1.2.9', '1.1.9 2.2.0'],
    ['1.2.3', '1.2.3 1.2.10', '1.2.2 1.3.3 2.2.3'],
    ['>=1.2', '1.2.0', '1.1.0 2.0.0'],
    ['1-beta', '1.0.0-beta 1.5.0-beta.7', '1.0.0 1.0.0-rc.1'],
    ['1-beta.2', '1.0.0-beta.2', '1.0.0-beta 1.0.0-beta.3 1.0.0'],
    ['1+p1', '1.0.0+p1 1.0.0-beta.1+p1', '1.0.0 1.0.0+p2'],
    ['1.1+p.1', '1.1.0+p.1', '1.1.0+p 1.0.0+p.1'],
  ])('%s takes %s, and not %s', (text, taken, refused) => {
    const constraint = parseConstraint(text)!;
    for (const one of taken.split(' ')) expect([one, satisfies(key(one), constraint)]).toEqual([one, true]);
    for (const one of refused.split(' ')) expect([one, satisfies(key(one), constraint)]).toEqual([one, false]);
  });
});

const releasesOf = (texts: string): Versioned[] => texts.split(' ').map((text, index) => ({ id: `${index}`, version: version(text) }));

describe('the upgrade', () => {
  test.each([
    // current, candidates, constraint, upgrade
    ['1.0.0', '1.0.0 1.1.0 2.0.0', undefined, '2.0.0'],
    ['1.1.0', '1.0.0 1.2.0 1.7.0 2.0.0', '1.0', '1.7.0'],
    ['1.1.0', '1.0.0 1.2.0 2.1.0 3.0.0', '2', '2.1.0'],
    ['2.0.0', '1.0.0 1.9.0', undefined, undefined],
    ['1.0.0', '1.0.0', undefined, undefined],
    ['1.0.1-beta.1', '1.0.0 2.0.0-beta.1 1.9.0', undefined, '2.0.0-beta.1'],
    ['1.0.0-beta.1', '1.0.0-beta.2 1.0.0 1.0.0+1', undefined, '1.0.0+1'],
    ['1.0.0', '1.1.0 1.1.0+21AF26D3 1.1.0+20130313144700', undefined, '1.1.0+21AF26D3'],
    ['1.0.0', '1.1.0-beta.1 1.0.5', '1-beta', '1.1.0-beta.1'],
  ])('of %s among %s with %s is %s', (current, candidates, constraint, expected) => {
    const found = upgradeOf(
      { id: 'current', version: version(current) },
      releasesOf(candidates),
      constraint === undefined ? undefined : parseConstraint(constraint),
    );
    expect(found && formatVersion(found.version)).toBe(expected);
  });
  test('is never the release itself, nor another one of its version', () => {
    const current = { id: '0', version: version('1.0.0-beta') };
    expect(upgradeOf(current, [{ id: '0', version: version('2.0.0') }])).toBeUndefined();
    expect(upgradeOf(current, [{ id: '1', version: version('1.0.0-beta') }])).toBeUndefined();
  });
});

const figure = fc.bigInt({ min: 0n, max: 2n });
const part = fc.constantFrom(null, 'alpha', 'beta', 'beta.1', 'beta.2', 'beta.10', 'beta.x', 'dev.1');
const build = fc.constantFrom(null, null, '1', '2', 'a', 'b', 'a.1', 'a.2');
const versions = fc.record({ major: figure, minor: figure, patch: figure, prerelease: part, build });

/** The page's own words, clause by clause, as SQL would take them: a comparison with nothing does not hold (spec/distribution.md 11). */
function model(c: SortKey, t: SortKey): boolean {
  const above = <T extends string | bigint>(a: T | null, b: T | null) => a !== null && b !== null && a > b;
  const overOrNew = <T extends string | bigint>(a: T | null, b: T | null) => (b === null ? a !== null : above(a, b));
  const core = c.major === t.major && c.minor === t.minor && c.patch === t.patch;
  const prerelease = t.preWord !== null || t.preNum !== null;
  const word = c.preWord === t.preWord;
  const num = word && t.preNum !== null && c.preNum === t.preNum;
  return (
    c.major > t.major ||
    (c.major === t.major && c.minor > t.minor) ||
    (c.major === t.major && c.minor === t.minor && c.patch > t.patch) ||
    (core &&
      prerelease &&
      (above(c.preWord, t.preWord) ||
        (c.preWord === null && c.preNum === null) ||
        (word && overOrNew(c.preNum, t.preNum)) ||
        (num && overOrNew(c.buildWord, t.buildWord)) ||
        (num && t.buildWord !== null && c.buildWord === t.buildWord && overOrNew(c.buildNum, t.buildNum))))
  );
}

test('what is higher is what the page says, and never lower in the order of versions', () => {
  fc.assert(
    fc.property(versions, versions, (a, b) => {
      const found = isHigher(sortKey(a), sortKey(b));
      expect(found).toBe(model(sortKey(a), sortKey(b)));
      if (found) expect(compareVersions(a, b)).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});

test('an upgrade is one of those that are higher and asked for, and none of them is higher than it', () => {
  const constraints = fc.constantFrom(undefined, '1', '1.1', '2.1.1', '1-beta', '0.1+a.1', '1.0-beta.2');
  fc.assert(
    fc.property(versions, fc.array(versions, { maxLength: 12 }), constraints, (from, others, text) => {
      const current = { id: 'current', version: from };
      const constraint = text === undefined ? undefined : parseConstraint(text)!;
      const candidates = others.map((one, index) => ({ id: `${index}`, version: one }));
      const found = upgradeOf(current, candidates, constraint);
      const eligible = others.filter((one) => model(sortKey(one), sortKey(from)) && (!constraint || satisfies(sortKey(one), constraint)));
      if (!found) return void expect(eligible).toEqual([]);
      expect(eligible).toContain(found.version);
      for (const one of eligible) expect(compareVersions(found.version, one)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1000 },
  );
});

describe('as SQL', () => {
  let world: World;
  let product: Wire;
  const texts = [...new Set(fc.sample(versions, { numRuns: 60, seed: 7 }).map(formatVersion)), '1.0.0-1', '1.0.0-2', '1.0.0', '1.0.0-beta'];
  beforeAll(async () => {
    world = await newWorld();
    product = await world.create('product');
    for (const text of new Set(texts)) await world.create('release', { product_id: product.id, version: text });
  });
  const found = async (which: SQL): Promise<string[]> => {
    const rows = await world.server.database.drizzle
      .select({ version: releases.version })
      .from(releases)
      .where(and(eq(releases.productId, product.id), which));
    return rows.map((row) => row.version).sort();
  };
  const expected = (holds: (key: SortKey) => boolean): string[] => [...new Set(texts)].filter((text) => holds(key(text))).sort();

  test('what is higher is the same', async () => {
    for (const text of texts) expect([text, await found(higher(key(text)))]).toEqual([text, expected((one) => isHigher(one, key(text)))]);
  });
  test.each(['0', '1', '1.1', '1.0.1', '2.1.2', '1-beta', '1-beta.1', '1.1-beta.1+a', '2+a.1', '1+1', '0.1.1-dev.1+b'])(
    'what %s asks for is the same',
    async (text) => {
      const constraint = parseConstraint(text)!;
      expect(await found(satisfying(constraint) as SQL)).toEqual(expected((one) => satisfies(one, constraint)));
    },
  );
  test.each(['99999999999999999999', '1.99999999999999999999', '1.0.99999999999999999999', '1-beta.99999999999999999999'])('nothing is %s', (text) =>
    expect(satisfying(parseConstraint(text) as VersionConstraint)).toBe(false),
  );
});
