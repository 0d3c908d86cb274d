import { eq, inArray } from 'drizzle-orm';
import { textFilter } from '../kernel/http/query-readers.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { dateFilter } from './date-filter.ts';
import { eventLogAccess as access } from './event-log.access.ts';
import { eventLogDocument as document } from './event-log.document.ts';
import { eventLogRecords as records } from './event-log.records.ts';
import { eventLogs } from './event-log.table.ts';
import { idFilter, referenceFilter } from './reference.ts';

const event: Filter = (value) => {
  const name = textFilter(value);
  return name === undefined ? undefined : eq(eventLogs.event, name);
};
const events: Filter = (value) => (Array.isArray(value) ? inArray(eventLogs.event, value.map(String)) : undefined);

const filters: Filters = {
  date: dateFilter(eventLogs.createdAt),
  event,
  events,
  request: idFilter(eventLogs.requestLogId),
  whodunnit: referenceFilter(eventLogs.whodunnitType, eventLogs.whodunnitId),
  resource: referenceFilter(eventLogs.resourceType, eventLogs.resourceId),
};

/** spec/events.md 6.3 */
export default resource({ records, document, access }, (on) => {
  on.list({ can: 'list', logged: false, uncounted: true, filters });
  on.show({ can: 'show', logged: false, find: { unquoted: true } });
});
