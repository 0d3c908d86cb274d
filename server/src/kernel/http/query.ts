/** Query strings: bracket syntax to nested values and back (spec/http.md 6, 8.6). */
import { WireError } from './wire-error.ts';

export type QueryValue = string | QueryValue[] | Query;
/** Has no prototype, so that any name is harmless as a key. */
export type Query = { [key: string]: QueryValue };

const maximumNesting = 32;
const maximumParameters = 4096;

const invalid = (what: string): WireError => new WireError('PARAMETERS_INVALID', what);
const emptyQuery = (): Query => Object.create(null) as Query;
const isQuery = (value: QueryValue | undefined): value is Query => typeof value === 'object' && !Array.isArray(value);

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalid('undecodable percent sequence');
  }
}

/** `a[b][]` → `a`, `b`, ``. A name without complete brackets is one key; what follows the last bracket belongs to the last key (`page[number]=` has `number=`). */
function segmentsOf(name: string): string[] {
  const [, root, groups, rest] = /^([^[]+)((?:\[[^\]]*\])+)(.*)$/s.exec(name) ?? [];
  if (root === undefined) return [name];
  const inner = groups!.slice(1, -1).split('][');
  if (inner.length > maximumNesting) throw invalid('nested too deeply');
  inner[inner.length - 1] += rest!;
  return [root, ...inner];
}

/** Puts a value below `held`, what stands at this place so far, and gives what then stands there. An empty segment is a list. */
function store(held: QueryValue | undefined, segments: string[], depth: number, value: string): QueryValue {
  const segment = segments[depth];
  if (segment === undefined) {
    if (held !== undefined && typeof held !== 'string') throw invalid('conflicting shapes');
    return value;
  }
  if (segment === '') {
    const list = held ?? [];
    if (!Array.isArray(list)) throw invalid('conflicting shapes');
    return append(list, segments, depth + 1, value);
  }
  const object = held ?? emptyQuery();
  if (!isQuery(object)) throw invalid('conflicting shapes');
  object[segment] = store(object[segment], segments, depth + 1, value);
  return object;
}

/** `a[][b]=1&a[][c]=2` describes one item until a key comes again. */
function append(list: QueryValue[], segments: string[], depth: number, value: string): QueryValue[] {
  const last = list.at(-1);
  const next = segments[depth];
  if (next && isQuery(last) && !(next in last && segments.length === depth + 1)) list[list.length - 1] = store(last, segments, depth, value);
  else list.push(store(undefined, segments, depth, value));
  return list;
}

/**
 * Parses a raw query string (without `?`): `a[b]=c` is an object, `a[]=b` a list, `+` a space, of repeated names the last one wins, a name without `=` is ''.
 * Names are taken exactly as written; NUL is kept. Throws `WireError` PARAMETERS_INVALID for undecodable sequences, names used as two shapes, more than 32
 * levels or 4096 parameters (spec/http.md 6 rule 1).
 */
export function parseQuery(raw: string): Query {
  const query = emptyQuery();
  if (raw === '') return query;
  const pairs = raw.split('&', maximumParameters + 1);
  if (pairs.length > maximumParameters) throw invalid('too many parameters');
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [root, ...segments] = segmentsOf(decode(equals < 0 ? pair : pair.slice(0, equals)));
    query[root!] = store(query[root!], segments, 0, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  return query;
}

/** Form encoding: only `A-Z a-z 0-9 - _ . ~` stand for themselves, a space is `+`. */
const encode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

function encodeValue(name: string, value: QueryValue): string[] {
  if (typeof value === 'string') return [`${encode(name)}=${encode(value)}`];
  if (Array.isArray(value)) return [value.flatMap((item) => encodeValue(`${name}[]`, item)).join('&')];
  return [sorted(Object.entries(value).flatMap(([key, item]) => encodeValue(`${name}[${key}]`, item)))];
}

const sorted = (pairs: string[]): string =>
  pairs
    .filter((pair) => pair !== '')
    .sort()
    .join('&');

/** The text of a query, percent-encoded, brackets too, and sorted by the encoded text; lists keep the order of their items (spec/http.md 8.6). */
export const encodeQuery = (query: Query): string => sorted(Object.entries(query).flatMap(([name, value]) => encodeValue(name, value)));
