import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Services } from '../services.ts';
import { type Job, type JobContext, type Log, RetryAt, retryDelay } from './job.ts';
import type { Claim, JobStore } from './store.ts';

interface Parts {
  database: Database;
  clock: Clock;
  jobs: ReadonlyMap<string, Job<never>>;
  logger: Log;
  store: JobStore;
  enqueue: JobContext['enqueue'];
  enqueueMany: JobContext['enqueueMany'];
  services: Services;
}

/** Runs claimed entries and settles them. */
export class Runner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Runs an entry to its settlement. Rejects only when that cannot be stored; the entry is then claimed again once its heartbeats are missed. */
  async run(claim: Claim, stopping: AbortSignal): Promise<void> {
    const { clock, jobs, store } = this.#parts;
    const job = jobs.get(claim.name)!;
    try {
      const answer = await this.#attempt(job, claim, stopping);
      await (answer === 'more' ? store.again(claim, clock.now(), job.retry.limit) : store.complete(claim));
    } catch (error) {
      await this.#settleFailure(job, claim, error);
    }
  }

  async #attempt(job: Job<never>, claim: Claim, stopping: AbortSignal): Promise<unknown> {
    const { database, clock, logger, enqueue, enqueueMany, services } = this.#parts;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error(`${job.name} took more than ${job.timeoutSeconds} s`)), job.timeoutSeconds * 1000);
    try {
      const signal = AbortSignal.any([stopping, timeout.signal]);
      const { transaction } = database;
      return await job.run(claim.data as never, { now: clock.now(), database, transaction, enqueue, enqueueMany, signal, logger, services });
    } finally {
      clearTimeout(timer);
    }
  }

  async #settleFailure(job: Job<never>, claim: Claim, error: unknown): Promise<void> {
    const { clock, logger, store } = this.#parts;
    const now = clock.now().getTime();
    if (error instanceof RetryAt) return store.again(claim, new Date(Math.max(error.at.getTime(), now + 1)), job.retry.limit);
    const left = claim.retryLimit - claim.retryCount;
    const fields = { err: error, job: job.name, id: claim.id, payload: claim.data };
    if (left <= 0) {
      logger.error(fields, 'a job failed for good');
      return store.bury(claim, error);
    }
    logger.warn(fields, 'a job failed and is retried');
    const delay = retryDelay(job.retry, Math.max(1, job.retry.limit - left + 1));
    return store.retry(claim, new Date(now + delay * 1000), error);
  }
}
