/** What enqueueing needs to know of a job, apart from what it does: changes enqueue, and jobs change things. */

/** When and under which key an entry runs: `runAt` is now when absent, `key` the job's own. */
export interface EnqueueOptions {
  runAt?: Date;
  key?: string;
}

/** A job as whoever enqueues it sees it. */
export interface Enqueueable<P> {
  readonly name: string;
  key?(payload: P): string;
}

/** How the work goes: whether this process looks for due entries, how many there are, and since when the oldest is due. */
export interface JobHealth {
  alive: boolean;
  due: number;
  oldest: Date | undefined;
}
