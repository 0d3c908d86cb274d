import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { longer, metadataRule, type OpenRule, type Rule, reserved, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { type ComponentRecord, componentRecords } from './component.records.ts';
import { takenComponents } from './component.uniqueness.ts';

interface Described {
  fingerprint: string;
  name: string;
  metadata: Record<string, unknown>;
}

/** What must hold of a component by itself, whether it comes alone or with its machine (spec/machines.md 9.3). */
export const componentTexts: readonly (Rule<Described> | OpenRule<Described>)[] = [
  ['fingerprint', 'is reserved', 'NOT_ALLOWED', ({ fingerprint }) => reserved(fingerprint)],
  ['fingerprint', tooLong(4096), 'TOO_LONG', ({ fingerprint }) => longer(fingerprint, 4096)],
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  metadataRule,
];

const unique: OpenRule<ComponentRecord> = async (component, { db, changed }) => {
  if (changed !== 'created' || !component.machine) return undefined;
  const detail = (await takenComponents(db, component, [component.fingerprint])).get(component.fingerprint);
  return detail === undefined ? undefined : { subject: 'fingerprint', kind: 'TAKEN', detail };
};

/** spec/machines.md 9.2, 9.3 */
export const componentRules = rules<ComponentRecord>(componentRecords, [
  ['~machine', 'must exist', 'NOT_FOUND', ({ machine }) => !machine],
  compatibleWith<ComponentRecord>([['machine', ({ machine }) => machine]]),
  unique,
  ...componentTexts,
]);
