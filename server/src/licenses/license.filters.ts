/** How lists of licenses can be narrowed (spec/licenses.md 8). */
import { and, eq, gt, gte, isNotNull, isNull, lt, lte, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import { addParts, parseDuration } from '../kernel/duration.ts';
import type { Context } from '../kernel/http/context.ts';
import type { QueryValue } from '../kernel/http/query.ts';
import { isBlankValue, leadingInteger } from '../kernel/http/query-readers.ts';
import { Impossible, parseTime } from '../kernel/http/time.ts';
import { parseUuid } from '../kernel/id.ts';
import { booleanFilter, metadataFilter, nameFilter, textFilter, uuidFilter } from '../kernel/jsonapi/filters.ts';
import type { Filter, Filters } from '../kernel/jsonapi/list.ts';
import { machines } from '../machines/machine.table.ts';
import { users } from '../users/user.table.ts';
import { licenseOwners } from './license.records.ts';
import { licenses, licenseUsers } from './license.table.ts';

const day = 86_400_000;
const daysFrom = (now: Date, days: number): Date => new Date(now.getTime() + days * day);

const { expiry } = licenses;
const isBanned = isNotNull(licenseOwners.bannedAt);
const isNotBanned = isNull(licenseOwners.bannedAt);

const isExpired = (now: Date): SQL => lt(expiry, now);
const isExpiring = (now: Date): SQL => and(gt(expiry, now), lt(expiry, daysFrom(now, 3)))!;
const isNotExpiring = (now: Date): SQL => or(isNull(expiry), lt(expiry, now), gt(expiry, daysFrom(now, 3)))!;

/** When a license was active last (spec/licenses.md 1.1). */
const lastActivity = sql`greatest(${licenses.createdAt}, ${licenses.lastValidatedAt}, ${licenses.lastCheckOutAt}, ${licenses.lastCheckInAt})`;
const isActiveSince = (since: Date): SQL => sql`${lastActivity} >= ${since.toISOString()}::timestamptz`;
const isInactiveSince = (since: Date): SQL => sql`${lastActivity} < ${since.toISOString()}::timestamptz`;

/** What a sub-key's value narrows to; undefined when the value cannot be read. */
type Reading = (text: string, now: Date) => SQL | undefined;

function instant(text: string): Date | undefined {
  try {
    return parseTime(text) ?? undefined;
  } catch (error) {
    if (error instanceof Impossible) return undefined;
    throw error;
  }
}

const withTime =
  (build: (time: Date, now: Date) => SQL | undefined): Reading =>
  (text, now) => {
    const time = instant(text);
    return time && build(time, now);
  };

/** @param direction of the duration, from now */
const withDuration =
  (direction: 1 | -1, build: (end: Date, now: Date) => SQL | undefined): Reading =>
  (text, now) => {
    const parts = parseDuration(text);
    return parts && build(addParts(now, parts, direction), now);
  };

/** A whole UTC day. */
const withDay = (build: (isThatDay: SQL, now: Date) => SQL | undefined): Reading =>
  withTime((time, now) => {
    const start = new Date(Math.floor(time.getTime() / day) * day);
    // The day's last instant, not the next day's first: after the last day that can be stored there is none.
    return build(and(gte(expiry, start), lte(expiry, new Date(start.getTime() + day - 1)))!, now);
  });

/** The sub-keys that have a value; undefined for what is no object, or an empty one. */
function subKeys(value: QueryValue): Record<string, QueryValue> | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return undefined;
  const given = Object.entries(value).filter(([, item]) => !isBlankValue(item));
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** An object whose first sub-key, in the order of the table, counts (spec/licenses.md 8.2). @param fallback when it has none of them */
const oneOf =
  (readings: Record<string, Reading>, fallback: (now: Date) => SQL | false = () => false): Filter =>
  (value, { now }: Context) => {
    const given = subKeys(value);
    if (!given) return undefined;
    const name = Object.keys(readings).find((key) => Object.hasOwn(given, key));
    if (name === undefined) return fallback(now);
    const text = given[name];
    return typeof text === 'string' && (readings[name]!(text, now) ?? false);
  };

const expiresWithin = withDuration(1, (end, now) => and(gte(expiry, now), lte(expiry, end)));
const expires = oneOf({
  within: expiresWithin,
  in: expiresWithin,
  before: withTime((time, now) => and(gte(expiry, now), lte(expiry, time))),
  after: withTime((time, now) => and(gte(expiry, now), gte(expiry, time))),
  on: withDay((isThatDay) => isThatDay),
});

const expiredWithin = withDuration(-1, (start, now) => and(gte(expiry, start), lt(expiry, now)));
const expiredWhen = oneOf(
  {
    within: expiredWithin,
    in: expiredWithin,
    before: withTime((time, now) => and(lt(expiry, now), lte(expiry, time))),
    after: withTime((time, now) => and(gte(expiry, time), lt(expiry, now))),
    on: withDay((isThatDay, now) => and(isThatDay, lt(expiry, now))),
  },
  isExpired,
);
const expiredOrNot = booleanFilter((wanted, { now }) => (wanted ? isExpired(now) : or(isNull(expiry), gte(expiry, now))));

const activity = oneOf({
  inside: withDuration(-1, (start) => and(isNotBanned, isActiveSince(start))),
  outside: withDuration(-1, (start) => and(isNotBanned, isInactiveSince(start))),
  before: withTime(isInactiveSince),
  after: withTime(isActiveSince),
});

const comparison =
  (operator: SQL): Reading =>
  (text) =>
    sql`${licenses.machinesCount} ${operator} ${String(leadingInteger(text))}::numeric`;

const activations = oneOf({
  eq: comparison(sql`=`),
  gt: comparison(sql`>`),
  gte: comparison(sql`>=`),
  lt: comparison(sql`<`),
  lte: comparison(sql`<=`),
});

const isAssigned = or(isNotNull(licenses.ownerId), gt(licenses.usersCount, 0))!;
const isUnassigned = and(isNull(licenses.ownerId), eq(licenses.usersCount, 0))!;

/** Active, and not a banned user's (spec/licenses.md 1.1, 8.1); for queries that `licenseOwners` are joined to. */
export const isActiveLicense = (now: Date): SQL => and(isNotBanned, isActiveSince(daysFrom(now, -90)))!;

const statuses = ['BANNED', 'SUSPENDED', 'EXPIRED', 'EXPIRING', 'INACTIVE', 'ACTIVE'] as const;
const conditions: Record<(typeof statuses)[number], (now: Date) => SQL | undefined> = {
  BANNED: () => isBanned,
  SUSPENDED: () => eq(licenses.suspended, true),
  EXPIRED: isExpired,
  EXPIRING: isExpiring,
  INACTIVE: (now) => and(isNotBanned, isInactiveSince(daysFrom(now, -90))),
  ACTIVE: isActiveLicense,
};

/** The id of a user who is named by id or by exact e-mail. */
function userId(name: string, accountId: string): SQL {
  const id = parseUuid(name);
  return id === undefined ? sql`(select ${users.id} from ${users} where ${users.accountId} = ${accountId} and ${users.email} = ${name})` : sql`${id}::uuid`;
}

/** Licenses that a user, named by id or by exact e-mail, owns or is attached to. */
export const isOfUser = (name: string, accountId: string): SQL => {
  const id = userId(name, accountId);
  const attached = sql`select ${licenseUsers.licenseId} from ${licenseUsers} where ${licenseUsers.accountId} = ${accountId} and ${licenseUsers.userId} = ${id}`;
  return sql`(${licenses.ownerId} = ${id} or ${licenses.id} in (${attached}))`;
};

/** Every filter of licenses; nested lists take those that they have: `{ policy: licenseFilters.policy, ... }`. */
export const licenseFilters = {
  product: uuidFilter(licenses.productId),
  policy: uuidFilter(licenses.policyId),
  machine: uuidFilter(
    (id, { accountId }) =>
      sql`${licenses.id} in (select ${machines.licenseId} from ${machines} where ${machines.accountId} = ${accountId} and ${machines.id} = ${id})`,
  ),
  group: uuidFilter(licenses.groupId),
  owner: textFilter((name, { accountId }) => sql`${licenses.ownerId} = ${userId(name, accountId)}`),
  // a user's list is of itself already
  user: textFilter((name, { accountId, bearer }) => (bearer?.role === 'user' ? undefined : isOfUser(name, accountId))),
  status: nameFilter(statuses, (name, { now }) => conditions[name](now)),
  suspended: booleanFilter(licenses.suspended),
  expiring: booleanFilter((wanted, { now }) => (wanted ? isExpiring(now) : isNotExpiring(now))),
  expired: (value, context) => (typeof value === 'string' ? expiredOrNot(value, context) : expiredWhen(value, context)),
  expires,
  activity,
  assigned: booleanFilter((wanted) => (wanted ? isAssigned : isUnassigned)),
  unassigned: booleanFilter((wanted) => (wanted ? isUnassigned : isAssigned)),
  activated: booleanFilter((wanted) => (wanted ? gt(licenses.machinesCount, 0) : eq(licenses.machinesCount, 0))),
  activations,
  metadata: metadataFilter(licenses.metadata),
} satisfies Filters;
