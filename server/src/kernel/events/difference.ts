import { isDeepStrictEqual } from 'node:util';
import { stringifyJson } from '../http/json.ts';
import { isSensitive, mask, maskValue } from './masking.ts';

const wire = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);
const alike = (a: unknown, b: unknown): boolean => stringifyJson(a) === stringifyJson(b) || isDeepStrictEqual(a, b);
/** 5 and 5n are the same figure, and JSON objects are the same in any order of their keys: stored ones come back in that of the database. */
const same = (a: unknown, b: unknown): boolean => alike(wire(a) ?? null, wire(b) ?? null);

/** A column as the diff names it: without a trailing `At` or `Digest`. */
const nameOf = (column: string): string => column.replace(/(?:At|Digest)$/, '');

/**
 * What an update changed, `{ attribute: [old, new] }`, sensitive values masked (spec/events.md 6.2).
 * @param columns the stored ones among the row's members; joined rows are left aside by passing their names only
 */
export function difference(before: object, after: object, columns: readonly string[]): Record<string, [unknown, unknown]> {
  const old = before as Record<string, unknown>;
  const now = after as Record<string, unknown>;
  const changed = columns.filter((column) => !same(old[column], now[column]));
  return Object.fromEntries(
    changed.map((column) => {
      const shown = isSensitive(column) ? maskValue : mask;
      return [nameOf(column), [shown(wire(old[column])), shown(wire(now[column]))]];
    }),
  );
}
