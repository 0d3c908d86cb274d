/** What the checksum and version scopes find among the releases of the license's product, as sub-selects (spec/validation.md 4 rules 14 and 15, 4.5). */
import { artifacts } from '../artifacts/artifact.table.ts';
import { licenseEntitlements, policyEntitlements } from '../entitlements/entitlement.table.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { type GivenValues, given } from '../kernel/database/gather.ts';
import { products } from '../products/product.table.ts';
import { accessible, accessWindow, windowEnd } from '../releases/accessible.ts';
import { releases } from '../releases/release.table.ts';
import { highestFirst } from '../releases/version.columns.ts';
import type { LicenseRecord } from './license.records.ts';
import type { Facts, Scope } from './validate.facts.ts';

const account = given('account');
const product = given('product');

const entitled = (id: SQL): SQL => sql`(exists (select 1 from ${licenseEntitlements} where ${licenseEntitlements.accountId} = ${account}
    and ${licenseEntitlements.licenseId} = ${given('license')} and ${licenseEntitlements.entitlementId} = ${id})
  or exists (select 1 from ${policyEntitlements} where ${policyEntitlements.accountId} = ${account}
    and ${policyEntitlements.policyId} = ${given('policy')} and ${policyEntitlements.entitlementId} = ${id}))`;

const ofProduct = sql`join ${products} on ${products.accountId} = ${releases.accountId} and ${products.id} = ${releases.productId}
  where ${releases.accountId} = ${account} and ${releases.productId} = ${product} and ${accessible(sql`${given('until', 'timestamptz')}`, entitled)}`;

export const releaseSelects = {
  checksum: sql`(select ${releases.version} from ${artifacts} join ${releases} on ${releases.accountId} = ${artifacts.accountId} and ${releases.id} = ${artifacts.releaseId}
    ${ofProduct} and ${artifacts.accountId} = ${account} and ${artifacts.productId} = ${product} and ${equalsHashed(artifacts.checksum, given('checksum', 'text'))}
    and ${artifacts.status} = 'UPLOADED' order by ${highestFirst}, ${artifacts.createdAt} desc, ${artifacts.id} desc limit 1)`,
  version: sql`exists (select 1 from ${releases} ${ofProduct} and ${equalsHashed(releases.version, given('version', 'text'))})`,
} satisfies Record<string, SQL>;

export const releaseReaders = {
  checksum: (version: string | null): Facts => ({ checksum: version === null ? null : { version } }),
  version: (version: boolean): Facts => ({ version }),
};

/** What the sub-selects are given besides the license. */
export function releaseValues(license: LicenseRecord, { checksum, version }: Scope, now: Date): GivenValues {
  return { product: license.productId, until: windowEnd(accessWindow(license, license.policy, now)), checksum, version };
}
