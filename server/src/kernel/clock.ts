/** The one place that reads the machine's clock. Everything else gets the time as an argument, or asks a `Clock` once per request or job. */

/** Milliseconds since the epoch by the machine's clock, whatever a test has frozen. Only for ids, timeouts and measurements. */
export const wallClock = (): number => Date.now();

/** The time that the server lives by. Tests freeze it and travel in it; the product's runs with the machine's. */
export class Clock {
  #frozen: number | undefined;
  #offset = 0;
  #watchers = new Set<() => void>();

  /** The time now. `environment` names the environment that the question is about (null: the global one); all share one clock today. */
  now(_environment?: string | null): Date {
    return new Date(this.#frozen ?? wallClock() + this.#offset);
  }

  /** Stops the clock at an instant: a Date or an ISO 8601 text. */
  freeze(at: Date | string): void {
    const time = new Date(at).getTime();
    if (Number.isNaN(time)) throw new TypeError(`not an instant: ${String(at)}`);
    this.#frozen = time;
    this.#changed();
  }

  /** Moves the clock by milliseconds (negative: back); a frozen clock stays frozen. */
  travel(milliseconds: number): void {
    if (this.#frozen === undefined) this.#offset += milliseconds;
    else this.#frozen += milliseconds;
    this.#changed();
  }

  /** Back to the machine's clock. */
  release(): void {
    this.#frozen = undefined;
    this.#offset = 0;
    this.#changed();
  }

  /** The instant at which the clock stands still, if it does. */
  get frozenAt(): Date | undefined {
    return this.#frozen === undefined ? undefined : new Date(this.#frozen);
  }

  /** Milliseconds that the running clock is ahead of the machine's. */
  get offset(): number {
    return this.#offset;
  }

  /** Calls back after each freeze, travel and release. */
  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
