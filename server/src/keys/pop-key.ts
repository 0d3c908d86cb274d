import { and, desc, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type Key, keys } from './key.table.ts';

/**
 * Takes the newest key out of a policy's pool, whatever its environment (spec/licensing.md 2.9, spec/environments.md 12). Of callers at the same time no two get the same:
 * a key that somebody else is taking is passed over.
 * @param before runs with the key while it is still there
 * @returns the removed row; undefined when the pool is empty
 */
export async function popKey(
  change: Pick<Change, 'db'>,
  policy: { id: string; accountId: string },
  before?: (key: Key) => Promise<void>,
): Promise<Key | undefined> {
  const pool = and(eq(keys.accountId, policy.accountId), eq(keys.policyId, policy.id));
  const [key] = await change.db.select().from(keys).where(pool).orderBy(desc(keys.createdAt), desc(keys.id)).limit(1).for('update', { skipLocked: true });
  if (!key) return undefined;
  await before?.(key);
  await change.db.delete(keys).where(and(eq(keys.accountId, policy.accountId), eq(keys.id, key.id)));
  return key;
}
