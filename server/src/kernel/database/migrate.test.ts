import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, StartError } from './database.ts';
import { migrate } from './migrate.ts';
import { testDatabases } from './test-databases.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const now = new Date('2026-01-01T00:00:00.000Z');

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, 'migrations-'));
  mkdirSync(join(folder, 'meta'));
  for (const [tag, text] of Object.entries(files)) writeFileSync(join(folder, `${tag}.sql`), text);
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries: Object.keys(files).map((tag, idx) => ({ idx, tag, when: idx })) }),
  );
  return folder;
}

const first = { '0000_a': 'create table a (id int);\n--> statement-breakpoint\ninsert into a values (1);' };
const second = { ...first, '0001_b': 'create table b (id int);--> statement-breakpoint\ninsert into b select id from a;' };

describe.each(testDatabases())('$name', ({ name, open, url }) => {
  let database: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    database = await open();
  });

  test('each file is applied once and in order, a broken one not at all, and a newer database is refused', async () => {
    expect(await migrate(database, folderOf(first), now)).toEqual(['0000_a']);
    await expect(
      migrate(database, folderOf({ ...first, '0001_b': 'create table b (id int);\n--> statement-breakpoint\nselect 1 / 0' }), now),
    ).rejects.toThrow();
    expect(await migrate(database, folderOf(second), now)).toEqual(['0001_b']);
    expect(await migrate(database, folderOf(second), now)).toEqual([]);
    expect(await database.rows('select * from b')).toEqual([{ id: 1 }]);
    const error = await migrate(database, folderOf(first), now).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StartError);
    expect((error as Error).message).toBe('the database is newer than this version of Latchkey (it has 0001_b): start the newer version, or restore a backup.');
  });

  test.skipIf(name === 'pglite')('of many processes that migrate at once each file is applied by one', async () => {
    const address = await url!();
    const processes = await Promise.all(Array.from({ length: 5 }, () => openDatabase({ url: address, connections: 1 })));
    const folder = folderOf(second);
    const applied = await Promise.all(processes.map((process) => migrate(process, folder, now)));
    expect(applied.flat().sort()).toEqual(['0000_a', '0001_b']);
    await Promise.all(processes.map((process) => process.close()));
  });
});
