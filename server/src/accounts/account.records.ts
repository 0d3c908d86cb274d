import { billings } from '../billings/billing.table.ts';
import { eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { left, type Row, records } from '../kernel/database/records.ts';
import type { Change } from '../kernel/events/change.ts';
import { accounts } from './account.table.ts';

/** An account belongs to itself, so that it is found like any other record. */
const table = Object.assign(Object.create(accounts) as typeof accounts, { accountId: accounts.id });
const accountId = sql`${accounts.id}` as SQL<string>;

/** Found by id or by slug; with the billing record, if there is one. */
export const accountRecords = records(table, {
  type: 'accounts',
  noun: 'account',
  aliases: [accounts.slug],
  joins: { billing: left(billings, eq(billings.accountId, accounts.id)) },
  extras: { accountId },
});
export type AccountRecord = Row<typeof accountRecords>;

/** Bumps `updated`, as a change of the account's settings does (spec/accounts.md 3.1). */
export async function touchAccount(change: Change): Promise<void> {
  await change.db.update(accounts).set({ updatedAt: change.now }).where(eq(accounts.id, change.accountId));
}
