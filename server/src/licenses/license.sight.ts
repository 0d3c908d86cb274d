/** Which licenses a bearer is concerned with, as SQL that the other resources' visibility builds on. */
import type { Bearer } from '../kernel/access/access.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { licenses, licenseUsers } from './license.table.ts';

/** Ids of the licenses that a user owns or is attached to. */
export const idsOfUser = (accountId: string, userId: string): SQL =>
  sql`(select ${licenses.id} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.ownerId} = ${userId}
    union select ${licenseUsers.licenseId} from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.userId} = ${userId})`;

/** Ids of the licenses of a product. */
export const idsOfProduct = (accountId: string, productId: string): SQL =>
  sql`(select ${licenses.id} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.productId} = ${productId})`;

/** Ids of the licenses that concern a user or license bearer. */
export const idsOfBearer = (accountId: string, bearer: Bearer): SQL =>
  bearer.kind === 'license' ? sql`(select ${bearer.id}::uuid)` : idsOfUser(accountId, bearer.id);
