/** Rate limits (spec/http.md 11.2, 11.3). Counters live in this process behind an interface, so that a shared store is one adapter. */
import type { Headers } from './headers.ts';
import type { Incoming } from './incoming.ts';

export interface Throttle {
  /** Counts a request. @returns headers for its response. @throws {ApiError} 429, 403 */
  admit(incoming: Incoming, now: Date): Headers | Promise<Headers>;
}
