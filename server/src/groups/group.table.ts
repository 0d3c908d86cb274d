import { belongsTo, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, integer, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

export const groups = pgTable(
  'groups',
  { ...scopedColumns(), name: text().notNull(), maxUsers: integer(), maxLicenses: integer(), maxMachines: integer(), metadata: metadataColumn() },
  (t) => scopedKeys('groups', t),
);
export type Group = typeof groups.$inferSelect;

export const groupOwners = pgTable('group_owners', { ...scopedColumns(), groupId: uuid().notNull(), userId: uuid().notNull() }, (t) => [
  ...scopedKeys('group_owners', t),
  belongsTo('group_owners_group', t, t.groupId, () => groups),
  uniqueInAccount('group_owners_pair', t, t.groupId, t.userId),
  index('group_owners_by_user').on(t.accountId, t.userId),
]);
export type GroupOwner = typeof groupOwners.$inferSelect;
