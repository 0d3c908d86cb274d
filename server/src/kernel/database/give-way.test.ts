import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ memory: true });
});
afterAll(() => database.close());

test('statements that queue for the embedded database leave the event loop its turns', async () => {
  const slow = 'select count(*) from generate_series(1, 100000)';
  await database.rows(slow);
  let turns = 0;
  let done = false;
  const count = () => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(Array.from({ length: 40 }, () => database.rows(slow)));
  done = true;
  expect(turns).toBeGreaterThan(10);
});
