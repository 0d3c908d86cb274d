/** What is distributed of a product: `/products/:product/...`, to customers whom it is theirs or open (spec/distribution.md 13, spec/licensing.md 1.7). */
import { artifactAccess } from '../artifacts/artifact.access.ts';
import { artifactDocument } from '../artifacts/artifact.document.ts';
import { filtersOfProduct } from '../artifacts/artifact.filters.ts';
import { newestVersion } from '../artifacts/artifact.order.ts';
import { artifactRecords } from '../artifacts/artifact.records.ts';
import { artifacts } from '../artifacts/artifact.table.ts';
import { downloads } from '../artifacts/download.ts';
import { dimensions } from '../dimensions/dimension.kinds.ts';
import { and, eq, type SQL } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Routes } from '../kernel/jsonapi/resource.ts';
import { packageAccess } from '../packages/package.access.ts';
import { packageDocument } from '../packages/package.document.ts';
import { packageFilters } from '../packages/package.filters.ts';
import { packageRecords } from '../packages/package.records.ts';
import { packages } from '../packages/package.table.ts';
import { releaseAccess } from '../releases/release.access.ts';
import { releaseDocument } from '../releases/release.document.ts';
import { releaseFilters, releaseFiltersOf1_0 } from '../releases/release.filters.ts';
import { releaseRecords } from '../releases/release.records.ts';
import { releases } from '../releases/release.table.ts';
import type { ProductAction } from './product.access.ts';
import type { ProductRecord } from './product.records.ts';

/** A product's releases; to customers, what is not published is not there. */
function releasesOf(productId: string, { bearer }: Context): SQL {
  const own = eq(releases.productId, productId);
  return bearer?.role === 'user' || bearer?.role === 'license' ? and(own, eq(releases.status, 'PUBLISHED'))! : own;
}

const { yanked, package: inPackage, engine, channel } = releaseFilters;

/** The routes of what a product has to distribute, all of them for those who may see the product. */
export function distribution(on: Routes<ProductRecord, ProductAction>): void {
  on.children('releases', {
    can: 'show-releases',
    of: { records: releaseRecords, document: releaseDocument, access: releaseAccess },
    filters: { yanked, package: inPackage, engine, channel, ...releaseFiltersOf1_0 },
    children: ({ id }, context) => releasesOf(id, context),
    unless: releaseAccess.may.show.unless,
  });
  on.children('packages', {
    can: 'list-packages',
    canShow: 'show-package',
    of: { records: packageRecords, document: packageDocument, access: packageAccess },
    filters: { engine: packageFilters.engine },
    children: ({ id }) => eq(packages.productId, id),
    child: { by: [] },
  });
  on.children('artifacts', {
    can: 'show-artifacts',
    of: { records: artifactRecords, document: artifactDocument, access: artifactAccess },
    filters: filtersOfProduct,
    children: ({ id }) => eq(artifacts.productId, id),
    child: { wholeAccount: false, qualifiers: filtersOfProduct, best: newestVersion },
    childPath: '/*',
    unless: artifactAccess.may.show.unless,
    showChild: downloads,
  });
  for (const { name, records, document, access, usedBy } of dimensions)
    on.children(records.type, {
      can: `show-${name}`,
      of: { records, document, access },
      children: ({ id }, context) => usedBy(id, context),
      child: { by: [] },
    });
}
