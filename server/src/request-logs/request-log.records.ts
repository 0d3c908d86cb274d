import { type Row, records } from '../kernel/database/records.ts';
import { requestLogs } from './request-log.table.ts';

export const requestLogRecords = records(requestLogs, { type: 'request-logs', noun: 'request log' });
export type RequestLogRecord = Row<typeof requestLogRecords>;
