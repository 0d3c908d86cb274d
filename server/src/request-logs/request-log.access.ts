import { access, always, lax } from '../kernel/access/access.ts';
import type { RequestLogRecord } from './request-log.records.ts';

const readers = always('admin', 'developer', 'read-only', 'environment');

/** spec/events.md 7.4 */
export const requestLogAccess = access<RequestLogRecord, 'list' | 'show'>({
  visible: { staff: true, environment: true, product: false, user: false, license: false, anonymous: false },
  may: { list: lax('request-log.read', readers), show: lax('request-log.read', readers) },
});
