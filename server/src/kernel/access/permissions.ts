/** The permission catalogue and the arithmetic of permission sets (spec/auth.md 9). */
import type { Role } from './roles.ts';

/**
 * Which roles may hold a permission: A the admin class (admin, developer, sales-agent, support-agent), E environment, R read-only, P product, U user, L license.
 * A capital letter: also part of the role's default set.
 */
const catalogue = {
  'account.analytics.read': 'AR',
  'account.billing.read': 'AR',
  'account.billing.update': 'A',
  'account.plan.read': 'AR',
  'account.plan.update': 'A',
  'account.read': 'AERPul',
  'account.subscription.read': 'AR',
  'account.subscription.update': 'A',
  'account.update': 'A',
  'admin.create': 'A',
  'admin.delete': 'A',
  'admin.invite': 'A',
  'admin.read': 'AR',
  'admin.update': 'A',
  'arch.read': 'AERPUL',
  'artifact.create': 'AEP',
  'artifact.delete': 'AEP',
  'artifact.read': 'AERPUL',
  'artifact.update': 'AEP',
  'channel.read': 'AERPUL',
  'component.create': 'AEPUL',
  'component.delete': 'AEPUL',
  'component.read': 'AERPUL',
  'component.update': 'AEPUL',
  'constraint.read': 'AERPUL',
  'engine.read': 'AERPUL',
  'entitlement.create': 'AE',
  'entitlement.delete': 'AE',
  'entitlement.read': 'AERPUL',
  'entitlement.update': 'AE',
  'environment.create': 'A',
  'environment.delete': 'A',
  'environment.read': 'AER',
  'environment.tokens.generate': 'A',
  'environment.update': 'A',
  'event-log.read': 'AER',
  'group.create': 'AEP',
  'group.delete': 'AEP',
  'group.licenses.read': 'AERPU',
  'group.machines.read': 'AERPU',
  'group.owners.attach': 'AEP',
  'group.owners.detach': 'AEP',
  'group.owners.read': 'AERPUL',
  'group.read': 'AERPUL',
  'group.update': 'AEP',
  'group.users.read': 'AERPU',
  'key.create': 'AEP',
  'key.delete': 'AEP',
  'key.read': 'AERP',
  'key.update': 'AEP',
  'license.check-in': 'AEPUL',
  'license.check-out': 'AEPUL',
  'license.create': 'AEPU',
  'license.delete': 'AEPU',
  'license.entitlements.attach': 'AEP',
  'license.entitlements.detach': 'AEP',
  'license.group.update': 'AEP',
  'license.owner.update': 'AEP',
  'license.policy.update': 'AEPU',
  'license.read': 'AERPUL',
  'license.reinstate': 'AEP',
  'license.renew': 'AEPU',
  'license.revoke': 'AEPU',
  'license.suspend': 'AEP',
  'license.tokens.generate': 'AEP',
  'license.update': 'AEP',
  'license.usage.decrement': 'AEP',
  'license.usage.increment': 'AEPUL',
  'license.usage.reset': 'AEP',
  'license.user.update': 'AEP',
  'license.users.attach': 'AEPu',
  'license.users.detach': 'AEPu',
  'license.validate': 'AERPUL',
  'machine.check-out': 'AEPUL',
  'machine.create': 'AEPUL',
  'machine.delete': 'AEPUL',
  'machine.group.update': 'AEP',
  'machine.heartbeat.ping': 'AEPUL',
  'machine.heartbeat.reset': 'AEP',
  'machine.owner.update': 'AEP',
  'machine.proofs.generate': 'AEPUL',
  'machine.read': 'AERPUL',
  'machine.update': 'AEPUL',
  'package.create': 'AEP',
  'package.delete': 'AEP',
  'package.read': 'AERPUL',
  'package.update': 'AEP',
  'platform.read': 'AERPUL',
  'policy.create': 'AEP',
  'policy.delete': 'AEP',
  'policy.entitlements.attach': 'AEP',
  'policy.entitlements.detach': 'AEP',
  'policy.pool.pop': 'AEP',
  'policy.read': 'AERPul',
  'policy.update': 'AEP',
  'process.create': 'AEPUL',
  'process.delete': 'AEPUL',
  'process.heartbeat.ping': 'AEPUL',
  'process.read': 'AERPUL',
  'process.update': 'AEPUL',
  'product.create': 'AE',
  'product.delete': 'AE',
  'product.read': 'AERPul',
  'product.tokens.generate': 'AE',
  'product.update': 'AEP',
  'release.constraints.attach': 'AEP',
  'release.constraints.detach': 'AEP',
  'release.create': 'AEP',
  'release.delete': 'AEP',
  'release.download': 'AERPUL',
  'release.package.update': 'AEP',
  'release.publish': 'AEP',
  'release.read': 'AERPUL',
  'release.update': 'AEP',
  'release.upgrade': 'AERPUL',
  'release.upload': 'AEP',
  'release.yank': 'AEP',
  'request-log.read': 'AER',
  'token.generate': 'AERPU',
  'token.read': 'AERPUL',
  'token.regenerate': 'AEPUL',
  'token.revoke': 'AEPUL',
  'user.ban': 'AEP',
  'user.create': 'AEP',
  'user.delete': 'AEP',
  'user.group.update': 'AEP',
  'user.invite': 'AE',
  'user.password.reset': 'AERU',
  'user.password.update': 'AERU',
  'user.read': 'AERPUl',
  'user.second-factors.create': 'AEU',
  'user.second-factors.delete': 'AEU',
  'user.second-factors.read': 'AERU',
  'user.second-factors.update': 'AEU',
  'user.tokens.generate': 'AEP',
  'user.unban': 'AEP',
  'user.update': 'AEPU',
  'webhook-endpoint.create': 'AEP',
  'webhook-endpoint.delete': 'AEP',
  'webhook-endpoint.read': 'AERP',
  'webhook-endpoint.update': 'AEP',
  'webhook-event.delete': 'AE',
  'webhook-event.read': 'AERP',
  'webhook-event.retry': 'AE',
} as const;

export type Permission = keyof typeof catalogue;
export const wildcard = '*';
/** Names of permissions, `*` among them, as stored with users, products, licenses, environments and tokens. */
export type PermissionSet = readonly string[];

export const permissions = Object.keys(catalogue) as Permission[];

const classes: Record<Role, string> = {
  admin: 'A',
  developer: 'A',
  'sales-agent': 'A',
  'support-agent': 'A',
  environment: 'E',
  'read-only': 'R',
  product: 'P',
  user: 'U',
  license: 'L',
};

const perRole = <T>(of: (letter: string) => T): Record<Role, T> =>
  Object.fromEntries(Object.entries(classes).map(([role, letter]) => [role, of(letter)])) as Record<Role, T>;

/** What a role may hold, without `*`, which every role may. */
export const allowedPermissions = perRole((letter) => new Set<string>(permissions.filter((p) => catalogue[p].toUpperCase().includes(letter))));
/** What a new bearer of the role holds, sorted. */
export const defaultPermissions = perRole((letter): PermissionSet => permissions.filter((p) => catalogue[p].includes(letter)));

export const isPermission = (name: string): name is Permission => Object.hasOwn(catalogue, name);

/** An unknown name or a duplicate makes a set unusable, whoever is to hold it (spec/auth.md 9.3). */
export const isKnownSet = (names: PermissionSet): boolean =>
  names.every((name) => name === wildcard || isPermission(name)) && new Set(names).size === names.length;

/** Whether a role may hold a set. */
export const roleAllows = (role: Role, names: PermissionSet): boolean => names.every((name) => name === wildcard || allowedPermissions[role].has(name));

/** What remains of a set that is limited by another one, such as a token's by its bearer's (spec/auth.md 9.4). */
export function limitedBy(own: PermissionSet, limit: PermissionSet): PermissionSet {
  if (own.includes(wildcard)) return limit;
  if (limit.includes(wildcard)) return own;
  return own.filter((name) => limit.includes(name));
}

/** Whether a bearer's effective set grants all of the names; the wildcard grants what the role allows. */
export const bearerCan = (role: Role, effective: PermissionSet, names: PermissionSet): boolean =>
  names.every((name) => effective.includes(name)) || (effective.includes(wildcard) && names.every((name) => allowedPermissions[role].has(name)));

/** The same for a token, whose wildcard grants every permission that there is. */
export const tokenCan = (effective: PermissionSet, names: PermissionSet): boolean =>
  effective.includes(wildcard) || names.every((name) => effective.includes(name));

/** What a token may be given explicitly (spec/auth.md 9.5). @param held the bearer's own set, not limited by an owner's */
export const tokenMayHold = (role: Role, held: PermissionSet, names: PermissionSet): boolean =>
  held.includes(wildcard) ? roleAllows(role, names) : names.every((name) => name === wildcard || held.includes(name));

/** An admin that nobody can lock out: all permissions, named or by wildcard. */
export const isRoot = (effective: PermissionSet): boolean => effective.includes(wildcard) || permissions.every((name) => effective.includes(name));

const sets = new WeakMap<PermissionSet, PermissionSet>();

/** In the order of the alphabet. The same set is sorted once. */
export function sorted(names: PermissionSet): PermissionSet {
  const known = sets.get(names) ?? Object.freeze([...names].sort());
  sets.set(names, known);
  return known;
}
