/** Who sees and does what with products (spec/auth.md 11, spec/licensing.md 1.4, 1.7). */
import { access, always, each, lax, staff, strict } from '../kernel/access/access.ts';
import type { Permission } from '../kernel/access/permissions.ts';
import { eq } from '../kernel/database/drizzle.ts';
import type { ProductRecord } from './product.records.ts';
import { productsOfLicense, productsOfUser } from './product.sight.ts';
import { products } from './product.table.ts';

export type ProductAction =
  | ('list' | 'show' | 'create' | 'update' | 'delete')
  | ('show-policies' | 'show-licenses' | 'show-machines' | 'show-users')
  | ('show-releases' | 'show-artifacts' | 'list-packages' | 'show-package' | 'show-channel' | 'show-platform' | 'show-arch' | 'show-engine');

const itself = each<ProductRecord>((bearer, product) => product.id === bearer.id, 'product');
/** What users and licenses see is open or theirs; null counts as licensed. */
const notClosed = each<ProductRecord>((_, product) => product.distributionStrategy !== 'CLOSED', 'user', 'license');
const readers = { ...staff, ...always('environment'), ...itself };
const writers = always('admin', 'developer', 'environment');
const reading = (permission: Permission) => lax<ProductRecord>(permission, readers);
/** What is distributed: customers find only products of theirs, and open ones. */
const distributed = (permission: Permission) => lax<ProductRecord>(permission, { ...readers, ...always('user', 'license') });

export const productAccess = access<ProductRecord, ProductAction>({
  visible: {
    staff: true,
    environment: true,
    product: ({ id }) => eq(products.id, id),
    user: ({ id }, { accountId }) => productsOfUser(accountId, id),
    license: productsOfLicense,
    anonymous: false,
  },
  may: {
    list: lax('product.read', { ...staff, ...always('environment'), ...notClosed }),
    show: lax('product.read', { ...readers, ...notClosed }),
    create: strict('product.create', writers),
    update: strict('product.update', { ...writers, ...itself }),
    delete: strict('product.delete', writers),
    'show-policies': reading('policy.read'),
    'show-licenses': reading('license.read'),
    'show-machines': reading('machine.read'),
    'show-users': reading('user.read'),
    'show-releases': distributed('release.read'),
    'show-artifacts': distributed('artifact.read'),
    'list-packages': distributed('package.read'),
    'show-package': lax('package.read', { ...readers, ...notClosed }),
    'show-channel': distributed('channel.read'),
    'show-platform': distributed('platform.read'),
    'show-arch': distributed('arch.read'),
    'show-engine': distributed('engine.read'),
  },
});
