/** Lists: which page is asked for, and the links of its document (spec/http.md 8). */
import { parseUuid } from '../id.ts';
import { encodeQuery, type Query, type QueryValue } from './query.ts';
import { leadingInteger, type ParameterFailure, textFilter } from './query-readers.ts';

export type Order = 'asc' | 'desc';

/** A page of a list. `cursor` is null for the first page of a keyset. */
export type Page =
  | { kind: 'limit'; size: number; order: Order }
  | { kind: 'offset'; size: number; number: number; order: Order }
  | { kind: 'keyset'; size: number; cursor: string | null; order: Order };

const defaultSize = 10;
const maximum = 100;

type Integer = number | bigint;

const outside = (value: Integer): boolean => value < 1 || value > maximum;
const between = (name: string, parameter: string, value: Integer, hint = ''): ParameterFailure => ({
  detail: `${name} must be a number between 1 and ${maximum} (got ${value}${hint})`,
  parameter,
});

function parseOrder(value: QueryValue | undefined, otherwise: Order): Order | ParameterFailure {
  const order = textFilter(value)?.toLowerCase() ?? otherwise;
  return order === 'asc' || order === 'desc' ? order : { detail: 'order is invalid', parameter: 'order' };
}

interface PageMembers {
  cursor?: string;
  number?: string;
  size?: string;
}

/** The members of `page`; undefined when there are none. */
function pageMembers(page: QueryValue | undefined): PageMembers | 'misshapen' | undefined {
  if (page === undefined) return undefined;
  if (typeof page !== 'object' || Array.isArray(page)) return 'misshapen';
  const values = Object.values(page);
  if (values.length === 0) return undefined;
  if (!('cursor' in page || 'number' in page) || values.some((value) => typeof value !== 'string')) return 'misshapen';
  return page as PageMembers;
}

function offsetFailure(number: Integer): ParameterFailure | undefined {
  if (number < 1) return between('page number', 'page[number]', number);
  if (number > maximum) return between('page number', 'page[number]', number, ', please use cursor-based pagination instead');
  return undefined;
}

/**
 * The page that a query asks for. The order is checked first, then number, size and cursor (spec/http.md 8.1, 8.2). `order` and `limit` that are blank or no text
 * count as absent, like filters.
 */
export function parsePagination(query: Query, defaultOrder: Order = 'desc'): Page | ParameterFailure {
  const order = parseOrder(query.order, defaultOrder);
  if (typeof order === 'object') return order;
  const limitText = textFilter(query.limit);
  const limit = limitText === undefined ? defaultSize : leadingInteger(limitText);
  const page = pageMembers(query.page);
  if (page === undefined) return outside(limit) ? between('limit', 'limit', limit) : { kind: 'limit', size: Number(limit), order };
  if (page === 'misshapen') return { detail: 'page must be an object containing a cursor or number and optional size', parameter: 'page' };
  const { cursor, number, size } = page;
  const wanted = leadingInteger(number ?? '');
  const failure = cursor === undefined ? offsetFailure(wanted) : undefined;
  if (failure) return failure;
  const length = size === undefined ? limit : leadingInteger(size);
  if (outside(length)) return between('page size', 'page[size]', length);
  if (cursor === undefined) return { kind: 'offset', size: Number(length), number: Number(wanted), order };
  const id = cursor === '' ? null : parseUuid(cursor);
  if (id === undefined) return { detail: `page cursor must be a valid UUID (got "${cursor}")`, parameter: 'page[cursor]' };
  return { kind: 'keyset', size: Number(length), cursor: id, order };
}

/** What the database found: for `offset` the total, or, where lists are not counted, how many records the page holds; for `keyset` the id to go on from, if more follow. */
export type Found = { count: number } | { returned: number } | { next: string | null };

export type PageLinks =
  | { self: string; prev: string | null; next: string | null; first: string; last: string; meta: { pages: number; count: number } }
  | { self: string; prev: string | null; next: string | null }
  | { self: string; next: string | null };

const credentials = new Set(['token', 'auth']);

/** Writes links to other pages of a request: its path as sent, its query without credentials, and another `page` (spec/http.md 8.6). */
function linkWriter(path: string, query: Query, size: number): (place: { number: string } | { cursor: string }) => string {
  const kept = Object.fromEntries(Object.entries(query).filter(([name]) => !credentials.has(name) && name !== 'page'));
  return (place) => `${path}?${encodeQuery({ ...kept, page: { ...place, size: String(size) } })}`;
}

function offsetLinks(at: (number: number) => string, page: { number: number; size: number }, found: Found): PageLinks {
  const { number, size } = page;
  const previous = (exists: boolean): string | null => (exists && number > 1 ? at(number - 1) : null);
  if ('returned' in found) return { self: at(number), prev: previous(found.returned > 0), next: found.returned < size ? null : at(number + 1) };
  const count = 'count' in found ? found.count : 0;
  const pages = Math.ceil(count / size);
  return {
    self: at(number),
    prev: previous(number <= pages),
    next: number < pages ? at(number + 1) : null,
    first: at(1),
    last: at(pages),
    meta: { pages, count },
  };
}

/** The `links` of a list's document; undefined for limits. `path` is the request's as sent, `query` its parsed query (spec/http.md 8.3-8.6). */
export function paginationLinks(path: string, query: Query, page: Page, found: Found): PageLinks | undefined {
  if (page.kind === 'limit') return undefined;
  const link = linkWriter(path, query, page.size);
  if (page.kind === 'offset') return offsetLinks((number) => link({ number: String(number) }), page, found);
  const sent = query.page as { cursor: string };
  const next = 'next' in found ? found.next : null;
  return { self: link({ cursor: sent.cursor }), next: next === null ? null : link({ cursor: next }) };
}
