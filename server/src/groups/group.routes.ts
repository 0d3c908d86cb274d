import { and, eq, type PgColumn, type SQL } from '../kernel/database/drizzle.ts';
import type { AccountTable } from '../kernel/database/records.ts';
import type { Change } from '../kernel/events/change.ts';
import { attachable } from '../kernel/jsonapi/attach.ts';
import { idOf, newRow, resource } from '../kernel/jsonapi/resource.ts';
import { licenses } from '../licenses/license.table.ts';
import { machines } from '../machines/machine.table.ts';
import { userRecords } from '../users/user.records.ts';
import { users } from '../users/user.table.ts';
import { groupAccess as access, groupOwnerAccess } from './group.access.ts';
import { groupDocument as document, groupOwnerDocument } from './group.document.ts';
import { memberLicenses, memberMachines, memberUsers } from './group.members.ts';
import { type GroupRecord, groupOwnerRecords, groupRecords as records } from './group.records.ts';
import { groupRules as rules } from './group.rules.ts';
import { createGroup, updateGroup } from './group.schema.ts';
import { groupOwners } from './group.table.ts';

const members: readonly (AccountTable & { groupId: PgColumn })[] = [users, licenses, machines];

/** Members stay, without a group (spec/licensing.md 4.2). Ownerships go by cascade. */
async function release({ accountId, id }: GroupRecord, change: Change): Promise<void> {
  for (const table of members)
    await change.db
      .update(table)
      .set({ groupId: null } as never)
      .where(and(eq(table.accountId, accountId), eq(table.groupId, id)));
}

const inGroup =
  (column: PgColumn) =>
  ({ id }: GroupRecord): SQL =>
    eq(column, id);

/** A group itself is looked up in the whole account, what is below it in the bearer's set (spec/licensing.md 4). */
const find = { wholeAccount: true };

/** spec/licensing.md 4 */
export default resource({ records, document, access, rules }, (on) => {
  on.list({ can: 'list' });
  on.show({ can: 'show', find });
  on.create({
    can: 'create',
    body: createGroup,
    emits: 'group.created',
    draft: ({ data }, context) => ({
      ...{ maxUsers: null, maxLicenses: null, maxMachines: null, metadata: {} },
      ...data.attributes,
      ...newRow(context, { environmentId: idOf(data.relationships.environment) }),
    }),
  });
  on.update({ can: 'update', find, body: updateGroup, emits: 'group.updated' });
  on.remove({ can: 'delete', find, emits: 'group.deleted', before: release });

  on.children('owners', {
    can: 'show-owners',
    of: { records: groupOwnerRecords, document: groupOwnerDocument, access: groupOwnerAccess },
    children: inGroup(groupOwners.groupId),
  });
  attachable(on, 'owners', {
    can: { attach: 'attach-owners', detach: 'detach-owners' },
    items: userRecords,
    joins: { records: groupOwnerRecords, document: groupOwnerDocument, parent: 'groupId', item: 'userId' },
    emits: 'group.owners',
    unbounded: true,
    absent: (id) => `owner relationship for user '${id}' not found`,
  });
  on.children('users', { can: 'show-users', of: memberUsers, children: inGroup(users.groupId) });
  on.children('licenses', { can: 'show-licenses', of: memberLicenses.of, each: memberLicenses.each, children: inGroup(licenses.groupId) });
  on.children('machines', { can: 'show-machines', of: memberMachines.of, each: memberMachines.each, children: inGroup(machines.groupId) });
});
