/** Authentication (spec/auth.md 2): one prepared statement for a token with its bearer, one for a license key. */
import { environments } from '../environments/environment.table.ts';
import { isInEnvironment } from '../kernel/access/access.ts';
import { isTokenV1, tokenDigest, tokenDigestV2, tokenIdsV1, tokenVersion } from '../kernel/crypto/token-secrets.ts';
import { equalsHashed } from '../kernel/database/columns.ts';
import type { Database } from '../kernel/database/database.ts';
import { alias, and, eq, type GetColumnData, type PgColumn, sql } from '../kernel/database/drizzle.ts';
import { given } from '../kernel/database/gather.ts';
import { Reader } from '../kernel/database/reader.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { parseUuid } from '../kernel/id.ts';
import { isExpired } from '../licenses/license.status.ts';
import { licenses } from '../licenses/license.table.ts';
import { policies } from '../policies/policy.table.ts';
import { products } from '../products/product.table.ts';
import { users } from '../users/user.table.ts';
import { bearerOf, licenseBearer, tokenOf, userBearer } from './bearer.ts';
import { credentialsOf, schemeOf } from './credentials.ts';
import { signIn } from './sign-in.ts';
import { tokens } from './token.table.ts';

const owners = alias(users, 'owner');

/** Only the columns that bearers are made of: this runs for every request. */
const bearing = {
  token: {
    id: tokens.id,
    environmentId: tokens.environmentId,
    digest: tokens.digest,
    expiry: tokens.expiry,
    permissions: tokens.permissions,
  },
  user: {
    id: users.id,
    role: users.role,
    environmentId: users.environmentId,
    permissions: users.permissions,
    bannedAt: users.bannedAt,
    email: users.email,
    groupId: users.groupId,
  },
  license: {
    id: licenses.id,
    environmentId: licenses.environmentId,
    permissions: licenses.permissions,
    groupId: licenses.groupId,
    productId: licenses.productId,
    policyId: licenses.policyId,
    ownerId: licenses.ownerId,
    suspended: licenses.suspended,
    expiry: licenses.expiry,
  },
  policy: { id: policies.id, authenticationStrategy: policies.authenticationStrategy, expirationStrategy: policies.expirationStrategy },
  owner: { id: owners.id, permissions: owners.permissions, bannedAt: owners.bannedAt },
  product: { id: products.id, environmentId: products.environmentId, permissions: products.permissions },
  environment: { id: environments.id, permissions: environments.permissions },
};

/** What comes with a token, each null where it is not there. */
const { token: own, ...borne } = bearing;
type Columns<T extends Record<string, PgColumn>> = { [K in keyof T]: GetColumnData<T[K]> };
type Found = { token: Columns<typeof own> } & { [K in keyof typeof borne]: Columns<(typeof borne)[K]> | null };
type Keyed = { license: Columns<typeof borne.license>; policy: Columns<typeof borne.policy>; owner: Columns<typeof borne.owner> | null };

const tokenReader = new Reader<Found>(tokens, bearing, (db) =>
  db
    .select(bearing)
    .from(tokens)
    .leftJoin(users, and(eq(tokens.bearerType, sql`'user'`), eq(users.accountId, tokens.accountId), eq(users.id, tokens.bearerId)))
    .leftJoin(licenses, and(eq(tokens.bearerType, sql`'license'`), eq(licenses.accountId, tokens.accountId), eq(licenses.id, tokens.bearerId)))
    .leftJoin(policies, and(eq(policies.accountId, licenses.accountId), eq(policies.id, licenses.policyId)))
    .leftJoin(owners, and(eq(owners.accountId, licenses.accountId), eq(owners.id, licenses.ownerId)))
    .leftJoin(products, and(eq(tokens.bearerType, sql`'product'`), eq(products.accountId, tokens.accountId), eq(products.id, tokens.bearerId)))
    .leftJoin(environments, and(eq(tokens.bearerType, sql`'environment'`), eq(environments.accountId, tokens.accountId), eq(environments.id, tokens.bearerId))),
);

const keyFields = { license: bearing.license, policy: bearing.policy, owner: bearing.owner };
const keyReader = new Reader<Keyed>(licenses, keyFields, (db) =>
  db
    .select(keyFields)
    .from(licenses)
    .innerJoin(policies, and(eq(policies.accountId, licenses.accountId), eq(policies.id, licenses.policyId)))
    .leftJoin(owners, and(eq(owners.accountId, licenses.accountId), eq(owners.id, licenses.ownerId))),
);

const tokenQuery = ({ drizzle }: Database, match: 'digest' | 'id') =>
  tokenReader.prepare(drizzle, `token_by_${match}`, {
    rest: sql` where ${and(eq(tokens.accountId, given('account')), eq(tokens[match], given('wanted', match === 'id' ? 'uuid' : 'text')))}`,
  });
/** A legacy license's stored key is a digest, which whoever reads the database must not be able to log in with. */
const keyQuery = ({ drizzle }: Database) =>
  keyReader.prepare(drizzle, 'license_by_key', {
    rest: sql` where ${and(eq(licenses.accountId, given('account')), equalsHashed(licenses.key, given('key', 'text')), eq(policies.encrypted, sql`false`))}`,
  });

/** Which authentication strategies of a policy admit which credentials (spec/auth.md 2.6). */
const admits = {
  token: (strategy: string | null) => strategy === null || strategy === 'TOKEN' || strategy === 'MIXED',
  license: (strategy: string | null) => strategy === 'LICENSE' || strategy === 'MIXED',
};

export class Authenticator {
  readonly #byDigest: ReturnType<typeof tokenQuery>;
  readonly #byId: ReturnType<typeof tokenQuery>;
  readonly #byKey: ReturnType<typeof keyQuery>;

  constructor(database: Database) {
    this.#byDigest = tokenQuery(database, 'digest');
    this.#byId = tokenQuery(database, 'id');
    this.#byKey = keyQuery(database);
  }

  /** Sets the request's bearer and token. @throws {ApiError} 401, 403 */
  async authenticate(context: Context): Promise<void> {
    const { authorization } = context.headers;
    context.scheme = schemeOf(authorization);
    const credentials = credentialsOf({ authorization, query: context.query, signIn: context.route.name === 'tokens.create' });
    switch (credentials.kind) {
      case 'garbled':
        throw apiError('ENCODING_INVALID');
      case 'token':
        return this.#token(context, credentials.secret);
      case 'license':
        return this.#license(context, credentials.key);
      case 'password':
        context.bearer = userBearer(await signIn(context, credentials));
        return;
      default:
        if (context.route.auth === 'required') throw apiError(context.scheme === 'Basic' ? 'TOKEN_INVALID' : 'TOKEN_MISSING');
    }
  }

  async #token(context: Context, secret: string): Promise<void> {
    if (parseUuid(secret) !== undefined) throw apiError('TOKEN_FORMAT_INVALID');
    const found = await this.#find(context, secret);
    const bearer = found && bearerOf(found);
    if (!found || !bearer || !isInEnvironment(found.token.environmentId, context.environment)) throw apiError('TOKEN_INVALID');
    const { token, policy } = found;
    context.refusedTokenId = token.id;
    if (token.expiry !== null && token.expiry < context.now) throw apiError('TOKEN_EXPIRED');
    if (bearer.bannedAt !== null) throw apiError('USER_BANNED');
    if (policy && !admits.token(policy.authenticationStrategy)) throw apiError('TOKEN_NOT_ALLOWED');
    context.bearer = bearer;
    context.token = tokenOf(token, bearer);
  }

  /** By the digest that the secret's version prescribes (spec/auth.md 5.2). */
  async #find(context: Context, secret: string): Promise<Found | undefined> {
    const { account } = context;
    const version = tokenVersion(secret);
    if (version === undefined) return undefined;
    if (version === 1) {
      const ids = tokenIdsV1(secret);
      if (!ids || ids.accountId !== account.id) return undefined;
      const found = await this.#byId({ account: account.id, wanted: ids.tokenId });
      return found && (await isTokenV1(secret, found.token.digest)) ? found : undefined;
    }
    const pem = () => account.keys.private.rsa2048.export({ type: 'pkcs1', format: 'pem' }).toString();
    const digest = version === 3 ? tokenDigest(secret, account.secretKey) : tokenDigestV2(secret, pem());
    return this.#byDigest({ account: account.id, wanted: digest });
  }

  async #license(context: Context, key: string): Promise<void> {
    if (key.includes('\0')) throw apiError('NULL_BYTE');
    const found = await this.#byKey({ account: context.accountId, key });
    if (!found || !isInEnvironment(found.license.environmentId, context.environment)) throw apiError('LICENSE_INVALID');
    const { license, policy, owner } = found;
    if (owner?.bannedAt) throw apiError('LICENSE_BANNED');
    if (license.suspended) throw apiError('LICENSE_SUSPENDED');
    const revokes = policy.expirationStrategy === 'REVOKE_ACCESS' || policy.expirationStrategy === null;
    if (revokes && isExpired(license, context.now)) throw apiError('LICENSE_EXPIRED');
    if (!admits.license(policy.authenticationStrategy)) throw apiError('LICENSE_NOT_ALLOWED');
    context.bearer = licenseBearer(license, owner);
  }
}
