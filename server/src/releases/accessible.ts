/**
 * Which releases of its product a license may have (spec/validation.md 4.5, spec/distribution.md 2.2): a relation with two faces, the test of a loaded release
 * and the WHERE.
 */
import { constraints } from '../constraints/constraint.table.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';
import { isExpired, revokesAccess } from '../licenses/license.status.ts';
import { products } from '../products/product.table.ts';
import { releases } from './release.table.ts';

/** Up to when releases are a license's by its expiry: those created or backdated until an instant, or all, or none. */
export type AccessWindow = Date | 'all' | 'none';

/** The window at a time (spec/validation.md 4.5). */
export function accessWindow(license: { expiry: Date | null }, policy: { expirationStrategy: string | null }, now: Date): AccessWindow {
  if (license.expiry === null || policy.expirationStrategy === 'ALLOW_ACCESS') return 'all';
  if (revokesAccess(policy)) return isExpired(license, now) ? 'none' : 'all';
  return license.expiry;
}

/** The end of a window as PostgreSQL compares it. */
export const windowEnd = (window: AccessWindow): string => (window === 'all' ? 'infinity' : window === 'none' ? '-infinity' : window.toISOString());

/** A release as far as access looks at one. */
export interface AccessedRelease {
  status: string;
  createdAt: Date;
  backdatedAt: Date | null;
  /** The ids of the entitlements that it asks for. */
  constraints: readonly string[];
  product: { distributionStrategy: string | null };
}

const isWithin = (window: AccessWindow, at: Date | null): boolean => at !== null && (window === 'all' || (window !== 'none' && at <= window));

/** Of an open product, and asking for nothing (spec/distribution.md 2.1). */
export const isOpen = ({ product, constraints }: Pick<AccessedRelease, 'product' | 'constraints'>): boolean =>
  product.distributionStrategy === 'OPEN' && constraints.length === 0;

/** One face. @param entitlements the ids of the license's entitlements and of its policy's */
export function isAccessible(release: AccessedRelease, { window, entitlements }: { window: AccessWindow; entitlements: ReadonlySet<string> }): boolean {
  const { status, product, createdAt, backdatedAt, constraints } = release;
  const strategy = product.distributionStrategy ?? 'LICENSED';
  if (status !== 'PUBLISHED') return false;
  if (isOpen(release)) return true;
  if (strategy !== 'LICENSED' && strategy !== 'OPEN') return false;
  return (isWithin(window, createdAt) || isWithin(window, backdatedAt)) && constraints.every((id) => entitlements.has(id));
}

const constrained = (more = sql``): SQL => sql`exists (select 1 from ${constraints} where ${constraints.accountId} = ${releases.accountId}
  and ${constraints.releaseId} = ${releases.id}${more})`;

/** Of an open product, and asking for nothing: what anyone may have once it is published (`isOpen`). On `releases` joined with its `products`. */
export const open: SQL = sql`(${products.distributionStrategy} = 'OPEN' and not ${constrained()})`;

/** What a license of the product may have of what is published. On the same; parameters as of `accessible`. */
export const licensed = (until: SQL, entitled: (id: SQL) => SQL): SQL =>
  sql`(coalesce(${products.distributionStrategy}, 'LICENSED') in ('LICENSED', 'OPEN') and (${releases.createdAt} <= ${until} or ${releases.backdatedAt} <= ${until})
    and not ${constrained(sql` and not ${entitled(sql`${constraints.entitlementId}`)}`)})`;

/** What anyone may have, as the WHERE. */
export const accessibleToAll: SQL = sql`${releases.status} = 'PUBLISHED' and ${open}`;

/**
 * The other face, on `releases` joined with its `products`.
 * @param until the end of the license's window
 * @param entitled says of an entitlement's id whether the license has it
 */
export const accessible = (until: SQL, entitled: (id: SQL) => SQL): SQL => sql`${releases.status} = 'PUBLISHED' and (
  ${open}
  or ${licensed(until, entitled)})`;
