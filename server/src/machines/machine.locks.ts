/** Rows are locked in one order, so that nobody waits in a circle: license, machine, names, group. */
import { idIn } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type LicenseRecord, licenseRecords } from '../licenses/license.records.ts';
import { licenses } from '../licenses/license.table.ts';
import { type UserRecord, userRecords } from '../users/user.records.ts';
import { users } from '../users/user.table.ts';
import { machines } from './machine.table.ts';

/** A license by id, locked or not: whoever counts a license's machines, or changes their number, holds its lock. @returns undefined when there is none */
export async function licenseOf(db: Db, accountId: string, id: string, lock?: 'update'): Promise<LicenseRecord | undefined> {
  const [license] = await licenseRecords.find(db, and(eq(licenses.accountId, accountId), eq(licenses.id, id)), { ...(lock && { lock }) });
  return license;
}

/** A user who is to own a machine, who cannot be deleted until it does. */
export async function ownerOf(db: Db, accountId: string, id: string | null): Promise<UserRecord | null> {
  if (id === null) return null;
  const [user] = await userRecords.find(db, and(eq(users.accountId, accountId), eq(users.id, id)), { lock: 'key share' });
  return user ?? null;
}

/** Locks the licenses of machines that are known by their ids only; several of them in the order of their ids. */
export async function lockLicensesOfMachines({ db, accountId }: Change, machineIds: readonly string[]): Promise<void> {
  const ids = sql`select ${machines.licenseId} from ${machines} where ${machines.accountId} = ${accountId} and ${idIn(machines.id, machineIds)}`;
  await db
    .select({ id: licenses.id })
    .from(licenses)
    .where(and(eq(licenses.accountId, accountId), sql`${licenses.id} in (${ids})`))
    .orderBy(licenses.id)
    .for('update');
}
