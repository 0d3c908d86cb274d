/** What must hold of a license (spec/licenses.md 1.2, 4.3, 9, 10). */
import { groups } from '../groups/group.table.ts';
import { groupLimit } from '../groups/group-limit.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { and, eq, ne, type SQL } from '../kernel/database/drizzle.ts';
import type { AccountTable } from '../kernel/database/records.ts';
import { parseUuid } from '../kernel/id.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { permissionsRule } from '../kernel/jsonapi/permission-rules.ts';
import { type Facts, longer, metadataRule, type OpenRule, type Rule, reserved, rules, shorter, tooLong, tooShort, touches } from '../kernel/jsonapi/rules.ts';
import type { Policy } from '../policies/policy.table.ts';
import { products } from '../products/product.table.ts';
import { transferConflict } from './expiry.ts';
import { isLegacy } from './license.document.ts';
import { type LicenseRecord, licenseRecords } from './license.records.ts';
import { effectiveLimit } from './license.status.ts';
import { licenses, licenseUsers } from './license.table.ts';
import { admits } from './overage.ts';

/** A new license's policy is null when there is none of the id that was sent. */
const policyOf = (license: LicenseRecord): Policy | null => license.policy;

const created = (facts: Facts): boolean => facts.changed === 'created';

async function exists({ db }: Facts, table: AccountTable, accountId: string, where: SQL | undefined): Promise<boolean> {
  const found = await db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.accountId, accountId), where))
    .limit(1);
  return found.length > 0;
}

/** Another license than this one. */
const another = (license: LicenseRecord, facts: Facts, where: SQL): Promise<boolean> =>
  exists(facts, licenses, license.accountId, and(ne(licenses.id, license.id), where));

async function inEnvironmentOf(facts: Facts, table: typeof groups | typeof products, accountId: string, id: string) {
  const [found] = await facts.db
    .select({ environmentId: table.environmentId })
    .from(table)
    .where(and(eq(table.accountId, accountId), eq(table.id, id)));
  return found;
}

const compatible = compatibleWith<LicenseRecord>([
  ['policy', policyOf],
  // a global license's product is global because its policy is
  [
    'product',
    ({ accountId, environmentId, productId }, facts) =>
      environmentId === null || productId === '' ? null : inEnvironmentOf(facts, products, accountId, productId),
  ],
  ['group', ({ accountId, groupId }, facts) => (groupId === null ? null : inEnvironmentOf(facts, groups, accountId, groupId))],
  ['owner', ({ owner }) => owner],
]);

type Limit = 'maxMachines' | 'maxCores' | 'maxMemory' | 'maxDisk' | 'maxUses' | 'maxProcesses' | 'maxUsers';
const largest32 = 2_147_483_647n;
const largest64 = 9_223_372_036_854_775_807n;

/** An override within its bounds; null and 0 are none (spec/licenses.md 1.2). */
const bounded = (name: Limit, minimum: number, maximum: bigint): Rule<LicenseRecord>[] => {
  const set = (license: LicenseRecord) => license[name] ?? 0;
  return [
    [name, `must be greater than or equal to ${minimum}`, 'INVALID', (license) => Number(set(license)) !== 0 && set(license) < minimum],
    [name, `must be less than or equal to ${maximum}`, 'INVALID', (license) => set(license) > maximum],
  ];
};

const maxMachinesUnlike = (floating: boolean, fits: (count: number) => boolean) => (license: LicenseRecord) =>
  policyOf(license)?.floating === floating && Boolean(license.maxMachines) && !fits(license.maxMachines!);

const limitRules: Rule<LicenseRecord>[] = [
  ...bounded('maxMachines', 0, largest32),
  ['maxMachines', 'must be greater than or equal to 1 for floating policy', 'INVALID', maxMachinesUnlike(true, (count) => count >= 1)],
  ['maxMachines', 'must be equal to 1 for non-floating policy', 'INVALID', maxMachinesUnlike(false, (count) => Number(count) === 1)],
  ...bounded('maxCores', 1, largest32),
  ...bounded('maxMemory', 1, largest64),
  ...bounded('maxDisk', 1, largest64),
  ...bounded('maxUses', 0, largest32),
  ...bounded('maxProcesses', 0, largest32),
  ...bounded('maxUsers', 0, largest32),
];

const shortestKey = (license: LicenseRecord): number => (policyOf(license)?.scheme ? 1 : 6);

/** Of the key that the client chose; the final one of a scheme is only made afterwards. */
const keyRule =
  (fails: (license: LicenseRecord, facts: Facts) => boolean | Promise<boolean>) =>
  (license: LicenseRecord, facts: Facts): boolean | Promise<boolean> =>
    created(facts) && license.key !== '' && fails(license, facts);

const sameId = (key: string): SQL | undefined => {
  const id = parseUuid(key);
  return id === undefined ? undefined : eq(licenses.id, id);
};

/** How many users a license may have, the owner among them (spec/licenses.md 9). */
export const userLimit = (license: LicenseRecord): number | null => effectiveLimit(license.maxUsers, license.policy.maxUsers);

/** Whether a license may have so many users, the owner among them. */
export const admitsUsers = (license: LicenseRecord, count: number): boolean => admits(count, userLimit(license), license.policy.overageStrategy);

export const tooManyUsers = (license: LicenseRecord): string => `user count has exceeded maximum allowed for license (${userLimit(license)})`;

const newOwner = (license: LicenseRecord, facts: Facts): boolean => !created(facts) && touches(facts, 'ownerId') && license.ownerId !== null;

/** spec/licenses.md 4.3; on updates those that what changed calls for. */
export const licenseRules = rules<LicenseRecord>(licenseRecords, [
  ['~policy', 'must exist', 'NOT_FOUND', (license) => policyOf(license) === null],
  compatible,
  permissionsRule<LicenseRecord>('license'),
  ['~owner', 'must exist', 'NOT_FOUND', ({ ownerId, owner }, facts) => touches(facts, 'ownerId') && ownerId !== null && owner === null],
  ['~users', tooManyUsers, 'LIMIT_EXCEEDED', (license, facts) => newOwner(license, facts) && !admitsUsers(license, license.usersCount + 1)],
  [
    '~owner',
    'already exists (user is attached through users)',
    'INVALID',
    (license, facts) =>
      newOwner(license, facts) &&
      exists(facts, licenseUsers, license.accountId, and(eq(licenseUsers.licenseId, license.id), eq(licenseUsers.userId, license.ownerId!))),
  ],
  [
    '~group',
    'must exist',
    'NOT_FOUND',
    async ({ accountId, groupId }, facts) => groupId !== null && touches(facts, 'groupId') && !(await exists(facts, groups, accountId, eq(groups.id, groupId))),
  ],
  [
    'id',
    'must not conflict with another license',
    'CONFLICT',
    ({ accountId, id, hasChosenId }, facts) => Boolean(hasChosenId) && exists(facts, licenses, accountId, eq(licenses.id, id)),
  ],
  [
    'key',
    "must not conflict with another license's identifier (UUID)",
    'CONFLICT',
    keyRule((license, facts) => {
      const id = sameId(license.key);
      return id !== undefined && another(license, facts, id);
    }),
  ],
  [
    'key',
    'cannot be specified for a legacy encrypted license',
    'NOT_SUPPORTED',
    keyRule((license) => {
      const policy = policyOf(license);
      return policy !== null && isLegacy(policy);
    }),
  ],
  groupLimit('license', licenses),
  metadataRule,
  ['key', 'is reserved', 'NOT_ALLOWED', keyRule(({ key }) => reserved(key))],
  ['key', 'has already been taken', 'TAKEN', keyRule((license, facts) => another(license, facts, equalsHashed(licenses.key, license.key)))],
  ['key', tooLong(16384), 'TOO_LONG', keyRule(({ key }) => longer(key, 16384))],
  ['key', (license) => tooShort(shortestKey(license)), 'TOO_SHORT', keyRule((license) => shorter(license.key, shortestKey(license)))],
  ['name', tooLong(1024), 'TOO_LONG', ({ name }) => longer(name, 1024)],
  ...limitRules,
]);

/** Besides, for a license that moves from one policy to another (spec/licenses.md 10.1). */
export const transferRule =
  (current: Policy): OpenRule<LicenseRecord> =>
  (license) => {
    const next = policyOf(license);
    const detail = next === null ? undefined : transferConflict(current, next);
    return detail === undefined ? undefined : { subject: '~policy', kind: 'NOT_COMPATIBLE', detail };
  };
