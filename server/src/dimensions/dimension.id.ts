import { equalsHashed } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { uuid } from '../kernel/id.ts';
import type { DimensionTable } from './dimension.table.ts';

/**
 * The id of the row with a key, which is made when there is none (spec/distribution.md 1.1). Give it the transaction of what names the key, so that a failed
 * save leaves no row behind.
 */
export async function dimensionId(db: Db, table: DimensionTable, accountId: string, key: string, now: Date): Promise<string> {
  const find = async () => {
    const [row] = await db
      .select({ id: table.id })
      .from(table)
      .where(and(eq(table.accountId, accountId), equalsHashed(table.key, key)));
    return row?.id;
  };
  const known = await find();
  if (known !== undefined) return known;
  // whoever made it meanwhile is waited for, and read
  await db.insert(table).values({ id: uuid(), accountId, createdAt: now, updatedAt: now, key }).onConflictDoNothing();
  return (await find())!;
}
