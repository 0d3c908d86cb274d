import { access, always, lax } from '../kernel/access/access.ts';
import type { EventLogRecord } from './event-log.records.ts';

const readers = always('admin', 'developer', 'read-only', 'environment');

/** spec/events.md 6.3 */
export const eventLogAccess = access<EventLogRecord, 'list' | 'show'>({
  visible: { staff: true, environment: true, product: false, user: false, license: false, anonymous: false },
  may: { list: lax('event-log.read', readers), show: lax('event-log.read', readers) },
});
