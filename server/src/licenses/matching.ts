interface Matching {
  /** How many of `given` different values must match. */
  needed: (given: number) => number;
  lacks: string;
}

const any: Matching = { needed: () => 1, lacks: 'any' };
const strategies = new Map<string | null, Matching>([
  ['MATCH_TWO', { needed: () => 2, lacks: 'at least 2' }],
  ['MATCH_MOST', { needed: (given) => Math.ceil(given / 2), lacks: 'enough' }],
  ['MATCH_ALL', { needed: (given) => given, lacks: 'all' }],
]);

/** How many of `given` different values must match under a matching strategy; `MATCH_ANY` when unset (spec/validation.md 4.4). */
export const neededMatches = (strategy: string | null, given: number): number => (strategies.get(strategy) ?? any).needed(given);

/** Whether `matched` of `given` different values satisfy a matching strategy (spec/validation.md 4.4). */
export const matches = (strategy: string | null, given: number, matched: number): boolean => matched >= neededMatches(strategy, given);

/** Why `matched` alive machines for `given` different fingerprints are too few, or undefined; a single one is always `MATCH_ANY` (spec/validation.md 4.4). */
export function fingerprintMismatch(strategy: string | null, given: number, matched: number): string | undefined {
  if (given === 1) return matched >= 1 ? undefined : 'fingerprint is not activated (does not match any associated machines)';
  if (matches(strategy, given, matched)) return undefined;
  return `one or more fingerprint is not activated (does not match ${(strategies.get(strategy) ?? any).lacks} associated machines)`;
}

/** Why `matched` components for `given` different fingerprints are too few, or undefined (spec/validation.md 4.4). */
export function componentMismatch(strategy: string | null, given: number, matched: number): string | undefined {
  if (matches(strategy, given, matched)) return undefined;
  return `one or more component is not activated (does not match ${(strategies.get(strategy) ?? any).lacks} associated components)`;
}
