/** Who sees and does what with the keys of pools (spec/auth.md 11, spec/licensing.md 5). */
import { access, always, each, lax, staff, strict } from '../kernel/access/access.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { type Policy, policies } from '../policies/policy.table.ts';
import type { KeyRecord } from './key.records.ts';

type Action = 'list' | 'show' | 'create' | 'update' | 'delete' | 'show-policy' | 'show-product';

// a draft's policy may be unknown: to a product it is a foreign one
const own = each<KeyRecord>((bearer, key) => (key.policy as Policy | null)?.productId === bearer.id, 'product');
const readers = { ...staff, ...always('environment'), ...own };
const writers = { ...always('admin', 'developer', 'environment'), ...own };

export const keyAccess = access<KeyRecord, Action>({
  visible: { staff: true, environment: true, product: ({ id }) => eq(policies.productId, id), user: false, license: false, anonymous: false },
  may: {
    list: lax('key.read', readers),
    show: lax('key.read', readers),
    create: strict('key.create', writers),
    update: strict('key.update', writers),
    delete: strict('key.delete', writers),
    'show-policy': lax('policy.read', readers),
    'show-product': lax('product.read', readers),
  },
});
