import { expect, test } from 'vitest';
import { Float } from '../http/json.ts';
import { difference } from './difference.ts';

const large = 9_223_372_036_854_775_806n;
const day = new Date('2030-01-01T00:00:00.000Z');

test.each<[string, unknown, unknown, unknown]>([
  ['figures beyond 2^53, which doubles would not tell apart', large, large + 1n, [large, large + 1n]],
  ['metadata with such figures', { a: large }, { a: 1 }, [{ a: large }, { a: 1 }]],
  ['a float for an integer', { a: 1 }, { a: new Float(1) }, [{ a: 1 }, { a: new Float(1) }]],
  ['instants', null, day, [null, day.toISOString()]],
])('it tells %s', (_, before, after, told) => {
  expect(difference({ value: before }, { value: after }, ['value'])).toEqual({ value: told });
});

test.each<[string, unknown, unknown]>([
  ['an integer that is held in another way', 5, 5n],
  ['the keys of an object in another order', { a: 1, b: { c: large, d: new Float(1) } }, { b: { d: new Float(1), c: large }, a: 1 }],
  ['what is absent for null', undefined, null],
  ['an equal instant', day, new Date(day)],
])('it does not tell %s', (_, before, after) => {
  expect(difference({ value: before }, { value: after }, ['value'])).toEqual({});
});
