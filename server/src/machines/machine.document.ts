import { document, many, one } from '../kernel/jsonapi/document.ts';
import { effectiveLimit } from '../licenses/license.status.ts';
import { heartbeatStatus, heartbeatWindow, nextHeartbeat, requiresHeartbeat } from './heartbeat.ts';
import { type MachineRecord, machineRecords } from './machine.records.ts';

/** The limit of processes in force: the machine's own, its license's, its policy's (spec/machines.md 1.1, 3.1). */
export const maxProcessesOf = ({ maxProcesses, license, policy }: Pick<MachineRecord, 'maxProcesses' | 'license' | 'policy'>): number | null =>
  maxProcesses ?? effectiveLimit(license.maxProcesses, policy.maxProcesses);

/** spec/machines.md 1 */
export const machineDocument = document<MachineRecord>(machineRecords, {
  attributes: {
    fingerprint: 'fingerprint',
    cores: 'cores',
    memory: 'memory',
    disk: 'disk',
    ip: 'ip',
    hostname: 'hostname',
    platform: 'platform',
    name: 'name',
    requireHeartbeat: (machine) => requiresHeartbeat(machine, machine.policy),
    heartbeatStatus: (machine, { now }) => heartbeatStatus(machine, machine.policy, now, machine.revived),
    heartbeatDuration: ({ policy }) => heartbeatWindow(policy),
    maxProcesses: maxProcessesOf,
    lastCheckOut: 'lastCheckOutAt',
    lastHeartbeat: 'lastHeartbeatAt',
    nextHeartbeat: (machine) => nextHeartbeat(machine, machine.policy),
    metadata: 'metadata',
  },
  relationships: {
    product: one('products', ({ license }) => license.productId, 'product'),
    group: one('groups', ({ groupId }) => groupId, 'group'),
    license: one('licenses', ({ licenseId }) => licenseId, 'license'),
    owner: one('users', ({ ownerId }) => ownerId, 'owner'),
    components: many('components'),
    processes: many('processes'),
  },
  older: ({ license }) => ({ licenseOwnerId: license.ownerId }),
});
