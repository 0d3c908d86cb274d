/**
 * Words. A job: a name, how it runs, and how it is retried; a constant that one imports. An entry: one enqueued run of it, with its payload. Due: its instant has
 * come by the installation's clock. Key: of the entries of a job that wait with the same key there is one. Dead letter: an entry that failed for good, kept.
 */
import type { Log } from '../database/batch.ts';
import type { Database, Db, Tx } from '../database/database.ts';
import type { Services } from '../services.ts';
import type { Enqueueable, EnqueueOptions } from './entry.ts';

export type { Log } from '../database/batch.ts';
export type { EnqueueOptions } from './entry.ts';

/** How failures are repeated: `limit` times, after `delaySeconds`, which doubles each time up to `maximumSeconds` when `backoff` is set. */
export interface Retry {
  limit: number;
  delaySeconds: number;
  backoff: boolean;
  maximumSeconds: number;
}

/** What a run may use. `now` is the one time of this run. */
export interface JobContext {
  now: Date;
  database: Database;
  transaction: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>;
  enqueue: <P>(db: Db, job: Enqueueable<P>, payload: P, options?: EnqueueOptions) => Promise<void>;
  /** Any number of entries of a job, with one statement. */
  enqueueMany: <P>(db: Db, job: Enqueueable<P>, payloads: readonly P[], options?: Pick<EnqueueOptions, 'runAt'>) => Promise<void>;
  services: Services;
  /** Aborted when the server stops or the run has taken `timeoutSeconds`. */
  signal: AbortSignal;
  logger: Log;
}

/** A job. Its runs may come late, twice, and on any process. */
export interface Job<P> extends Enqueueable<P> {
  /** Five fields, in UTC; fires once per installation and with an empty payload. An occurrence missed while nothing ran is made up for, once. */
  readonly cron?: string;
  readonly retry: Retry;
  /** Runs at a time in one process. */
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  /** Answers 'more' to run again at once; throws to be retried, or `RetryAt` to run again at an instant. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most runs answer nothing
  run(payload: P, context: JobContext): Promise<'more' | void>;
}

type JobOptions<P> = Pick<Job<P>, 'name' | 'run'> & {
  cron?: string;
  key?(payload: P): string;
  retry?: Partial<Retry>;
  concurrency?: number;
  timeoutSeconds?: number;
};

const patient: Retry = { limit: 10, delaySeconds: 5, backoff: true, maximumSeconds: 3600 };

/** Makes a job: `job<{ machineId: string }>({ name: 'machines.watch', run: async ({ machineId }, { now }) => { ... } })`. By default 5 at a time, 300 s each, 10 retries. */
export function job<P extends object = Record<string, never>>(options: JobOptions<P>): Job<P> {
  return { concurrency: 5, timeoutSeconds: 300, ...options, retry: { ...patient, ...options.retry } };
}

/** Thrown by a run: run again at this instant (a little later than now, if it has passed). No failure, so neither logged nor counted, and it starts the retries afresh. */
export class RetryAt extends Error {
  override name = 'RetryAt';
  readonly at: Date;

  constructor(at: Date) {
    super(`run again at ${at.toISOString()}`);
    this.at = at;
  }
}

/** Seconds to wait after the `failures`-th failure in a row. */
export function retryDelay({ delaySeconds, backoff, maximumSeconds }: Retry, failures: number): number {
  return backoff ? Math.min(maximumSeconds, delaySeconds * 2 ** Math.min(30, failures - 1)) : delaySeconds;
}
