import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { type PackageRecord, packageRecords } from '../packages/package.records.ts';

/** A package of the account, if there is one of that id. */
export async function packageOf(db: Db, accountId: string, id: string | null): Promise<PackageRecord | null> {
  const { table } = packageRecords;
  const [found] = id === null ? [] : await packageRecords.find(db, and(eq(table.accountId, accountId), eq(table.id, id)));
  return found ?? null;
}
