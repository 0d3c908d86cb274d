import { type Asker, access, always, type Bearer, lax, staff, strict } from '../kernel/access/access.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfBearer } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import type { EntitlementRecord } from './entitlement.records.ts';
import { entitlements, licenseEntitlements, policyEntitlements } from './entitlement.table.ts';

/** Entitlements of the bearer's licenses: attached to them, or to their policies. */
function entitled(bearer: Bearer, { accountId }: Asker): SQL {
  const ids = idsOfBearer(accountId, bearer);
  const own = sql`select ${licenseEntitlements.entitlementId} from ${licenseEntitlements} where ${licenseEntitlements.accountId} = ${accountId} and ${licenseEntitlements.licenseId} in ${ids}`;
  const inherited = sql`select ${policyEntitlements.entitlementId} from ${policyEntitlements} join ${licenses} on ${licenses.accountId} = ${policyEntitlements.accountId} and ${licenses.policyId} = ${policyEntitlements.policyId}
    where ${policyEntitlements.accountId} = ${accountId} and ${licenses.id} in ${ids}`;
  return sql`${entitlements.id} in (${own} union ${inherited})`;
}

const readers = { ...staff, ...always('environment', 'product', 'user', 'license') };
const writers = always('admin', 'developer', 'environment');

export const entitlementAccess = access<EntitlementRecord, 'list' | 'show' | 'create' | 'update' | 'delete'>({
  visible: { staff: true, environment: true, product: true, user: entitled, license: entitled, anonymous: false },
  may: {
    list: lax('entitlement.read', readers),
    show: lax('entitlement.read', readers),
    create: strict('entitlement.create', writers),
    update: strict('entitlement.update', writers),
    delete: strict('entitlement.delete', writers),
  },
});
