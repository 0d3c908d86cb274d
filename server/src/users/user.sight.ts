/** Which users a bearer is concerned with, as SQL that other resources build on. */
import type { Bearer } from '../kernel/access/access.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfBearer, idsOfProduct } from '../licenses/license.sight.ts';
import { licenses, licenseUsers } from '../licenses/license.table.ts';

/** Ids of the owners of licenses and of those attached to them. @param ids of the licenses, in parentheses */
export const idsOfLicensees = (accountId: string, ids: SQL): SQL =>
  sql`(select ${licenses.ownerId} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.ownerId} is not null and ${licenses.id} in ${ids}
    union select ${licenseUsers.userId} from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.licenseId} in ${ids})`;

/** Ids of the users that own a license of a product or are attached to one. */
export const idsOfProductUsers = (accountId: string, productId: string): SQL => idsOfLicensees(accountId, idsOfProduct(accountId, productId));

/** Ids of the users of all licenses that concern a user (its teammates) or license bearer. */
export const idsOfTeam = (accountId: string, bearer: Bearer): SQL => idsOfLicensees(accountId, idsOfBearer(accountId, bearer));
