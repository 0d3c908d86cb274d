/** What a new policy has unless the request says otherwise (spec/licensing.md 2.1, spec/http.md 13.5). */

interface Given {
  encrypted?: boolean;
  requireHeartbeat?: boolean;
}

const unconditional = {
  duration: null,
  strict: false,
  floating: false,
  encrypted: false,
  usePool: false,
  maxMachines: null,
  maxProcesses: null,
  maxUsers: null,
  maxCores: null,
  maxMemory: null,
  maxDisk: null,
  maxUses: null,
  machineUniquenessStrategy: 'UNIQUE_PER_LICENSE',
  machineMatchingStrategy: 'MATCH_ANY',
  componentUniquenessStrategy: 'UNIQUE_PER_MACHINE',
  componentMatchingStrategy: 'MATCH_ANY',
  expirationStrategy: 'RESTRICT_ACCESS',
  expirationBasis: 'FROM_CREATION',
  renewalBasis: 'FROM_EXPIRY',
  transferStrategy: 'KEEP_EXPIRY',
  authenticationStrategy: 'TOKEN',
  machineLeasingStrategy: 'PER_LICENSE',
  processLeasingStrategy: 'PER_MACHINE',
  requireProductScope: false,
  requirePolicyScope: false,
  requireMachineScope: false,
  requireFingerprintScope: false,
  requireComponentsScope: false,
  requireUserScope: false,
  requireChecksumScope: false,
  requireVersionScope: false,
  requireEnvironmentScope: false,
  requireCheckIn: false,
  checkInInterval: null,
  checkInIntervalCount: null,
  requireHeartbeat: false,
  heartbeatDuration: null,
  heartbeatCullStrategy: 'DEACTIVATE_DEAD',
  heartbeatResurrectionStrategy: 'NO_REVIVE',
  metadata: {},
};

/** @param version of the request that creates the policy */
export const policyDefaults = (given: Given, version: string) => ({
  ...unconditional,
  scheme: given.encrypted ? 'LEGACY_ENCRYPT' : null,
  overageStrategy: version <= '1.1' ? 'ALWAYS_ALLOW_OVERAGE' : 'NO_OVERAGE',
  heartbeatBasis: version >= '1.3' && given.requireHeartbeat ? 'FROM_CREATION' : 'FROM_FIRST_PING',
});
