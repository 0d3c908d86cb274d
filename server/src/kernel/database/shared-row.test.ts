import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { instant, int64, textArray } from './columns.ts';
import type { Database } from './database.ts';
import { boolean, doublePrecision, integer, jsonb, PgDialect, pgTable, text, uuid } from './drizzle.ts';
import { parseRowText, sharedRow } from './shared-row.ts';
import { testDatabases } from './test-databases.ts';

test.each<[string, (string | null)[]]>([
  ['(1)', ['1']],
  ['()', [null]],
  ['(,"",a)', [null, '', 'a']],
  ['("a ""b"" \\\\ (c), d","\n")', ['a "b" \\ (c), d', '\n']],
])('reads %j', (row, values) => {
  expect(parseRowText(row)).toEqual(values);
});

test.each(['', '(', '1,2', '(1', '("a)', '(1}'])('refuses %j', (row) => {
  expect(() => parseRowText(row)).toThrow(TypeError);
});

const things = pgTable('shared_things', {
  id: uuid(),
  name: text(),
  at: instant(),
  small: integer(),
  big: int64(),
  rate: doublePrecision(),
  is: boolean(),
  list: textArray(),
  data: jsonb(),
});

test('a flood of rows is forgotten, and read all the same', () => {
  const read = (sharedRow(pgTable('flood', { id: uuid(), name: text() })) as unknown as { decoder: { mapFromDriverValue(cell: string): object } }).decoder;
  const row = (n: number) => `(${n},${String(n % 10).repeat(300_000)})`;
  const first = read.mapFromDriverValue(row(0));
  expect(read.mapFromDriverValue(row(0))).toBe(first);
  for (let n = 1; n <= 10; n++) expect(read.mapFromDriverValue(row(n))).toMatchObject({ id: String(n) });
  expect(read.mapFromDriverValue(row(0))).not.toBe(first);
  expect(read.mapFromDriverValue(row(0))).toEqual(first);
});

describe.each(testDatabases())('$name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.script(
      'create table shared_things (id uuid, name text, at timestamp (3) with time zone, small integer, big bigint, rate double precision, "is" boolean, list text[], data jsonb)',
    );
  });

  const value = sharedRow(things);
  const query = new PgDialect({ casing: 'snake_case' }).sqlToQuery(value);
  const read = (cell: unknown) => (value as unknown as { decoder: { mapFromDriverValue(cell: unknown): unknown } }).decoder.mapFromDriverValue(cell);
  const stored = async (): Promise<unknown> => read((await database.rows(`select ${query.sql} as thing from shared_things`))[0]!.thing);
  const id = '0198c0de-0000-7000-8000-000000000001';
  const first = { id, name: 'a "b", (c) \\', at: new Date(1), small: -1, big: 9007199254740993n, rate: 0.5, is: true, list: ['a,b', null], data: { a: [1] } };

  test('a row of every type comes back as it went in, once for all who read it, and cannot be changed', async () => {
    await database.drizzle.insert(things).values(first as never);
    const thing = (await stored()) as typeof first;
    expect(thing).toEqual(first);
    expect(await stored()).toBe(thing);
    expect(() => (thing.data.a as number[]).push(2)).toThrow(TypeError);
    expect(() => Object.assign(thing, { name: 'b' })).toThrow(TypeError);
    await database.script('update shared_things set "is" = false');
    expect(await stored()).toEqual({ ...first, is: false });
  });

  test('any text comes back as it went in', async () => {
    const one = fc.string({ unit: 'binary' }).map((name) => name.replaceAll('\0', '').toWellFormed());
    await fc.assert(
      fc.asyncProperty(one, async (name) => {
        await database.rows('update shared_things set name = $1', [name]);
        expect(await stored()).toMatchObject({ name });
      }),
      { numRuns: 100 },
    );
  });

  test('a row that is not there is null', async () => {
    const [row] = await database.rows(`select ${query.sql} as thing from (select 1) one left join shared_things on false`);
    expect(read(row!.thing)).toBeNull();
  });
});
