import { document } from '../kernel/jsonapi/document.ts';
import { type EnvironmentRecord, environmentRecords } from './environment.records.ts';

/** spec/environments.md 1.1 */
export const environmentDocument = document<EnvironmentRecord>(environmentRecords, {
  attributes: { name: 'name', code: 'code', isolationStrategy: 'isolationStrategy' },
});
