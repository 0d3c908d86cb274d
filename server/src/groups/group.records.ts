import { type Row, records } from '../kernel/database/records.ts';
import { groupOwners, groups } from './group.table.ts';

export const groupRecords = records(groups, { type: 'groups', noun: 'group' });
export type GroupRecord = Row<typeof groupRecords>;

export const groupOwnerRecords = records(groupOwners, { type: 'group-owners', noun: 'group owner' });
export type GroupOwnerRecord = Row<typeof groupOwnerRecords>;
