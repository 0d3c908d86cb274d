import { expect, test } from 'vitest';
import { Batcher, type BatchOptions } from './batch.ts';

function harness(options: Partial<BatchOptions<number>> = {}) {
  const written: number[][] = [];
  const logged: string[] = [];
  const say = (_: object, message: string) => logged.push(message);
  const failures: boolean[] = [];
  const batcher = new Batcher<number>({
    name: 'test',
    everyMilliseconds: 60_000,
    size: 3,
    attempts: 3,
    pauseMilliseconds: 1,
    write: async (items) => {
      if (failures.shift()) throw new Error('no');
      written.push(items);
    },
    logger: { info: say, warn: say, error: say },
    ...options,
  });
  return { batcher, written, logged, failures };
}

test('a full batch is written at once, the rest by flush', async () => {
  const { batcher, written } = harness();
  for (const n of [1, 2, 3, 4]) batcher.add(n);
  await batcher.flush();
  expect(written).toEqual([[1, 2, 3], [4]]);
});

test('an item is written after its time without a flush', async () => {
  const got = await new Promise<number[]>((resolve) => new Batcher<number>({ ...harnessOptions, write: async (items) => resolve(items) }).add(1));
  expect(got).toEqual([1]);
});
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const harnessOptions = { name: 'test', everyMilliseconds: 1, logger: silent };

test('one batch is written at a time, and flush waits for what was added before it', async () => {
  let writing = 0;
  let most = 0;
  const seen: number[] = [];
  const batcher = new Batcher<number>({
    ...harnessOptions,
    size: 2,
    write: async (items) => {
      most = Math.max(most, ++writing);
      await new Promise(setImmediate);
      seen.push(...items);
      writing--;
    },
  });
  for (let n = 0; n < 9; n++) batcher.add(n);
  const flushes = [batcher.flush(), batcher.flush(), batcher.flush()];
  batcher.add(9);
  await Promise.all(flushes);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(1);
});

test.each([
  [1, [[1, 2]], 0],
  [2, [[1, 2]], 0],
  [3, [], 2],
])('a batch that fails %d times of 3 attempts leaves %j written and %d dropped', async (times, expected, dropped) => {
  const { batcher, written, logged, failures } = harness();
  failures.push(...Array<boolean>(times).fill(true));
  batcher.add(1);
  batcher.add(2);
  await batcher.flush();
  expect(written).toEqual(expected);
  expect(batcher.dropped).toBe(dropped);
  expect(logged).toEqual(dropped ? ['a batch of writes failed and is dropped'] : []);
});

test('beyond its capacity the oldest are dropped, which is said once', async () => {
  const { batcher, written, logged } = harness({ size: 100, capacity: 3 });
  for (const n of [1, 2, 3, 4, 5]) batcher.add(n);
  await batcher.close();
  batcher.add(6);
  expect(written).toEqual([[3, 4, 5]]);
  expect(batcher.dropped).toBe(3);
  expect(logged).toHaveLength(1);
});
