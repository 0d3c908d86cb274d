import { setTimeout as wait } from 'node:timers/promises';

/** What background work writes to; a pino logger fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a batcher gathers and writes. */
export interface BatchOptions<T> {
  /** For the log. */
  name: string;
  /** Writes a batch. A rejection means that none of it is written. */
  write(items: T[]): Promise<void>;
  logger: Log;
  /** Milliseconds that an item waits at most before it is written (1000). */
  everyMilliseconds?: number;
  /** Items of a batch, at most (500). */
  size?: number;
  /** Items that may wait; beyond that the oldest are dropped (100,000). */
  capacity?: number;
  /** Times that a batch is written before it is given up (5). */
  attempts?: number;
  /** Milliseconds between the first two attempts; each further pause is twice as long (250). */
  pauseMilliseconds?: number;
}

/** Gathers writes off the request's path. Order is kept, and one batch is written at a time. What waits is lost with the process, so only for what may be. */
export class Batcher<T> {
  readonly #options: Required<BatchOptions<T>>;
  #items: T[] = [];
  #failures = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(options: BatchOptions<T>) {
    this.#options = { everyMilliseconds: 1000, size: 500, capacity: 100_000, attempts: 5, pauseMilliseconds: 250, ...options };
  }

  /** Items given up so far, because too many waited or because writing them failed. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes an item to write soon; after `close` it is dropped. */
  add(item: T): void {
    if (this.#closed || this.#items.length >= this.#options.capacity) this.#drop();
    if (this.#closed) return;
    this.#items.push(item);
    if (this.#items.length >= this.#options.size && !this.#flushing) void this.flush();
    else this.#arm();
  }

  /** Writes all that waits now; failures are retried, then logged, and never thrown. */
  async flush(): Promise<void> {
    // what was added before this call is written when it ends, also when a flush already runs
    while (this.#flushing) await this.#flushing;
    this.#flushing = this.#drain().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /** Writes what waits and takes no more; no timer is left. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    clearTimeout(this.#timer);
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#items.length > 0) {
      const batch = this.#items.splice(0, this.#options.size);
      try {
        await this.#options.write(batch);
        this.#failures = 0;
      } catch (error) {
        if (this.#giveUp(batch, error)) continue;
        this.#items.unshift(...batch);
        await wait(this.#options.pauseMilliseconds * 2 ** (this.#failures - 1));
      }
    }
  }

  #giveUp(batch: T[], error: unknown): boolean {
    const { attempts, name, logger } = this.#options;
    if (++this.#failures < attempts) return false;
    this.#failures = 0;
    this.#dropped += batch.length;
    logger.error({ err: error, batch: name, items: batch.length }, 'a batch of writes failed and is dropped');
    return true;
  }

  #drop(): void {
    if (!this.#closed) this.#items.shift();
    if (this.#dropped++ === 0) this.#options.logger.warn({ batch: this.#options.name }, 'writes come faster than they can be stored: the oldest are dropped');
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.everyMilliseconds).unref();
  }
}
