/** Bearers out of rows: whom a credential acts as, and what it may do in effect (spec/auth.md 9.4). Pure. */
import type { Environment } from '../environments/environment.table.ts';
import type { Bearer, BearerToken } from '../kernel/access/access.ts';
import { limitedBy } from '../kernel/access/permissions.ts';
import type { Role } from '../kernel/access/roles.ts';
import type { License } from '../licenses/license.table.ts';
import type { Product } from '../products/product.table.ts';
import type { User } from '../users/user.table.ts';
import type { Token } from './token.table.ts';

/** What a bearer is made of: whoever loads one for nothing else need not load more. */
export type BearingUser = Pick<User, 'id' | 'role' | 'environmentId' | 'permissions' | 'bannedAt' | 'email' | 'groupId'>;
export type BearingProduct = Pick<Product, 'id' | 'environmentId' | 'permissions'>;
export type BearingEnvironment = Pick<Environment, 'id' | 'permissions'>;
export type BearingLicense = Pick<License, 'id' | 'environmentId' | 'permissions' | 'groupId' | 'productId' | 'policyId' | 'ownerId'>;
export type BearingOwner = Pick<User, 'permissions' | 'bannedAt'>;

const unrelated = { bannedAt: null, email: null, groupId: null, productId: null, policyId: null, ownerId: null };

/** A user's role as the wire has it. */
export const roleOf = (user: Pick<User, 'role'>): Role => user.role.replace('_', '-') as Role;

export const userBearer = ({ id, role, environmentId, permissions, bannedAt, email, groupId }: BearingUser): Bearer => ({
  ...unrelated,
  kind: 'user',
  id,
  role: roleOf({ role }),
  environmentId,
  permissions,
  ownPermissions: permissions,
  bannedAt,
  email,
  groupId,
});

export const productBearer = ({ id, environmentId, permissions }: BearingProduct): Bearer => ({
  ...unrelated,
  kind: 'product',
  id,
  role: 'product',
  environmentId,
  permissions,
  ownPermissions: permissions,
  productId: id,
});

export const environmentBearer = ({ id, permissions }: BearingEnvironment): Bearer => ({
  ...unrelated,
  kind: 'environment',
  id,
  role: 'environment',
  environmentId: id,
  permissions,
  ownPermissions: permissions,
});

/** A license's set as it counts and is shown: limited by its owner's. */
export const licensePermissions = (license: Pick<License, 'permissions'>, owner: Pick<User, 'permissions'> | null): readonly string[] =>
  owner ? limitedBy(license.permissions, owner.permissions) : license.permissions;

/** @param owner whose ban is the license's too */
export const licenseBearer = (license: BearingLicense, owner: BearingOwner | null): Bearer => ({
  ...unrelated,
  kind: 'license',
  id: license.id,
  role: 'license',
  environmentId: license.environmentId,
  permissions: licensePermissions(license, owner),
  ownPermissions: license.permissions,
  bannedAt: owner?.bannedAt ?? null,
  groupId: license.groupId,
  productId: license.productId,
  policyId: license.policyId,
  ownerId: license.ownerId,
});

/** What a credential may belong to, as loaded: one of the kinds, and the owner of a license. */
interface Borne {
  user: BearingUser | null;
  license: BearingLicense | null;
  owner: BearingOwner | null;
  product: BearingProduct | null;
  environment: BearingEnvironment | null;
}

/** @returns undefined when the bearer is gone */
export function bearerOf({ user, license, owner, product, environment }: Borne): Bearer | undefined {
  if (user) return userBearer(user);
  if (license) return licenseBearer(license, owner);
  if (product) return productBearer(product);
  return environment ? environmentBearer(environment) : undefined;
}

export const tokenOf = (token: Pick<Token, 'id' | 'environmentId' | 'expiry' | 'permissions'>, bearer: Bearer): BearerToken => ({
  id: token.id,
  environmentId: token.environmentId,
  expiry: token.expiry,
  permissions: limitedBy(token.permissions, bearer.permissions),
});
