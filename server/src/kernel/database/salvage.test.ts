import { expect, test } from 'vitest';
import { salvaging } from './salvage.ts';

const run = async (items: number[], failing: (item: number) => Error | undefined) => {
  const [written, lost]: [number[], number[]] = [[], []];
  const write = async (some: readonly number[]) => {
    for (const item of some) {
      const error = failing(item);
      if (error) throw error;
    }
    written.push(...some);
  };
  await salvaging(items, write, (item) => lost.push(item));
  return { written, lost };
};

test('bad items are lost alone', async () => {
  const bad = (item: number) => (item % 2 === 0 ? new Error('bad') : undefined);
  expect(await run([1, 2, 3, 4, 5], bad)).toEqual({ written: [1, 3, 5], lost: [2, 4] });
  expect(await run([2], bad)).toEqual({ written: [], lost: [2] });
  expect(await run([1, 3], bad)).toEqual({ written: [1, 3], lost: [] });
});

test.each(['ECONNREFUSED', '40001', '40P01', '57P01'])('a reason that passes (%s) loses nothing: the batch is tried again', async (code) => {
  await expect(run([1, 2], () => Object.assign(new Error('later'), { code }))).rejects.toThrow('later');
});
