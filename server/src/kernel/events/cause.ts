import type { Asker } from '../access/access.ts';

/** The record that a request's path addresses, for logs (spec/events.md 1.5). */
export interface RequestResource {
  type: string;
  id: string;
}

/** Who or what causes a change: a request, or (without bearer and request) a job. */
export interface Cause extends Omit<Asker, 'db'> {
  requestId: string | null;
  requestResource: RequestResource | null;
}
