/** A count or a limit: integers, 64-bit ones (memory, disk) as bigint. */
export type Count = number | bigint;

// Factors as fractions of integers, so that no 64-bit sum goes through a double.
const factors = new Map<string | null, readonly [bigint, bigint]>([
  ['ALLOW_1_25X_OVERAGE', [5n, 4n]],
  ['ALLOW_1_5X_OVERAGE', [3n, 2n]],
  ['ALLOW_2X_OVERAGE', [2n, 1n]],
]);

/** Whether `count` is within `limit` times the strategy's factor, compared exactly; unset is `NO_OVERAGE` (spec/validation.md 4.2). */
export function overage(count: Count, limit: Count, strategy: string | null): boolean {
  if (strategy === 'ALWAYS_ALLOW_OVERAGE') return true;
  const [times, per] = factors.get(strategy) ?? [1n, 1n];
  return BigInt(count) * per <= BigInt(limit) * times;
}

/** The same for the machines of a node-locked license, where only `ALLOW_2X_OVERAGE` and `ALWAYS_ALLOW_OVERAGE` exceed (spec/validation.md 4 rule 19). */
export const nodeLockedOverage = (count: Count, limit: Count, strategy: string | null): boolean =>
  overage(count, limit, strategy === 'ALLOW_2X_OVERAGE' || strategy === 'ALWAYS_ALLOW_OVERAGE' ? strategy : null);

/**
 * Whether a creation or an attachment may bring a count to `count` (the number after it); a null limit admits all
 * (spec/machines.md 3.1, 3.3, 3.4; spec/licenses.md 9).
 */
export const admits = (count: Count, limit: Count | null, strategy: string | null): boolean => limit === null || overage(count, limit, strategy);

/** Whether one more machine may join `existing` ones of the leasing scope; the first is always admitted (spec/machines.md 3.2). */
export const admitsMachine = (existing: number, limit: number | null, strategy: string | null): boolean =>
  existing === 0 || admits(existing + 1, limit, strategy);
