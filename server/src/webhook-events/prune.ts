import { execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';
import { inBatches } from '../kernel/jobs/in-batches.ts';
import { job } from '../kernel/jobs/job.ts';
import { webhookEvents } from './webhook-event.table.ts';

const dayMs = 86_400_000;

/** Deletes webhook events of days that are long over, oldest first (spec/events.md 12.1). */
export const pruneWebhookEvents = job({
  name: 'webhook-events.prune',
  cron: '0 6 * * *',
  concurrency: 1,
  timeoutSeconds: 4000,
  retry: { limit: 5 },
  async run(_, context) {
    const { webhookEventDays } = context.services.config;
    if (webhookEventDays <= 0) return;
    const today = Math.floor(context.now.getTime() / dayMs) * dayMs;
    const before = new Date(today - webhookEventDays * dayMs).toISOString();
    await inBatches(context, async (tx, rows) => {
      const oldest = sql`select ctid from ${webhookEvents} where ${webhookEvents.createdAt} < ${before}::timestamptz order by ${webhookEvents.createdAt} limit ${rows}`;
      return (await execute(tx, sql`delete from ${webhookEvents} where ctid = any(array(${oldest} for update skip locked)) returning 1`)).length;
    });
  },
});
