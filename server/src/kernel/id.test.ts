import { expect, test } from 'vitest';
import { parseUuid } from './id.ts';

const canonical = '01a213ee-2975-7000-83b3-dcb08785da4d';

test.each([canonical, canonical.toUpperCase(), '01a213ee2975700083b3dcb08785da4d', '01a213ee-2975700083b3dcb08785da4d', '01A213EE2975-7000-83b3dcb08785da4d'])(
  '%s is a UUID, each dash being optional',
  (text) => expect(parseUuid(text)).toBe(canonical),
);

test.each([
  '',
  '01a213ee',
  `${canonical}0`,
  ` ${canonical}`,
  `${canonical}\n`,
  `{${canonical}}`,
  '01a2-13ee2975700083b3dcb08785da4d',
  '01a213ee--2975-7000-83b3-dcb08785da4d',
])('%j is none', (text) => expect(parseUuid(text)).toBeUndefined());
