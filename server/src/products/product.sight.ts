/** Which products concern a bearer, as SQL that visibility builds on. */
import type { Bearer } from '../kernel/access/access.ts';
import { and, eq, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfUser } from '../licenses/license.sight.ts';
import { licenses } from '../licenses/license.table.ts';
import { products } from './product.table.ts';

const open = eq(products.distributionStrategy, 'OPEN');

/** Products of the licenses that a user owns or is attached to, and every open one. */
export const productsOfUser = (accountId: string, userId: string): SQL =>
  or(
    open,
    sql`${products.id} in (select ${licenses.productId} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.id} in ${idsOfUser(accountId, userId)})`,
  )!;

/** A license's product if it is exactly licensed, and every open one. */
export const productsOfLicense = ({ productId }: Bearer): SQL => or(open, and(eq(products.id, productId!), eq(products.distributionStrategy, 'LICENSED')))!;
