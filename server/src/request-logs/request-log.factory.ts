import { factory } from '../testkit/factory.ts';
import { requestLogs } from './request-log.table.ts';

export const requestLogFactory = factory({ type: 'request_log', table: requestLogs, defaults: () => ({ url: '/v1/licenses', method: 'GET', status: '200' }) });
