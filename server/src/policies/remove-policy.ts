/** What a deleted policy leaves behind is removed in the background (spec/licensing.md 2.8). */
import { deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import { job } from '../kernel/jobs/job.ts';
import { keys } from '../keys/key.table.ts';
import { belowLicenses } from '../licenses/below-licenses.ts';
import { licenses } from '../licenses/license.table.ts';

/** The policy's row is gone already, and with it whatever could add to it. */
export const removePolicy = job<{ accountId: string; policyId: string }>({
  name: 'policies.remove',
  key: ({ policyId }) => policyId,
  run({ accountId, policyId }, { database, signal }) {
    const ids = sql`(select ${licenses.id} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.policyId} = ${policyId})`;
    const doomed = [...belowLicenses(accountId, ids), [licenses, eq(licenses.policyId, policyId)], [keys, eq(keys.policyId, policyId)]] as const;
    return deleteInBatches(database, accountId, doomed, signal);
  },
});
