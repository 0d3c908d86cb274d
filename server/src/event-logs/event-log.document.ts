import { document } from '../kernel/jsonapi/document.ts';
import { type EventLogRecord, eventLogRecords } from './event-log.records.ts';
import { reference } from './reference.ts';

/** spec/events.md 6.1 */
export const eventLogDocument = document<EventLogRecord>(eventLogRecords, {
  attributes: { event: 'event', metadata: 'metadata' },
  relationships: {
    request: reference(
      () => 'request-logs',
      (row) => row.requestLogId,
    ),
    whodunnit: reference(
      (row) => row.whodunnitType,
      (row) => row.whodunnitId,
    ),
    resource: reference(
      (row) => row.resourceType,
      (row) => row.resourceId,
    ),
  },
});
