import { environments } from '../environments/environment.table.ts';
import { alias, and, sql } from '../kernel/database/drizzle.ts';
import { left, type Records, type Row, records, sameAccount } from '../kernel/database/records.ts';
import { licenses } from '../licenses/license.table.ts';
import { products } from '../products/product.table.ts';
import { users } from '../users/user.table.ts';
import { tokens } from './token.table.ts';

const owners = alias(users, 'token_license_owner');
const bearerOf = (kind: typeof tokens.$inferSelect.bearerType, table: Parameters<typeof sameAccount>[2]) =>
  // Joins are written once, without parameters: the kind is one of ours.
  and(sql`${tokens.bearerType} = ${sql.raw(`'${kind}'`)}`, sameAccount(tokens, tokens.bearerId, table));

const joined = records(tokens, {
  type: 'tokens',
  noun: 'token',
  joins: {
    user: left(users, bearerOf('user', users)),
    product: left(products, bearerOf('product', products)),
    license: left(licenses, bearerOf('license', licenses)),
    owner: left(owners, sameAccount(licenses, licenses.ownerId, owners)),
    environment: left(environments, bearerOf('environment', environments)),
  },
});

/** `secret`: known only when it is made. */
export type TokenRecord = Row<typeof joined> & { secret?: string };

/** A token comes with its bearer, whichever kind that is, and with the owner of a license: kind and permissions follow from them. */
export const tokenRecords: Records<TokenRecord> & { table: typeof tokens } = joined;
