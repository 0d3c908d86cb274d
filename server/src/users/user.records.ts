import { eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import { type Records, type Row, records } from '../kernel/database/records.ts';
import { licenses, licenseUsers } from '../licenses/license.table.ts';
import { users } from './user.table.ts';

const lastOf = sql`select max(greatest(${licenses.createdAt}, ${licenses.lastValidatedAt}, ${licenses.lastCheckOutAt}, ${licenses.lastCheckInAt})) as moment from ${licenses}`;

/** When a license that the user owns or is attached to was last created or used: what tells active users from others. */
const lastUse = sql`(select max(moment) from (
  (${lastOf} where ${licenses.accountId} = ${users.accountId} and ${licenses.ownerId} = ${users.id})
  union all (${lastOf} join ${licenseUsers} on ${licenseUsers.accountId} = ${licenses.accountId} and ${licenseUsers.licenseId} = ${licenses.id}
    where ${licenseUsers.accountId} = ${users.accountId} and ${licenseUsers.userId} = ${users.id})
) as uses)`;

/** Wrapped, because columns at the top of a selected expression lose their table's name. */
const lastUseAt = sql`${lastUse}`.mapWith((value: string) => new Date(value)) as SQL<Date | null>;

const joined = records(users, {
  type: 'users',
  noun: 'user',
  aliases: [(email) => eq(users.email, email.toLowerCase())],
  extras: { lastUseAt },
});

/** `password`: plain, known only while it is set. */
export type UserRecord = Row<typeof joined> & { password?: string | null };

/** Found by id or by e-mail, whatever its case. */
export const userRecords: Records<UserRecord> & { table: typeof users } = joined;

/** An e-mail address as it is stored. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** What a user has until something is known of him. */
export const freshUser = {
  firstName: null,
  lastName: null,
  metadata: {},
  groupId: null,
  passwordDigest: null,
  passwordResetDigest: null,
  passwordResetSentAt: null,
  bannedAt: null,
  ssoProfileId: null,
  ssoConnectionId: null,
  ssoIdpId: null,
  lastUseAt: null,
};
