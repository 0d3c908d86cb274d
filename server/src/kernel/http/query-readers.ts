/** How single query values are read (spec/http.md 5.5, 6). Each takes the value as parsed, which may be absent or of another shape. */
import type { QueryValue } from './query.ts';

type Given = QueryValue | undefined;

/** A query parameter that cannot be accepted: a 400 with this detail, and `source.parameter`. */
export interface ParameterFailure {
  detail: string;
  parameter: string;
}

/** A text that is not blank, else undefined: absent, blank and misshapen filters are ignored (spec/http.md 6 rule 2). */
export const textFilter = (value: Given): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

/** Nothing but white space, however deep it stands: filters that are objects drop such members (spec/licenses.md 8.2). */
export const isBlankValue = (value: QueryValue): boolean => (typeof value === 'string' ? value.trim() === '' : Object.values(value).every(isBlankValue));

/** The integer that a text begins with, sign allowed, 0 if it begins with none; BigInt when it is not safe (spec/http.md 8.2). */
export function leadingInteger(text: string): number | bigint {
  const digits = /^\s*([+-]?\d+)/.exec(text)?.[1] ?? '0';
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits.replace('+', ''));
}

/** A coerced integer: null when blank (spec/http.md 5.5). */
export const coercedInteger = (text: string): number | bigint | null => (text.trim() === '' ? null : leadingInteger(text));

const yes = new Set(['1', 'true', 'TRUE', 't', 'T', 'yes', 'YES', 'y', 'Y']);
const no = new Set(['false', 'FALSE', 'f', 'F', '0', 'off', 'OFF']);

/** A coerced boolean: true for the known words, false for every other text (spec/http.md 5.5). Filters have another rule. */
export const coercedBoolean = (text: string): boolean => yes.has(text);

/** A boolean filter: false for the known words, true for every other text that is not blank, undefined when it is to be ignored (spec/http.md 6 rule 3). */
export function booleanFilter(value: Given): boolean | undefined {
  const text = textFilter(value);
  return text === undefined ? undefined : !no.has(text);
}

/** The filter `yanked`: true only for `true` and `1`; undefined when absent or not a text (spec/http.md 6 rule 3). */
export const yankedFilter = (value: Given): boolean | undefined => (typeof value === 'string' ? value === 'true' || value === '1' : undefined);

/** The items of `a,b` or of `x[]=a&x[]=b`, trimmed, without empty ones; undefined when absent or of another shape (spec/http.md 5.5). */
export function commaList(value: Given): string[] | undefined {
  const items = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

const dayLength = 86_400_000;
const longestRange = 31;

/** Milliseconds of the start of a UTC day; a time of day is dropped, digits may be unpadded (spec/events.md 6.3). */
function parseDay(text: string): number | undefined {
  const [, year, month, day] = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s].*)?$/is.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const found = new Date(time);
  return found.getUTCFullYear() === Number(year) && found.getUTCMonth() === Number(month) - 1 ? time : undefined;
}

const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Whole UTC days as `YYYY-MM-DD`, both included. */
export interface DateRange {
  start: string;
  end: string;
}

/** The filter `date[start]`, `date[end]` of logs: 1 to 31 days apart; undefined unless both are given (spec/http.md 6.2). */
export function dateRange(value: Given): DateRange | ParameterFailure | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const start = textFilter(value.start);
  const end = textFilter(value.end);
  if (start === undefined || end === undefined) return undefined;
  const first = parseDay(start);
  const last = parseDay(end);
  if (first === undefined || last === undefined) return { detail: 'invalid date range', parameter: 'date' };
  const days = (last - first) / dayLength;
  if (days < 1 || days > longestRange) return { detail: `date range must be between 1 and ${longestRange} days (got ${days})`, parameter: 'date' };
  return { start: isoDay(first), end: isoDay(last) };
}
