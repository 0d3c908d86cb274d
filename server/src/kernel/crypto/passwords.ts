import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { compare } from 'bcryptjs';

/** argon2id, the library's default kind; memory in KiB. The standard one is OWASP's first choice and takes some 20 ms of a pool thread. */
const costs = {
  standard: { memoryCost: 19_456, timeCost: 2, parallelism: 1 },
  cheap: { memoryCost: 8, timeCost: 1, parallelism: 1 },
};

/** How hard a hash is to compute. `cheap` protects nothing: it keeps tests with many users fast. */
export type PasswordCost = keyof typeof costs;

/** The argon2id hash to store of a password, made in the thread pool. */
export function hashPassword(password: string, cost: PasswordCost = 'standard'): Promise<string> {
  return argon2Hash(password, costs[cost]);
}

/** Whether a password belongs to a stored hash, argon2 or (imported) bcrypt. Throws when the stored text is neither. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  if (!stored.startsWith('$2')) return argon2Verify(stored, password);
  // bcrypt repeats the password and a NUL to fill its key, so "a" and "a NUL a" would be one (spec/auth.md 2.5: a NUL is just a wrong password).
  return !password.includes('\0') && compare(password, stored);
}

/** Whether a stored hash is of an older kind, to be replaced at the next successful login. */
export function needsRehash(stored: string): boolean {
  return !stored.startsWith('$argon2id$');
}
