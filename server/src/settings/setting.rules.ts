import { isKnownSet, roleAllows } from '../kernel/access/permissions.ts';
import { isTaken } from '../kernel/jsonapi/code-rules.ts';
import { type OpenRule, rules, touches } from '../kernel/jsonapi/rules.ts';
import { type SettingRecord, settingRecords } from './setting.records.ts';

/** Each setting with the role whose defaults it is. */
export const settingRoles = { default_license_permissions: 'license', default_user_permissions: 'user' } as const;
export type SettingKey = keyof typeof settingRoles;

const isKey = (key: string): key is SettingKey => Object.hasOwn(settingRoles, key);
const isNames = (value: readonly unknown[]): value is string[] => value.every((name) => typeof name === 'string');

const valueRule: OpenRule<SettingRecord> = ({ key, value }) => {
  const failure = (detail: string) => ({ subject: 'value', kind: 'NOT_ALLOWED', detail });
  if (!isKey(key) || !Array.isArray(value)) return failure('must be a valid setting');
  const role = settingRoles[key];
  return isNames(value) && isKnownSet(value) && roleAllows(role, value) ? undefined : failure(`must be an array of valid ${role} permissions`);
};

/** spec/accounts.md 6.2 */
export const settingRules = rules<SettingRecord>(settingRecords, [
  [
    'key',
    'has already been taken',
    'TAKEN',
    (row, facts) => touches(facts, 'key') && isTaken(settingRecords.table, row, settingRecords.table.key, row.key, facts),
  ],
  ['key', `must be one of: ${Object.keys(settingRoles).join(', ')}`, 'NOT_ALLOWED', ({ key }) => !isKey(key)],
  valueRule,
]);
