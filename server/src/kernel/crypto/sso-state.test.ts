import { beforeAll, expect, test } from 'vitest';
import { encryptSsoState, openSsoState, sealSsoState, ssoStateKey } from './sso-state.ts';

const now = new Date('2024-10-16T14:52:48Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);
let key: Buffer;

beforeAll(async () => {
  key = await ssoStateKey('00112233445566778899aabbccddeeff'.repeat(4));
});

test('the key and the state are the check values of the specification', () => {
  const text = 'rBUjP3doQUOCZN7Gl9UGqIGLkMuBSK5Hm8_2on2s8vdQXVvIM2Q7Orovx3AwCzrBxA.AAECAwQFBgcICQoL.UDVZAxqo1cK6vBDDaRqbxg';
  const plaintext = '{"email":"ada@example.com","environment_id":null}';
  expect(key.toString('hex')).toBe('dca64aa0ce13e2a6c4eebace0aff395d5aa451458134a4604a9811f91fc51896');
  expect(
    encryptSsoState(
      plaintext,
      key,
      Uint8Array.from({ length: 12 }, (_, index) => index),
    ),
  ).toBe(text);
  expect(openSsoState(text, key, now)).toEqual({ email: 'ada@example.com', environmentId: null });
});

test('a state comes back for five minutes', () => {
  const state = { email: 'ada@example.com', environmentId: '6d4a7d14-3c55-4b0e-9f5e-2f4f8a2c9b01' };
  const text = sealSsoState(state, key, now);
  expect(openSsoState(text, key, after(299_999))).toEqual(state);
  expect(openSsoState(text, key, after(300_000))).toBeUndefined();
});

test('a state of another account does not open', async () => {
  expect(openSsoState(sealSsoState({ email: 'a@b.example', environmentId: null }, key, now), await ssoStateKey('other'), now)).toBeUndefined();
});

test.each(['', 'a.b.c', '..', 'x'])('%j is not a state', (text) => {
  expect(openSsoState(text, key, now)).toBeUndefined();
});

test.each([
  '',
  'x',
  'null',
  '[]',
  '{}',
  '{"email":1}',
  '{"email":"a","environment_id":1}',
  '{"s":{"data":{"email":"a"}}}',
  '{"s":{"data":null,"exp":"2099-01-01T00:00:00Z"}}',
])('the plaintext %j is malformed', (plaintext) => expect(openSsoState(encryptSsoState(plaintext, key), key, now)).toBeUndefined());
