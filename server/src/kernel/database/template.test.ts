import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cachedTemplate } from './template.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('of many who miss a template at once one builds it, and a build that fails leaves nothing', async () => {
  let builds = 0;
  const build = async () => {
    builds++;
    await new Promise(setImmediate);
    return new Blob(['bytes']);
  };
  await expect(cachedTemplate(join(root, 'cache'), 'key', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const got = await Promise.all(Array.from({ length: 8 }, () => cachedTemplate(join(root, 'cache'), 'key', build)));
  expect(got.map(String)).toEqual(Array(8).fill('bytes'));
  expect(builds).toBe(1);
  await cachedTemplate(join(root, 'cache'), 'other', build);
  expect(builds).toBe(2);
});
