import { codeRules } from '../kernel/jsonapi/code-rules.ts';
import { longer, metadataRule, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { type EntitlementRecord, entitlementRecords } from './entitlement.records.ts';

/** spec/licensing.md 3 */
export const entitlementRules = rules<EntitlementRecord>(entitlementRecords, [
  ...codeRules(entitlementRecords.table),
  ['name', tooLong(255), 'TOO_LONG', (e) => longer(e.name, 255)],
  metadataRule,
]);
