/** Who sees and does what with packages (spec/auth.md 11, spec/distribution.md 2.2, 6.3). */
import { access, always, each, lax, staff, strict } from '../kernel/access/access.ts';
import { sightThroughProduct } from '../releases/release.sight.ts';
import type { PackageRecord } from './package.records.ts';
import { packages } from './package.table.ts';

const own = each<PackageRecord>((bearer, { productId }) => productId === bearer.id, 'product');
/** What customers see they may read: no license is looked at. */
const readers = { ...staff, ...always('environment'), ...own, ...always('user', 'license', 'anonymous') };
const writers = { ...always('admin', 'developer', 'environment'), ...own };

export const packageAccess = access<PackageRecord, 'list' | 'show' | 'create' | 'update' | 'delete'>({
  visible: sightThroughProduct(packages.productId),
  may: {
    list: lax('package.read', readers),
    show: lax('package.read', readers),
    create: strict('package.create', writers),
    update: strict('package.update', writers),
    delete: strict('package.delete', writers),
  },
});
