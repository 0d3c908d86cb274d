import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { scopedColumns, scopedKeys } from '../kernel/database/columns.ts';

/** The audit trail. Types are the wire's (`licenses`). */
export const eventLogs = pgTable(
  'event_logs',
  {
    ...scopedColumns(),
    event: text().notNull(),
    resourceType: text(),
    resourceId: uuid(),
    whodunnitType: text(),
    whodunnitId: uuid(),
    requestLogId: uuid(),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [...scopedKeys('event_logs', t), index('event_logs_resource').on(t.accountId, t.resourceId)],
);
export type EventLog = typeof eventLogs.$inferSelect;
