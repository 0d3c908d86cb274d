/** What lists of machines, and of what hangs on them, can be narrowed by (spec/machines.md 6.2, 9.2, 10.4). */
import { equalsHashed } from '../kernel/database/columns.ts';
import { eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { textFilter as readText } from '../kernel/http/query-readers.ts';
import { parseUuid } from '../kernel/id.ts';
import { metadataFilter, nameFilter, textFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { licenses, licenseUsers } from '../licenses/license.table.ts';
import { users } from '../users/user.table.ts';
import { deadOnes } from './dead.ts';
import { machines } from './machine.table.ts';

/** Ids of the user with an id or, exactly, an e-mail address. */
function idsOfUserCalled(accountId: string, text: string): SQL {
  const id = parseUuid(text);
  const called = id === undefined ? sql`${users.email} = ${text}` : sql`(${users.id} = ${id} or ${users.email} = ${text})`;
  return sql`(select ${users.id} from ${users} where ${users.accountId} = ${accountId} and ${called})`;
}

/** `user=<id or e-mail>`: what hangs on the licenses that this user owns or is attached to. */
const userFilter = textFilter((text, { accountId }) => {
  const ids = idsOfUserCalled(accountId, text);
  return sql`${machines.licenseId} in (select ${licenses.id} from ${licenses} where ${licenses.accountId} = ${accountId} and ${licenses.ownerId} in ${ids}
    union select ${licenseUsers.licenseId} from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.userId} in ${ids})`;
});

/** `status=alive` and `status=dead`. @param beat the table whose heartbeats count */
export const statusFilter = (beat: Parameters<typeof deadOnes>[0]): Filter =>
  nameFilter(['ALIVE', 'DEAD'], (status, { now }) => (status === 'DEAD' ? deadOnes(beat, now) : sql`not ${deadOnes(beat, now)}`));

const owner: Filter = (value, context: Context) => {
  const text = readText(value);
  return text === undefined ? undefined : sql`${machines.ownerId} in ${idsOfUserCalled(context.accountId, text)}`;
};

/** The filters of machines by name; nested lists pick theirs. The rows are `machineRecords`. */
export const machineFilters = {
  fingerprint: textFilter((text) => equalsHashed(machines.fingerprint, text)),
  ip: textFilter(machines.ip),
  hostname: textFilter(machines.hostname),
  status: statusFilter(machines),
  product: uuidFilter(licenses.productId),
  policy: uuidFilter(licenses.policyId),
  license: uuidFilter(machines.licenseId),
  key: textFilter((text) => equalsHashed(licenses.key, text)),
  owner,
  user: userFilter,
  group: uuidFilter(machines.groupId),
  metadata: metadataFilter(machines.metadata),
} satisfies Filters;

/** The filters of components and processes, whose rows come with their machine and license. */
export const onMachineFilters = {
  product: uuidFilter(licenses.productId),
  machine: uuidFilter((id) => eq(machines.id, id)),
  license: uuidFilter(machines.licenseId),
  owner: uuidFilter(machines.ownerId),
  user: userFilter,
} satisfies Filters;
