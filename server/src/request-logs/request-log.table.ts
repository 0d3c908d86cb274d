import { instant, scopedColumns, scopedKeys } from '../kernel/database/columns.ts';
import { doublePrecision, index, jsonb, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

/** One row per logged request; its id is the request's. */
export const requestLogs = pgTable(
  'request_logs',
  {
    ...scopedColumns(),
    /** When it is to be deleted; null: never. */
    expiresAt: instant(),
    url: text().notNull(),
    method: text().notNull(),
    status: text().notNull(),
    ip: text(),
    userAgent: text(),
    requestorType: text(),
    requestorId: uuid(),
    resourceType: text(),
    resourceId: uuid(),
    requestHeaders: jsonb().$type<Record<string, string>>(),
    requestBody: text(),
    responseHeaders: jsonb().$type<Record<string, string>>(),
    responseBody: text(),
    responseSignature: text(),
    /** Milliseconds before and in the server. */
    queueTime: doublePrecision(),
    runTime: doublePrecision(),
  },
  (t) => [
    ...scopedKeys('request_logs', t),
    index('request_logs_resource').on(t.accountId, t.resourceId),
    index('request_logs_age').using('brin', t.createdAt, t.expiresAt),
  ],
);
export type RequestLog = typeof requestLogs.$inferSelect;
