import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { arrayText, parseArrayText, readSeparated, separatedText } from './array-text.ts';
import type { Database } from './database.ts';
import { testDatabases } from './test-databases.ts';

test.each<[string, unknown[], string]>([
  ['nothing', [], '{}'],
  ['absent values', [null, undefined, 'null'], '{NULL,NULL,"null"}'],
  ['quotes and backslashes', ['a"b\\c'], '{"a\\"b\\\\c"}'],
  ['line breaks as they are', ['a\nb'], '{"a\nb"}'],
  ['a list within', [['a', null], []], '{"{\\"a\\",NULL}","{}"}'],
  ['instants, objects, numbers', [new Date(0), { a: 1 }, 2, 3n, true], '{"1970-01-01T00:00:00.000Z","{\\"a\\":1}","2","3","true"}'],
])('writes %s', (_, values, text) => {
  expect(arrayText(values)).toBe(text);
});

test('reads unquoted elements as PostgreSQL writes them', () => {
  expect(parseArrayText('{license.read,NULL,"null","a b"}')).toEqual(['license.read', null, 'null', 'a b']);
});

test.each(['', '{', 'a', '{a', '{"a}'])('refuses %j', (text) => {
  expect(() => parseArrayText(text)).toThrow(TypeError);
});

test.each([[['']], [['a\x1fb']], [['\x1e', 'a']], [[['\x1f']]]])('cannot be written separated: %j', (values) => {
  expect(separatedText(values)).toBeUndefined();
});

test('what is read twice is one list that nobody can change', () => {
  const list = parseArrayText('{once}');
  expect(parseArrayText('{once}')).toBe(list);
  expect(() => (list as string[]).push('more')).toThrow(TypeError);
});

describe.each(testDatabases())('$name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  // neither in a text of PostgreSQL
  const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));
  test.each<[string, unknown[], unknown[]]>([
    ['absent values', [null, undefined, 'null', ''], [null, null, 'null', '']],
    ['quotes, backslashes, braces', ['"', '\\', '{', ','], ['"', '\\', '{', ',']],
    ['empty elements at the ends', ['', 'a', ''], ['', 'a', '']],
    ['one that is absent', [null], [null]],
    ['instants, objects, numbers', [new Date(0), { a: '\x1f' }, 2, true], ['1970-01-01T00:00:00.000Z', '{"a":"\\u001f"}', '2', 'true']],
    ['a list within', [['a', null]], ['{"a",NULL}']],
  ])('reads a separated list: %s', async (_, values, list) => {
    const [row] = await database.rows(`select ${readSeparated('$1')} as list`, [separatedText(values)]);
    expect(row!.list).toEqual(list);
  });

  test('reads what is written, and what it writes is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, fc.constantFrom(null, 'null', 'NULL', '', '{}', ',', '"', '\\', ' '))), async (list) => {
        const [row] = await database.rows('select $1::text::text[] as list, to_json($1::text::text[])::text as json, $1::text::text[]::text as text', [
          arrayText(list),
        ]);
        expect(JSON.parse(String(row!.json))).toEqual(list);
        expect(row!.list).toEqual(list);
        expect(parseArrayText(String(row!.text))).toEqual(list);
      }),
      { numRuns: 100 },
    );
  });
});
