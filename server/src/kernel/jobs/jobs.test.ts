import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { emptyTables } from '../database/reset.ts';
import { testDatabases } from '../database/test-databases.ts';
import { jobSetupTables } from './boss.ts';
import { type Job, job, RetryAt } from './job.ts';
import { Jobs } from './jobs.ts';

type Note = { text: string };
type Behaviour = (
  payload: Note,
  context: { now: Date; enqueue: Parameters<Job<Note>['run']>[1]['enqueue']; database: Database },
) => Promise<'more' | undefined>;

let ran: string[] = [];
let logged: string[] = [];
let behave: Behaviour = async () => undefined;

const note = job<Note>({
  name: 'test.note',
  retry: { limit: 2, delaySeconds: 10 },
  run: (payload, context) => {
    ran.push(payload.text);
    return behave(payload, context);
  },
});
const keyed = job<Note>({ name: 'test.keyed', key: ({ text }) => text, run: async ({ text }) => void ran.push(text) });
const hourly = job({ name: 'test.hourly', cron: '0 * * * *', run: async () => void ran.push('hourly') });
const definitions = [note, keyed, hourly];

const say = (_: object, message: string) => void logged.push(message);
const logger = { info: say, warn: say, error: say };
const at = (text: string) => new Date(text);
const start = at('2552-01-01T10:00:00.000Z');

describe.each(testDatabases())('$name', ({ name, open }) => {
  let database: Database;
  let jobs: Jobs;
  const clock = new Clock();
  const write = (text: string, options = {}) => jobs.enqueue(database.drizzle, note, { text }, options);

  beforeAll(async () => {
    database = await open();
    clock.freeze(start);
    jobs = new Jobs(database, clock, definitions, logger);
    await jobs.start({ workers: false });
    return () => jobs.stop();
  });
  beforeEach(async () => {
    [ran, logged, behave] = [[], [], async () => undefined];
    clock.freeze(start);
    await emptyTables(database, jobSetupTables);
  });
  afterEach(() => clock.release());

  test('an entry commits or vanishes with its transaction', async () => {
    await database.transaction(async (tx) => jobs.enqueue(tx, note, { text: 'kept' }));
    await database.transaction(async (tx) => jobs.enqueue(tx, note, { text: 'undone' }).then(() => Promise.reject(new Error('no')))).catch(() => {});
    expect(await jobs.pending()).toEqual([{ name: 'test.note', data: { text: 'kept' }, runAt: start }]);
    expect(await jobs.run()).toBe(1);
    expect(ran).toEqual(['kept']);
    expect(await jobs.pending()).toEqual([]);
  });

  test('entries run by due time, then in the order of their coming, with what they enqueue, and only when due by our clock', async () => {
    behave = async ({ text }, { enqueue }) => {
      if (text === 'a') await enqueue(database.drizzle, note, { text: 'from a' });
      return undefined;
    };
    await write('b', { runAt: at('2552-01-01T09:00:00Z') });
    await write('later', { runAt: at('2552-01-01T10:00:00.001Z') });
    await write('a', { runAt: at('2552-01-01T08:00:00Z') });
    for (const text of ['1', '2', '3']) await write(text);
    await jobs.run();
    expect(ran).toEqual(['a', 'b', '1', '2', '3', 'from a']);
    clock.travel(1);
    await jobs.run();
    expect(ran.at(-1)).toBe('later');
  });

  test('the time of a run is the clock it was claimed by', async () => {
    let seen: Date | undefined;
    behave = async (_, { now }) => {
      seen = now;
      return undefined;
    };
    await write('a');
    await jobs.run();
    expect(seen).toEqual(start);
  });

  test('a failed entry is retried by its policy, and then kept as a dead letter', async () => {
    behave = () => Promise.reject(new Error('broken'));
    await write('a');
    const delays = [10, 20];
    for (const seconds of delays) {
      expect(await jobs.run()).toBe(1);
      expect(await jobs.pending()).toEqual([{ name: 'test.note', data: { text: 'a' }, runAt: new Date(clock.now().getTime() + seconds * 1000) }]);
      expect(await jobs.run()).toBe(0);
      clock.travel(seconds * 1000);
    }
    expect(await jobs.deadLetters()).toEqual([]);
    await jobs.run();
    expect(await jobs.pending()).toEqual([]);
    expect(await jobs.deadLetters()).toEqual([{ name: 'test.note', data: { text: 'a' }, error: { message: 'Error: broken' } }]);
    expect(logged).toEqual(['a job failed and is retried', 'a job failed and is retried', 'a job failed for good']);
  });

  test('RetryAt runs again at its instant, any number of times, is not logged, and starts the retries afresh', async () => {
    behave = () => Promise.reject(new RetryAt(new Date(clock.now().getTime() + 60_000)));
    await write('a');
    for (let n = 1; n <= 5; n++) {
      expect(await jobs.run()).toBe(1);
      expect((await jobs.pending())[0]!.runAt).toEqual(new Date(clock.now().getTime() + 60_000));
      clock.travel(60_000);
    }
    behave = () => Promise.reject(new Error('broken'));
    for (const seconds of [10, 20]) {
      await jobs.run();
      expect(await jobs.deadLetters()).toEqual([]);
      clock.travel(seconds * 1000);
    }
    await jobs.run();
    expect(await jobs.deadLetters()).toHaveLength(1);
    expect(logged).toHaveLength(3);
  });

  test('RetryAt in the past waits for the clock to move on', async () => {
    behave = () => Promise.reject(new RetryAt(at('2000-01-01T00:00:00Z')));
    await write('a');
    expect(await jobs.run()).toBe(1);
    expect(await jobs.pending()).toHaveLength(1);
  });

  test("'more' runs again at once", async () => {
    let left = 3;
    behave = async () => (--left > 0 ? 'more' : undefined);
    await write('a');
    expect(await jobs.run()).toBe(3);
    expect(await jobs.pending()).toEqual([]);
  });

  test('of those that wait under a key there is one, at the earliest instant; one that runs does not count', async () => {
    const add = (runAt?: Date) => database.transaction((tx) => jobs.enqueue(tx, keyed, { text: "it's" }, { runAt }));
    await add(at('2552-01-02T00:00:00Z'));
    await add(at('2552-01-03T00:00:00Z'));
    expect(await jobs.pending('test.keyed')).toMatchObject([{ runAt: at('2552-01-02T00:00:00Z') }]);
    await add();
    await jobs.enqueue(database.drizzle, keyed, { text: "it's" }, { key: 'another' });
    expect(await jobs.pending('test.keyed')).toHaveLength(2);
    await jobs.run();
    await add();
    expect(await jobs.pending('test.keyed')).toHaveLength(1);
  });

  test('of many that are enqueued at once none is lost, and each key waits once, at the earliest instant', async () => {
    await jobs.enqueue(database.drizzle, keyed, { text: 'b' }, { runAt: at('2552-01-03T00:00:00Z') });
    await jobs.enqueueMany(database.drizzle, keyed, []);
    const runAt = at('2552-01-02T00:00:00Z');
    await jobs.enqueueMany(
      database.drizzle,
      keyed,
      ['a', 'b', 'b', 'c'].map((text) => ({ text })),
      { runAt },
    );
    expect((await jobs.pending()).map(({ data, runAt }) => ({ ...(data as Note), runAt })).sort((one, other) => (one.text < other.text ? -1 : 1))).toEqual(
      ['a', 'b', 'c'].map((text) => ({ text, runAt })),
    );
    await jobs.enqueueMany(database.drizzle, note, [{ text: '1' }, { text: '2' }]);
    await jobs.run();
    expect(ran).toEqual(['1', '2']);
  });

  test('an entry that comes while its key runs is not lost, also when the running one wants to run again', async () => {
    behave = async (_, { enqueue }) => {
      behave = async () => undefined;
      await enqueue(database.drizzle, note, { text: 'fresh' }, { key: 'k' });
      return 'more';
    };
    await write('first', { key: 'k' });
    await jobs.run();
    expect(ran).toEqual(['first', 'fresh']);
  });

  test.skipIf(name === 'pglite')('what waits under a key does not run before the transaction that counts on it has committed', async () => {
    await jobs.enqueue(database.drizzle, keyed, { text: 'a' });
    await database.transaction(async (tx) => {
      await jobs.enqueue(tx, keyed, { text: 'a' });
      expect(await jobs.run()).toBe(0);
    });
    expect(await jobs.run()).toBe(1);
  });

  test('a schedule fires by hand, and not by run', async () => {
    expect(await jobs.run()).toBe(0);
    await jobs.cron('test.hourly');
    expect(ran).toEqual(['hourly']);
    expect(await jobs.pending()).toEqual([]);
    await expect(jobs.cron('test.note')).rejects.toThrow('no schedule is called test.note');
  });

  test('20 enqueued at once and claimed by 3 at once run once each', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => database.transaction((tx) => jobs.enqueue(tx, note, { text: `${n}` }))));
    const counts = await Promise.all([jobs.run(), jobs.run(), jobs.run()]);
    expect(counts.reduce((a, b) => a + b)).toBe(20);
    expect(new Set(ran).size).toBe(20);
  });

  test('20 enqueued at once under one key are one entry', async () => {
    await Promise.all(Array.from({ length: 20 }, () => database.transaction((tx) => jobs.enqueue(tx, keyed, { text: 'same' }))));
    expect(await jobs.pending()).toHaveLength(1);
  });

  test('a job that this server does not know cannot be enqueued', async () => {
    await expect(jobs.enqueue(database.drizzle, job({ name: 'other', run: async () => {} }), {})).rejects.toThrow(
      'the job other is not among those of this server',
    );
  });
});

test('two jobs of the same name are refused', () => {
  expect(() => new Jobs({} as Database, new Clock(), [note, note], logger)).toThrow('two jobs have the same name');
});

test('a policy that changes is taken over by the next start', async () => {
  const database = await openDatabase({ memory: true });
  const clock = new Clock();
  for (const limit of [3, 0]) {
    const changed = job<Note>({ name: 'changed', retry: { limit, delaySeconds: 1 }, run: () => Promise.reject(new Error('no')) });
    const jobs = new Jobs(database, clock, [changed], logger);
    await jobs.start({ workers: false });
    await jobs.enqueue(database.drizzle, changed, { text: `${limit}` });
    await jobs.run();
    if (limit === 0) expect(await jobs.deadLetters()).toMatchObject([{ data: { text: '0' } }]);
    await jobs.stop();
  }
  await database.close();
});
