/** Users that are attached to licenses; the count of them is kept with each license. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Change } from '../kernel/events/change.ts';
import type { Failure } from '../kernel/jsonapi/rules.ts';
import { machines } from '../machines/machine.table.ts';
import type { LicenseRecord, LicenseUserRecord } from './license.records.ts';
import { admitsUsers, tooManyUsers } from './license.rules.ts';
import { licenses } from './license.table.ts';

/** Why a user cannot be attached to a license besides others of the same list; the license's row is locked (spec/licenses.md 9, 10.5). */
export async function refusesUser(user: { id: string }, license: LicenseRecord, index: number): Promise<Failure | undefined> {
  if (license.ownerId === user.id) return { subject: '~user', kind: 'CONFLICT', detail: 'already exists (user is attached through owner)' };
  const count = license.usersCount + (license.ownerId === null ? 0 : 1) + index + 1;
  return admitsUsers(license, count) ? undefined : { subject: '~users', kind: 'LIMIT_EXCEEDED', detail: tooManyUsers(license) };
}

const addUsers = async (license: LicenseRecord, change: Change, count: number): Promise<void> => {
  await change.db
    .update(licenses)
    .set({ usersCount: sql`${licenses.usersCount} + ${count}` })
    .where(and(eq(licenses.accountId, license.accountId), eq(licenses.id, license.id)));
};

/** After users were attached to a license. */
export const usersAttached = (joins: readonly LicenseUserRecord[], license: LicenseRecord, change: Change): Promise<void> =>
  addUsers(license, change, joins.length);

/** After users were detached: their machines on the license stay, without an owner. */
export async function usersDetached(joins: readonly LicenseUserRecord[], license: LicenseRecord, change: Change): Promise<void> {
  await addUsers(license, change, -joins.length);
  const ids = joins.map(({ userId }) => userId);
  const owned = and(eq(machines.accountId, license.accountId), eq(machines.licenseId, license.id), inArray(machines.ownerId, ids));
  await change.db.update(machines).set({ ownerId: null }).where(owned);
}
