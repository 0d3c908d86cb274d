/** Versions of releases: their syntax, and the order that they have (spec/distribution.md 4). Pure. */

export interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  prerelease: string | null;
  build: string | null;
}

/** What a prerelease or build part sorts by: its words, joined by points, and the number at its end. */
interface PartKey {
  word: string | null;
  num: bigint | null;
}

/** What a version sorts by, a column of the release for each (spec/distribution.md 4.4). */
export interface SortKey {
  major: bigint;
  minor: bigint;
  patch: bigint;
  preWord: string | null;
  preNum: bigint | null;
  buildWord: string | null;
  buildNum: bigint | null;
}

const whole = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;
const short = /^(\d+)(?:\.(\d+))?\.?$/;
/** A run of word characters, after at most one separator. */
const run = /[.-]?([0-9A-Za-z]+)/gy;
const largest = 2n ** 63n - 1n;

function partKey(part: string | null): PartKey {
  const words: string[] = [];
  for (const { 0: matched, 1: text, index } of (part ?? '').matchAll(run)) {
    if (/^\d+$/.test(text!) && index + matched.length === part!.length) return { word: words.join('.') || null, num: BigInt(text!) };
    words.push(text!);
  }
  return { word: words.join('.') || null, num: null };
}

/** What a version sorts by (spec/distribution.md 4.4). */
export function sortKey({ major, minor, patch, prerelease, build }: Version): SortKey {
  const pre = partKey(prerelease);
  const { word, num } = partKey(build);
  return { major, minor, patch, preWord: pre.word, preNum: pre.num, buildWord: word, buildNum: num };
}

/**
 * Reads a version (spec/distribution.md 4.1); `1` and `1.2` are short for `1.0.0` and `1.2.0`.
 * @returns 'invalid' when it is none, 'too large' when a number that it sorts by has more than 64 bits
 */
export function parseVersion(text: string): Version | 'invalid' | 'too large' {
  const match = whole.exec(text) ?? short.exec(text);
  if (!match) return 'invalid';
  const [, major, minor = '0', patch = '0', prerelease = null, build = null] = match;
  const version = { major: BigInt(major!), minor: BigInt(minor), patch: BigInt(patch), prerelease, build };
  return Object.values(sortKey(version)).some((value) => typeof value === 'bigint' && value > largest) ? 'too large' : version;
}

/** The text that is stored and shown (spec/distribution.md 4.1). */
export const formatVersion = ({ major, minor, patch, prerelease, build }: Version): string =>
  `${major}.${minor}.${patch}${prerelease === null ? '' : `-${prerelease}`}${build === null ? '' : `+${build}`}`;

/** The members of a sort key, the weightiest first, and where null stands among the values. */
export const sortOrder: readonly [member: keyof SortKey, none: 'highest' | 'lowest'][] = [
  ['major', 'lowest'],
  ['minor', 'lowest'],
  ['patch', 'lowest'],
  // a final release outranks its prereleases
  ['preWord', 'highest'],
  ['preNum', 'lowest'],
  ['buildWord', 'lowest'],
  ['buildNum', 'lowest'],
];

/** Negative when `a` is the lower one, 0 when nothing in their sort keys tells them apart: build metadata counts (spec/distribution.md 4.4). */
export function compareVersions(a: Version, b: Version): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  for (const [member, none] of sortOrder) {
    const [mine, other] = [left[member], right[member]];
    if (mine === other) continue;
    if (mine === null || other === null) return (mine === null) === (none === 'highest') ? 1 : -1;
    return mine < other ? -1 : 1;
  }
  return 0;
}
