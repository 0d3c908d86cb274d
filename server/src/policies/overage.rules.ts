import type { Rule } from '../kernel/jsonapi/rules.ts';
import type { PolicyRecord } from './policy.records.ts';

/** Limits that a fractional factor must leave whole, in the order in which they are looked at. */
const limits = {
  'max machines': 'maxMachines',
  'max cores': 'maxCores',
  'max memory': 'maxMemory',
  'max disk': 'maxDisk',
  'max processes': 'maxProcesses',
  'max users': 'maxUsers',
} as const;

const isDivisible = (limit: number | bigint | null, by: number): boolean => BigInt(limit ?? 0) % BigInt(by) === 0n;

function fractional(strategy: string, by: number): Rule<PolicyRecord>[] {
  const rule = (reason: string, fails: (policy: PolicyRecord) => boolean): Rule<PolicyRecord> => [
    'overageStrategy',
    `incompatible overage strategy (cannot use ${strategy} ${reason})`,
    'NOT_ALLOWED',
    (policy) => policy.overageStrategy === strategy && fails(policy),
  ];
  return [
    rule('for node-locked policy', ({ floating }) => !floating),
    ...Object.entries(limits).map(([words, name]) =>
      rule(`with a ${words} value not divisible by ${by}`, (policy) => (name !== 'maxMachines' || policy.floating) && !isDivisible(policy[name], by)),
    ),
  ];
}

/** spec/licensing.md 2.6, 23 to 25 */
export const overageRules = [...fractional('ALLOW_1_25X_OVERAGE', 4), ...fractional('ALLOW_1_5X_OVERAGE', 2)];
