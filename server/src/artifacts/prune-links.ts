import { execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { inBatches } from '../kernel/jobs/in-batches.ts';
import { type Job, job } from '../kernel/jobs/job.ts';
import { artifactLinks } from './link.table.ts';
import type { LinkKind } from './record-link.ts';

const dayMs = 86_400_000;
const keptDays = 90;

/** Deletes links of days that are long over (spec/distribution.md 15). */
const pruneLinks = (kind: LinkKind, cron: string): Job<Record<string, never>> =>
  job({
    name: `artifact-links.prune-${kind}s`,
    cron,
    concurrency: 1,
    timeoutSeconds: 4000,
    retry: { limit: 5 },
    async run(_, context) {
      const today = Math.floor(context.now.getTime() / dayMs) * dayMs;
      const before = new Date(today - keptDays * dayMs).toISOString();
      await inBatches(context, async (tx, rows) => {
        const old = sql`${artifactLinks.kind} = ${kind} and ${artifactLinks.createdAt} < ${before}::timestamptz`;
        const oldest = sql`select ctid from ${artifactLinks} where ${old} order by ${artifactLinks.createdAt} limit ${rows}`;
        return (await execute(tx, sql`delete from ${artifactLinks} where ctid = any(array(${oldest} for update skip locked)) returning 1`)).length;
      });
    },
  });

export const pruneDownloadLinks = pruneLinks('download', '15 2 * * *');
export const pruneUpgradeLinks = pruneLinks('upgrade', '30 2 * * *');
