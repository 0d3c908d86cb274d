import { execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { job } from '../kernel/jobs/job.ts';
import { machines } from '../machines/machine.table.ts';
import { licenses } from './license.table.ts';

const batch = 1000;

/** After a license moved to another policy: its machines' copies of the policy's id follow (spec/licenses.md 10.1). */
export const followPolicy = job<{ accountId: string; licenseId: string }>({
  name: 'licenses.machines-follow-policy',
  key: ({ licenseId }) => licenseId,
  async run({ accountId, licenseId }, { database }) {
    const moved = await execute(
      database.drizzle,
      sql`update machines m set policy_id = l.policy_id from ${licenses} l
        where l.account_id = ${accountId} and l.id = ${licenseId} and m.account_id = l.account_id and m.id in (
          select behind.id from ${machines} behind
          where behind.account_id = ${accountId} and behind.license_id = ${licenseId} and behind.policy_id <> l.policy_id limit ${batch})
        returning m.id`,
    );
    return moved.length === batch ? 'more' : undefined;
  },
});
