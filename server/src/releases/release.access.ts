/** Who sees and does what with releases (spec/auth.md 11, spec/distribution.md 2). */
import { type Access, access, all, always, attaching, type Condition, each, type Line, lax, staff, strict } from '../kernel/access/access.ts';
import type { Permission } from '../kernel/access/permissions.ts';
import { eq, or } from '../kernel/database/drizzle.ts';
import { open } from './accessible.ts';
import { hasLicenseOf, ofProductOrOpen, refusesUnlicensed } from './release.reading.ts';
import type { ReleaseRecord } from './release.records.ts';
import { releaseSight } from './release.sight.ts';
import { releases } from './release.table.ts';

/** A release, and where it is to move to a package, that package; constraints that are to be made with it. */
export type JudgedRelease = ReleaseRecord & { nextPackage?: { productId: string } | null; constrainedBy?: readonly string[] };

export type ReleaseAction =
  | ('list' | 'show' | 'create' | 'update' | 'delete' | 'publish' | 'yank' | 'upgrade')
  | ('show-product' | 'show-package' | 'change-package' | 'show-artifacts')
  | ('show-constraints' | 'attach-constraints' | 'detach-constraints' | 'show-entitlements');

const own: Condition<JudgedRelease> = (bearer, { productId }) => productId === bearer.id;
const ownPackage: Condition<JudgedRelease> = (bearer, { nextPackage }) => nextPackage?.productId === bearer.id;
const licensed: Condition<JudgedRelease> = (_, { productId }, asker) => hasLicenseOf(asker, productId);

const insiders = { ...staff, ...always('environment') };
const writers = { ...always('admin', 'developer', 'environment'), ...each<JudgedRelease>(own, 'product') };
/** Whoever sees a release; the licenses of users and licenses must let them besides. */
const readers = { ...insiders, ...each<JudgedRelease>(ofProductOrOpen, 'product'), ...always('user', 'license', 'anonymous') };
const licensees = { ...insiders, ...each<JudgedRelease>(own, 'product'), ...each<JudgedRelease>(licensed, 'user', 'license') };

/** Reads the release itself, so that its license must be in order. */
const reading = (permission: Permission): Line<JudgedRelease> => lax(permission, readers, { unless: refusesUnlicensed((release) => release) });

export const releaseAccess: Access<JudgedRelease, ReleaseAction> = access({
  visible: releaseSight,
  heard: ({ id }) => or(eq(releases.productId, id), open)!,
  may: {
    list: reading('release.read'),
    show: reading('release.read'),
    create: strict('release.create', writers, { alsoNeeds: ({ constrainedBy }) => (constrainedBy ? ['release.constraints.attach'] : []) }),
    update: strict('release.update', writers),
    delete: strict('release.delete', writers),
    publish: strict('release.publish', writers),
    yank: strict('release.yank', writers),
    upgrade: reading('release.upgrade'),
    'show-product': lax('product.read', licensees),
    'show-package': lax('package.read', readers),
    'change-package': strict('release.package.update', { ...writers, ...each<JudgedRelease>(all(own, ownPackage), 'product') }),
    'show-artifacts': lax('artifact.read', readers),
    'show-constraints': lax('constraint.read', licensees),
    'attach-constraints': attaching('release.constraints.attach', writers),
    'detach-constraints': attaching('release.constraints.detach', writers),
    'show-entitlements': lax('entitlement.read', licensees),
  },
});
