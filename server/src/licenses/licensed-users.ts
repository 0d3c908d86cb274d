/** Active licensed users: what plans are measured by (spec/licenses.md 4.5, spec/accounts.md 11.3). */
import { type Db, execute } from '../kernel/database/database.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { sameAccount } from '../kernel/database/records.ts';
import { isActiveLicense } from './license.filters.ts';
import { licenseOwners } from './license.records.ts';
import { isActive, isBanned, type LicenseLife } from './license.status.ts';
import { licenses, licenseUsers } from './license.table.ts';

interface Owned extends LicenseLife {
  ownerId: string | null;
}

const counts = (license: LicenseLife, now: Date): boolean => isActive(license, now) && !isBanned(license);

/** The users of all active licenses, each once, and one for every such license without users. @param all of the account's licenses, with the users that are attached */
export function licensedUsersOf(all: readonly (Owned & { userIds: readonly string[] })[], now: Date): number {
  const active = all.filter((license) => counts(license, now)).map(({ ownerId, userIds }) => [...(ownerId === null ? [] : [ownerId]), ...userIds]);
  return new Set(active.flat()).size + active.filter((users) => users.length === 0).length;
}

/** How many licensed users an account has, and which of those that were asked about are among them. */
export interface LicensedUsers {
  count: number;
  known: ReadonlySet<string>;
}

/** What `licensedUsersOf` says of the stored licenses of all environments, in one statement. @param asked ids of users */
export async function licensedUsers(db: Db, accountId: string, now: Date, asked: readonly string[] = []): Promise<LicensedUsers> {
  const active = db
    .select({ id: licenses.id, ownerId: licenses.ownerId, usersCount: licenses.usersCount })
    .from(licenses)
    .leftJoin(licenseOwners, sameAccount(licenses, licenses.ownerId, licenseOwners))
    .where(and(eq(licenses.accountId, accountId), isActiveLicense(now)));
  const attached = sql`select ${licenseUsers.userId} from ${licenseUsers} join active on active.id = ${licenseUsers.licenseId} where ${licenseUsers.accountId} = ${accountId}`;
  const [row] = await execute(
    db,
    sql`with active as ${active}, people as (select owner_id as id from active where owner_id is not null union ${attached})
      select (select count(*) from people)::int + (select count(*) from active where owner_id is null and users_count = 0)::int as count,
        (select coalesce(json_agg(id), '[]') from people where id in (select value::uuid from json_array_elements_text(${JSON.stringify(asked)}::text::json))) as known`,
  );
  return { count: Number(row!.count), known: new Set(row!.known as string[]) };
}

/**
 * How many there are once more users have been attached to a license.
 * @param before without them, asked about all of them
 */
export function withAttached(before: LicensedUsers, license: Owned & { usersCount: number }, userIds: readonly string[], now: Date): number {
  if (userIds.length === 0 || !counts(license, now)) return before.count;
  const stoodForItself = license.ownerId === null && license.usersCount === 0;
  return before.count + userIds.filter((id) => !before.known.has(id)).length - (stoodForItself ? 1 : 0);
}
