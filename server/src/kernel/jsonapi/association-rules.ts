import { and, eq } from '../database/drizzle.ts';
import type { AccountTable } from '../database/records.ts';
import { type OpenRule, touches } from './rules.ts';

/**
 * A record that another one belongs to must exist in the account, and stays until the change has been committed: its row is locked for key share.
 * Looked at when the relation is new or changed. @param name of the relation, whose column is `<name>Id`
 */
export const mustExist =
  <Row extends { accountId: string }>(name: string, table: AccountTable, id: (row: Row) => string | null): OpenRule<Row> =>
  async (row, facts) => {
    const wanted = id(row);
    if (wanted === null || !touches(facts, `${name}Id`)) return undefined;
    const [found] = await facts.db
      .select({ id: table.id })
      .from(table)
      .where(and(eq(table.accountId, row.accountId), eq(table.id, wanted)))
      .for('key share');
    return found ? undefined : { subject: `~${name}`, kind: 'NOT_FOUND', detail: 'must exist' };
  };
