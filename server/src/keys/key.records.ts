import { inner, type Row, records, sameAccount, shared } from '../kernel/database/records.ts';
import { policies } from '../policies/policy.table.ts';
import { keys } from './key.table.ts';

export const keyRecords = records(keys, { type: 'keys', noun: 'key', joins: { policy: shared(inner(policies, sameAccount(keys, keys.policyId, policies))) } });
export type KeyRecord = Row<typeof keyRecords>;
