/** What lists of users can be narrowed by (spec/users.md 2.5). */
import { userRoles } from '../kernel/access/roles.ts';
import { and, eq, exists, gte, inArray, isNotNull, isNull, lt, not, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { booleanFilter, metadataFilter, nameFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { licenses, licenseUsers } from '../licenses/license.table.ts';
import { idsOfLicensees, idsOfProductUsers } from './user.sight.ts';
import { activeSince, userStatuses } from './user.status.ts';
import { users } from './user.table.ts';

/** `roles[]`: role `user` alone unless it is given; given as anything but a list of names, all roles. */
export const rolesFilter: Filter = Object.assign(
  (value: Parameters<Filter>[0]) => {
    const names = Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item.trim() !== '') : [];
    if (names.length === 0) return undefined;
    const known = userRoles.map((role) => role.replace('-', '_')).filter((role) => names.some((name) => String(name).trim().replaceAll('-', '_') === role));
    return known.length > 0 && inArray(users.role, known);
  },
  { unlessGiven: eq(users.role, 'user') },
);

/** Whether a license of the user's was created or used lately; the mirror of `userStatus`. */
function usesLicense({ db, accountId, now }: Context): SQL {
  const since = activeSince(now);
  const lately = or(
    gte(licenses.createdAt, since),
    gte(licenses.lastValidatedAt, since),
    gte(licenses.lastCheckOutAt, since),
    gte(licenses.lastCheckInAt, since),
  );
  const owned = and(eq(licenses.accountId, accountId), eq(licenses.ownerId, users.id), lately);
  const pair = and(eq(licenseUsers.accountId, accountId), eq(licenseUsers.userId, users.id), lately);
  const itsLicense = and(eq(licenses.accountId, licenseUsers.accountId), eq(licenses.id, licenseUsers.licenseId));
  return or(
    exists(db.select({ one: sql`1` }).from(licenses).where(owned)),
    exists(db.select({ one: sql`1` }).from(licenseUsers).innerJoin(licenses, itsLicense).where(pair)),
  )!;
}

function hasStatus(status: (typeof userStatuses)[number], context: Context): SQL {
  if (status === 'BANNED') return isNotNull(users.bannedAt);
  const since = activeSince(context.now);
  const active = status === 'ACTIVE' ? or(gte(users.createdAt, since), usesLicense(context)) : and(lt(users.createdAt, since), not(usesLicense(context)));
  return and(isNull(users.bannedAt), active)!;
}

const assigned = booleanFilter((wanted, { db, accountId }) => {
  const owns = exists(
    db
      .select({ one: sql`1` })
      .from(licenses)
      .where(and(eq(licenses.accountId, accountId), eq(licenses.ownerId, users.id))),
  );
  return wanted ? owns : not(owns);
});

export const userFilters: Filters = {
  roles: rolesFilter,
  product: uuidFilter((id, { accountId }) => sql`${users.id} in ${idsOfProductUsers(accountId, id)}`),
  license: uuidFilter((id, { accountId }) => sql`${users.id} in ${idsOfLicensees(accountId, sql`(select ${id}::uuid)`)}`),
  group: uuidFilter(users.groupId),
  status: nameFilter(userStatuses, hasStatus),
  assigned,
  active: assigned,
  metadata: metadataFilter(users.metadata),
};
