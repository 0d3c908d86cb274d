/** Making tokens: for oneself or another with `POST /tokens`, and below those whom they are for (spec/auth.md 5.3). */
import { environments } from '../environments/environment.table.ts';
import type { BearerKind } from '../kernel/access/roles.ts';
import { newTokenSecret, tokenDigest } from '../kernel/crypto/token-secrets.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { apiError } from '../kernel/http/errors.ts';
import { refuseUnknownPermissions } from '../kernel/jsonapi/permission-rules.ts';
import { insertRow, newRow } from '../kernel/jsonapi/resource.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import { licenses } from '../licenses/license.table.ts';
import { products } from '../products/product.table.ts';
import { users } from '../users/user.table.ts';
import { bearerOf } from './bearer.ts';
import { secretFormat } from './secret-format.ts';
import { tokenAccess } from './token.access.ts';
import { tokenDocument } from './token.document.ts';
import { type TokenRecord, tokenRecords } from './token.records.ts';
import { tokenRules } from './token.rules.ts';

const fortnight = 14 * 86_400_000;
/** Two weeks from now: what the tokens of users last, and all that expire when they are regenerated. */
export const inTwoWeeks = (now: Date): Date => new Date(now.getTime() + fortnight);

type Borne = Pick<TokenRecord, 'user' | 'product' | 'license' | 'owner' | 'environment'>;
const nobody: Borne = { user: null, product: null, license: null, owner: null, environment: null };

/** Whom a token is to be for, anywhere in the account; nobody when there is no such bearer. */
async function findBearer(db: Db, accountId: string, kind: BearerKind, id: string): Promise<Borne> {
  const only = (table: typeof users | typeof products | typeof licenses | typeof environments, wanted = id) =>
    and(eq(table.accountId, accountId), eq(table.id, wanted));
  const found = async (): Promise<Partial<Borne>> => {
    if (kind === 'user') return { user: (await db.select().from(users).where(only(users)))[0] ?? null };
    if (kind === 'product') return { product: (await db.select().from(products).where(only(products)))[0] ?? null };
    if (kind === 'environment') return { environment: (await db.select().from(environments).where(only(environments)))[0] ?? null };
    const license = (await db.select().from(licenses).where(only(licenses)))[0] ?? null;
    const owner = license?.ownerId ? ((await db.select().from(users).where(only(users, license.ownerId)))[0] ?? null) : null;
    return { license, owner };
  };
  return { ...nobody, ...(await found()) };
}

/** What a request may say of a new token. */
export interface Wanted {
  kind: BearerKind;
  id: string;
  name?: string | null | undefined;
  expiry?: Date | null | undefined;
  permissions?: readonly string[] | undefined;
  maxActivations?: number | null | undefined;
  maxDeactivations?: number | null | undefined;
  /** What the body names; undefined when it names none. */
  environmentId?: string | null | undefined;
}

/** A token as it would be stored, but without a secret. @throws {ApiError} 422 for unknown permissions */
export async function draftToken(context: Context, wanted: Wanted): Promise<TokenRecord> {
  const { kind, id, name = null, expiry, permissions, maxActivations = null, maxDeactivations = null, environmentId } = wanted;
  refuseUnknownPermissions(permissions, tokenRecords);
  const borne = await findBearer(context.db, context.accountId, kind, id);
  const bearer = bearerOf(borne);
  return {
    ...newRow(context, { environmentId, parentEnvironmentId: bearer?.environmentId ?? null }),
    name,
    digest: '',
    bearerType: kind,
    bearerId: id,
    expiry: expiry !== undefined ? expiry : bearer?.role === 'user' ? inTwoWeeks(context.now) : null,
    permissions: [...(permissions ?? ['*'])],
    maxActivations,
    activations: 0,
    maxDeactivations,
    deactivations: 0,
    ...borne,
  };
}

/** A new secret and the digest that is stored in its place. */
export function newSecret({ account }: Context, token: TokenRecord): { secret: string; digest: string } {
  const { prefix, bytes } = secretFormat(bearerOf(token)!.role);
  const secret = newTokenSecret(prefix, bytes);
  return { secret, digest: tokenDigest(secret, account.secretKey) };
}

const bearerTables = { user: users, product: products, license: licenses, environment: environments };

/** Keeps the bearer until the token is stored, so that none is left behind when he goes. @throws {ApiError} 409 when he has gone since */
async function holdBearer(db: Db, { accountId, bearerType, bearerId }: TokenRecord): Promise<void> {
  const table = bearerTables[bearerType] as typeof users;
  const bearer = and(eq(table.accountId, accountId), eq(table.id, bearerId));
  const [found] = await db.select({ id: table.id }).from(table).where(bearer).for('key share');
  if (!found) throw apiError('CONFLICT');
}

/** Stores an authorized draft. @returns the token with its secret, which nobody can ever read again. @throws {ApiError} 422, 409 */
export function saveToken(context: Context, draft: TokenRecord): Promise<TokenRecord> {
  return context.change(async (change) => {
    await holdBearer(change.db, draft);
    await validate(tokenRules, draft, { db: change.db, now: context.now, changed: 'created' });
    const token = { ...draft, ...newSecret(context, draft) };
    await insertRow(change, tokenRecords, token);
    await change.emit('token.generated', { document: tokenDocument, access: tokenAccess, row: token });
    return token;
  });
}
