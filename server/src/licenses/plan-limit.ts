/** The plan's limit of active licensed users, where licenses and their users are added (spec/licenses.md 4.5). */
import { lockName } from '../kernel/database/locks.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Failure } from '../kernel/jsonapi/rules.ts';
import { licensedUserLimit, tooManyLicensedUsers } from '../plans/licensed-user-limit.ts';
import type { LicenseRecord } from './license.records.ts';
import { type LicensedUsers, licensedUsers, withAttached } from './licensed-users.ts';

/** Counts while nobody else adds any to the account: those who are limited wait for each other. */
async function counted({ db, accountId, now }: Change, asked: readonly string[] = []): Promise<LicensedUsers> {
  await lockName(db, 'licensed users', accountId);
  return licensedUsers(db, accountId, now, asked);
}

/** The limit that holds for the request's account, known without asking the database; null: none. */
const limitOf = ({ account, services: { config } }: Context): number | null => licensedUserLimit(account, config.mode);

const full = (limit: number, context: Context): Failure => tooManyLicensedUsers(limit, context.services.config.names.billing);

/** Why the account may have no further license. */
export async function planRefusesLicense(change: Change, context: Context): Promise<Failure | undefined> {
  const limit = limitOf(context);
  if (limit === null) return undefined;
  return (await counted(change)).count < limit ? undefined : full(limit, context);
}

/** Why a list of users cannot be attached to a license beyond its first `index`, each of which is judged with those before it attached. */
export async function planRefusesUsers(
  ids: readonly string[],
  license: LicenseRecord,
  change: Change,
  context: Context,
): Promise<(index: number) => Failure | undefined> {
  const limit = limitOf(context);
  if (limit === null) return () => undefined;
  const before = await counted(change, ids);
  return (index) => (withAttached(before, license, ids.slice(0, index), change.now) < limit ? undefined : full(limit, context));
}
