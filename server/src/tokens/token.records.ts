import { type Row, records } from '../kernel/database/records.ts';
import { tokens } from './token.table.ts';

export const tokenRecords = records(tokens, { type: 'tokens', noun: 'token' });
export type TokenRecord = Row<typeof tokenRecords>;
