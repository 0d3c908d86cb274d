import { equalsThroughLower } from '../kernel/database/columns.ts';
import { type Row, records } from '../kernel/database/records.ts';
import { environments } from './environment.table.ts';

export const environmentRecords = records(environments, {
  type: 'environments',
  noun: 'environment',
  aliases: [(code) => equalsThroughLower(environments.code, code)],
});
export type EnvironmentRecord = Row<typeof environmentRecords>;
