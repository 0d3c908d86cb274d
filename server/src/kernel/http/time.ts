/** Reading instants that clients write (spec/http.md 5.5). */

/** A date that cannot be, such as the 31st of February. */
export class Impossible extends Error {}

const iso =
  /^\s*([+-]?\d{4,6})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?:[T\s]+(\d{1,2})(?::?(\d{2}))?(?::?(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?\s*$/i;
const compact = /^\s*(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:\.(\d+))?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*$/i;
const rfc2822 = /^\s*(?:[a-z]{3,9},?\s+)?(\d{1,2})[\s-]([a-z]{3,9})[\s-](\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$/i;
const american = /^\s*([a-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$/i;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

type Parts = (string | undefined)[];

const monthOf = (name: string | undefined): string | undefined => {
  const index = months.indexOf((name ?? '').slice(0, 3).toLowerCase());
  return index < 0 ? undefined : String(index + 1);
};

/** year, month, day, hour, minute, second, fraction, zone */
function partsOf(text: string): Parts | undefined {
  const match = iso.exec(text) ?? compact.exec(text);
  if (match) return match.slice(1);
  const mail = rfc2822.exec(text);
  if (mail && monthOf(mail[2])) return [mail[3], monthOf(mail[2]), mail[1], mail[4], mail[5], mail[6], undefined, mail[7]];
  const us = american.exec(text);
  if (us && monthOf(us[1])) return [us[3], monthOf(us[1]), us[2], us[4], us[5], us[6], undefined, us[7]];
  return undefined;
}

function offsetMinutes(zone: string | undefined): number {
  if (!zone || /^(z|utc|gmt)$/i.test(zone)) return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0));
}

/**
 * An instant: ISO 8601 or e-mail style, with slashes too (without an offset: UTC; a date alone: midnight), or unix seconds as number or digits.
 * @returns null for a blank text or one in which no date can be recognised
 * @throws {Impossible} for a date or time of day that does not exist, or that lies beyond what can be stored
 */
export function parseTime(value: string | number | bigint): Date | null {
  if (typeof value !== 'string') return fromSeconds(Number(value));
  if (value.trim() === '') return null;
  if (/^\s*\d+\s*$/.test(value)) return fromSeconds(Number(value));
  const parts = partsOf(value);
  if (!parts) return null;
  const [year, month, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(0, 6).map((part) => (part === undefined ? undefined : Number(part)));
  const milliseconds = Number((parts[6] ?? '').padEnd(3, '0').slice(0, 3));
  if (hour > 23 || minute > 59 || second > 60) throw new Impossible(value);
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day);
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) throw new Impossible(value);
  date.setUTCHours(hour, minute, second, milliseconds);
  return within(new Date(date.getTime() - offsetMinutes(parts[7]) * 60_000), value);
}

/** PostgreSQL keeps more, but four digits of year are all that the wire can show. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const earliest = -62_135_596_800_000;

function within(date: Date, value: string | number): Date {
  const time = date.getTime();
  if (Number.isNaN(time) || time > latest || time < earliest) throw new Impossible(String(value));
  return date;
}

const fromSeconds = (seconds: number): Date => within(new Date(seconds * 1000), seconds);
