/** What rate limits count with. A store that processes share is one more of these. */
export interface Counters {
  /** Counts one more under a key, which is forgotten after an instant. @returns the count, this one included */
  add(key: string, until: Date, now: Date): number | Promise<number>;
  /** The count under a key. */
  read(key: string, now: Date): number | Promise<number>;
}

interface Counter {
  count: number;
  until: number;
}

/** In this process. Holds at most `capacity` counters: a flood of new clients pushes out the oldest. */
export class MemoryCounters implements Counters {
  readonly #capacity: number;
  readonly #counters = new Map<string, Counter>();
  #sweepAt = 1024;

  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#counters.size;
  }

  add(key: string, until: Date, now: Date): number {
    const known = this.#counters.get(key);
    if (known && known.until > now.getTime()) return ++known.count;
    if (this.#counters.size >= this.#sweepAt) this.#sweep(now.getTime());
    this.#counters.set(key, { count: 1, until: until.getTime() });
    return 1;
  }

  read(key: string, now: Date): number {
    const known = this.#counters.get(key);
    return known && known.until > now.getTime() ? known.count : 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counters.clear();
  }

  /** Each sweep leaves room for as many counters as it kept, so that its cost is spread over them. */
  #sweep(now: number): void {
    for (const [key, { until }] of this.#counters) if (until <= now) this.#counters.delete(key);
    const excess = this.#counters.size < this.#capacity ? 0 : Math.ceil(this.#counters.size / 2);
    for (const key of [...this.#counters.keys()].slice(0, excess)) this.#counters.delete(key);
    this.#sweepAt = Math.min(this.#capacity, Math.max(1024, this.#counters.size * 2));
  }
}
