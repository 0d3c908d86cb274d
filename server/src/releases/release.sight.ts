/** What is published, as far as it concerns a bearer: as SQL that the visibility of releases, and of what hangs on products and releases, builds on (spec/distribution.md 2.2). */
import { licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import type { Bearer, Visible } from '../kernel/access/access.ts';
import { eq, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfBearer } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import { policies } from '../policies/policy.table.ts';
import { products } from '../products/product.table.ts';
import { accessibleToAll, licensed, open } from './accessible.ts';
import { releases } from './release.table.ts';

/** The end of a license's window: `accessWindow` in SQL, on `licenses` joined with its `policies`. */
const until = (now: Date): SQL => sql`(case when ${licenses.expiry} is null or ${policies.expirationStrategy} = 'ALLOW_ACCESS' then 'infinity'
  when coalesce(${policies.expirationStrategy}, 'REVOKE_ACCESS') <> 'REVOKE_ACCESS' then ${licenses.expiry}
  when ${licenses.expiry} < ${now.toISOString()}::timestamptz then '-infinity' else 'infinity' end)`;

const entitled = (id: SQL): SQL => sql`(exists (select 1 from ${licenseEntitlements} where ${licenseEntitlements.accountId} = ${licenses.accountId}
    and ${licenseEntitlements.licenseId} = ${licenses.id} and ${licenseEntitlements.entitlementId} = ${id})
  or exists (select 1 from ${policyEntitlements} where ${policyEntitlements.accountId} = ${licenses.accountId}
    and ${policyEntitlements.policyId} = ${licenses.policyId} and ${policyEntitlements.entitlementId} = ${id}))`;

const accessibleTo = (bearer: Bearer, { accountId, now }: { accountId: string; now: Date }): SQL => sql`(${releases.status} = 'PUBLISHED' and (${open}
  or exists (select 1 from ${licenses} join ${policies} on ${policies.accountId} = ${licenses.accountId} and ${policies.id} = ${licenses.policyId}
    where ${licenses.accountId} = ${accountId} and ${licenses.id} in ${idsOfBearer(accountId, bearer)} and ${licenses.productId} = ${releases.productId}
      and ${licensed(until(now), entitled)})))`;

/** Releases that a bearer may see, on `releases` joined with its `products`. */
export const releaseSight: Visible = {
  staff: true,
  environment: true,
  product: ({ id }) => eq(releases.productId, id),
  user: accessibleTo,
  license: accessibleTo,
  anonymous: () => sql`(${accessibleToAll})`,
};

/** The same for what hangs on releases. @param releaseId the column that names the release */
export function sightThroughRelease(releaseId: PgColumn): Visible {
  const below =
    (sight: Exclude<Visible['user'], boolean>): Visible['user'] =>
    (bearer, asker) =>
      sql`exists (select 1 from ${releases} join ${products} on ${products.accountId} = ${releases.accountId} and ${products.id} = ${releases.productId}
        where ${releases.accountId} = ${asker.accountId} and ${releases.id} = ${releaseId} and ${sight(bearer, asker)})`;
  return {
    staff: true,
    environment: true,
    product: below(({ id }) => eq(releases.productId, id)),
    user: below(accessibleTo),
    license: below(accessibleTo),
    anonymous: below(() => sql`(${accessibleToAll})`),
  };
}

const productIds = (accountId: string): SQL => sql`select ${products.id} from ${products} where ${products.accountId} = ${accountId}`;
const isOpen = sql`${products.distributionStrategy} = 'OPEN'`;

/** Open products, and licensed ones of the bearer's licenses. */
const licensedProducts = (bearer: Bearer, { accountId }: { accountId: string }): SQL =>
  sql`(${productIds(accountId)} and (${isOpen} or (coalesce(${products.distributionStrategy}, 'LICENSED') = 'LICENSED' and ${products.id} in (
    select ${licenses.productId} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.id} in ${idsOfBearer(accountId, bearer)}))))`;

/** What a bearer may see of what products have besides releases: packages, and all that tells releases apart. @param productId the column that names the product */
export const sightThroughProduct = (productId: PgColumn): Visible => ({
  staff: true,
  environment: true,
  product: ({ id }) => eq(productId, id),
  user: (bearer, asker) => sql`${productId} in ${licensedProducts(bearer, asker)}`,
  license: (bearer, asker) => sql`${productId} in ${licensedProducts(bearer, asker)}`,
  anonymous: (_, { accountId }) => sql`${productId} in (${productIds(accountId)} and ${isOpen})`,
});
