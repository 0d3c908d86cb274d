/** Who sees and does what with groups (spec/auth.md 11, spec/licensing.md 4). */
import { access, always, any, attaching, type Condition, each, lax, staff, strict } from '../kernel/access/access.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import type { GroupOwnerRecord, GroupRecord } from './group.records.ts';
import { groupIdsOfUser, ownsGroup } from './group.sight.ts';
import { groups } from './group.table.ts';

type Action =
  | ('list' | 'show' | 'create' | 'update' | 'delete')
  | ('show-owners' | 'attach-owners' | 'detach-owners' | 'show-users' | 'show-licenses' | 'show-machines');

/** The bearer belongs to the group. */
const member: Condition<GroupRecord> = (bearer, group) => group.id === bearer.groupId;
const insiders = { ...each<GroupRecord>(any<GroupRecord>(member, ownsGroup), 'user'), ...each<GroupRecord>(member, 'license') };
const readers = { ...staff, ...always('environment', 'product') };
const writers = always('admin', 'developer', 'environment', 'product');
const overseers = { ...readers, ...each<GroupRecord>(ownsGroup, 'user') };

export const groupAccess = access<GroupRecord, Action>({
  visible: {
    staff: true,
    environment: true,
    product: true,
    user: (bearer, asker) => sql`${groups.id} in ${groupIdsOfUser(bearer, asker)}`,
    license: ({ groupId }) => groupId !== null && eq(groups.id, groupId),
    anonymous: false,
  },
  may: {
    list: lax('group.read', { ...readers, ...insiders }),
    show: lax('group.read', { ...readers, ...insiders }),
    create: strict('group.create', writers),
    update: strict('group.update', writers),
    delete: strict('group.delete', writers),
    'show-owners': lax('group.owners.read', { ...readers, ...insiders }),
    'attach-owners': attaching('group.owners.attach', writers),
    'detach-owners': attaching('group.owners.detach', writers),
    'show-users': lax('group.users.read', overseers),
    'show-licenses': lax('group.licenses.read', overseers),
    'show-machines': lax('group.machines.read', overseers),
  },
});

/** Owners are seen through their group alone. */
export const groupOwnerAccess = access<GroupOwnerRecord, never>({
  visible: { staff: true, environment: true, product: true, user: true, license: true, anonymous: false },
  may: {},
});
