import { mustExist } from '../kernel/jsonapi/association-rules.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { longer, metadataRule, type Rule, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { type Product, products } from '../products/product.table.ts';
import { overageRules } from './overage.rules.ts';
import { type PolicyEnum, policyEnums, schemes } from './policy.enums.ts';
import { type PolicyRecord, policyRecords } from './policy.records.ts';

/** A draft comes with its product, if there is such a product. */
export type PolicyDraft = PolicyRecord & { product?: Product | null };
type Figure = 'duration' | 'heartbeatDuration' | 'maxMachines' | 'maxProcesses' | 'maxUsers' | 'maxCores' | 'maxMemory' | 'maxDisk' | 'maxUses';

const largest32 = 2147483647n;
const largest64 = 9223372036854775807n;

const below = (value: number | bigint | null, least: number): boolean => value !== null && value < least;
/** @param words what follows the number in the detail */
const atLeast = (name: Figure, least: number, words = ''): Rule<PolicyDraft> => [
  name,
  `must be greater than or equal to ${least}${words}`,
  'INVALID',
  (policy) => below(policy[name], least),
];
const positive = (name: Figure): Rule<PolicyDraft> => [name, 'must be greater than 0', 'INVALID', (policy) => below(policy[name], 1)];
const atMost = (name: Figure, most = largest32): Rule<PolicyDraft> => [
  name,
  `must be less than or equal to ${most}`,
  'INVALID',
  (policy) => policy[name] !== null && policy[name] > most,
];

/** `machineUniquenessStrategy` → `unsupported machine uniqueness strategy`. Strategies of imported policies may be null. */
const enumerations = (...names: PolicyEnum[]): Rule<PolicyDraft>[] =>
  names.map((name) => [
    name,
    `unsupported ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
    'NOT_ALLOWED',
    (policy) => policy[name] !== null && !(policyEnums[name] as readonly string[]).includes(policy[name]),
  ]);

const intervals = ['day', 'week', 'month', 'year'];
const isCount = (count: number | null): boolean => count !== null && count >= 1 && count <= 365;

/** spec/licensing.md 2.6, in its order */
export const policyRules = rules<PolicyDraft>(policyRecords, [
  mustExist<PolicyDraft>('product', products, ({ productId }) => productId),
  compatibleWith<PolicyDraft>([['product', ({ product }) => product]]),
  ['name', "can't be blank", 'MISSING', ({ name }) => name.trim() === ''],
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  positive('duration'),
  atMost('duration'),
  atLeast('duration', 86400, ' (1 day)'),
  positive('heartbeatDuration'),
  atMost('heartbeatDuration'),
  atLeast('heartbeatDuration', 60, ' (1 minute)'),
  atLeast('maxMachines', 0),
  atMost('maxMachines'),
  [
    'maxMachines',
    'must be greater than or equal to 1 for floating policy',
    'INVALID',
    ({ floating, maxMachines }) => floating && maxMachines !== null && maxMachines < 1,
  ],
  [
    'maxMachines',
    'must be equal to 1 for non-floating policy',
    'INVALID',
    ({ floating, maxMachines }) => !floating && maxMachines !== null && maxMachines !== 1,
  ],
  atLeast('maxCores', 1),
  atMost('maxCores'),
  atLeast('maxMemory', 1),
  atMost('maxMemory', largest64),
  atLeast('maxDisk', 1),
  atMost('maxDisk', largest64),
  atLeast('maxUses', 0),
  atMost('maxUses'),
  [
    'checkInInterval',
    'must be one of: day, week, month, year',
    'NOT_ALLOWED',
    ({ requireCheckIn, checkInInterval }) => requireCheckIn && !intervals.includes(checkInInterval ?? ''),
  ],
  [
    'checkInIntervalCount',
    'must be a number between 1 and 365 inclusive',
    'NOT_ALLOWED',
    ({ requireCheckIn, checkInIntervalCount }) => requireCheckIn && !isCount(checkInIntervalCount),
  ],
  [
    'scheme',
    'unsupported encryption scheme (scheme must be LEGACY_ENCRYPT for legacy encrypted policies)',
    'NOT_ALLOWED',
    ({ encrypted, scheme }) => encrypted && scheme !== null && scheme !== 'LEGACY_ENCRYPT',
  ],
  ['scheme', 'unsupported signing scheme', 'NOT_ALLOWED', ({ scheme }) => scheme !== null && !schemes.includes(scheme)],
  ...enumerations('machineUniquenessStrategy', 'machineMatchingStrategy', 'componentUniquenessStrategy', 'componentMatchingStrategy'),
  ...enumerations('expirationStrategy', 'expirationBasis', 'renewalBasis'),
  metadataRule,
  ...enumerations('authenticationStrategy', 'heartbeatCullStrategy'),
  [
    'heartbeatCullStrategy',
    'incompatible heartbeat cull strategy (must be KEEP_DEAD when resurrection strategy is ALWAYS_REVIVE)',
    'NOT_ALLOWED',
    ({ heartbeatResurrectionStrategy, heartbeatCullStrategy }) => heartbeatResurrectionStrategy === 'ALWAYS_REVIVE' && heartbeatCullStrategy !== 'KEEP_DEAD',
  ],
  ...enumerations('heartbeatResurrectionStrategy', 'heartbeatBasis', 'transferStrategy', 'machineLeasingStrategy', 'processLeasingStrategy'),
  positive('maxProcesses'),
  atMost('maxProcesses'),
  positive('maxUsers'),
  atMost('maxUsers'),
  ...enumerations('overageStrategy'),
  ...overageRules,
  ['encrypted', 'cannot be encrypted and use a pool', 'NOT_SUPPORTED', ({ usePool, encrypted }) => usePool && encrypted],
  ['scheme', 'cannot use a scheme and use a pool', 'NOT_SUPPORTED', ({ usePool, scheme }) => usePool && scheme !== null],
  ['scheme', 'must be encrypted when using LEGACY_ENCRYPT scheme', 'INVALID', ({ scheme, encrypted }) => scheme === 'LEGACY_ENCRYPT' && !encrypted],
]);
