import { factory } from '../testkit/factory.ts';
import { eventLogs } from './event-log.table.ts';

export const eventLogFactory = factory({ type: 'event_log', table: eventLogs, defaults: () => ({ event: 'license.created' }) });
