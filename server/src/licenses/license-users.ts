/** Users that are attached to licenses; the count of them is kept with each license. */
import { and, eq, inArray, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Failure } from '../kernel/jsonapi/rules.ts';
import { machines } from '../machines/machine.table.ts';
import type { LicenseRecord, LicenseUserRecord } from './license.records.ts';
import { admitsUsers, tooManyUsers } from './license.rules.ts';
import { licenses } from './license.table.ts';
import { planRefusesUsers } from './plan-limit.ts';

/** Why each user of a list cannot be attached to a license besides those before it; the license's row is locked (spec/licenses.md 4.5, 9, 10.5). */
export async function refusesUsers(
  ids: readonly string[],
  license: LicenseRecord,
  change: Change,
  context: Context,
): Promise<(user: { id: string }, index: number) => Failure | undefined> {
  const planRefuses = await planRefusesUsers(ids, license, change, context);
  return (user, index) => {
    if (license.ownerId === user.id) return { subject: '~user', kind: 'CONFLICT', detail: 'already exists (user is attached through owner)' };
    const count = license.usersCount + (license.ownerId === null ? 0 : 1) + index + 1;
    return admitsUsers(license, count) ? planRefuses(index) : { subject: '~users', kind: 'LIMIT_EXCEEDED', detail: tooManyUsers(license) };
  };
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
