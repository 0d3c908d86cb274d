import { factory } from '../testkit/factory.ts';
import { eventLogs } from './event-log.table.ts';
import { inMonth, storedReferences } from './log.factory.ts';

export const eventLogFactory = factory({
  type: 'event_log',
  table: eventLogs,
  aliases: { request_id: 'request_log_id' },
  canonical: storedReferences,
  defaults: ({ now }, given) => ({ event: 'license.created', expires_at: inMonth(given.created_at ?? now) }),
});
