import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { hashPassword, needsRehash, type PasswordCost, verifyPassword } from './passwords.ts';

test.each<[PasswordCost, string]>([
  ['standard', '$argon2id$v=19$m=19456,t=2,p=1$'],
  ['cheap', '$argon2id$v=19$m=8,t=1,p=1$'],
])('a %s hash begins with %s and belongs to its password only', async (cost, start) => {
  const stored = await hashPassword('correct horse', cost);
  expect(stored.startsWith(start)).toBe(true);
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  for (const wrong of ['', 'correct', 'correct horse ', 'Correct horse', 'correct horse\0']) expect(await verifyPassword(wrong, stored), wrong).toBe(false);
  expect(needsRehash(stored)).toBe(false);
});

test('the standard cost is what one gets without asking', async () => {
  expect(await hashPassword('x')).toContain('m=19456,t=2,p=1');
});

test('an imported bcrypt hash is accepted, and due for a new one', async () => {
  const stored = hashSync('correct horse', 4);
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  expect(await verifyPassword('wrong horse', stored)).toBe(false);
  expect(await verifyPassword('correct horse', stored.replace('$2b$', '$2a$'))).toBe(true);
  expect(needsRehash(stored)).toBe(true);
});

test('a NUL never turns a wrong password into a right one', async () => {
  expect(await verifyPassword('a\0a', hashSync('a', 4))).toBe(false);
});

test('a stored text that is no hash is damage, not a wrong password', async () => {
  await expect(verifyPassword('x', 'plain text')).rejects.toThrow();
});
