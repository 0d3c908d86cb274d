/** How logs name records that may be of any type and long gone: as relationships (spec/events.md 6.1), and in filters (6.3). */
import { and, eq, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { singularOf } from '../kernel/http/params.ts';
import type { QueryValue } from '../kernel/http/query.ts';
import { textFilter } from '../kernel/http/query-readers.ts';
import { parseUuid } from '../kernel/id.ts';
import type { RelationshipOf } from '../kernel/jsonapi/document.ts';
import type { Filter } from '../kernel/jsonapi/list.ts';

/** Wire types by where their records stand: below the account under their type, nowhere of their own, or at a path without an id. */
const routed = [
  ...['artifacts', 'arches', 'channels', 'components', 'engines', 'entitlements', 'environments', 'event-logs', 'groups', 'keys', 'licenses', 'machines'],
  ...['packages', 'platforms', 'policies', 'processes', 'products', 'releases', 'request-logs', 'settings', 'tokens', 'users'],
  ...['webhook-endpoints', 'webhook-events'],
];
const pathless = ['second-factors', 'license-users', 'license-entitlements', 'policy-entitlements', 'group-owners', 'constraints'];
const single: Record<string, string> = { accounts: '', plans: '/plan', billings: '/billing' };

const letters = (text: string): string => text.replace(/[^a-z]/gi, '').toLowerCase();
const known = new Map(
  [...routed, ...pathless, ...Object.keys(single)].flatMap((type) => [type, singularOf(type)].map((name) => [letters(name), type] as const)),
);
/** What some types were called where they are stored elsewhere. */
const otherNames: Record<string, string> = {
  'machine-process': 'processes',
  'machine-component': 'components',
  'release-artifact': 'artifacts',
  'release-package': 'packages',
};
for (const [name, type] of Object.entries(otherNames)) for (const form of [name, `${name}s`, `${name}es`]) known.set(letters(form), type);

/** The wire type that a filter means, in whatever number, case and dashing it is written. */
export const typeCalled = (name: string): string | undefined => known.get(letters(name));

/** A relationship to the record, whether or not it still exists; without links when there is none. */
export const reference =
  <Row>(type: (row: Row) => string | null, id: (row: Row) => string | null): RelationshipOf<Row> =>
  (row, { account }) => {
    const data = { type: type(row), id: id(row) };
    if (data.type === null || data.id === null) return { data: null };
    const own = pathless.includes(data.type) ? null : `${account}${single[data.type] ?? `/${data.type}/${data.id}`}`;
    return { links: { related: own }, data: { type: data.type, id: data.id } };
  };

/** An id in full, or a part of one in any case. */
export function idFilter(column: PgColumn): Filter {
  return (value) => {
    const text = textFilter(value);
    if (text === undefined) return undefined;
    const id = parseUuid(text);
    return id === undefined ? sql`strpos(${column}::text, lower(${text})) > 0` : eq(column, id);
  };
}

/** `x=<id>`, `x[]=<type>&x[]=<id>`, `x[type]=<type>&x[id]=<id>`; half a pair fits nothing, other shapes are ignored. */
export function referenceFilter(type: PgColumn, id: PgColumn): Filter {
  const byId = idFilter(id);
  return (value, context) => {
    if (typeof value === 'string') return byId(value, context);
    const pair = pairOf(value);
    if (pair === undefined) return undefined;
    const [itsType, itsId] = pair;
    const wireType = typeof itsType === 'string' ? typeCalled(itsType) : undefined;
    const fits: SQL | false | undefined = itsId === undefined ? undefined : byId(itsId, context);
    return wireType === undefined || !fits ? false : and(eq(type, wireType), fits);
  };
}

/** Type and id, one of which may be missing; undefined for other shapes. */
function pairOf(value: Exclude<QueryValue, string>): [QueryValue | undefined, QueryValue | undefined] | undefined {
  if (!Array.isArray(value)) return 'type' in value || 'id' in value ? [value.type, value.id] : undefined;
  return value.length === 1 || value.length === 2 ? [value[0], value[1]] : undefined;
}
