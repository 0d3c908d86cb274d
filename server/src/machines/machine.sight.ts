/** Which machines a bearer is concerned with, as SQL that components and processes build on. */
import type { Visible } from '../kernel/access/access.ts';
import { eq, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfProduct, idsOfUser } from '../licenses/license.sight.ts';
import { machines } from './machine.table.ts';

/** Ids of the machines of some licenses. @param licenseIds a sub-select */
export const machineIdsOf = (accountId: string, licenseIds: SQL): SQL =>
  sql`(select ${machines.id} from ${machines} where ${machines.accountId} = ${accountId} and ${machines.licenseId} in ${licenseIds})`;

/** The visible set of what hangs on licenses (spec/auth.md 10.4): a product's own, a user's of all licenses that it owns or is attached to, a license's own. */
export const machineSight: Visible = {
  staff: true,
  environment: true,
  product: ({ id }, { accountId }) => sql`${machines.licenseId} in ${idsOfProduct(accountId, id)}`,
  user: ({ id }, { accountId }) => sql`${machines.licenseId} in ${idsOfUser(accountId, id)}`,
  license: ({ id }) => eq(machines.licenseId, id),
  anonymous: false,
};

/** The same for what hangs on machines. @param machineId the column that names the machine */
export const sightThroughMachine = (machineId: PgColumn): Visible => ({
  ...machineSight,
  product: ({ id }, { accountId }) => sql`${machineId} in ${machineIdsOf(accountId, idsOfProduct(accountId, id))}`,
  user: ({ id }, { accountId }) => sql`${machineId} in ${machineIdsOf(accountId, idsOfUser(accountId, id))}`,
  license: ({ id }, { accountId }) => sql`${machineId} in ${machineIdsOf(accountId, sql`(select ${id}::uuid)`)}`,
});
