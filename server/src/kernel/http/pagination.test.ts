import { describe, expect, test } from 'vitest';
import { type Found, type Page, paginationLinks, parsePagination } from './pagination.ts';
import { parseQuery } from './query.ts';

const id = '52a26820-0caa-4bac-9ff1-27bb6ec77ac4';
const parse = (query: string) => parsePagination(parseQuery(query));

describe('which page (spec/http.md 8.1-8.3)', () => {
  test.each<[string, Partial<Page>]>([
    ['', { kind: 'limit', size: 10, order: 'desc' }],
    ['limit=100', { kind: 'limit', size: 100 }],
    ['limit=5x', { kind: 'limit', size: 5 }],
    ['limit=', { kind: 'limit', size: 10 }],
    ['limit[]=5', { kind: 'limit', size: 10 }],
    ['order=DESC', { order: 'desc' }],
    ['order=asc', { order: 'asc' }],
    ['order=Asc&page[number]=1', { kind: 'offset', order: 'asc' }],
    ['order=', { order: 'desc' }],
    ['page[number]=2', { kind: 'offset', number: 2, size: 10 }],
    ['page[number]=100&page[size]=100', { kind: 'offset', number: 100, size: 100 }],
    ['page[number]=1&limit=5', { kind: 'offset', number: 1, size: 5 }],
    ['page[number]=1&limit=900&page[size]=7', { kind: 'offset', size: 7 }],
    ['page[number]=1&page[foo]=2', { kind: 'offset', number: 1 }],
    ['page[cursor]=', { kind: 'keyset', cursor: null, size: 10 }],
    ['page[cursor]=&page[number]=0&page[size]=5', { kind: 'keyset', cursor: null, size: 5 }],
    [`page[cursor]=${id}`, { kind: 'keyset', cursor: id }],
    [`page[cursor]=${id.replaceAll('-', '').toUpperCase()}`, { kind: 'keyset', cursor: id }],
  ])('?%s', (query, expected) => {
    expect(parse(query)).toMatchObject(expected);
  });

  test('a page that is an empty object is none', () => {
    expect(parsePagination({ page: {} })).toMatchObject({ kind: 'limit' });
  });

  test('the default order is the caller’s', () => {
    expect(parsePagination({}, 'asc')).toMatchObject({ order: 'asc' });
  });
});

describe('pages that are refused (spec/http.md 8.1, 8.2)', () => {
  const shape = 'page must be an object containing a cursor or number and optional size';
  const number = (got: string) => `page number must be a number between 1 and 100 (got ${got})`;
  test.each([
    ['order=foo', 'order is invalid', 'order'],
    ['limit=900', 'limit must be a number between 1 and 100 (got 900)', 'limit'],
    ['limit=0', 'limit must be a number between 1 and 100 (got 0)', 'limit'],
    ['limit=-900', 'limit must be a number between 1 and 100 (got -900)', 'limit'],
    ['limit=abc', 'limit must be a number between 1 and 100 (got 0)', 'limit'],
    ['limit=99999999999999999999', 'limit must be a number between 1 and 100 (got 99999999999999999999)', 'limit'],
    ['page=1&size=100', shape, 'page'],
    ['page=', shape, 'page'],
    ['page[size]=5', shape, 'page'],
    ['page[foo]=5', shape, 'page'],
    ['page[]=1', shape, 'page'],
    ['page%5Bnumber%5D%3D=0', shape, 'page'],
    ['page[number][x]=1', shape, 'page'],
    ['page[cursor][]=1', shape, 'page'],
    ['page[number]=1&page[size][]=1', shape, 'page'],
    ['page[number]=0', number('0'), 'page[number]'],
    ['page[number]=', number('0'), 'page[number]'],
    ['page[number]=-1', number('-1'), 'page[number]'],
    ['page[number]=0&page[size]=0', number('0'), 'page[number]'],
    ['page[number]=101', number('101, please use cursor-based pagination instead'), 'page[number]'],
    ['page[number]=1&page[size]=101', 'page size must be a number between 1 and 100 (got 101)', 'page[size]'],
    ['page[number]=1&page[size]=', 'page size must be a number between 1 and 100 (got 0)', 'page[size]'],
    ['page[number]=1&limit=900', 'page size must be a number between 1 and 100 (got 900)', 'page[size]'],
    ['page[cursor]=&page[size]=0', 'page size must be a number between 1 and 100 (got 0)', 'page[size]'],
    ['page[cursor]=foo', 'page cursor must be a valid UUID (got "foo")', 'page[cursor]'],
  ])('?%s is refused', (query, detail, parameter) => {
    expect(parse(query)).toEqual({ detail, parameter });
  });
});

describe('links (spec/http.md 8.4-8.6)', () => {
  const path = '/v1/accounts/acme/licenses';
  const links = (query: string, found: Found) => paginationLinks(path, parseQuery(query), parse(query) as Page, found);
  const at = (number: number, size = 5) => `${path}?page%5Bnumber%5D=${number}&page%5Bsize%5D=${size}`;

  test('a limit has none', () => {
    expect(links('limit=5', { count: 7 })).toBeUndefined();
  });

  test.each([
    [1, 21, null, 2, 5],
    [2, 21, 1, 3, 5],
    [5, 21, 4, null, 5],
    [6, 21, null, null, 5],
    [1, 5, null, null, 1],
    [1, 0, null, null, 0],
  ])('page %i of %i records', (number, count, prev, next, pages) => {
    expect(links(`page[number]=${number}&page[size]=5`, { count })).toEqual({
      self: at(number),
      prev: prev === null ? null : at(prev),
      next: next === null ? null : at(next),
      first: at(1),
      last: at(pages),
      meta: { pages, count },
    });
  });

  test.each([
    [1, 5, null, 2],
    [2, 5, 1, 3],
    [2, 4, 1, null],
    [3, 0, null, null],
  ])('uncounted page %i with %i records', (number, returned, prev, next) => {
    const expected = { self: at(number), prev: prev === null ? null : at(prev), next: next === null ? null : at(next) };
    expect(links(`page[number]=${number}&page[size]=5`, { returned })).toEqual(expected);
  });

  test('a keyset repeats its cursor as given and goes on from the last record', () => {
    const given = id.toUpperCase();
    expect(links('page[cursor]=&page[size]=5', { next: id })).toEqual({
      self: `${path}?page%5Bcursor%5D=&page%5Bsize%5D=5`,
      next: `${path}?page%5Bcursor%5D=${id}&page%5Bsize%5D=5`,
    });
    expect(links(`page[cursor]=${given}`, { next: null })).toEqual({ self: `${path}?page%5Bcursor%5D=${given}&page%5Bsize%5D=10`, next: null });
  });

  test('filters, limit and order are kept; credentials and other members of page are not', () => {
    const query = 'token=secret&auth=license:KEY&order=asc&limit=5&status=a+b&ids[]=2&ids[]=1&page[number]=1&page[foo]=x';
    expect(links(query, { returned: 0 })?.self).toBe(`${path}?ids%5B%5D=2&ids%5B%5D=1&limit=5&order=asc&page%5Bnumber%5D=1&page%5Bsize%5D=5&status=a+b`);
  });
});
