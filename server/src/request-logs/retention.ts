import { sql } from '../kernel/database/drizzle.ts';
import { retentionOf } from '../kernel/jobs/retention.ts';
import { requestLogs } from './request-log.table.ts';

const columns = ['ip', 'user_agent', 'request_body', 'request_headers', 'response_body', 'response_headers', 'response_signature'];

/** spec/events.md 7.4 */
export const requestLogRetention = retentionOf('request-logs.retention', requestLogs, {
  set: sql.raw(columns.map((column) => `${column} = null`).join(', ')),
  has: sql.raw(`(${columns.map((column) => `${column} is not null`).join(' or ')})`),
});
