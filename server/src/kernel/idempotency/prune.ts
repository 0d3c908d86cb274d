import { execute } from '../database/database.ts';
import { sql } from '../database/drizzle.ts';
import { inBatches } from '../jobs/in-batches.ts';
import { job } from '../jobs/job.ts';
import { idempotencyKeys, keptForMs } from './idempotency-key.table.ts';

/** Deletes the answers that are no longer kept. */
export const pruneIdempotencyKeys = job({
  name: 'idempotency-keys.prune',
  cron: '37 * * * *',
  concurrency: 1,
  timeoutSeconds: 4000,
  async run(_, context) {
    const before = new Date(context.now.getTime() - keptForMs).toISOString();
    await inBatches(context, async (tx, rows) => {
      const some = sql`select ctid from ${idempotencyKeys} where ${idempotencyKeys.createdAt} <= ${before}::timestamptz limit ${rows} for update skip locked`;
      return (await execute(tx, sql`delete from ${idempotencyKeys} where ctid = any(array(${some})) returning 1`)).length;
    });
  },
});
