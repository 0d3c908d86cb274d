import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { inBatches } from './in-batches.ts';

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ memory: true });
});
afterAll(() => database.close());

const counting = async (left: number, options: object, signal = new AbortController().signal) => {
  const batches: number[] = [];
  let rest = left;
  await inBatches(
    { transaction: database.transaction, signal },
    async (_, rows) => {
      const written = Math.min(rows, rest);
      rest -= written;
      batches.push(written);
      return written;
    },
    options,
  );
  return batches;
};

test('batches go on until one is short', async () => {
  expect(await counting(7, { rows: 3, pauseMs: 0 })).toEqual([3, 3, 1]);
  expect(await counting(6, { rows: 3, pauseMs: 0 })).toEqual([3, 3, 0]);
});

test('they stop when their time is up or the server stops, and what is left waits', async () => {
  expect(await counting(9, { rows: 3, pauseMs: 0, longestMs: -1 })).toEqual([3]);
  expect(await counting(9, { rows: 3, pauseMs: 60_000 }, AbortSignal.abort())).toEqual([3]);
});
