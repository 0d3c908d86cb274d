import { adminFailures } from '../accounts/embedded-admins.ts';
import { codeRules } from '../kernel/jsonapi/code-rules.ts';
import { longer, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import type { UserRecord } from '../users/user.records.ts';
import { type EnvironmentRecord, environmentRecords } from './environment.records.ts';
import { isolationStrategies } from './environment.schema.ts';

/** A new environment comes with its admins. */
export type EnvironmentDraft = EnvironmentRecord & { admins?: readonly UserRecord[] };

/** spec/environments.md 1.5 */
export const environmentRules = rules<EnvironmentDraft>(environmentRecords, [
  ({ admins = [] }, facts) => adminFailures(admins, facts, { indexed: false }),
  ...codeRules(environmentRecords.table),
  ['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)],
  ['isolationStrategy', 'unsupported isolation strategy', 'NOT_ALLOWED', ({ isolationStrategy }) => !isolationStrategies.includes(isolationStrategy)],
]);
