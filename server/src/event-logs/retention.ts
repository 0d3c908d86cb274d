import { sql } from '../kernel/database/drizzle.ts';
import { retentionOf } from '../kernel/jobs/retention.ts';
import { eventLogs } from './event-log.table.ts';

/** spec/events.md 6.4 */
export const eventLogRetention = retentionOf('event-logs.retention', eventLogs, {
  set: sql`metadata = '{}'`,
  has: sql`${eventLogs.metadata} <> '{}'`,
});
