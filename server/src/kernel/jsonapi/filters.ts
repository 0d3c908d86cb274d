/** The filters that lists share (spec/http.md 6): each ignores what is blank or of another shape, and an unknown value narrows the list to nothing. */
import { eq, inArray, or, PgColumn, type SQL, sql } from '../database/drizzle.ts';
import type { Context } from '../http/context.ts';
import { snakeKey } from '../http/keys.ts';
import type { QueryValue } from '../http/query.ts';
import { isBlankValue, booleanFilter as readBoolean, textFilter as readText } from '../http/query-readers.ts';
import { parseUuid } from '../id.ts';
import type { Filter } from './list.ts';

/** A column that the value must equal, or the WHERE that the value makes. */
type Target<T> = PgColumn | ((value: T, context: Context) => SQL | undefined | false);

const narrow = <T>(target: Target<T>, value: T, context: Context) => (target instanceof PgColumn ? eq(target, value) : target(value, context));

/** `product=<id>`: a text that is no UUID fits nothing. */
export const uuidFilter =
  (target: Target<string>): Filter =>
  (value, context) => {
    const text = readText(value);
    if (text === undefined) return undefined;
    const id = parseUuid(text);
    return id !== undefined && narrow(target, id, context);
  };

/** `suspended=true`: false for `false FALSE f F 0 off OFF`, true for every other text (spec/http.md 6 rule 3). */
export const booleanFilter =
  (target: Target<boolean>): Filter =>
  (value, context) => {
    const wanted = readBoolean(value);
    return wanted === undefined ? undefined : narrow(target, wanted, context);
  };

/** `fingerprint=<text>`, compared as it is. */
export const textFilter =
  (target: Target<string>): Filter =>
  (value, context) => {
    const text = readText(value);
    return text === undefined ? undefined : narrow(target, text, context);
  };

/** `status=active`: one of a list of names, in any case; an unknown one fits nothing (spec/http.md 6 rule 5). @param build gets the name as listed */
export const nameFilter =
  <const N extends string>(names: readonly N[], build: (name: N, context: Context) => SQL | undefined | false): Filter =>
  (value, context) => {
    const text = readText(value)?.trim().toUpperCase();
    if (text === undefined) return undefined;
    const name = names.find((candidate) => candidate.toUpperCase() === text);
    return name !== undefined && build(name, context);
  };

/** `events[]=<text>&events[]=<text>`: any of the texts; whatever is no list of texts is ignored. */
export const textsFilter =
  (column: PgColumn): Filter =>
  (value) => {
    const texts = Array.isArray(value) ? value.map(readText).filter((text) => text !== undefined) : [];
    return texts.length === 0 ? undefined : inArray(column, texts);
  };

/** What a query's text may stand for in JSON: itself, and the boolean, null or number that it looks like. */
function readings(text: string): unknown[] {
  if (text === 'true' || text === 'false') return [text, text === 'true'];
  if (text === 'null') return [text, null];
  if (/^\d+$/.test(text)) return [text, BigInt(text)];
  return /^\d+\.\d+$/.test(text) ? [text, Number(text)] : [text];
}

/** `metadata[key]=value`: containment, several keys ANDed, blank values dropped; below the first level texts are texts (spec/http.md 6.1). */
export const metadataFilter =
  (column: PgColumn): Filter =>
  (value) => {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    const contains = (key: string, item: unknown): SQL => sql`${column} @> ${sql.param({ [key]: item }, column)}`;
    const given = Object.entries(value).filter(([, wanted]) => !isBlankValue(wanted));
    const tests = given.map(([name, wanted]: [string, QueryValue]) => {
      const key = snakeKey(name);
      return or(...(typeof wanted === 'string' ? readings(wanted) : [wanted]).map((item) => contains(key, item)))!;
    });
    return tests.length === 0 ? undefined : sql.join(tests, sql` and `);
  };
