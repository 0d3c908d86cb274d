import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKnown, rangeApplies, rangeOf } from './range.ts';

describe('a range', () => {
  test.each([
    [undefined, 10, undefined],
    ['bytes=0-3', 10, { first: 0, last: 3 }],
    ['bytes=4-', 10, { first: 4, last: 9 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-30', 10, { first: 0, last: 9 }],
    ['bytes=9-99999999999999999999999', 10, { first: 9, last: 9 }],
    [' Bytes = 0 - 0 ', 10, { first: 0, last: 0 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-5', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, undefined],
    ['bytes=0-1,3-4', 10, undefined],
    ['bytes=-', 10, undefined],
    ['bytes=a-b', 10, undefined],
    ['lines=0-1', 10, undefined],
    ['', 10, undefined],
  ])('%j of %d bytes is %j', (header, length, expected) => expect(rangeOf(header, length)).toEqual(expected));

  test('lies within the object, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.nat()), fc.option(fc.nat()), fc.nat(), (text, first, last, length) => {
        for (const header of [text, `bytes=${first ?? ''}-${last ?? ''}`]) {
          const range = rangeOf(header, length);
          if (range === undefined || range === 'unsatisfiable') continue;
          expect(range.first).toBeGreaterThanOrEqual(0);
          expect(range.last).toBeGreaterThanOrEqual(range.first);
          expect(range.last).toBeLessThan(length);
        }
      }),
    );
  });
});

const version = { etag: '"abc"', modified: new Date('2026-01-02T03:04:05.678Z') };
const at = 'Fri, 02 Jan 2026 03:04:05 GMT';
const before = 'Fri, 02 Jan 2026 03:04:04 GMT';

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ 'if-none-match': '"abc"' }, true],
  [{ 'if-none-match': 'W/"abc"' }, true],
  [{ 'if-none-match': '"x", "abc"' }, true],
  [{ 'if-none-match': '*' }, true],
  [{ 'if-none-match': '"x"' }, false],
  [{ 'if-none-match': '"x"', 'if-modified-since': at }, false],
  [{ 'if-modified-since': at }, true],
  [{ 'if-modified-since': before }, false],
  [{ 'if-modified-since': 'yesterday' }, false],
])('with %j a client has it: %j', (headers, expected) => expect(isKnown(headers, version)).toBe(expected));

test.each<[Record<string, string>, boolean]>([
  [{}, true],
  [{ 'if-range': '"abc"' }, true],
  [{ 'if-range': '"x"' }, false],
  [{ 'if-range': 'W/"abc"' }, false],
  [{ 'if-range': at }, true],
  [{ 'if-range': before }, false],
])('with %j a range is of use: %j', (headers, expected) => expect(rangeApplies(headers, version)).toBe(expected));
