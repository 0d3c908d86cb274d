/** What becomes of an artifact whose bytes are waited for (spec/distribution.md 8.3). Pure. */
import type { Found } from '../kernel/storage/store.ts';

/** Milliseconds between two looks, and after which nobody looks any more. */
export const pollMs = 30_000;
export const patienceMs = 3_600_000;

export type Arrival = { next: 'wait'; until: Date } | { next: 'failed' } | { next: 'arrived' };

/** @param enqueued when the artifact was made. The last look is when patience ends. */
export function arrivalOf(found: Pick<Found, 'state'>, enqueued: Date, now: Date): Arrival {
  if (found.state === 'present') return { next: 'arrived' };
  const end = enqueued.getTime() + patienceMs;
  if (found.state === 'failing' || now.getTime() >= end) return { next: 'failed' };
  return { next: 'wait', until: new Date(Math.min(now.getTime() + pollMs, end)) };
}

/** Packages of these engines are read before they count as uploaded, where they are files of this type. */
const read: Readonly<Record<string, string>> = { rubygems: 'gem', npm: 'tgz', oci: 'tar' };

export const isProcessed = (engine: string | null, filetype: string | null): boolean =>
  engine !== null && Object.hasOwn(read, engine) && read[engine] === filetype;
