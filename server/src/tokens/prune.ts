import { execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { job } from '../kernel/jobs/job.ts';
import { tokens } from './token.table.ts';

const batch = 1000;
const kept = 90 * 86_400_000;

/** Deletes tokens that expired more than 90 days ago (spec/auth.md 5.9). */
export const pruneTokens = job({
  name: 'tokens.prune',
  cron: '0 1 * * *',
  async run(_, { database, now }) {
    const before = new Date(now.getTime() - kept).toISOString();
    const doomed = sql`select ${tokens.accountId}, ${tokens.id} from ${tokens} where ${tokens.expiry} < ${before}::timestamptz limit ${batch}`;
    const gone = sql`delete from ${tokens} where (${tokens.accountId}, ${tokens.id}) in (${doomed}) returning 1`;
    const [row] = await execute(database.drizzle, sql`with gone as (${gone}) select count(*)::int as count from gone`);
    return Number(row!.count) === batch ? 'more' : undefined;
  },
});
