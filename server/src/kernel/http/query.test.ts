import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeQuery, parseQuery, type QueryValue } from './query.ts';
import { booleanFilter, coercedBoolean, coercedInteger, commaList, dateRange, leadingInteger, textFilter, yankedFilter } from './query-readers.ts';
import { WireError } from './wire-error.ts';

describe('query syntax (spec/http.md 6 rule 1)', () => {
  test.each<[string, { [key: string]: QueryValue }]>([
    ['', {}],
    ['limit=5&order=asc', { limit: '5', order: 'asc' }],
    ['page[number]=2&page[size]=5', { page: { number: '2', size: '5' } }],
    ['page%5Bnumber%5D=2', { page: { number: '2' } }],
    ['page%5Bnumber%5D%3D=0', { page: { 'number=': '0' } }],
    ['page[cursor]=', { page: { cursor: '' } }],
    ['page[cursor]', { page: { cursor: '' } }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[b][c]=d&a[b][e]=f', { a: { b: { c: 'd', e: 'f' } } }],
    ['a[][b]=1&a[][c]=2&a[][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
    ['a=1&a=2', { a: '2' }],
    ['a=b=c', { a: 'b=c' }],
    ['&&a=1&', { a: '1' }],
    ['q=one+two%2B%20three', { q: 'one two+ three' }],
    ['n=%00', { n: '\0' }],
    ['LIMIT=5&firstName=x', { LIMIT: '5', firstName: 'x' }],
    ['metadata[a.b]=%C3%A9', { metadata: { 'a.b': 'é' } }],
    ['a[b=1', { 'a[b': '1' }],
    ['[a]=1', { '[a]': '1' }],
    ['page=1&size=100', { page: '1', size: '100' }],
  ])('%s', (text, expected) => {
    expect(parseQuery(text)).toEqual(expected);
  });
});

describe('queries that are refused, or not trusted (spec/http.md 6 rule 1)', () => {
  test.each([
    ['cut percent sequence', 'a=%4'],
    ['percent sequence that is not hexadecimal', 'a=%zz'],
    ['bad sequence in a name', '%4=a'],
    ['invalid UTF-8', 'a=%ff'],
    ['surrogate in UTF-8', 'a=%ED%A0%80'],
    ['object after text', 'a=1&a[b]=2'],
    ['list after text', 'a=1&a[]=2'],
    ['text after object', 'a[b]=1&a=2'],
    ['text after list', 'a[]=1&a=2'],
    ['list after object', 'a[b]=1&a[]=2'],
    ['object after list', 'a[]=1&a[b]=2'],
    ['conflict deep inside', 'a[b][c]=1&a[b][c][d]=2'],
    ['excessive nesting', `a${'[b]'.repeat(33)}=1`],
    ['absurd nesting', `a${'[b]'.repeat(5000)}=1`],
    ['too many parameters', 'a=1&'.repeat(5000)],
  ])('refuses: %s', (_, text) => {
    expect(() => parseQuery(text)).toThrow(expect.objectContaining({ name: 'WireError', code: 'PARAMETERS_INVALID' }));
  });

  test('names of the object prototype are ordinary names', () => {
    const query = parseQuery('__proto__[admin]=1&constructor=2&a[__proto__][b]=3');
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor', 'a']);
    expect('admin' in {}).toBe(false);
    expect(query.toString).toBeUndefined();
  });

  test('whatever comes, only WireError is thrown', () => {
    const fragments = fc.constantFrom('a', 'b', '[', ']', '[]', '=', '&', '%', '%5B', '%ff', '+', '__proto__');
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 30 }), (parts) => {
        try {
          parseQuery(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('query text (spec/http.md 8.6)', () => {
  test.each([
    [{ page: { size: '5', number: '2' }, limit: '5' }, 'limit=5&page%5Bnumber%5D=2&page%5Bsize%5D=5'],
    [{ page: { size: '5', cursor: '' } }, 'page%5Bcursor%5D=&page%5Bsize%5D=5'],
    [{ z: ['2', '1'], a: 'x y+é' }, 'a=x+y%2B%C3%A9&z%5B%5D=2&z%5B%5D=1'],
    [{ a: [{ b: '1', c: '2' }] }, 'a%5B%5D%5Bb%5D=1&a%5B%5D%5Bc%5D=2'],
    [{ a: "!'()*~-_." }, 'a=%21%27%28%29%2A~-_.'],
    [{}, ''],
  ])('%o is written sorted and encoded', (query, text) => {
    expect(encodeQuery(query)).toBe(text);
  });

  test('what is written is read back', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[[\]]/.test(text));
    const text = fc.string({ unit: 'grapheme' });
    const member = fc.oneof(text, fc.array(text, { minLength: 1 }), fc.dictionary(name, text, { minKeys: 1, noNullPrototype: true }));
    const value = fc.oneof(member, fc.dictionary(name, member, { minKeys: 1, noNullPrototype: true }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (query) => {
        expect(parseQuery(encodeQuery(query))).toEqual(query);
      }),
    );
  });
});

describe('single values', () => {
  test.each<[string, number | bigint]>([
    ['5', 5],
    ['5abc', 5],
    [' 7', 7],
    ['-900', -900],
    ['+3', 3],
    ['2.9', 2],
    ['abc', 0],
    ['', 0],
    ['99999999999999999999', 99999999999999999999n],
  ])('"%s" begins with the integer %s (8.2)', (text, expected) => {
    expect(leadingInteger(text)).toBe(expected);
  });

  test('a blank coerced integer is null (5.5)', () => {
    expect([coercedInteger(''), coercedInteger(' '), coercedInteger('abc'), coercedInteger('12')]).toEqual([null, null, 0, 12]);
  });

  test.each([
    [coercedBoolean, ['1', 'true', 'TRUE', 't', 'T', 'yes', 'YES', 'y', 'Y'], true],
    [coercedBoolean, ['0', 'false', 'True', 'on', '', '2'], false],
    [booleanFilter, ['true', '1', 'yes', 'False', 'no', 'x'], true],
    [booleanFilter, ['false', 'FALSE', 'f', 'F', '0', 'off', 'OFF'], false],
    [booleanFilter, ['', '  '], undefined],
    [yankedFilter, ['true', '1'], true],
    [yankedFilter, ['', 'TRUE', 'yes', '0', 'false'], false],
    [textFilter, ['', '\t '], undefined],
  ] as [(text: string) => unknown, string[], unknown][])('%o reads %j as %s (5.5, 6 rule 3)', (read, texts, expected) => {
    expect(texts.map(read)).toEqual(texts.map(() => expected));
  });

  test.each([booleanFilter, yankedFilter, textFilter])('%o ignores what is absent or of another shape (6 rule 2)', (read) => {
    for (const value of [undefined, ['true'], { a: 'true' }]) expect(read(value)).toBeUndefined();
  });
});

describe('lists and ranges', () => {
  test.each<[QueryValue | undefined, string[] | undefined]>([
    ['a,b', ['a', 'b']],
    [' a , ,b,', ['a', 'b']],
    ['', []],
    [
      ['a', 'b.c'],
      ['a', 'b.c'],
    ],
    [undefined, undefined],
    [{ a: 'b' }, undefined],
    [['a', ['b']], undefined],
  ])('the list %j holds %j (5.5)', (value, expected) => {
    expect(commaList(value)).toEqual(expected);
  });

  const failure = (detail: string) => ({ detail, parameter: 'date' });
  test.each<[QueryValue | undefined, unknown]>([
    [undefined, undefined],
    ['2024-01-01', undefined],
    [{ start: '2024-01-01' }, undefined],
    [{ start: '2024-01-01', end: '' }, undefined],
    [{ start: ['2024-01-01'], end: '2024-01-02' }, undefined],
    [
      { start: '2024-01-01', end: '2024-01-02' },
      { start: '2024-01-01', end: '2024-01-02' },
    ],
    [
      { start: '2017-1-2', end: '2017-02-02T23:59:59.999Z' },
      { start: '2017-01-02', end: '2017-02-02' },
    ],
    [{ start: '2024-01-01', end: '2024-01-01' }, failure('date range must be between 1 and 31 days (got 0)')],
    [{ start: '2024-01-06', end: '2024-01-01' }, failure('date range must be between 1 and 31 days (got -5)')],
    [{ start: '2024-01-01', end: '2024-02-02' }, failure('date range must be between 1 and 31 days (got 32)')],
    [{ start: '2024-02-30', end: '2024-03-02' }, failure('invalid date range')],
    [{ start: 'foo', end: '2024-03-02' }, failure('invalid date range')],
  ])('the date range %j (6.2)', (value, expected) => {
    expect(dateRange(value)).toEqual(expected);
  });
});
