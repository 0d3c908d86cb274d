import { expect, test } from 'vitest';
import { newTotpSecret, totpCode, verifyTotp } from './totp.ts';

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const time = 1_893_456_000;
const step = time / 30;
const at = (offset: number) => new Date((time + offset) * 1000);

test('the code is the check value of the specification', () => {
  expect(totpCode(secret, step)).toBe('233128');
});

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [20_000_000_000, '353130'],
])('the code at second %i is that of RFC 6238', (second, code) => {
  expect(totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Math.floor(second / 30))).toBe(code);
});

test.each([
  ['now', 0, null, '233128', step],
  ['at the end of its period', 29, null, '233128', step],
  ['in the first ten seconds of the next', 39, null, '233128', step],
  ['after them', 40, null, '233128', undefined],
  ['before its period', -1, null, '233128', undefined],
  ['with an older one verified', 0, step - 1, '233128', step],
  ['a second time', 0, step, '233128', undefined],
  ['with a newer one verified', 35, step + 1, '233128', undefined],
  ['with a digit less', 0, null, '23312', undefined],
  ['with a blank', 0, null, ' 233128', undefined],
  ['empty', 0, null, '', undefined],
])('a code %s', (_, offset, lastStep, code, result) => {
  expect(verifyTotp(secret, code, at(offset), lastStep)).toBe(result);
});

test('a new secret is 32 base32 characters', () => {
  expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret()).not.toBe(newTotpSecret());
});

test('a secret that is not base32 is refused', () => {
  expect(() => totpCode('JBSW Y3DP', 1)).toThrow('base32');
});
