import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { uuid } from '../id.ts';
import { accountColumns } from './columns.ts';
import type { Database } from './database.ts';
import { deleteInBatches } from './delete-in-batches.ts';
import { gt, integer, pgTable } from './drizzle.ts';
import { testDatabases } from './test-databases.ts';

const numbers = pgTable('numbers', { ...accountColumns(), n: integer().notNull() });
const mine = uuid();
const rows = 3000;

describe.each(testDatabases())('$name', ({ open }) => {
  let database: Database;
  const numbered = async (accountId: string) => Number((await database.rows('select count(*) from numbers where account_id = $1', [accountId]))[0]!.count);
  const remove = (signal: AbortSignal) => deleteInBatches(database, mine, [[numbers, gt(numbers.n, 10)]], signal);

  beforeEach(async () => {
    database = await open();
    await database.script('create table numbers (id uuid, account_id uuid, created_at timestamptz, updated_at timestamptz, n int)');
    for (const account of [mine, uuid()])
      await database.rows(`insert into numbers select gen_random_uuid(), $1, now(), now(), n from generate_series(1, ${rows}) n`, [account]);
  });

  test('all rows that are meant go, and no others', async () => {
    expect(await remove(new AbortController().signal)).toBeUndefined();
    expect(await numbered(mine)).toBe(10);
    expect((await database.rows('select count(*) from numbers'))[0]!.count).toBe(10 + rows);
  });

  test('what is cut short keeps what it has done, says that there is more, and goes on from there', async () => {
    const stop = new AbortController();
    const running = remove(stop.signal);
    while ((await numbered(mine)) === rows) await turn();
    stop.abort();
    expect(await running).toBe('more');
    const left = await numbered(mine);
    expect(left).toBeLessThan(rows);
    expect(left).toBeGreaterThan(10);
    expect(await remove(new AbortController().signal)).toBeUndefined();
    expect(await numbered(mine)).toBe(10);
  });
});
