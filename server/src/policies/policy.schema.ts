import { body, boolean, environmentRelationship, integer, metadata, type Sender, string, toOne } from '../kernel/http/params.ts';

const until =
  (newest: string) =>
  ({ version }: Sender): boolean =>
    version <= newest;

/** Where an attribute has an old name besides, the new one wins if both are sent (spec/http.md 13.5). */
const attributes = {
  name: string,
  duration: integer.nullable(),
  strict: boolean,
  floating: boolean,
  protected: boolean,
  maxMachines: integer.nullable(),
  maxProcesses: integer.nullable(),
  maxUsers: integer.nullable(),
  maxCores: integer.nullable(),
  maxMemory: integer.nullable(),
  maxDisk: integer.nullable(),
  maxUses: integer.nullable(),
  machineUniquenessStrategy: string,
  machineMatchingStrategy: string,
  fingerprintUniquenessStrategy: string.only(until('1.3')).as('machineUniquenessStrategy'),
  fingerprintMatchingStrategy: string.only(until('1.3')).as('machineMatchingStrategy'),
  componentUniquenessStrategy: string,
  componentMatchingStrategy: string,
  expirationStrategy: string,
  expirationBasis: string,
  renewalBasis: string,
  transferStrategy: string,
  authenticationStrategy: string,
  machineLeasingStrategy: string,
  processLeasingStrategy: string,
  leasingStrategy: string.only(until('1.6')).as('processLeasingStrategy'),
  overageStrategy: string,
  concurrent: boolean.only(until('1.1')),
  requireProductScope: boolean,
  requirePolicyScope: boolean,
  requireMachineScope: boolean,
  requireFingerprintScope: boolean,
  requireComponentsScope: boolean,
  requireUserScope: boolean,
  requireChecksumScope: boolean,
  requireVersionScope: boolean,
  requireCheckIn: boolean,
  checkInInterval: string.nullable(),
  checkInIntervalCount: integer.nullable(),
  requireHeartbeat: boolean,
  heartbeatDuration: integer.nullable(),
  heartbeatCullStrategy: string,
  heartbeatResurrectionStrategy: string,
  heartbeatBasis: string,
  metadata,
};

export const createPolicy = body('policies', {
  attributes: { scheme: string, encrypted: boolean, usePool: boolean, ...attributes },
  relationships: { product: toOne('products').required(), environment: environmentRelationship },
  relationshipsRequired: true,
});
export const updatePolicy = body('policies', { id: 'ignored', attributes });
