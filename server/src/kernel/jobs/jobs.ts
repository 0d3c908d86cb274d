import type { PgBoss } from 'pg-boss';
import type { Clock } from '../clock.ts';
import type { Database, Db } from '../database/database.ts';
import type { Services } from '../services.ts';
import { createBoss, installJobs } from './boss.ts';
import type { Enqueueable, EnqueueOptions, JobHealth } from './entry.ts';
import type { Job, Log } from './job.ts';
import { Runner } from './runner.ts';
import { Schedules } from './schedule.ts';
import { type DeadLetter, JobStore, type NewEntry, type Pending } from './store.ts';
import { Workers } from './workers.ts';

interface Parts {
  boss: PgBoss;
  store: JobStore;
  runner: Runner;
  workers?: Workers;
}

/** All firings of a schedule share a key, so that they do not pile up. */
const scheduled: readonly NewEntry[] = [{ payload: {}, key: 'cron' }];

/** Jobs of one process. Any number of processes may share a database. */
export class Jobs {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #jobs: ReadonlyMap<string, Job<never>>;
  readonly #logger: Log;
  #parts: Parts | undefined;

  readonly #services: Services | undefined;

  /** @param services what runs get; only the kernel's own tests do without */
  constructor(database: Database, clock: Clock, jobs: readonly Job<never>[], logger: Log, services?: Services) {
    this.#services = services;
    this.#database = database;
    this.#clock = clock;
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    if (this.#jobs.size < jobs.length) throw new TypeError('two jobs have the same name');
    this.#logger = logger;
  }

  /** Makes enqueueing possible, and, unless `workers` is false, runs due jobs and schedules from now on. Installs what the queue needs in the database. */
  async start({ workers = true, pollMilliseconds = 1000 }: { workers?: boolean; pollMilliseconds?: number } = {}): Promise<void> {
    const [database, clock, jobs, logger] = [this.#database, this.#clock, this.#jobs, this.#logger];
    await installJobs(database, [...jobs.values()], logger);
    const boss = createBoss(database, clock, logger, { migrate: workers });
    await boss.start();
    const store = new JobStore(database, clock, boss);
    const runner = new Runner({ database, clock, jobs, logger, store, enqueue: this.enqueue, enqueueMany: this.enqueueMany, services: this.#services! });
    this.#parts = { boss, store, runner };
    if (!workers) return;
    const schedules = new Schedules(database, boss);
    await schedules.load([...jobs.values()], clock.now());
    const tick = () => schedules.fire(clock.now(), (tx, name) => store.add(tx, name, scheduled, undefined, () => {}));
    this.#parts.workers = new Workers({ runner, store, jobs, logger, pollMilliseconds, tick, supervise: () => boss.supervise() });
    this.#parts.workers.start();
  }

  /** Stops claiming, gives running jobs `boundMilliseconds` to end, aborts the others and hands them back. Leaves no timer. May be called twice. */
  async stop(boundMilliseconds = 10_000): Promise<void> {
    // until they end, running jobs may still enqueue
    await this.#parts?.workers?.stop(boundMilliseconds);
    await this.#parts?.boss.stop({ graceful: false });
    this.#parts = undefined;
  }

  /** Adds an entry within the caller's transaction (or at once, with `database.drizzle`). If one waits under the same key it stands for both, at the earlier instant. */
  readonly enqueue = <P>(db: Db, job: Enqueueable<P>, payload: P, { runAt, key }: EnqueueOptions = {}): Promise<void> =>
    this.#add(db, job, [{ payload: payload as object, key: key ?? job.key?.(payload) }], runAt);

  /** The same for any number of entries of a job, with one statement. */
  readonly enqueueMany = <P>(db: Db, job: Enqueueable<P>, payloads: readonly P[], { runAt }: Pick<EnqueueOptions, 'runAt'> = {}): Promise<void> =>
    this.#add(
      db,
      job,
      payloads.map((payload) => ({ payload: payload as object, key: job.key?.(payload) })),
      runAt,
    );

  async #add(db: Db, { name }: Pick<Enqueueable<never>, 'name'>, entries: readonly NewEntry[], runAt: Date | undefined): Promise<void> {
    if (!this.#jobs.has(name)) throw new TypeError(`the job ${name} is not among those of this server`);
    await this.#started.store.add(db, name, entries, runAt, () => this.#parts?.workers?.wake());
  }

  /** Runs every due entry, and what these enqueue, one after the other by due time until none is due. For tests, with `workers: false`. Returns how many ran. */
  run(): Promise<number> {
    return this.#drain([...this.#jobs.keys()]);
  }

  /** Runs the job of a schedule now, as if it fired; what it enqueues waits. TypeError when no job of that name has one. */
  async cron(name: string): Promise<void> {
    if (this.#jobs.get(name)?.cron === undefined) throw new TypeError(`no schedule is called ${name}`);
    await this.#started.store.add(this.#database.drizzle, name, scheduled, undefined, () => {});
    await this.#drain([name]);
  }

  /** What waits (of one job, or all), by due time. */
  pending(name?: string): Promise<Pending[]> {
    return this.#started.store.pending(name);
  }

  /** Where nobody works on their own, as in tests, whoever runs the jobs is taken to be alive. */
  async health(): Promise<JobHealth> {
    const { store, workers } = this.#started;
    return { alive: workers?.alive ?? true, ...(await store.due()) };
  }

  /** What failed for good, oldest first. */
  deadLetters(): Promise<DeadLetter[]> {
    return this.#started.store.deadLetters();
  }

  get #started(): Parts {
    if (!this.#parts) throw new Error('the jobs are not started');
    return this.#parts;
  }

  async #drain(names: string[]): Promise<number> {
    const { store, runner } = this.#started;
    const slots = new Map(names.map((name) => [name, 1]));
    for (let ran = 0; ; ran++) {
      const [claim] = await store.claim(slots, 1);
      if (!claim) return ran;
      await runner.run(claim, new AbortController().signal);
    }
  }
}
