import { randomFillSync } from 'node:crypto';
import { wallClock } from './clock.ts';

const pool = new Uint8Array(4096);
let used = pool.length;
let lastMillisecond = 0;
let counter = 0;

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A new UUIDv7 (RFC 9562). Ids of one process only grow: within a millisecond a 12-bit counter stands in `rand_a`, and a clock that jumps back is ignored. */
export function uuid(): string {
  const now = wallClock();
  if (now > lastMillisecond) {
    lastMillisecond = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMillisecond += 1;
    counter = 0;
  }
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const r = pool.subarray(used, used + 8);
  used += 8;
  const time = lastMillisecond.toString(16).padStart(12, '0');
  const at = (i: number) => hex[r[i]!]!;
  const version = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${hex[(r[0]! & 0x3f) | 0x80]}${at(1)}-${at(2)}${at(3)}${at(4)}${at(5)}${at(6)}${at(7)}`;
}

const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const loose = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** The canonical form (lower case, with dashes) of a text shaped like a UUID, each of its dashes being optional (spec/http.md 5.3, 17); else undefined. */
export function parseUuid(text: string): string | undefined {
  if (dashed.test(text) && !text.endsWith('\n')) return text.toLowerCase();
  if (!loose.test(text) || text.endsWith('\n')) return undefined;
  const t = text.replaceAll('-', '').toLowerCase();
  return `${t.slice(0, 8)}-${t.slice(8, 12)}-${t.slice(12, 16)}-${t.slice(16, 20)}-${t.slice(20)}`;
}
