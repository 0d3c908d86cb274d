import { instant, scopedColumns, scopedKeys } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';
import { exactJson } from '../kernel/database/json.ts';

/** The audit trail. Types are the wire's (`licenses`). */
export const eventLogs = pgTable(
  'event_logs',
  {
    ...scopedColumns(),
    /** When it is to be deleted; null: never. */
    expiresAt: instant(),
    event: text().notNull(),
    resourceType: text(),
    resourceId: uuid(),
    whodunnitType: text(),
    whodunnitId: uuid(),
    requestLogId: uuid(),
    metadata: exactJson().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    ...scopedKeys('event_logs', t),
    index('event_logs_resource').on(t.accountId, t.resourceId),
    index('event_logs_age').using('brin', t.createdAt, t.expiresAt),
  ],
);
export type EventLog = typeof eventLogs.$inferSelect;
