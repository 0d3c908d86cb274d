import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { emptyTables } from '../database/reset.ts';
import { testDatabases } from '../database/test-databases.ts';
import { createBoss, jobSetupTables } from './boss.ts';
import { type Job, job, RetryAt } from './job.ts';
import { Jobs } from './jobs.ts';
import { Schedules } from './schedule.ts';
import { JobStore } from './store.ts';

type Note = { text: string };
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** Collects what happens, and lets a test wait for the n-th of it. */
class Events {
  readonly seen: string[] = [];
  #waiting: (() => void)[] = [];
  add(text: string): void {
    this.seen.push(text);
    for (const wake of this.#waiting.splice(0)) wake();
  }
  async reach(count: number): Promise<string[]> {
    while (this.seen.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.seen;
  }
}

describe.each(testDatabases())('$name', ({ name, open, url }) => {
  let databases: Database[];
  let clock: Clock;
  let events: Events;
  const started: Jobs[] = [];

  beforeAll(async () => {
    if (!url) databases = await open().then((database) => [database, database, database]);
    else databases = await url().then((address) => Promise.all([1, 2, 3].map(() => openDatabase({ url: address, connections: 4 }))));
  });
  beforeEach(async () => {
    clock = new Clock();
    events = new Events();
    if ((await databases[0]!.rows(`select to_regclass('pgboss.job') as job`))[0]!.job) await emptyTables(databases[0]!, jobSetupTables.slice(0, 2));
    return async () => void (await Promise.all(started.splice(0).map((jobs) => jobs.stop(0))));
  });
  afterAll(async () => void (await Promise.all(databases.map((database) => database.close()))));

  async function launch(definitions: ConstructorParameters<typeof Jobs>[2], pollMilliseconds: number, index = 0): Promise<Jobs> {
    const jobs = new Jobs(databases[index]!, clock, definitions, quiet);
    await jobs.start({ pollMilliseconds });
    started.push(jobs);
    return jobs;
  }

  test('a worker is woken when the transaction that enqueued commits, long before it would poll', async () => {
    const note = job<Note>({ name: 'note', run: async ({ text }) => events.add(text) });
    const jobs = await launch([note], 3_600_000);
    await databases[0]!.transaction((tx) => jobs.enqueue(tx, note, { text: 'a' }));
    await jobs.enqueue(databases[0]!.drizzle, note, { text: 'b' });
    expect(await events.reach(2)).toEqual(['a', 'b']);
  });

  test('three processes share the work: each entry runs once, not more at a time than allowed', async () => {
    let running = 0;
    let most = 0;
    const note = job<Note>({
      name: 'shared',
      concurrency: 2,
      run: async ({ text }) => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        events.add(text);
      },
    });
    const all = await Promise.all([0, 1, 2].map((index) => launch([note], 20, index)));
    await Promise.all(Array.from({ length: 20 }, (_, n) => databases[n % 3]!.transaction((tx) => all[n % 3]!.enqueue(tx, note, { text: `${n}` }))));
    await events.reach(20);
    await Promise.all(all.map((jobs) => jobs.stop()));
    expect(new Set(events.seen).size).toBe(20);
    expect(events.seen).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(6);
  });

  test('a schedule fires once per occurrence, however many processes run', async () => {
    clock.freeze('2552-01-01T10:00:30Z');
    const minutely = job({ name: 'minutely', cron: '* * * * *', run: async (_, { now }) => events.add(now.toISOString()) });
    await Promise.all([0, 1, 2].map((index) => launch([minutely], 10, index)));
    for (const minute of ['01', '02', '03', '04']) {
      clock.freeze(`2552-01-01T10:${minute}:00Z`);
      await events.reach(Number(minute));
    }
    expect(events.seen).toEqual(['01', '02', '03', '04'].map((minute) => `2552-01-01T10:${minute}:00.000Z`));
  });

  test('of 3 who see an occurrence at the same moment one fires it, and one missed while nobody ran is made up for once', async () => {
    const daily = job({ name: 'daily', cron: '0 3 * * *', run: async () => {} });
    await launch([daily], 3_600_000);
    const boss = createBoss(databases[0]!, clock, quiet, { migrate: false });
    const look = async (time: string) => {
      const now = new Date(time);
      const all = databases.map((database) => new Schedules(database, boss));
      await Promise.all(all.map((schedules) => schedules.load([daily], now)));
      await Promise.all(all.map((schedules) => schedules.fire(now, async () => events.add(time))));
    };
    await databases[0]!.rows(`update pgboss.schedule set updated_on = '2026-01-01T12:00:00Z' where name = 'daily'`);
    for (const time of ['2026-01-02T02:59:59Z', '2026-01-02T03:00:00Z', '2026-01-02T03:00:01Z', '2026-01-09T12:00:00Z', '2026-01-10T02:00:00Z'])
      await look(time);
    expect(events.seen).toEqual(['2026-01-02T03:00:00Z', '2026-01-09T12:00:00Z']);
  });

  test('what a process held that died is run by another', async () => {
    clock.freeze('2030-01-01T00:00:00Z');
    const note = job<Note>({ name: 'held', retry: { limit: 1, delaySeconds: 5, backoff: false }, run: async ({ text }) => events.add(text) });
    const jobs = await launch([note], 3_600_000, 0);
    await jobs.stop();
    const idle = new Jobs(databases[0]!, clock, [note], quiet);
    await idle.start({ workers: false });
    await idle.enqueue(databases[0]!.drizzle, note, { text: 'a' });
    const boss = createBoss(databases[0]!, clock, quiet, { migrate: false });
    await boss.start();
    const dead = new JobStore(databases[0]!, clock, boss);
    const [claim] = await dead.claim(new Map([['held', 1]]), 1);
    clock.travel(50_000);
    await dead.heartbeat([claim!]);
    clock.travel(50_000);
    await boss.supervise();
    expect(await idle.pending()).toEqual([]);
    clock.travel(61_000);
    await boss.supervise();
    clock.travel(5_000);
    expect(await idle.run()).toBe(1);
    await dead.again(claim!, clock.now(), 1);
    await dead.complete(claim!);
    expect(await idle.pending()).toEqual([]);
    await idle.stop();
    await boss.stop({ graceful: false });
  });

  test('stopping lets what runs end within the bound, and hands back what does not', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const short: Job<Note> = job<Note>({
      name: 'short',
      run: (_, { enqueue }) =>
        gate.then(() => enqueue(databases[0]!.drizzle, short, { text: 'next' }, { runAt: new Date('2999-01-01T00:00:00Z') })).then(() => events.add('ended')),
    });
    const first = await launch([short], 3_600_000);
    await first.enqueue(databases[0]!.drizzle, short, { text: 'a' });
    const stopped = (async () => {
      while ((await first.pending()).length > 0) await new Promise(setImmediate);
      const stopping = first.stop(5000);
      release();
      return stopping;
    })();
    await stopped;
    expect(events.seen).toEqual(['ended']);
    expect(await databases[0]!.rows(`select data from pgboss.job where name = 'short' and state = 'created'`)).toEqual([{ data: { text: 'next' } }]);

    const polite = job<Note>({
      name: 'polite',
      run: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new RetryAt(clock.now())))),
    });
    const deaf = job<Note>({ name: 'deaf', run: () => new Promise(() => events.add('deaf runs')) });
    const second = await launch([polite, deaf], 3_600_000);
    await second.enqueue(databases[0]!.drizzle, polite, { text: 'a' });
    await second.enqueue(databases[0]!.drizzle, deaf, { text: 'a' });
    await events.reach(2);
    await second.stop(0);
    const reader = new Jobs(databases[0]!, clock, [polite, deaf], quiet);
    await reader.start({ workers: false });
    expect((await reader.pending()).map((entry) => entry.name).sort()).toEqual(['deaf', 'polite', 'short']);
    await reader.stop();
  });

  test('a process that has stopped its jobs and closed its database ends by itself', async () => {
    const here = (path: string) => new URL(path, import.meta.url).href;
    const options = url ? { url: await url() } : { memory: true };
    const code = `import { openDatabase } from '${here('../database/database.ts')}'; import { Clock } from '${here('../clock.ts')}';
      import { Jobs } from '${here('./jobs.ts')}'; import { job } from '${here('./job.ts')}';
      const database = await openDatabase(${JSON.stringify(options)});
      const note = job({ name: 'note', cron: '* * * * *', run: async () => { console.log('ran'); process.kill(process.pid, 'SIGTERM'); } });
      const jobs = new Jobs(database, new Clock(), [note], console);
      process.once('SIGTERM', async () => { await jobs.stop(); await database.close(); });
      await database.listen('some_channel', () => {});
      await jobs.start(); await jobs.enqueue(database.drizzle, note, {});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 15_000 });
    const [status] = await once(child, 'exit');
    expect({ name, status }).toEqual({ name, status: 0 });
  });
});
