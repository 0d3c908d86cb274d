import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../test/vectors/durations.json' with { type: 'json' };
import { addDuration, addInterval, addParts, decompose, isInterval, parseDuration } from './duration.ts';

const at = (text: string) => new Date(text);
const instants = fc.date({ min: at('1970-01-01T00:00:00.000Z'), max: at('2200-12-31T00:00:00.000Z'), noInvalidDate: true });
const seconds = fc.integer({ min: 0, max: 2_147_483_647 });

describe('durations in seconds', () => {
  test.each(vectors.cases)('$start + $seconds s is $end', ({ start, seconds, parts, end }) => {
    expect(decompose(seconds)).toEqual(parts);
    expect(addParts(at(start), parts).toISOString()).toBe(end);
    expect(addDuration(at(start), seconds).toISOString()).toBe(end);
  });

  test('the parts of a duration always weigh the seconds that it has', () => {
    const weights: Record<string, number> = vectors.unitSeconds;
    const weigh = (n: number) => Object.entries(decompose(n)).reduce((sum, [unit, count]) => sum + count * weights[unit]!, 0);
    fc.assert(fc.property(seconds, (n) => weigh(n) === n));
  });

  test('below a month a duration is exact, and adding never goes back', () => {
    const short = fc.integer({ min: 0, max: 2_629_745 });
    fc.assert(fc.property(instants, short, (start, n) => addDuration(start, n).getTime() === start.getTime() + n * 1000));
    fc.assert(fc.property(instants, seconds, (start, n) => addDuration(start, n) >= start));
  });

  test('the time of day stays when only years and months are added', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 500 }), (start, years, months) => {
        expect(addParts(start, { years, months }).getTime() % 86_400_000).toBe(start.getTime() % 86_400_000);
      }),
    );
  });

  test.each([
    [1e25, 1, '9999-12-31T23:59:59.999Z'],
    [Number.POSITIVE_INFINITY, 1, '9999-12-31T23:59:59.999Z'],
    [300_000 * 31_556_952, 1, '9999-12-31T23:59:59.999Z'],
    [1e25, -1, '0001-01-01T00:00:00.000Z'],
    [3000 * 31_556_952, -1, '0001-01-01T00:00:00.000Z'],
  ] as const)('a sum beyond the calendar saturates: %d s, sign %d', (seconds, sign, expected) => {
    expect(addDuration(at('2024-02-29T12:00:00.000Z'), seconds, sign).toISOString()).toBe(expected);
  });
});

describe('intervals', () => {
  test.each([
    ['2024-01-31T10:00:00.000Z', 1, 'month', 1, '2024-02-29T10:00:00.000Z'],
    ['2023-03-31T10:00:00.000Z', 1, 'month', -1, '2023-02-28T10:00:00.000Z'],
    ['2024-02-29T10:00:00.000Z', 1, 'year', 1, '2025-02-28T10:00:00.000Z'],
    ['2024-02-29T10:00:00.000Z', 4, 'year', -1, '2020-02-29T10:00:00.000Z'],
    ['2024-12-31T10:00:00.000Z', 2, 'month', 1, '2025-02-28T10:00:00.000Z'],
    ['2024-12-31T23:59:59.999Z', 1, 'day', 1, '2025-01-01T23:59:59.999Z'],
    ['2024-03-01T00:00:00.000Z', 1, 'day', -1, '2024-02-29T00:00:00.000Z'],
    ['2024-01-01T00:00:00.000Z', 365, 'week', 1, '2030-12-30T00:00:00.000Z'],
  ] as const)('%s by %d %s, sign %d, is %s', (start, count, interval, sign, end) => {
    expect(addInterval(at(start), count, interval, sign).toISOString()).toBe(end);
  });

  test.each([
    ['day', true],
    ['year', true],
    ['days', false],
    ['constructor', false],
    [null, false],
  ])('%s is an interval: %s', (text, expected) => expect(isInterval(text)).toBe(expected));
});

describe('durations of filters', () => {
  test.each([
    ['3600', { seconds: 3600 }],
    ['0', { seconds: 0 }],
    ['2629746', { seconds: 2_629_746 }],
    ['2w', { weeks: 2 }],
    ['31d', { days: 31 }],
    ['P13DT59M59S', { days: 13, minutes: 59, seconds: 59 }],
    ['1dT5h59m59s', { days: 1, hours: 5, minutes: 59, seconds: 59 }],
    ['p1y2m3dt4h5m6s', { years: 1, months: 2, days: 3, hours: 4, minutes: 5, seconds: 6 }],
    ['PT0.5S', { seconds: 0.5 }],
    ['P1,5D', { days: 1.5 }],
    ['T5M', { minutes: 5 }],
    ['P1M', { months: 1 }],
    ['P1WT5H', { weeks: 1, hours: 5 }],
  ])('%s is read', (text, parts) => expect(parseDuration(text)).toEqual(parts));

  test.each([
    '',
    ' ',
    'P',
    'PT',
    'T',
    'P1DT',
    '5h',
    '1h',
    '-1',
    '-P1D',
    'P-1D',
    '1.5',
    'P1.5Y',
    'P0.5M',
    'P1.5DT1H',
    'P1W2D',
    'P1D1Y',
    'P1S',
    '1d2',
    '2024-01-01',
    'P1D ',
    'P1D\n',
    '１',
  ])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());
});
