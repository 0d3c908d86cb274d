import { type Row, records } from '../kernel/database/records.ts';
import { constraints } from './constraint.table.ts';

export const constraintRecords = records(constraints, {
  type: 'constraints',
  noun: 'release entitlement constraint',
  topic: 'release-entitlement-constraints',
});
export type ConstraintRecord = Row<typeof constraintRecords>;
