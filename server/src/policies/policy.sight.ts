/** Which policies concern a bearer, as SQL that visibility builds on. */
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfUser } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';

/** Ids of the policies of the licenses that a user owns or is attached to. */
export const policyIdsOfUser = (accountId: string, userId: string): SQL =>
  sql`(select ${licenses.policyId} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.id} in ${idsOfUser(accountId, userId)})`;
