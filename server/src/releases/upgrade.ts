/** Which release another one is upgraded to (spec/distribution.md 11). Pure; upgrade.candidates.ts has the same as SQL. */
import { compareVersions, formatVersion, type SortKey, sortKey, type Version } from './version.ts';

/** A release as far as upgrades are concerned. */
export interface Versioned {
  id: string;
  version: Version;
}

/** What `constraint` asks of a version: null asks nothing. `1` and `1.2` leave out what follows. */
export interface VersionConstraint {
  major: bigint;
  minor: bigint | null;
  patch: bigint | null;
  preWord: string | null;
  preNum: bigint | null;
  buildWord: string | null;
  buildNum: bigint | null;
}

const grammar = /^(?:!=|>=|<=|~>|[=<>~])?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

/** Reads a constraint; an operator is taken, and means nothing. @returns undefined when it is none */
export function parseConstraint(text: string): VersionConstraint | undefined {
  const match = grammar.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, prerelease = null, build = null] = match;
  const figure = (digits: string | undefined): bigint | null => (digits === undefined ? null : BigInt(digits));
  const key = sortKey({ major: BigInt(major!), minor: 0n, patch: 0n, prerelease, build });
  return { ...key, minor: figure(minor), patch: figure(patch) };
}

const is = <T>(wanted: T | null, value: T | null): boolean => wanted === null || wanted === value;

/** Whether a version is one that the constraint asks for: the last figure that it names is the lowest one. */
export function satisfies(version: SortKey, constraint: VersionConstraint): boolean {
  const { major, minor, patch } = constraint;
  const core = patch === null ? minor === null || version.minor >= minor : version.minor === minor && version.patch >= patch;
  const rest = (['preWord', 'preNum', 'buildWord', 'buildNum'] as const).every((name) => is(constraint[name], version[name]));
  return version.major === major && core && rest;
}

/** Above what the current version has there, which may be nothing. */
const over = <T extends string | bigint>(value: T | null, current: T | null): boolean => value !== null && (current === null || value > current);

/** Whether a version is higher than the current one by what upgrades go by: build metadata counts among equal prereleases only. */
export function isHigher(version: SortKey, current: SortKey): boolean {
  for (const figure of ['major', 'minor', 'patch'] as const) if (version[figure] !== current[figure]) return version[figure] > current[figure];
  if (current.preWord === null && current.preNum === null) return false;
  if (version.preWord === null && version.preNum === null) return true;
  if (version.preWord !== current.preWord) return current.preWord !== null && over(version.preWord, current.preWord);
  if (version.preNum !== current.preNum || current.preNum === null) return over(version.preNum, current.preNum);
  if (version.buildWord !== current.buildWord || current.buildWord === null) return over(version.buildWord, current.buildWord);
  return over(version.buildNum, current.buildNum);
}

/** The highest of the releases that the current one can be upgraded to; of equally high ones the first. */
export function upgradeOf<R extends Versioned>(current: Versioned, candidates: readonly R[], constraint?: VersionConstraint): R | undefined {
  const from = sortKey(current.version);
  const text = formatVersion(current.version);
  return candidates
    .filter(({ id, version }) => {
      const key = sortKey(version);
      return id !== current.id && formatVersion(version) !== text && isHigher(key, from) && (!constraint || satisfies(key, constraint));
    })
    .toSorted((a, b) => compareVersions(b.version, a.version))[0];
}
