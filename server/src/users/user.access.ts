/** Who sees and does what with users (spec/users.md 2.1, spec/auth.md 10.5). */
import { accounts } from '../accounts/account.table.ts';
import { type Asker, access, always, type Bearer, each, lax, staff, strict } from '../kernel/access/access.ts';
import { isRoot, type Permission } from '../kernel/access/permissions.ts';
import { rankOf, roleInWords } from '../kernel/access/roles.ts';
import { and, eq, ne, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfUser } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import { roleOf } from '../tokens/bearer.ts';
import type { UserRecord } from './user.records.ts';
import { idsOfTeam } from './user.sight.ts';
import { users } from './user.table.ts';

type Test = (bearer: Bearer, user: UserRecord, asker: Asker) => boolean | Promise<boolean>;

/** The user is a customer, nobody of the vendor's. */
const isPlain: Test = (_, { role }) => role === 'user';
const itself: Test = (bearer, user) => bearer.kind === 'user' && bearer.id === user.id;
/** Strangers may sign up, unless the account is protected. */
const signsUp: Test = async (_, { role, accountId }, { db }) => {
  const [account] = await db.select({ protected: accounts.protected }).from(accounts).where(eq(accounts.id, accountId));
  return role === 'user' && account?.protected === false;
};

const team = (bearer: Bearer, { accountId }: Asker): SQL => sql`${users.id} in ${idsOfTeam(accountId, bearer)}`;
const plainOnly = (...names: ('sales-agent' | 'support-agent' | 'product' | 'environment')[]) => each<UserRecord>(isPlain, ...names);
const user = each<UserRecord>(itself, 'user');
const managers = always('admin', 'developer');

/** The permission that admins call for besides. */
const ofAdmins = (permission: Permission) => ({ alsoNeeds: ({ role }: UserRecord): readonly Permission[] => (role === 'admin' ? [permission] : []) });

/** Nobody writes a user who outranks him, or gives a peer what he has not himself. Judged on the user as it would become. */
function privileges({ bearer }: Asker, target: UserRecord): string | undefined {
  const role = roleOf(target);
  const refused = `${roleInWords(bearer?.role ?? 'anonymous')} lacks privileges to perform action on user`;
  if (bearer === null) return role === 'user' ? undefined : refused;
  const isPeer = bearer.role === role && !isRoot(bearer.permissions);
  if (isPeer && !target.permissions.every((name) => bearer.permissions.includes(name))) return refused;
  return rankOf(role) > rankOf(bearer.role) ? refused : undefined;
}

/** A product may not delete whom another product licenses. */
async function othersUser(asker: Asker, target: UserRecord): Promise<string | undefined> {
  if (asker.bearer?.kind !== 'product') return privileges(asker, target);
  const { accountId, id } = target;
  const others = and(eq(licenses.accountId, accountId), sql`${licenses.id} in ${idsOfUser(accountId, id)}`, ne(licenses.productId, asker.bearer.id));
  const [found] = await asker.db.select({ id: licenses.id }).from(licenses).where(others).limit(1);
  return found ? 'user cannot belong to another product' : privileges(asker, target);
}

const bannable = (_: Asker, { role }: UserRecord) => (role === 'user' ? undefined : 'must have a user role');
const banners = always('admin', 'developer', 'sales-agent', 'support-agent', 'product', 'environment');
/** Who reads what a user has. */
const readers = { ...staff, ...always('environment'), ...plainOnly('product'), ...user };

type Action =
  | ('list' | 'show' | 'create' | 'update' | 'delete' | 'ban' | 'unban' | 'update-password')
  | ('show-group' | 'change-group' | 'show-licenses' | 'show-machines' | 'show-products');

export const userAccess = access<UserRecord, Action>({
  visible: {
    staff: true,
    environment: true,
    product: () => eq(users.role, 'user'),
    user: (bearer, asker) => or(eq(users.id, bearer.id), team(bearer, asker))!,
    license: team,
    anonymous: false,
  },
  may: {
    // what users and licenses see is themselves and their team already
    list: lax('user.read', { ...staff, ...plainOnly('product', 'environment'), ...always('user', 'license') }, ofAdmins('admin.read')),
    show: lax('user.read', { ...staff, ...plainOnly('product', 'environment'), ...always('user', 'license') }, ofAdmins('admin.read')),
    create: strict(
      'user.create',
      { ...managers, ...plainOnly('sales-agent', 'product', 'environment'), ...each<UserRecord>(signsUp, 'anonymous') },
      { ...ofAdmins('admin.create'), unless: privileges },
    ),
    update: strict(
      'user.update',
      { ...managers, ...plainOnly('sales-agent', 'product', 'environment'), ...user },
      { ...ofAdmins('admin.update'), unless: privileges },
    ),
    delete: strict('user.delete', { ...managers, ...plainOnly('product', 'environment') }, { ...ofAdmins('admin.delete'), unless: othersUser }),
    ban: strict('user.ban', banners, { unless: bannable }),
    unban: strict('user.unban', banners, { unless: bannable }),
    'update-password': strict('user.password.update', each<UserRecord>(itself, 'admin', 'developer', 'sales-agent', 'support-agent', 'read-only', 'user')),
    'show-group': lax('group.read', readers),
    'change-group': strict('user.group.update', { ...always('admin', 'developer', 'sales-agent', 'environment'), ...plainOnly('product') }),
    'show-licenses': lax('license.read', readers),
    'show-machines': lax('machine.read', readers),
    'show-products': lax('product.read', readers),
  },
});
