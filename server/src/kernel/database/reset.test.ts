import { beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { emptyTables } from './reset.ts';
import { testDatabases } from './test-databases.ts';

const tables = `create schema other; create table other.c (id int primary key);
  create table a (id int primary key, other int); create table b (id int primary key, a int references a); alter table a add foreign key (other) references b;
  create table kept (id int); create table "odd ""name" (id int);`;
const rows = `insert into a values (1); insert into b values (1, 1); update a set other = 1; insert into other.c values (1); insert into kept values (1); insert into "odd ""name" values (1);`;
const counts = `select (select count(*) from a) as a, (select count(*) from b) as b, (select count(*) from other.c) as c, (select count(*) from kept) as kept,
  (select count(*) from "odd ""name") as odd`;

async function check(database: Database): Promise<void> {
  await database.script(rows);
  await emptyTables(database, ['public.kept']);
  expect(await database.rows(counts)).toEqual([{ a: 0, b: 0, c: 0, kept: 1, odd: 0 }]);
  await expect(database.script('insert into b values (1, 7)')).rejects.toThrow();
  await emptyTables(database, []);
  expect(await database.rows(counts)).toEqual([{ a: 0, b: 0, c: 0, kept: 0, odd: 0 }]);
}

describe.each(testDatabases())('$name', ({ name, open, url }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('all tables but the excepted are emptied, circles of foreign keys included, and keys hold afterwards', async () => {
    await database.script(tables);
    await check(database);
  });

  test.skipIf(name === 'pglite')('an owner who is no superuser empties them, too', async () => {
    const address = new URL(await url!());
    const role = address.pathname.slice(1);
    const admin = await openDatabase({ url: address.href, connections: 1 });
    await admin.script(`create role ${role} login password 'p'; alter database ${role} owner to ${role}; alter schema public owner to ${role}`);
    const owner = await openDatabase({ url: Object.assign(new URL(address), { username: role, password: 'p' }).href });
    await owner.script(tables);
    await check(owner);
    await owner.close();
    await admin.script(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    await admin.close();
  });
});
