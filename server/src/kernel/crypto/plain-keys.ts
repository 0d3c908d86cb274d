import { hash, randomBytes } from 'node:crypto';
import { hash as bcryptHash, compare } from 'bcryptjs';
import { parseUuid } from '../id.ts';

const groups = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'g'))!.join('-');

/** A key for policies without scheme: `4F0C9A-71BE23-D8820E-5A6B17-93FC04-V3` (spec/licenses.md 7.2). */
export function newUnsignedKey(): string {
  return groups(`${randomBytes(15).toString('hex')}v3`, 6).toUpperCase();
}

/** A raw key of `LEGACY_ENCRYPT`, which begins with the license's id (spec/licenses.md 7.3). Only its digest is stored. */
export function newLegacyKey(licenseId: string): string {
  return groups(`${licenseId.replaceAll('-', '')}${randomBytes(47).toString('hex')}v1`, 32);
}

/** The id of the license that a raw legacy key claims to be of, or undefined if the text is not shaped like one (spec/validation.md 3.3). */
export function legacyKeyLicenseId(raw: string): string | undefined {
  const [, id] = /^([0-9a-f]{32})-./is.exec(raw) ?? [];
  return id && parseUuid(id);
}

/** What is stored of a raw legacy key: bcrypt (cost 12, about 0.3 s in slices of the event loop) of its hex SHA-256. @param cheap for tests: the least cost */
export function legacyKeyDigest(raw: string, cheap = false): Promise<string> {
  return bcryptHash(hash('sha256', raw, 'hex'), cheap ? 4 : 12);
}

/** Whether a raw legacy key belongs to the stored digest. A digest that is no bcrypt hash belongs to none. */
export async function isLegacyKey(raw: string, digest: string): Promise<boolean> {
  return digest.startsWith('$2') && compare(hash('sha256', raw, 'hex'), digest);
}
