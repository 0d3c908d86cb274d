import { type Row, records } from '../kernel/database/records.ts';
import { eventLogs } from './event-log.table.ts';

export const eventLogRecords = records(eventLogs, { type: 'event-logs', noun: 'event log' });
export type EventLogRecord = Row<typeof eventLogRecords>;
