/** Upgrades among the releases of the database: upgrade.ts as SQL (spec/distribution.md 11). */
import { and, eq, gt, gte, isNotNull, isNull, or, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { releases } from './release.table.ts';
import type { VersionConstraint } from './upgrade.ts';
import type { SortKey } from './version.ts';

const { semverMajor, semverMinor, semverPatch, semverPreWord, semverPreNum, semverBuildWord, semverBuildNum } = releases;
const largest = 2n ** 63n - 1n;

const over = <T extends string | bigint>(column: PgColumn, current: T | null): SQL => (current === null ? isNotNull(column) : gt(column, current));
const same = <T extends string | bigint>(column: PgColumn, current: T | null): SQL => (current === null ? isNull(column) : eq(column, current));

/** Of the same core: whatever outranks a prerelease. */
function overPrerelease({ preWord, preNum, buildWord, buildNum }: SortKey): SQL | undefined {
  if (preWord === null && preNum === null) return undefined;
  const sameWord = same(semverPreWord, preWord);
  const samePrerelease = and(sameWord, same(semverPreNum, preNum));
  return or(
    and(isNull(semverPreWord), isNull(semverPreNum)),
    preWord === null ? undefined : over(semverPreWord, preWord),
    and(sameWord, over(semverPreNum, preNum)),
    preNum === null ? undefined : and(samePrerelease, over(semverBuildWord, buildWord)),
    preNum === null || buildWord === null ? undefined : and(samePrerelease, same(semverBuildWord, buildWord), over(semverBuildNum, buildNum)),
  );
}

/** `isHigher` */
export function higher(current: SortKey): SQL {
  const { major, minor, patch } = current;
  const sameCore = and(eq(semverMajor, major), eq(semverMinor, minor), eq(semverPatch, patch));
  const core = sql`(${semverMajor}, ${semverMinor}, ${semverPatch}) > (${sql.param(major, semverMajor)}, ${sql.param(minor, semverMinor)}, ${sql.param(patch, semverPatch)})`;
  const prerelease = overPrerelease(current);
  return prerelease ? or(core, and(sameCore, prerelease))! : core;
}

/** `satisfies`; false when the constraint names a figure that no release can have. */
export function satisfying({ major, minor, patch, preWord, preNum, buildWord, buildNum }: VersionConstraint): SQL | false {
  if ([major, minor, patch, preNum, buildNum].some((figure) => figure !== null && figure > largest)) return false;
  const equal = (column: PgColumn, value: string | bigint | null) => (value === null ? undefined : eq(column, value));
  const core = patch === null ? (minor === null ? undefined : gte(semverMinor, minor)) : and(equal(semverMinor, minor), gte(semverPatch, patch));
  const rest = and(equal(semverPreWord, preWord), equal(semverPreNum, preNum), equal(semverBuildWord, buildWord), equal(semverBuildNum, buildNum));
  return and(eq(semverMajor, major), core, rest)!;
}
