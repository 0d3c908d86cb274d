import { dateFilter } from '../event-logs/date-filter.ts';
import { referenceFilter } from '../event-logs/reference.ts';
import { eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { textFilter } from '../kernel/http/query-readers.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { requestLogAccess as access } from './request-log.access.ts';
import { requestLogDocument, requestLogListDocument } from './request-log.document.ts';
import { requestLogRecords as records } from './request-log.records.ts';
import { requestLogs } from './request-log.table.ts';

const text =
  (fits: (text: string) => SQL): Filter =>
  (value) => {
    const given = textFilter(value);
    return given === undefined ? undefined : fits(given);
  };

const filters: Filters = {
  date: dateFilter(requestLogs.createdAt),
  requestor: referenceFilter(requestLogs.requestorType, requestLogs.requestorId),
  resource: referenceFilter(requestLogs.resourceType, requestLogs.resourceId),
  ip: text((ip) => sql`starts_with(lower(${requestLogs.ip}), lower(${ip}))`),
  method: text((method) => eq(requestLogs.method, method.toUpperCase())),
  url: text((url) => sql`strpos(${requestLogs.url}, ${url}) > 0`),
  status: text((status) => eq(requestLogs.status, status)),
};

/** spec/events.md 7.4 */
export default [
  ...resource({ records, document: requestLogListDocument, access }, (on) => on.list({ can: 'list', logged: false, uncounted: true, filters })),
  ...resource({ records, document: requestLogDocument, access }, (on) => on.show({ can: 'show', logged: false, find: { unquoted: true } })),
];
