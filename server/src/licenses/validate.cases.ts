/** The table of validate.test.ts: states and scopes. Cases are rows; see validate.machine-cases.ts for the rest. */

import type { Facts, MachineFact, Scope, ValidationLicense, ValidationPolicy, validationCodes } from './validate.facts.ts';
import type { quickValidation } from './validate.ts';

/** The instant at which all cases are judged. */
export const now = new Date('2024-03-31T12:00:00.000Z');
/** The instant some seconds before it. */
export const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

const unlimited = { maxMachines: null, maxProcesses: null, maxUsers: null, maxCores: null, maxMemory: null, maxDisk: null, maxUses: null };

export const plainPolicy: ValidationPolicy = {
  ...unlimited,
  id: 'policy-1',
  strict: false,
  floating: false,
  expirationStrategy: 'RESTRICT_ACCESS',
  overageStrategy: 'NO_OVERAGE',
  machineMatchingStrategy: null,
  componentMatchingStrategy: null,
  machineLeasingStrategy: null,
  processLeasingStrategy: null,
  requireCheckIn: false,
  checkInInterval: null,
  checkInIntervalCount: null,
  requireHeartbeat: false,
  heartbeatDuration: null,
  requireEnvironmentScope: false,
  requireProductScope: false,
  requirePolicyScope: false,
  requireUserScope: false,
  requireMachineScope: false,
  requireFingerprintScope: false,
  requireComponentsScope: false,
  requireChecksumScope: false,
  requireVersionScope: false,
};

const plainLicense: Omit<ValidationLicense, 'policy'> = {
  ...unlimited,
  suspended: false,
  expiry: null,
  lastCheckInAt: null,
  productId: 'product-1',
  environment: null,
  owner: null,
  usersCount: 0,
  machinesCount: 1,
  machinesCoreCount: 0,
  machinesMemory: 0n,
  machinesDisk: 0n,
};

type Change = Partial<Omit<ValidationLicense, 'policy'>> & { policy?: Partial<ValidationPolicy> };
/** A license that is valid but for the changes. */
export const licenseOf = ({ policy, ...license }: Change): ValidationLicense => ({ ...plainLicense, ...license, policy: { ...plainPolicy, ...policy } });

export const jane = { id: 'user-1', email: 'jane@customer.example', bannedAt: null };
export const john = { id: 'user-2', email: 'john@customer.example' };
export const machine: MachineFact = { id: 'machine-1', owner: null, createdAt: ago(10_000), lastHeartbeatAt: null, maxProcesses: null };
export const dead: MachineFact = { ...machine, id: 'machine-2', lastHeartbeatAt: ago(601) };
export const beating: MachineFact = { ...machine, id: 'machine-3', lastHeartbeatAt: ago(600) };

export const expired = { expiry: ago(0.001) };
export const strict = { policy: { strict: true } };
export const floating = { policy: { strict: true, floating: true } };
export const shared = { id: 'environment-1', code: 'sandbox' };

/** A license, its scope and the facts, with the verdict that they must get; `valid` is false unless given. */
export interface Case {
  of: Change;
  scope?: Scope | typeof quickValidation;
  facts?: Facts;
  code: (typeof validationCodes)[number];
  detail: string;
  valid?: boolean;
}

export const ok = { code: 'VALID', detail: 'is valid', valid: true } as const;
const isExpired = { code: 'EXPIRED', detail: 'is expired' } as const;
const noUser = { code: 'USER_SCOPE_MISMATCH', detail: 'user scope does not match' } as const;
const overdueBy = (seconds: number) => ({ lastCheckInAt: new Date(new Date('2024-02-29T12:00:00.000Z').getTime() - seconds * 1000) });
const monthly = { requireCheckIn: true, checkInInterval: 'month', checkInIntervalCount: 1 };

/** Rules 2 to 5, 17, 26. */
export const states: [string, Case][] = [
  ['a plain license', { of: {}, ...ok }],
  ['the owner is banned, whatever else', { of: { owner: { ...jane, bannedAt: ago(1) }, suspended: true, ...expired }, code: 'BANNED', detail: 'is banned' }],
  [
    'suspended and expired',
    { of: { suspended: true, ...expired, policy: { expirationStrategy: 'REVOKE_ACCESS' } }, code: 'SUSPENDED', detail: 'is suspended' },
  ],
  [
    'expired, revoking, before the check-in',
    { of: { ...expired, ...overdueBy(1), policy: { ...monthly, expirationStrategy: 'REVOKE_ACCESS' } }, ...isExpired },
  ],
  ['expired, strategy unset, before the scopes', { of: { ...expired, policy: { expirationStrategy: null } }, scope: { product: 'other' }, ...isExpired }],
  ['expiry at this instant', { of: { expiry: now, policy: { expirationStrategy: 'REVOKE_ACCESS' } }, ...ok }],
  [
    'overdue for check-in, before the scopes',
    { of: { ...overdueBy(0.001), policy: monthly }, scope: { product: 'other' }, code: 'OVERDUE', detail: 'is overdue for check in' },
  ],
  ['check-in just due', { of: { ...overdueBy(0), policy: monthly }, ...ok }],
  ['never checked in', { of: { policy: monthly }, ...ok }],
  ['check-in not required any more', { of: { ...overdueBy(1e6), policy: { ...monthly, requireCheckIn: false } }, ...ok }],
  ['expired, restricting, not strict', { of: expired, ...isExpired }],
  ['expired, maintaining, not strict', { of: { ...expired, policy: { expirationStrategy: 'MAINTAIN_ACCESS' } }, ...isExpired, valid: true }],
  ['expired, allowing, not strict', { of: { ...expired, policy: { expirationStrategy: 'ALLOW_ACCESS' } }, ...isExpired, valid: true }],
  ['expired, restricting, strict', { of: { ...expired, ...strict }, ...isExpired }],
  ['expired, maintaining, strict', { of: { ...expired, policy: { strict: true, expirationStrategy: 'MAINTAIN_ACCESS' } }, ...isExpired, valid: true }],
  ['expired, allowing, strict', { of: { ...expired, policy: { strict: true, expirationStrategy: 'ALLOW_ACCESS' } }, ...isExpired, valid: true }],
  [
    'expired, allowing, with a wrong scope',
    {
      of: { ...expired, policy: { expirationStrategy: 'ALLOW_ACCESS' } },
      scope: { product: 'other' },
      code: 'PRODUCT_SCOPE_MISMATCH',
      detail: 'product scope does not match',
    },
  ],
];

/** The case of a scope that the policy requires and the request lacks. */
export const required = (policy: Partial<ValidationPolicy>, name: string, code: Case['code'], scope?: Scope): [string, Case] => [
  `no ${name} scope though it is required`,
  { of: { policy }, scope, code, detail: `${name} scope is required` },
];

/** Rules 6 to 10, 14, 15. */
export const scopes: [string, Case][] = [
  ['environment by code', { of: { environment: shared }, scope: { environment: 'sandbox' }, ...ok }],
  ['environment by id', { of: { environment: shared }, scope: { environment: 'environment-1' }, ...ok }],
  ['null environment of a global license', { of: { policy: { requireEnvironmentScope: true } }, scope: { environment: null }, ...ok }],
  [
    'null environment of another',
    { of: { environment: shared }, scope: { environment: null }, code: 'ENVIRONMENT_SCOPE_MISMATCH', detail: 'environment scope does not match' },
  ],
  ['other environment', { of: {}, scope: { environment: 'sandbox' }, code: 'ENVIRONMENT_SCOPE_MISMATCH', detail: 'environment scope does not match' }],
  required({ requireEnvironmentScope: true, requireProductScope: true }, 'environment', 'ENVIRONMENT_SCOPE_REQUIRED', { product: 'product-1' }),
  ['its product', { of: { policy: { requireProductScope: true } }, scope: { product: 'product-1' }, ...ok }],
  ['other product', { of: {}, scope: { product: 'product-2', policy: 'other' }, code: 'PRODUCT_SCOPE_MISMATCH', detail: 'product scope does not match' }],
  required({ requireProductScope: true }, 'product', 'PRODUCT_SCOPE_REQUIRED', {}),
  ['its policy', { of: { policy: { requirePolicyScope: true } }, scope: { policy: 'policy-1' }, ...ok }],
  ['other policy', { of: {}, scope: { policy: 'policy-2', user: 'nobody' }, code: 'POLICY_SCOPE_MISMATCH', detail: 'policy scope does not match' }],
  required({ requirePolicyScope: true }, 'policy', 'POLICY_SCOPE_REQUIRED'),

  ['owner by id', { of: { owner: jane, policy: { requireUserScope: true } }, scope: { user: 'user-1' }, ...ok }],
  ['owner by email in another case', { of: { owner: jane }, scope: { user: 'Jane@Customer.example' }, ...ok }],
  ['attached user', { of: { owner: jane }, scope: { user: 'john@customer.example' }, facts: { user: john }, ...ok }],
  ['attached user of a license without owner', { of: {}, scope: { user: 'user-2' }, facts: { user: john }, ...ok }],
  ['stranger', { of: { owner: jane }, scope: { user: 'user-3' }, facts: { user: null }, ...noUser }],
  ['null user, no owner', { of: { usersCount: 3, policy: { requireUserScope: true } }, scope: { user: null }, ...ok }],
  ['null user, an owner', { of: { owner: jane }, scope: { user: null }, ...noUser }],
  required({ requireUserScope: true }, 'user', 'USER_SCOPE_REQUIRED'),

  ['no entitlements asked for', { of: {}, scope: { entitlements: [] }, code: 'ENTITLEMENTS_SCOPE_EMPTY', detail: 'entitlements scope is empty' }],
  ['entitlements it has', { of: {}, scope: { entitlements: ['A', 'B', 'A'] }, facts: { entitlements: ['B', 'A', 'C'] }, ...ok }],
  [
    'an entitlement in another case',
    {
      of: {},
      scope: { entitlements: ['a'] },
      facts: { entitlements: ['A'] },
      code: 'ENTITLEMENTS_MISSING',
      detail: 'is missing one or more required entitlements',
    },
  ],
  [
    'one entitlement of two',
    {
      of: {},
      scope: { entitlements: ['A', 'B'] },
      facts: { entitlements: ['A'] },
      code: 'ENTITLEMENTS_MISSING',
      detail: 'is missing one or more required entitlements',
    },
  ],

  [
    'checksum of an accessible artifact',
    { of: { policy: { requireChecksumScope: true } }, scope: { checksum: 'c' }, facts: { checksum: { version: '1.0.0' } }, ...ok },
  ],
  [
    'unknown checksum',
    {
      of: {},
      scope: { checksum: 'c' },
      facts: { checksum: null },
      code: 'CHECKSUM_SCOPE_MISMATCH',
      detail: 'checksum scope is not valid (does not match any accessible artifacts)',
    },
  ],
  required({ requireChecksumScope: true }, 'checksum', 'CHECKSUM_SCOPE_REQUIRED'),
  ['version of an accessible release', { of: { policy: { requireVersionScope: true } }, scope: { version: '1.0.0' }, facts: { version: true }, ...ok }],
  [
    'unknown version',
    {
      of: {},
      scope: { version: '1.0.0' },
      facts: { version: false },
      code: 'VERSION_SCOPE_MISMATCH',
      detail: 'version scope is not valid (does not match any accessible releases)',
    },
  ],
  required({ requireVersionScope: true }, 'version', 'VERSION_SCOPE_REQUIRED'),
];
