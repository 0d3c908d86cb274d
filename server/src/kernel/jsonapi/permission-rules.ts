/** The `permissions` attribute of users, products, licenses and tokens (spec/auth.md 9.3). */
import { isKnownSet, type PermissionSet, roleAllows } from '../access/permissions.ts';
import type { Role } from '../access/roles.ts';
import type { Records } from '../database/records.ts';
import { array, type Sender, string } from '../http/params.ts';
import { type Failure, type OpenRule, refuse, touches } from './rules.ts';

/** The parameter, for those who may send it; a list of names, `[]` for none. */
export const permissionsParam = (...senders: Sender['role'][]) =>
  array(string)
    .allowBlank()
    .only(({ role }) => senders.includes(role));

const unsupported: Failure = { subject: 'permissions', detail: 'unsupported permissions', kind: 'NOT_ALLOWED' };

/**
 * Before authorization: an unknown name or a duplicate is refused, whoever sends it and whoever is to hold it.
 * @param names as sent; undefined when they were not
 * @throws {ApiError} 422
 */
export function refuseUnknownPermissions(names: PermissionSet | undefined, { noun, topic }: Pick<Records<unknown>, 'noun' | 'topic'>): void {
  if (names && !isKnownSet(names)) refuse([unsupported], noun, topic);
}

/** On save: names that the holder may not have are refused. @param allows the role that is to hold them, or a test of the record */
export const permissionsRule =
  <Row extends { permissions: PermissionSet }>(allows: Role | ((row: Row) => boolean)): OpenRule<Row> =>
  (row, facts) => {
    if (!touches(facts, 'permissions')) return undefined;
    return (typeof allows === 'function' ? allows(row) : roleAllows(allows, row.permissions)) ? undefined : unsupported;
  };
