import { sorted } from '../kernel/access/permissions.ts';
import { document, many, one, wireInteger } from '../kernel/jsonapi/document.ts';
import { licensePermissions } from '../tokens/bearer.ts';
import { type LicenseRecord, licenseRecords } from './license.records.ts';
import { effectiveLimit, licenseStatus, nextCheckIn } from './license.status.ts';

type Limit = 'maxMachines' | 'maxProcesses' | 'maxUsers' | 'maxCores' | 'maxMemory' | 'maxDisk' | 'maxUses';
const limit = (name: Limit) => (license: LicenseRecord) => effectiveLimit<number | bigint>(license[name], license.policy[name]);

/** Whether only the digest of the key is stored (spec/licenses.md 7.3). */
export const isLegacy = (policy: { encrypted: boolean; scheme: string | null }): boolean => policy.encrypted || policy.scheme === 'LEGACY_ENCRYPT';

/** The flag in force: the license's own, else its policy's (spec/licenses.md 1). */
export const isProtected = (license: Pick<LicenseRecord, 'protected' | 'policy'>): boolean => license.protected ?? license.policy.protected;

/** spec/licenses.md 1, 2 */
export const licenseDocument = document<LicenseRecord>(licenseRecords, {
  attributes: {
    name: 'name',
    key: (license, view) => (isLegacy(license.policy) ? (view.context === 'response' ? license.rawKey : undefined) : license.key),
    expiry: 'expiry',
    status: (license, { now }) => licenseStatus(license, now),
    uses: 'uses',
    suspended: 'suspended',
    scheme: ({ policy }) => policy.scheme,
    encrypted: ({ policy }) => policy.encrypted,
    strict: ({ policy }) => policy.strict,
    floating: ({ policy }) => policy.floating,
    protected: isProtected,
    version: 'lastValidatedVersion',
    maxMachines: limit('maxMachines'),
    maxProcesses: limit('maxProcesses'),
    maxUsers: limit('maxUsers'),
    maxCores: limit('maxCores'),
    maxMemory: limit('maxMemory'),
    maxDisk: limit('maxDisk'),
    maxUses: limit('maxUses'),
    requireHeartbeat: ({ policy }) => policy.requireHeartbeat,
    requireCheckIn: ({ policy }) => policy.requireCheckIn,
    lastValidated: 'lastValidatedAt',
    lastCheckIn: 'lastCheckInAt',
    nextCheckIn: (license) => nextCheckIn(license, license.policy),
    lastCheckOut: 'lastCheckOutAt',
    permissions: (license) => sorted(licensePermissions(license, license.owner)),
    metadata: 'metadata',
  },
  relationships: {
    product: one('products', ({ productId }) => productId, 'product'),
    policy: one('policies', ({ policyId }) => policyId, 'policy'),
    group: one('groups', ({ groupId }) => groupId, 'group'),
    owner: one('users', ({ ownerId }) => ownerId, 'owner'),
    users: many('users', ({ usersCount, ownerId }) => ({ count: usersCount + (ownerId === null ? 0 : 1) })),
    machines: many('machines', (license) => ({
      cores: license.machinesCoreCount,
      memory: wireInteger(license.machinesMemory),
      disk: wireInteger(license.machinesDisk),
      count: license.machinesCount,
    })),
    tokens: many('tokens'),
    entitlements: many('entitlements'),
  },
});
