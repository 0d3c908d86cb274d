import { setTimeout as wait } from 'node:timers/promises';
import type { Job, Log } from './job.ts';
import type { Runner } from './runner.ts';
import type { Claim, JobStore } from './store.ts';

interface Parts {
  runner: Runner;
  store: JobStore;
  jobs: ReadonlyMap<string, Job<never>>;
  logger: Log;
  pollMilliseconds: number;
  /** Hands back what crashed processes held, and deletes what is old. */
  supervise: () => Promise<void>;
  /** Fires due schedules. */
  tick: () => Promise<void>;
}

const longestPause = 10_000;

/** Claims due entries while there are free slots, and runs them. One query a poll, however many jobs there are. */
export class Workers {
  readonly #parts: Parts;
  readonly #running = new Map<Claim, Promise<void>>();
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #timers: NodeJS.Timeout[] = [];
  readonly #upkeep = new Set<Promise<void>>();
  #polling: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #failures = 0;
  #polledAt = performance.now();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timers = [this.#every(15_000, () => this.#parts.store.heartbeat([...this.#running.keys()])), this.#every(30_000, this.#parts.supervise)];
    this.wake();
  }

  /** Whether due entries have been looked for lately. */
  get alive(): boolean {
    return !this.#stopped && performance.now() - this.#polledAt < 2 * longestPause + this.#parts.pollMilliseconds;
  }

  /** Looks for due entries now. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#polling) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#polling = this.#poll().finally(() => {
      this.#polling = undefined;
      this.#sleep();
    });
  }

  async stop(boundMilliseconds: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
    if (!(await this.#settled(boundMilliseconds))) {
      this.#abort.abort(new Error('the server stops'));
      if (!(await this.#settled(1000))) await this.#handBack();
    }
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#upkeep);
  }

  #sleep(): void {
    if (this.#stopped) return;
    if (this.#again) {
      this.#again = false;
      this.wake();
      return;
    }
    const pause = Math.min(longestPause, this.#parts.pollMilliseconds * 2 ** Math.min(this.#failures, 10));
    this.#timer = setTimeout(() => this.wake(), this.#failures === 0 ? this.#parts.pollMilliseconds : pause);
  }

  async #poll(): Promise<void> {
    try {
      await this.#parts.tick();
      const slots = this.#freeSlots();
      if (slots.size > 0 && !this.#stopped) {
        const limit = [...slots.values()].reduce((sum, free) => sum + free, 0);
        for (const claim of await this.#parts.store.claim(slots, limit)) this.#run(claim);
      }
      this.#failures = 0;
      this.#polledAt = performance.now();
    } catch (error) {
      if (this.#failures++ === 0) this.#parts.logger.error({ err: error }, 'due jobs cannot be looked for');
    }
  }

  #run(claim: Claim): void {
    const done = this.#parts.runner
      .run(claim, this.#abort.signal)
      .catch((error: unknown) => this.#parts.logger.error({ err: error, job: claim.name, id: claim.id }, 'the end of a job cannot be stored'))
      .finally(() => {
        this.#running.delete(claim);
        this.wake();
      });
    this.#running.set(claim, done);
  }

  #freeSlots(): Map<string, number> {
    const slots = new Map([...this.#parts.jobs.values()].map((job) => [job.name, job.concurrency]));
    for (const { name } of this.#running.keys()) slots.set(name, slots.get(name)! - 1);
    return new Map([...slots].filter(([, free]) => free > 0));
  }

  #every(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
    return setInterval(() => {
      const done: Promise<void> = work()
        .catch((error: unknown) => this.#parts.logger.error({ err: error }, 'the upkeep of jobs failed'))
        .finally(() => this.#upkeep.delete(done));
      this.#upkeep.add(done);
    }, milliseconds);
  }

  /** Whether all that runs has ended within the bound. */
  async #settled(milliseconds: number): Promise<boolean> {
    const over = new AbortController();
    const bound = wait(milliseconds, false, { signal: over.signal }).catch(() => false);
    const all = Promise.all(this.#running.values()).then(() => true);
    const result = await Promise.race([all, bound]);
    over.abort();
    return result;
  }

  /** What does not end is due at once for whoever asks next; its own settlement, if it comes, no longer counts. */
  async #handBack(): Promise<void> {
    for (const claim of this.#running.keys()) await this.#parts.store.again(claim, new Date(0), this.#parts.jobs.get(claim.name)!.retry.limit).catch(() => {});
  }
}
