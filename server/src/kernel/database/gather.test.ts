import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from './database.ts';
import { sql } from './drizzle.ts';
import { Gatherer, gatheredChange, gatheredSelect, given } from './gather.ts';
import { testDatabases } from './test-databases.ts';

describe('a gatherer', () => {
  test('asks once for all that comes before the event loop has gone round, and anew after that', async () => {
    const runs: number[][] = [];
    const gatherer = new Gatherer<number, number>(async (values) => {
      runs.push(values);
      return values.map((value) => value * 2);
    });
    const soon = Promise.resolve().then(() => gatherer.ask(3));
    expect(await Promise.all([gatherer.ask(1), gatherer.ask(2), soon])).toEqual([2, 4, 6]);
    expect(await gatherer.ask(4)).toBe(8);
    expect(runs).toEqual([[1, 2, 3], [4]]);
  });

  test('sends no more than a hundred at once', async () => {
    const sizes: number[] = [];
    const gatherer = new Gatherer<number, number>(async (values) => {
      sizes.push(values.length);
      return values;
    });
    const all = Array.from({ length: 250 }, (_, index) => index);
    expect(await Promise.all(all.map((value) => gatherer.ask(value)))).toEqual(all);
    expect(sizes).toEqual([100, 100, 50]);
  });

  test('that fails asks for each alone, so that a bad one fails by itself', async () => {
    const gatherer = new Gatherer<number, number>(async (values) => {
      if (values.includes(2)) throw new Error('two');
      return values;
    });
    const results = await Promise.allSettled([1, 2, 3].map((value) => gatherer.ask(value)));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message))).toEqual([1, 'two', 3]);
  });
});

test('nobody is asked again by a gatherer whose connection is gone', async () => {
  let runs = 0;
  const gatherer = new Gatherer<number, number>(async () => {
    runs++;
    throw Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' });
  });
  const results = await Promise.allSettled([1, 2, 3].map((value) => gatherer.ask(value)));
  expect([runs, results.map(({ status }) => status)]).toEqual([1, ['rejected', 'rejected', 'rejected']]);
});

describe.each(testDatabases())('$name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.script(`create table fruits (id int primary key, name text, tags text[]);
      insert into fruits values (1, 'apple', '{red,"a b"}'), (2, 'pear', '{}'), (3, 'apple', null)`);
  });

  const select = (where: ReturnType<typeof sql>) => {
    const query = database.drizzle.select({ id: sql<number>`id`, name: sql<string>`name` }).from(sql`fruits`).where(where).orderBy(sql`id`).toSQL();
    return gatheredSelect(database.drizzle, 'fruits', query, ([id, name]) => ({ id, name }));
  };

  test('a SELECT gives everyone the rows that they asked for', async () => {
    const fruits = select(sql`name = ${given('name', 'text')} and id <> all(${given('not', 'int[]')})`);
    const asks = [
      { name: 'apple', not: [] },
      { name: 'plum', not: [] },
      { name: 'apple', not: [1, 7] },
      { name: null, not: [] },
      { name: 'pear', not: [1] },
    ];
    const found = await Promise.all(asks.map((ask) => fruits.ask(ask)));
    expect(found.map((rows) => rows.map(({ id }) => id))).toEqual([[1, 3], [], [3], [], [2]]);
    expect(found[4]).toEqual([{ id: 2, name: 'pear' }]);
  });

  test('a value that PostgreSQL refuses fails alone', async () => {
    const fruits = select(sql`id = ${given('id', 'int')}`);
    const results = await Promise.allSettled(['1', 'one', '2'].map((id) => fruits.ask({ id })));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('a statement with a parameter that is not given is refused where it is made', () => {
    expect(() => select(sql`name = ${'apple'}`)).toThrow(TypeError);
  });

  test('a change tells who was answered, in and out of a transaction', async () => {
    const rename = (db: Database['drizzle'] | Parameters<Parameters<Database['transaction']>[0]>[0]) =>
      gatheredChange(db, 'rename', ['id', 'name'], sql`update fruits set name = asked.name from asked where fruits.id = asked.id::int returning asked.nth`);
    const outside = rename(database.drizzle);
    expect(await Promise.all([outside({ id: 1, name: 'a' }), outside({ id: 9, name: 'b' }), outside({ id: 2, name: null })])).toEqual([true, false, true]);
    await database.transaction(async (tx) => expect(await rename(tx)({ id: 3, name: 'c' })).toBe(true));
    expect((await database.rows('select name from fruits order by id')).map(({ name }) => name)).toEqual(['a', null, 'c']);
  });
});
