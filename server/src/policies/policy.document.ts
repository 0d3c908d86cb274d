import { document, many, one } from '../kernel/jsonapi/document.ts';
import { type PolicyRecord, policyRecords } from './policy.records.ts';

const shown = [
  ...(['name', 'duration', 'strict', 'floating', 'usePool'] as const),
  ...(['maxMachines', 'maxProcesses', 'maxUsers', 'maxCores', 'maxMemory', 'maxDisk', 'maxUses'] as const),
  ...(['machineUniquenessStrategy', 'machineMatchingStrategy', 'componentUniquenessStrategy', 'componentMatchingStrategy'] as const),
  ...(['expirationStrategy', 'expirationBasis', 'renewalBasis', 'transferStrategy', 'authenticationStrategy'] as const),
  ...(['machineLeasingStrategy', 'processLeasingStrategy', 'overageStrategy', 'scheme', 'encrypted', 'protected'] as const),
  ...(['requireProductScope', 'requirePolicyScope', 'requireMachineScope', 'requireFingerprintScope', 'requireComponentsScope'] as const),
  ...(['requireUserScope', 'requireChecksumScope', 'requireVersionScope'] as const),
  ...(['requireCheckIn', 'checkInInterval', 'checkInIntervalCount'] as const),
  ...(['heartbeatDuration', 'heartbeatCullStrategy', 'heartbeatResurrectionStrategy', 'heartbeatBasis', 'requireHeartbeat', 'metadata'] as const),
] satisfies (keyof PolicyRecord)[];

export const policyDocument = document<PolicyRecord>(policyRecords, {
  attributes: Object.fromEntries(shown.map((name) => [name, name])),
  relationships: {
    product: one('products', (policy) => policy.productId, 'product'),
    pool: many('pool'),
    licenses: many('licenses'),
    entitlements: many('entitlements'),
  },
});
