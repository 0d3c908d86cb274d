import { type Row, records } from '../kernel/database/records.ts';
import { policies } from './policy.table.ts';

export const policyRecords = records(policies, { type: 'policies', noun: 'policy' });
export type PolicyRecord = Row<typeof policyRecords>;
