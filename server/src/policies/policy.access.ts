/** Who sees and does what with policies (spec/auth.md 11, spec/licensing.md 2.5, 2.9). */
import { access, always, attaching, each, lax, staff, strict } from '../kernel/access/access.ts';
import { eq, sql } from '../kernel/database/drizzle.ts';
import type { PolicyRecord } from './policy.records.ts';
import { policyIdsOfUser } from './policy.sight.ts';
import { policies } from './policy.table.ts';

type Action =
  | ('list' | 'show' | 'create' | 'update' | 'delete')
  | ('show-product' | 'show-licenses' | 'show-entitlements' | 'attach-entitlements' | 'detach-entitlements' | 'show-pool' | 'pop');

const own = each<PolicyRecord>((bearer, policy) => policy.productId === bearer.id, 'product');
const readers = { ...staff, ...always('environment'), ...own };
const editors = { ...always('admin', 'developer', 'sales-agent', 'environment'), ...own };
const owners = { ...always('admin', 'developer', 'environment'), ...own };
// what users and licenses see of policies is theirs
const viewers = { ...readers, ...always('user', 'license') };

export const policyAccess = access<PolicyRecord, Action>({
  visible: {
    staff: true,
    environment: true,
    product: ({ id }) => eq(policies.productId, id),
    user: ({ id }, { accountId }) => sql`${policies.id} in ${policyIdsOfUser(accountId, id)}`,
    license: ({ policyId }) => eq(policies.id, policyId!),
    anonymous: false,
  },
  may: {
    list: lax('policy.read', viewers),
    show: lax('policy.read', viewers),
    create: strict('policy.create', editors),
    update: strict('policy.update', editors),
    delete: strict('policy.delete', owners),
    'show-product': lax('product.read', readers),
    'show-licenses': lax('license.read', readers),
    'show-entitlements': lax('entitlement.read', readers),
    'attach-entitlements': attaching('policy.entitlements.attach', editors),
    'detach-entitlements': attaching('policy.entitlements.detach', editors),
    'show-pool': lax('key.read', readers),
    pop: lax('policy.pool.pop', owners),
  },
});
