import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Float } from '../http/json-value.ts';
import { afterCommit, type Database, execute, openDatabase } from './database.ts';
import { asc, bigint, boolean, eq, integer, pgTable, sql, text, timestamp } from './drizzle.ts';
import {
  checkViolation,
  conflict,
  connectionLost,
  foreignKeyViolation,
  invalidText,
  lockNotAvailable,
  numericOutOfRange,
  sqlState,
  uniqueViolation,
} from './errors.ts';
import { exactJson } from './json.ts';
import { testDatabases } from './test-databases.ts';

const things = pgTable('things', {
  id: integer().primaryKey(),
  amount: bigint({ mode: 'bigint' }),
  at: timestamp({ precision: 3, withTimezone: true }),
  isOpen: boolean(),
  data: exactJson(),
  name: text(),
});
const instant = new Date('2552-02-29T23:59:59.123Z');

const jsons: Record<string, unknown> = {
  'text of a number': '5',
  text: 'a "quote"',
  integer: 5,
  'big integer': 9007199254740993n,
  'whole float': new Float(1),
  float: 1.5,
  list: [],
  'deep object': { deep: [{ n: 123456789012345678901234567890n }] },
  'text like numbers': { '': '1: 12345678901234567' },
};

describe.each(testDatabases())('$name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.script(`create table things (id int primary key, amount bigint, at timestamptz(3), is_open boolean, data jsonb, name text constraint things_name unique,
      parent int constraint things_parent references things, small int2 constraint things_small check (small > 0))`);
  });
  beforeEach(() => database.script('delete from things'));

  test.each(['0', '9007199254740993', '-9223372036854775808', '9223372036854775807'])('the bigint %s comes back exactly', async (digits) => {
    const amount = BigInt(digits);
    await database.drizzle.insert(things).values({ id: 1, amount });
    expect((await database.drizzle.select().from(things))[0]!.amount).toBe(amount);
    expect(BigInt((await database.rows('select amount from things'))[0]!.amount as number | bigint)).toBe(amount);
  });

  test.each(Object.keys(jsons))('a json %s comes back exactly', async (kind) => {
    const data = jsons[kind];
    await database.drizzle.insert(things).values({ id: 1, data });
    const [row] = await database.drizzle.select().from(things);
    expect(row!.data).toEqual(data);
    expect((await database.rows('select data from things'))[0]!.data).toEqual(data);
  });

  test('an instant is a Date with milliseconds, in drizzle and in raw rows', async () => {
    await database.drizzle.insert(things).values({ id: 1, at: instant, isOpen: true });
    const [row] = await database.drizzle.select().from(things).where(eq(things.at, instant));
    expect(row).toMatchObject({ at: instant, isOpen: true });
    expect(await database.rows('select at, is_open, name, count(*) over () as count from things where at = $1', [instant])).toEqual([
      { at: instant, is_open: true, name: null, count: 1 },
    ]);
  });

  test('raw parameters and rows may be arrays, bytes and objects', async () => {
    const [row] = await database.rows(
      `select $1::text[] as list, $2::bytea as bytes, $3::jsonb as object, $4::int8 as big, $5::uuid as nothing, $6::date as day`,
      [['a', '{"'], Buffer.from([0, 255]), { n: 9007199254740993n }, 9007199254740993n, undefined, '2026-01-31'],
    );
    expect(row).toEqual({
      list: ['a', '{"'],
      bytes: Buffer.from([0, 255]),
      object: { n: 9007199254740993n },
      big: 9007199254740993n,
      nothing: null,
      day: '2026-01-31',
    });
  });

  test('a prepared statement can be run many times, also at once', async () => {
    await database.drizzle.insert(things).values([1, 2, 3].map((id) => ({ id, name: `n${id}` })));
    const find = database.drizzle
      .select({ name: things.name })
      .from(things)
      .where(eq(things.id, sql.placeholder('id')))
      .prepare('find_thing');
    const names = await Promise.all([1, 2, 3, 1, 2, 3].map((id) => find.execute({ id })));
    expect(names.flat().map((row) => row.name)).toEqual(['n1', 'n2', 'n3', 'n1', 'n2', 'n3']);
  });

  test('a connection keeps each text prepared once, whatever is written in between', async () => {
    for (let round = 0; round < 20; round++) {
      await database.rows('select name from things where id = $1', [round]);
      await database.rows('update things set name = $1 where id = $2', ['x', round]);
      if (round % 5 === 0) await database.script('create table if not exists other (id int)');
    }
    const [row] = await database.rows('select max(count)::int as most from (select count(*) as count from pg_prepared_statements group by statement) texts');
    expect(Number(row!.most ?? 0)).toBeLessThan(2);
  });

  test('a transaction that rejects leaves nothing behind, and calls nothing back', async () => {
    const called: string[] = [];
    const failing = database.transaction(async (tx) => {
      await tx.insert(things).values({ id: 1 });
      afterCommit(tx, () => called.push('rolled back'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const kept = await database.transaction(async (tx) => {
      await tx.insert(things).values({ id: 2 });
      await tx.transaction((inner) => inner.insert(things).values({ id: 2 })).catch(() => {});
      afterCommit(tx, () => called.push('committed'));
      expect(called).toEqual([]);
      expect(await execute(tx, sql`show transaction isolation level`)).toEqual([{ transaction_isolation: 'read committed' }]);
      return tx.select().from(things).orderBy(asc(things.id));
    });
    expect(kept.map((row) => row.id)).toEqual([2]);
    expect(called).toEqual(['committed']);
    afterCommit(database.drizzle, () => called.push('no transaction'));
    expect(called).toEqual(['committed', 'no transaction']);
  });

  test('a script that fails within its own transaction leaves no trace', async () => {
    await expect(database.script('begin; insert into things (id) values (1); select 1 / 0; commit;')).rejects.toThrow();
    expect(await database.script('begin; insert into things (id) values (2); commit; select id from things')).toEqual([{ id: 2 }]);
  });

  test('a notification comes when its transaction commits, and not after listening has ended', async () => {
    const heard: string[] = [];
    let wake = () => {};
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    const stop = await database.listen('test_channel', (payload) => {
      heard.push(payload);
      wake();
    });
    const first = next();
    await database.transaction((tx) => database.notify(tx, 'test_channel', 'undone').then(() => Promise.reject(new Error('no')))).catch(() => {});
    await database.transaction((tx) => database.notify(tx, 'test_channel', 'one'));
    await first;
    await stop();
    await database.notify(database.drizzle, 'test_channel', 'two');
    expect(heard).toEqual(['one']);
  });

  const insert = (values: string) => sql.raw(`insert into things (id, name, parent, small) values ${values}`);
  test.each([
    ['unique', uniqueViolation, 'things_name', () => insert(`(1, 'a', null, null), (2, 'a', null, null)`)],
    ['foreign key', foreignKeyViolation, 'things_parent', () => insert('(1, null, 7, null)')],
    ['check', checkViolation, 'things_small', () => insert('(1, null, null, -1)')],
    ['out of range', numericOutOfRange, true, () => insert('(1, null, null, 99999)')],
    ['null character', invalidText, true, () => sql`insert into things (id, name) values (1, ${'a\0b'})`],
    ['null character in json', invalidText, true, () => sql`insert into things (id, data) values (1, ${'"a\\u0000"'}::jsonb)`],
  ])('a broken %s is recognised, bare and wrapped by drizzle', async (_, recognise, expected, statement) => {
    const error = await database.drizzle.execute(statement()).catch((e: unknown) => e);
    expect(recognise(error)).toBe(expected);
    const all = [uniqueViolation, foreignKeyViolation, checkViolation, numericOutOfRange, invalidText, lockNotAvailable, conflict];
    expect(all.filter((other) => other(error))).toEqual([recognise]);
    expect(recognise(new Error('wrapped', { cause: error }))).toBe(expected);
    expect(sqlState(new Error('another'))).toBeUndefined();
  });

  test('after close, closing again is fine', async () => {
    const other = await open();
    await other.close();
    await other.close();
    const error = await other.rows('select 1').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(connectionLost(error)).toBe(other.driver === 'postgres');
  });
});

test('a dump is a template that a new database starts with', async () => {
  const first = await openDatabase({ memory: true });
  await first.script('create table kept (id int); insert into kept values (1)');
  const template = Buffer.from(await (await first.dump!()).arrayBuffer());
  await first.close();
  const second = await openDatabase({ memory: true, template });
  expect(await second.rows('select * from kept')).toEqual([{ id: 1 }]);
  await second.close();
});
