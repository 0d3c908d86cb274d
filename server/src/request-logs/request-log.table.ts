import { doublePrecision, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { scopedColumns, scopedKeys } from '../kernel/database/columns.ts';

/** One row per logged request; its id is the request's. */
export const requestLogs = pgTable(
  'request_logs',
  {
    ...scopedColumns(),
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
  (t) => [...scopedKeys('request_logs', t), index('request_logs_resource').on(t.accountId, t.resourceId)],
);
export type RequestLog = typeof requestLogs.$inferSelect;
