import { textFilter, textsFilter } from '../kernel/jsonapi/filters.ts';
import type { Filters } from '../kernel/jsonapi/list.ts';
import { resource } from '../kernel/jsonapi/resource.ts';
import { dateFilter } from './date-filter.ts';
import { eventLogAccess as access } from './event-log.access.ts';
import { eventLogDocument as document } from './event-log.document.ts';
import { eventLogRecords as records } from './event-log.records.ts';
import { eventLogs } from './event-log.table.ts';
import { idFilter, referenceFilter } from './reference.ts';

const filters: Filters = {
  date: dateFilter(eventLogs.createdAt),
  event: textFilter(eventLogs.event),
  events: textsFilter(eventLogs.event),
  request: idFilter(eventLogs.requestLogId),
  whodunnit: referenceFilter(eventLogs.whodunnitType, eventLogs.whodunnitId),
  resource: referenceFilter(eventLogs.resourceType, eventLogs.resourceId),
};

/** spec/events.md 6.3 */
export default resource({ records, document, access }, (on) => {
  on.list({ can: 'list', logged: false, uncounted: true, filters });
  on.show({ can: 'show', logged: false, find: { unquoted: true } });
});
