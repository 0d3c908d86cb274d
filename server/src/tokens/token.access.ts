/** Who sees and does what with tokens (spec/auth.md 5.4, 10.4). */
import { type Asker, access, always, any, type Bearer, each, type Line, lax, staff, strict } from '../kernel/access/access.ts';
import { type Role, roles } from '../kernel/access/roles.ts';
import { and, eq, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import { idsOfProduct } from '../licenses/license.sight.ts';
import { idsOfProductUsers } from '../users/user.sight.ts';
import { users } from '../users/user.table.ts';
import type { TokenRecord } from './token.records.ts';
import { tokens } from './token.table.ts';

/** A stored token, or a draft, whose bearer may not exist. */
type Judged = Pick<TokenRecord, 'bearerType' | 'bearerId' | 'accountId' | 'environmentId' | 'user' | 'product' | 'license' | 'environment'>;
type Test = (bearer: Bearer, token: Judged, asker: Asker) => boolean | Promise<boolean>;

interface UserParent {
  id: string;
  accountId: string;
  role: string;
}
const isPlain = (_: Bearer, { role }: UserParent) => role === 'user';
const isBearer = (bearer: Bearer, { id }: { id: string }) => id === bearer.id;
/** A customer of the product that asks. */
async function licensesUser(bearer: Bearer, { accountId, id, role }: UserParent, { db }: Asker): Promise<boolean> {
  const among = and(eq(users.accountId, accountId), eq(users.id, id), sql`${users.id} in ${idsOfProductUsers(accountId, bearer.id)}`);
  return role === 'user' && (await db.select({ id: users.id }).from(users).where(among)).length > 0;
}

const own: Test = (bearer, token) => token.bearerType === bearer.kind && token.bearerId === bearer.id;
const ofPlainUser: Test = (_, { user }) => user?.role === 'user';
const ofProductsLicense: Test = (bearer, { license }) => license?.productId === bearer.id;
const ofProductsUser: Test = (bearer, { user }, asker) => user !== null && licensesUser(bearer, user, asker);
const ofThing: Test = (_, { product, license }) => product !== null || license !== null;
const ofEnvironment: Test = (_, { environment }) => environment !== null;

const borneBy = (bearer: Bearer): SQL => and(eq(tokens.bearerType, bearer.kind), eq(tokens.bearerId, bearer.id))!;
const borneByAny = (kind: 'user' | 'license', ids: SQL): SQL => sql`(${tokens.bearerType} = ${kind} and ${tokens.bearerId} in ${ids})`;

/** Within an environment only its own; the global one may make tokens for others (spec/environments.md 9.1). */
const modeOfGeneration = ({ environment }: Asker) => (environment === null ? 'lax' : 'strict');

/** A banned user gets as far as this with its password. */
const banned = (asker: Asker, draft: Judged) => (asker.bearer?.bannedAt && own(asker.bearer, draft, asker) ? 'user is banned' : undefined);

const onlyOwn = each<Judged>(own, ...(roles as Role[]));
const product = each<Judged>(any<Judged>(own, ofProductsUser, ofProductsLicense), 'product');

export const tokenAccess = access<TokenRecord, 'list' | 'show' | 'generate' | 'regenerate' | 'revoke'>({
  visible: {
    staff: true,
    environment: (_, { accountId }) => {
      const admins = sql`(select ${users.id} from ${users} where ${users.accountId} = ${accountId} and ${users.role} = 'admin')`;
      return sql`not ${borneByAny('user', admins)}`;
    },
    product: (bearer, { accountId }) =>
      or(borneBy(bearer), borneByAny('license', idsOfProduct(accountId, bearer.id)), borneByAny('user', idsOfProductUsers(accountId, bearer.id)))!,
    user: borneBy,
    license: borneBy,
    anonymous: false,
  },
  may: {
    // the visible set says it all
    list: lax('token.read', always(...roles)),
    show: lax('token.read', { ...onlyOwn, ...staff, ...always('environment'), ...product }),
    generate: {
      permission: 'token.generate',
      mode: modeOfGeneration,
      unless: banned,
      who: {
        ...each<Judged>(any<Judged>(own, ofPlainUser), 'admin', 'developer', 'environment'),
        ...each<Judged>(own, 'sales-agent', 'support-agent', 'read-only', 'user'),
        ...each<Judged>(any<Judged>(ofProductsUser, ofProductsLicense), 'product'),
      },
    },
    regenerate: strict('token.regenerate', {
      ...onlyOwn,
      ...each<Judged>(any<Judged>(own, ofEnvironment, ofThing, ofPlainUser), 'admin', 'developer'),
      ...each<Judged>(any<Judged>(own, ofThing, ofPlainUser), 'environment'),
      ...product,
    }),
    revoke: strict('token.revoke', { ...onlyOwn, ...always('admin', 'developer', 'environment'), ...product }),
  },
});

type Below<Parent> = { list: Line<Parent>; show: Line<Parent>; generate: Line<Parent> };

/** Tokens below a user; the conditions are asked about the user. */
export const userTokens: Below<UserParent> = {
  list: lax('token.read', { ...staff, ...each<UserParent>(isPlain, 'environment', 'product'), ...each<UserParent>(isBearer, 'user') }),
  show: lax('token.read', {
    ...staff,
    ...each<UserParent>(isPlain, 'environment'),
    ...each<UserParent>(licensesUser, 'product'),
    ...each<UserParent>(isBearer, 'user'),
  }),
  generate: {
    permission: 'user.tokens.generate',
    mode: modeOfGeneration,
    who: {
      ...each<UserParent>(any<UserParent>(isBearer, isPlain), 'admin', 'developer'),
      ...each<UserParent>(isPlain, 'environment'),
      ...each<UserParent>(licensesUser, 'product'),
    },
  },
};

const productReaders = lax<{ id: string }>('token.read', { ...staff, ...always('environment'), ...each(isBearer, 'product') });
export const productTokens: Below<{ id: string }> = {
  list: productReaders,
  show: productReaders,
  generate: strict('product.tokens.generate', always('admin', 'developer', 'environment')),
};

const environmentReaders = lax<{ id: string }>('token.read', { ...staff, ...each(isBearer, 'environment') });
export const environmentTokens: Below<{ id: string }> = {
  list: environmentReaders,
  show: environmentReaders,
  generate: strict('environment.tokens.generate', always('admin', 'developer')),
};

const ofProduct = each<{ productId: string }>((bearer, license) => license.productId === bearer.id, 'product');
const licenseReaders = lax<{ productId: string }>('token.read', { ...staff, ...always('environment'), ...ofProduct });
export const licenseTokens: Below<{ productId: string }> = {
  list: licenseReaders,
  show: licenseReaders,
  generate: strict('license.tokens.generate', { ...always('admin', 'developer', 'sales-agent', 'environment'), ...ofProduct }),
};
