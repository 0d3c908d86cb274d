/** Calendar arithmetic in UTC: durations of seconds, ISO 8601 durations, and intervals. Pure; the time is always an argument. */

/** The units in the order in which they are taken from a number of seconds and added to an instant (spec/licensing.md 0.10). */
const unitSeconds = { years: 31_556_952, months: 2_629_746, weeks: 604_800, days: 86_400, hours: 3600, minutes: 60, seconds: 1 };
type Unit = keyof typeof unitSeconds;
const units = Object.keys(unitSeconds) as Unit[];

/** A calendar duration; a part that is absent is zero. */
export type DurationParts = Partial<Record<Unit, number>>;

// What every timestamp column, RFC 3339 and four-digit years can hold. Sums saturate here, so that no client can provoke an invalid date.
const earliest = Date.parse('0001-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Splits a number of seconds (not negative) greedily into calendar parts; zero parts are left out (spec/licensing.md 0.10). */
export function decompose(seconds: number): DurationParts {
  const parts: DurationParts = {};
  let rest = seconds;
  for (const unit of units) {
    const count = Math.floor(rest / unitSeconds[unit]);
    if (count > 0) parts[unit] = count;
    rest %= unitSeconds[unit];
  }
  return parts;
}

function addMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const end = new Date(moved);
  end.setUTCMonth(end.getUTCMonth() + 1, 0);
  moved.setUTCDate(Math.min(date.getUTCDate(), end.getUTCDate()));
  return moved;
}

/**
 * Adds calendar parts to an instant, or takes them away (sign -1): years, then months, each clamped to the last day of the month, then the rest
 * exactly (spec/validation.md 7.2). Results beyond the years 1 to 9999 become the first or last instant of that range.
 */
export function addParts(date: Date, parts: DurationParts, sign: 1 | -1 = 1): Date {
  const shifted = addMonths(addMonths(date, sign * 12 * (parts.years ?? 0)), sign * (parts.months ?? 0));
  const exact = units.slice(2).reduce((sum, unit) => sum + (parts[unit] ?? 0) * unitSeconds[unit], 0);
  const time = shifted.getTime() + sign * Math.round(exact * 1000);
  if (Number.isNaN(time)) return new Date(sign > 0 ? latest : earliest);
  return new Date(Math.min(Math.max(time, earliest), latest));
}

/** Adds a duration in seconds (not negative) to an instant, or takes it away (sign -1), as calendar parts (spec/validation.md 7.2). */
export const addDuration = (date: Date, seconds: number, sign: 1 | -1 = 1): Date => addParts(date, decompose(seconds), sign);

const number = '(\\d+(?:[.,]\\d+)?)';
const dateParts = `(?:${number}Y)?(?:${number}M)?(?:${number}W)?(?:${number}D)?`;
const timeParts = `(?:T(?=\\d)(?:${number}H)?(?:${number}M)?(?:${number}S)?)?`;
const iso8601 = new RegExp(`^P?(?=.)${dateParts}${timeParts}$`, 'i');

/**
 * Reads a duration of a filter: only digits are exact seconds, anything else is an ISO 8601 duration in any case whose leading `P` may be left out
 * (spec/licenses.md 8.2). The last part may have a fraction unless it counts years or months. Weeks cannot stand beside other date parts.
 * Undefined when the text is neither.
 */
export function parseDuration(text: string): DurationParts | undefined {
  if (/^\d+$/.test(text)) return { seconds: Number(text) };
  const match = iso8601.exec(text);
  if (!match) return undefined;
  const given = units.flatMap((unit, i) => (match[i + 1] === undefined ? [] : [[unit, match[i + 1]!.replace(',', '.')] as const]));
  const fraction = given.findIndex(([, value]) => value.includes('.'));
  if (fraction !== -1 && (fraction < given.length - 1 || given[fraction]![0] === 'years' || given[fraction]![0] === 'months')) return undefined;
  const parts: DurationParts = Object.fromEntries(given.map(([unit, value]) => [unit, Number(value)]));
  const mixed = parts.weeks !== undefined && (parts.years ?? parts.months ?? parts.days) !== undefined;
  return mixed ? undefined : parts;
}

const intervals = { day: 'days', week: 'weeks', month: 'months', year: 'years' } as const;

/** The unit of an interval, such as a policy's `checkInInterval`. */
export type Interval = keyof typeof intervals;

/** Whether a text names an interval: `day`, `week`, `month`, `year`. */
export const isInterval = (text: string | null): text is Interval => text !== null && Object.hasOwn(intervals, text);

/** Moves an instant by `count` calendar intervals, forwards or backwards (sign -1), clamped to the last day of the month (spec/licenses.md 1). */
export const addInterval = (date: Date, count: number, interval: Interval, sign: 1 | -1 = 1): Date => addParts(date, { [intervals[interval]]: count }, sign);
