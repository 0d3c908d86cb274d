import { equalsHashed } from '../kernel/database/columns.ts';
import { and, eq, ne, type SQL } from '../kernel/database/drizzle.ts';
import { parseUuid } from '../kernel/id.ts';
import { mustExist } from '../kernel/jsonapi/association-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { type Facts, longer, reserved, rules, shorter, tooLong, tooShort, touches } from '../kernel/jsonapi/rules.ts';
import { licenses } from '../licenses/license.table.ts';
import { type Policy, policies } from '../policies/policy.table.ts';
import { type KeyRecord, keyRecords } from './key.records.ts';
import { keys } from './key.table.ts';

/** A draft's policy may be unknown. */
const policyOf = ({ policy }: KeyRecord): Policy | null => policy;

async function isTaken({ id, accountId, key }: KeyRecord, facts: Facts): Promise<boolean> {
  const others = and(eq(keys.accountId, accountId), ne(keys.id, id), equalsHashed(keys.key, key));
  return touches(facts, 'key') && (await facts.db.select({ id: keys.id }).from(keys).where(others).limit(1)).length > 0;
}

async function isLicense({ accountId }: KeyRecord, facts: Facts, called: SQL | undefined): Promise<boolean> {
  if (!called || !touches(facts, 'key')) return false;
  const same = and(eq(licenses.accountId, accountId), called);
  return (await facts.db.select({ id: licenses.id }).from(licenses).where(same).limit(1)).length > 0;
}

const idIn = (text: string): SQL | undefined => {
  const id = parseUuid(text);
  return id === undefined ? undefined : eq(licenses.id, id);
};

/** spec/licensing.md 5 */
export const keyRules = rules<KeyRecord>(keyRecords, [
  mustExist<KeyRecord>('policy', policies, ({ policyId }) => policyId),
  compatibleWith<KeyRecord>([['policy', policyOf]]),
  ['key', 'has already been taken', 'TAKEN', isTaken],
  ['key', 'is reserved', 'NOT_ALLOWED', ({ key }) => reserved(key)],
  ['key', tooShort(8), 'TOO_SHORT', ({ key }) => shorter(key, 8)],
  ['key', tooLong(1024), 'TOO_LONG', ({ key }) => longer(key, 1024)],
  ['~policy', 'cannot be added to an unpooled policy', 'NOT_SUPPORTED', (key, { changed }) => changed === 'created' && policyOf(key)?.usePool === false],
  ['key', "must not conflict with another license's identifier (UUID)", 'CONFLICT', (key, facts) => isLicense(key, facts, idIn(key.key))],
  ['key', "is already being used as a license's key", 'CONFLICT', (key, facts) => isLicense(key, facts, equalsHashed(licenses.key, key.key))],
]);
