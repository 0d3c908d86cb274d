/** What goes with a license (spec/licenses.md 6): entitlements are detached at once, the rest goes in the background. */
import { licenseEntitlements } from '../entitlements/entitlement.table.ts';
import { type Doomed, deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { and, eq, lte, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { job } from '../kernel/jobs/job.ts';
import { belowLicenses } from './below-licenses.ts';
import type { License } from './license.table.ts';

interface Removed {
  accountId: string;
  licenseId: string;
  /** When the license was deleted: a new one may have been given the same id since. */
  deletedAt: string;
}

/** The license's row is gone already, and with it whatever could add to it. */
export const removeLicense = job<Removed>({
  name: 'licenses.remove',
  key: ({ licenseId, deletedAt }) => `${licenseId} ${deletedAt}`,
  run({ accountId, licenseId, deletedAt }, { database, signal }) {
    const doomed = belowLicenses(accountId, sql`(${licenseId}::uuid)`).map(
      ([table, which]): Doomed => [table, and(which, lte(table.createdAt, sql`${deletedAt}::timestamptz`))],
    );
    return deleteInBatches(database, accountId, doomed, signal);
  },
});

/** Call it in the transaction that deletes the license. */
export async function removeWithLicense({ id, accountId }: Pick<License, 'id' | 'accountId'>, change: Change): Promise<void> {
  await change.db.delete(licenseEntitlements).where(and(eq(licenseEntitlements.accountId, accountId), eq(licenseEntitlements.licenseId, id)));
  await change.enqueue(removeLicense, { accountId, licenseId: id, deletedAt: change.now.toISOString() });
}
