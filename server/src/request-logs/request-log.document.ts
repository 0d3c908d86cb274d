import { reference } from '../event-logs/reference.ts';
import { document } from '../kernel/jsonapi/document.ts';
import { type RequestLogRecord, requestLogRecords } from './request-log.records.ts';

/** @param whole whether headers and bodies are shown; lists do without */
const documentOf = (whole: boolean) => {
  const long = <T>(value: (row: RequestLogRecord) => T) => (whole ? value : () => null);
  return document<RequestLogRecord>(requestLogRecords, {
    attributes: {
      url: 'url',
      method: 'method',
      status: 'status',
      userAgent: 'userAgent',
      ip: 'ip',
      requestHeaders: long((row) => row.requestHeaders ?? {}),
      requestBody: long((row) => row.requestBody),
      responseSignature: long((row) => row.responseSignature),
      responseHeaders: long((row) => row.responseHeaders ?? {}),
      responseBody: long((row) => row.responseBody),
    },
    relationships: {
      requestor: reference(
        (row) => row.requestorType,
        (row) => row.requestorId,
      ),
      resource: reference(
        (row) => row.resourceType,
        (row) => row.resourceId,
      ),
    },
  });
};

/** spec/events.md 7.1 */
export const requestLogDocument = documentOf(true);
export const requestLogListDocument = documentOf(false);
