import { inMonth, storedReferences } from '../event-logs/log.factory.ts';
import { factory } from '../testkit/factory.ts';
import { requestLogs } from './request-log.table.ts';

export const requestLogFactory = factory({
  type: 'request_log',
  table: requestLogs,
  canonical: storedReferences,
  defaults: ({ now }, given) => ({ url: '/v1/licenses', method: 'GET', status: '200', expires_at: inMonth(given.created_at ?? now) }),
});
