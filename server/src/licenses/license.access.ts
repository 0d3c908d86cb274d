/** Who sees and does what with licenses (spec/auth.md 11, spec/licenses.md 3, 10). */
import {
  type Access,
  type Asker,
  access,
  all,
  always,
  any,
  attaching,
  type Bearer,
  type Condition,
  each,
  lax,
  type Mode,
  staff,
  strict,
} from '../kernel/access/access.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import type { Policy } from '../policies/policy.table.ts';
import { isProtected } from './license.document.ts';
import type { LicenseRecord } from './license.records.ts';
import { idsOfUser } from './license.sight.ts';
import { licenses, licenseUsers } from './license.table.ts';

/** A license, and where it is to move to a policy, that policy. */
type Judged = LicenseRecord & { nextPolicy?: Policy | null };
type Test = (bearer: Bearer, license: Judged, asker: Asker) => boolean | Promise<boolean>;

/** The bearer is the product of the license. */
const ofProduct: Test = (bearer, license) => license.productId === bearer.id;
/** The bearer is the license. */
const itself: Test = (bearer, license) => license.id === bearer.id;
/** The bearer owns the license. */
const owner: Test = (bearer, license) => license.ownerId === bearer.id;
const attached: Test = async (bearer, license, { db }) => {
  const pair = and(eq(licenseUsers.accountId, license.accountId), eq(licenseUsers.licenseId, license.id), eq(licenseUsers.userId, bearer.id));
  return (await db.select({ id: licenseUsers.id }).from(licenseUsers).where(pair).limit(1)).length > 0;
};
/** The bearer owns the license or is attached to it. */
export const licensed = any<Judged>(owner, attached);
const unprotected: Test = (_, license) => !isProtected(license);
// the policy of a draft may be missing: rules refuse that later
const unprotectedPolicy: Test = (_, { policy }) => !(policy as Policy | null)?.protected;

const product = each<Judged>(ofProduct, 'product');
const license = each<Judged>(itself, 'license');
const user = (...conditions: Condition<Judged>[]) => each<Judged>(all<Judged>(...conditions), 'user');
const relatives = { ...staff, ...always('environment'), ...product, ...each<Judged>(licensed, 'user'), ...license };
const staffWriters = always('admin', 'developer', 'sales-agent', 'environment');
const writers = { ...staffWriters, ...product };
const editors = { ...writers, ...always('support-agent') };
const attachers = { ...staff, ...always('environment'), ...product, ...user(owner, unprotected) };

export type LicenseAction =
  | ('list' | 'show' | 'create' | 'update' | 'delete')
  | ('validate' | 'check-in' | 'check-out' | 'renew' | 'revoke' | 'suspend' | 'reinstate' | 'increment-usage' | 'decrement-usage' | 'reset-usage')
  | ('show-product' | 'show-policy' | 'change-policy' | 'show-group' | 'change-group' | 'show-owner' | 'change-owner' | 'show-user' | 'change-user')
  | ('show-users' | 'attach-users' | 'detach-users' | 'show-entitlements' | 'attach-entitlements' | 'detach-entitlements')
  | 'show-machines';

export const licenseAccess: Access<Judged, LicenseAction> = access({
  visible: {
    staff: true,
    environment: true,
    product: ({ id }) => eq(licenses.productId, id),
    user: ({ id }, { accountId }) => sql`${licenses.id} in ${idsOfUser(accountId, id)}`,
    license: ({ id }) => eq(licenses.id, id),
    anonymous: false,
  },
  may: {
    // what a user sees of licenses is its own already
    list: lax('license.read', { ...staff, ...always('environment', 'user'), ...product }),
    show: lax('license.read', relatives),
    create: strict('license.create', { ...writers, ...user(owner, unprotectedPolicy) }),
    update: strict('license.update', editors),
    delete: strict('license.delete', { ...writers, ...user(owner, unprotectedPolicy) }),
    validate: lax('license.validate', relatives),
    'check-in': strict('license.check-in', { ...editors, ...user(owner, unprotected), ...license }),
    'check-out': strict('license.check-out', { ...editors, ...user(licensed, unprotected), ...license }),
    renew: strict('license.renew', { ...writers, ...user(owner, unprotectedPolicy) }),
    revoke: strict('license.revoke', { ...writers, ...user(owner, unprotectedPolicy) }),
    suspend: strict('license.suspend', editors),
    reinstate: strict('license.reinstate', editors),
    'increment-usage': strict('license.usage.increment', { ...editors, ...user(owner, unprotected), ...license }),
    'decrement-usage': strict('license.usage.decrement', editors),
    'reset-usage': strict('license.usage.reset', editors),
    'show-product': lax('product.read', relatives),
    'show-policy': lax('policy.read', relatives),
    'change-policy': strict('license.policy.update', {
      ...staffWriters,
      ...each<Judged>(
        all<Judged>(ofProduct, (bearer, { nextPolicy }) => nextPolicy?.productId === bearer.id),
        'product',
      ),
      ...user(owner, unprotected, (_, { nextPolicy }) => !nextPolicy?.protected),
    }),
    'show-group': lax('group.read', relatives),
    'change-group': strict('license.group.update', writers),
    'show-owner': lax('user.read', relatives),
    'change-owner': strict('license.owner.update', writers, { mode: withinEnvironment }),
    'show-user': lax('user.read', { ...relatives, ...user(owner) }),
    'change-user': strict('license.user.update', writers, { mode: withinEnvironment }),
    'show-users': lax('user.read', relatives),
    'attach-users': attaching<Judged>('license.users.attach', attachers),
    'detach-users': attaching<Judged>('license.users.detach', attachers),
    'show-entitlements': lax('entitlement.read', relatives),
    'attach-entitlements': attaching<Judged>('license.entitlements.attach', writers),
    'detach-entitlements': attaching<Judged>('license.entitlements.detach', writers),
    'show-machines': lax('machine.read', relatives),
  },
});

/** Whoever the current owner is, the global environment may replace him (spec/licenses.md 10.3). */
function withinEnvironment({ environment }: Asker): Mode {
  return environment === null ? 'lax' : 'strict';
}
