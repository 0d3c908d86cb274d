import { afterAll } from 'vitest';
import { uuid } from '../id.ts';
import { type Database, openDatabase } from './database.ts';

/** A kind of database that tests run on: `open` gives a new, empty one each time. `url` also gives its address, where it has one. */
export interface TestDatabase {
  name: 'pglite' | 'postgres';
  open(): Promise<Database>;
  url?(): Promise<string>;
}

const scratch: string[] = [];

async function onServer<T>(run: (server: Database) => Promise<T>): Promise<T> {
  const server = await openDatabase({ url: process.env.DATABASE_URL!, connections: 1 });
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

async function createScratch(): Promise<string> {
  const name = `latchkey_test_${uuid().replaceAll('-', '')}`;
  scratch.push(name);
  await onServer((server) => server.script(`create database ${name}`));
  return Object.assign(new URL(process.env.DATABASE_URL!), { pathname: `/${name}` }).href;
}

/** The databases to test on, for `describe.each`: the embedded one, and with `DATABASE_URL` a server too, where each `open` creates a database that is dropped after the file. */
export function testDatabases(): TestDatabase[] {
  const opened: Database[] = [];
  const opens = (open: () => Promise<Database>) => async () => {
    const database = await open();
    opened.push(database);
    return database;
  };
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    if (scratch.length > 0)
      await onServer(async (server) => void (await Promise.all(scratch.splice(0).map((name) => server.script(`drop database ${name} with (force)`)))));
  });
  const embedded: TestDatabase = { name: 'pglite', open: opens(() => openDatabase({ memory: true })) };
  if (!process.env.DATABASE_URL) return [embedded];
  return [embedded, { name: 'postgres', open: opens(async () => openDatabase({ url: await createScratch() })), url: createScratch }];
}
