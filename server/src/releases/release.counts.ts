import { type Db, execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';

interface Counted {
  accountId: string;
  releaseId: string;
}

/** Counts what happened to releases, once for each item. Releases that are gone count nothing. */
export async function addToCounts(db: Db, kind: 'download' | 'upgrade', items: readonly Counted[]): Promise<void> {
  if (items.length === 0) return;
  const counts = Map.groupBy(items, ({ accountId, releaseId }) => `${accountId} ${releaseId}`);
  const rows = [...counts.values()].map((same) => ({ account_id: same[0]!.accountId, id: same[0]!.releaseId, count: same.length }));
  const column = sql.raw(`${kind}_count`);
  await execute(
    db,
    sql`update releases set ${column} = releases.${column} + counted.count
      from (select given.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(account_id uuid, id uuid, count bigint)
        join releases on releases.account_id = given.account_id and releases.id = given.id order by given.id for update of releases) counted
      where releases.account_id = counted.account_id and releases.id = counted.id`,
  );
}
