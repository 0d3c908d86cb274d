import { document, one } from '../kernel/jsonapi/document.ts';
import { heartbeatStatus, heartbeatWindow, nextHeartbeat } from '../machines/heartbeat.ts';
import { type ProcessRecord, processRecords } from './process.records.ts';

/** spec/machines.md 10.1 */
export const processDocument = document<ProcessRecord>(processRecords, {
  attributes: {
    lastHeartbeat: 'lastHeartbeatAt',
    nextHeartbeat: (process) => nextHeartbeat(process, process.policy),
    interval: ({ policy }) => heartbeatWindow(policy),
    status: (process, { now }) => heartbeatStatus(process, process.policy, now, process.revived),
    pid: 'pid',
    metadata: 'metadata',
  },
  relationships: {
    product: one('products', ({ license }) => license.productId, 'product'),
    license: one('licenses', ({ machine }) => machine.licenseId, 'license'),
    machine: one('machines', ({ machineId }) => machineId, 'machine'),
  },
});
