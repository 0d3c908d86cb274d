import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase, type Tx } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import { uuid } from '../id.ts';
import type { OutboxEntry } from './outbox.table.ts';
import { Relay } from './relay.ts';

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ memory: true });
  await database.script(`create table outbox (id uuid primary key, account_id uuid not null, created_at timestamptz not null, entry jsonb not null, event text not null);
    create table passed (event text not null)`);
});
afterAll(() => database.close());
beforeEach(() => database.script('delete from outbox; delete from passed'));

const errors: object[] = [];
const logger = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
const put = async (...events: string[]) => {
  for (const event of events)
    await database.rows('insert into outbox (id, account_id, created_at, entry, event) values ($1, $2, now(), $3, $4)', [
      uuid(),
      uuid(),
      { event, endpointIds: [] },
      event,
    ]);
};
const waiting = async () => (await database.rows('select event from outbox order by id')).map(({ event }) => event);
const passed = async () => (await database.rows('select event from passed')).map(({ event }) => event);
const writing = async (tx: Tx, entries: readonly OutboxEntry[]) => {
  for (const { event } of entries) await tx.execute(sql`insert into passed (event) values (${event})`);
};
const choking = async (tx: Tx, entries: readonly OutboxEntry[]) => {
  await writing(tx, entries);
  if (entries.some(({ event }) => event.startsWith('bad'))) throw new Error('bad entry');
};

test('what is passed on leaves the outbox, in its order', async () => {
  await put('a', 'b', 'c');
  await new Relay(database, writing, logger).drain();
  expect([await passed(), await waiting()]).toEqual([['a', 'b', 'c'], []]);
});

test('a bad entry holds up no other, and nothing of it is left behind', async () => {
  await put('bad', 'a', 'b', 'bad too', 'c');
  const relay = new Relay(database, choking, logger);
  await expect(relay.drain()).rejects.toThrow('bad entry');
  expect([await passed(), await waiting()]).toEqual([
    ['a', 'b', 'c'],
    ['bad', 'bad too'],
  ]);
  await put('d');
  await relay.drain();
  expect([await passed(), await waiting()]).toEqual([
    ['a', 'b', 'c', 'd'],
    ['bad', 'bad too'],
  ]);
  await new Relay(database, writing, logger).drain();
  expect(await waiting()).toEqual([]);
});

test('two relays at once pass each entry on once', async () => {
  const events = Array.from({ length: 450 }, (_, n) => `e${n}`);
  await put(...events);
  await Promise.all([new Relay(database, writing, logger).drain(), new Relay(database, writing, logger).drain()]);
  expect((await passed()).sort()).toEqual(events.sort());
});

test('a crash before the end leaves everything as it was', async () => {
  await put('a', 'b');
  const crashing = async (tx: Tx, entries: readonly OutboxEntry[]) => {
    await writing(tx, entries);
    throw new Error('crash');
  };
  await expect(new Relay(database, crashing, logger).drain()).rejects.toThrow('crash');
  expect([await passed(), await waiting()]).toEqual([[], ['a', 'b']]);
});
