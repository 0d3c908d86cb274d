/** What becomes of an artifact whose bytes are waited for (spec/distribution.md 8.3). Pure. */
import type { Found } from '../kernel/storage/store.ts';

/** Milliseconds between two looks, and after which nobody looks any more. */
export const pollMs = 30_000;
export const patienceMs = 3_600_000;
/** Milliseconds between the first looks into our own directory, which cost nothing: whoever uploads need not wait for the next one of a bucket. */
const eagerMs = 1000;

export type Arrival = { next: 'wait'; until: Date } | { next: 'failed' } | { next: 'arrived' };

/** @param enqueued when the artifact was made. The last look is when patience ends. @param own whether the store is our own directory */
export function arrivalOf(found: Pick<Found, 'state'>, enqueued: Date, now: Date, own = false): Arrival {
  if (found.state === 'present') return { next: 'arrived' };
  const end = enqueued.getTime() + patienceMs;
  if (found.state === 'failing' || now.getTime() >= end) return { next: 'failed' };
  const waited = now.getTime() - enqueued.getTime();
  const pause = own ? Math.min(Math.max(waited / 4, eagerMs), pollMs) : pollMs;
  return { next: 'wait', until: new Date(Math.min(now.getTime() + pause, end)) };
}

/** Packages of these engines are read before they count as uploaded, where they are files of this type. */
const read: Readonly<Record<string, string>> = { rubygems: 'gem', npm: 'tgz', oci: 'tar' };

export const isProcessed = (engine: string | null, filetype: string | null): boolean =>
  engine !== null && Object.hasOwn(read, engine) && read[engine] === filetype;
