/** Who sees what, and who may do what: every lookup and every action goes through here (spec/auth.md 10, spec/environments.md 5). */
import type { Db } from '../database/database.ts';
import { and, eq, isNull, or, type PgColumn, type SQL, sql } from '../database/drizzle.ts';
import { denied } from '../http/errors.ts';
import { bearerCan, type Permission, type PermissionSet, tokenCan } from './permissions.ts';
import { type BearerKind, type Role, roleInWords } from './roles.ts';

/** The environment that a request chose; null is the global one. */
export interface CurrentEnvironment {
  id: string;
  code: string;
  isolationStrategy: 'ISOLATED' | 'SHARED';
}

/** Whom a request acts as. The relations are those that visibility turns on. */
export interface Bearer {
  kind: BearerKind;
  id: string;
  role: Role;
  /** An environment's is itself. */
  environmentId: string | null;
  /** What it may do in effect: a license's set is already limited by its owner's. */
  permissions: PermissionSet;
  /** What is stored with it; a token's explicit set is measured against this. */
  ownPermissions: PermissionSet;
  bannedAt: Date | null;
  email: string | null;
  groupId: string | null;
  productId: string | null;
  policyId: string | null;
  ownerId: string | null;
}

/** The token of a request; null for license keys and sessions without one. */
export interface BearerToken {
  id: string;
  environmentId: string | null;
  expiry: Date | null;
  /** In effect: limited by its bearer's. */
  permissions: PermissionSet;
}

/** Who asks: all that a rule may turn on. A request's context is one; so is a product that a webhook endpoint belongs to. */
export interface Asker {
  accountId: string;
  environment: CurrentEnvironment | null;
  bearer: Bearer | null;
  token: BearerToken | null;
  db: Db;
  now: Date;
}

/** Reads are lax, writes strict: within a shared environment global records can be read and used, not changed. */
export type Mode = 'lax' | 'strict';

/** What an action's role rule asks of a bearer and a record, or `true`. Anonymous askers have no bearer. */
export type Condition<Row> = true | ((bearer: Bearer, record: Row, asker: Asker) => boolean | Promise<boolean>);
export type Who<Row> = { readonly [R in Role | 'anonymous']?: Condition<Row> };

/** A line of the access matrix (spec/auth.md 11). */
export interface Line<Row> {
  permission: Permission | readonly Permission[];
  mode: Mode | ((asker: Asker, subject: Subject<unknown>) => Mode);
  who: Who<Row>;
  /** A reason to refuse, such as privileges (spec/auth.md 10.5), judged between the environment check and the role rule. `records`: all that are judged with it. */
  unless?: (asker: Asker, record: Row, records: readonly Row[]) => string | undefined | Promise<string | undefined>;
  /** More permissions that a record calls for, such as `admin.read`. */
  alsoNeeds?: (record: Row) => readonly Permission[];
}

export const lax = <Row>(permission: Permission | readonly Permission[], who: Who<Row>, more: Partial<Line<Row>> = {}): Line<Row> => ({
  permission,
  mode: 'lax',
  who,
  ...more,
});
export const strict = <Row>(permission: Permission | readonly Permission[], who: Who<Row>, more: Partial<Line<Row>> = {}): Line<Row> => ({
  permission,
  mode: 'strict',
  who,
  ...more,
});
/** Attach and detach: strict only if the parent is global (spec/environments.md 8.1). */
export const attaching = <Row>(permission: Permission, who: Who<Row>, more: Partial<Line<Row>> = {}): Line<Row> => ({
  permission,
  mode: (_, { parents }) => (parents?.[0]?.environmentId ? 'lax' : 'strict'),
  who,
  ...more,
});

/** The same condition for several roles. */
export const each = <Row>(condition: Condition<Row>, ...names: (Role | 'anonymous')[]): Who<Row> =>
  Object.fromEntries(names.map((name) => [name, condition])) as Who<Row>;
export const always = (...names: (Role | 'anonymous')[]): Who<unknown> => each<unknown>(true, ...names);
export const staff = always('admin', 'developer', 'sales-agent', 'support-agent', 'read-only');

/** Both must hold. */
export const all =
  <Row>(...conditions: Condition<Row>[]): Condition<Row> =>
  async (bearer, record, asker) => {
    for (const condition of conditions) if (condition !== true && !(await condition(bearer, record, asker))) return false;
    return true;
  };
/** One must hold. */
export const any =
  <Row>(...conditions: Condition<Row>[]): Condition<Row> =>
  async (bearer, record, asker) => {
    for (const condition of conditions) if (condition === true || (await condition(bearer, record, asker))) return true;
    return false;
  };

/** What a bearer sees of a kind of record: a WHERE, everything (`true`) or nothing (`false`). Leaving a kind of bearer out does not compile. */
export type Sight = boolean | ((bearer: Bearer, asker: Asker) => SQL | boolean);
export interface Visible {
  staff: Sight;
  environment: Sight;
  product: Sight;
  user: Sight;
  license: Sight;
  anonymous: Sight;
}

export interface Access<Row, Action extends string = string> {
  visible: Visible;
  /** What products' webhook endpoints hear of, where that is more than products see (spec/events.md 1.3). */
  heard?: Sight;
  may: { readonly [A in Action]: Line<Row> };
}

/** Ties the two tables of a resource together; the names of its actions are checked where routes use them. */
export const access = <Row, const Action extends string>(definition: Access<Row, Action>): Access<Row, Action> => definition;

const staffRoles: readonly string[] = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'];

/** @returns the WHERE of the bearer's visible set; undefined: everything; false: nothing */
export function sightOf(visible: Visible, asker: Asker): SQL | undefined | false {
  const { bearer } = asker;
  const kind = bearer === null ? 'anonymous' : staffRoles.includes(bearer.role) ? 'staff' : bearer.kind;
  const sight = visible[kind];
  const seen = typeof sight === 'function' ? sight(bearer!, asker) : sight;
  return seen === true ? undefined : seen;
}

/** The environment's part of every lookup and list (spec/environments.md 3). */
export function inEnvironment(column: PgColumn, environment: CurrentEnvironment | null): SQL {
  if (environment === null) return isNull(column);
  const own = eq(column, environment.id);
  return environment.isolationStrategy === 'ISOLATED' ? own : or(own, isNull(column))!;
}

/** The same question of a loaded row. */
export function isInEnvironment(environmentId: string | null, environment: CurrentEnvironment | null): boolean {
  if (environment === null) return environmentId === null;
  return environmentId === environment.id || (environmentId === null && environment.isolationStrategy === 'SHARED');
}

/** Nothing at all, as a WHERE. */
export const nothing = sql`false`;
export const where = (...parts: (SQL | undefined | false)[]): SQL | undefined => (parts.includes(false) ? nothing : and(...(parts as (SQL | undefined)[])));

const recordFits = (environmentId: string | null, environment: CurrentEnvironment | null, mode: Mode): boolean => {
  if (environment === null) return mode === 'lax' || environmentId === null;
  return environmentId === environment.id || (mode === 'lax' && environmentId === null && environment.isolationStrategy === 'SHARED');
};

const bearerFits = (bearer: Bearer, environment: CurrentEnvironment | null): boolean =>
  isInEnvironment(bearer.environmentId, environment) ||
  (environment?.isolationStrategy === 'ISOLATED' && bearer.role === 'admin' && bearer.environmentId === null);

/** A record of the path above the one that is acted on. */
export interface Parent {
  noun: string;
  environmentId: string | null;
}

/** What an action is about: one record, several, or none. `unscoped`: its kind knows no environments. */
export interface Subject<Row> {
  record?: Row | null;
  records?: readonly Row[];
  parents?: readonly Parent[];
  unscoped?: boolean;
  /** What the role rule is asked about, when that is not the records: the parent of a nested path. */
  judged?: readonly unknown[];
  /** Refuse also an empty list of scoped records, as attach and detach do (spec/environments.md 5, 4d). */
  emptyListRefused?: boolean;
}

const incompatible = (what: string) => denied(`${what} not compatible with the current environment`);

interface Scoped {
  environmentId?: string | null;
}

function checkEnvironment<Row>(asker: Asker, subject: Subject<Row>, mode: Mode): void {
  const { bearer, token, environment } = asker;
  if (bearer && !bearerFits(bearer, environment)) throw incompatible(`${roleInWords(bearer.role)} environment is`);
  if (token && !isInEnvironment(token.environmentId, environment)) throw incompatible('token environment is');
  for (const parent of subject.parents ?? []) if (!isInEnvironment(parent.environmentId, environment)) throw incompatible(`${parent.noun} environment is`);
  const notionless = mode === 'strict' && environment !== null;
  if (subject.records) {
    for (const record of subject.records as readonly Scoped[])
      if (!subject.unscoped && !recordFits(record.environmentId ?? null, environment, mode)) throw incompatible("a record's environment is");
    if (notionless && (subject.unscoped || (subject.emptyListRefused && subject.records.length === 0))) throw incompatible('records are');
  } else if (subject.unscoped || !subject.record) {
    if (notionless) throw incompatible('record is');
  } else if (!recordFits((subject.record as Scoped).environmentId ?? null, environment, mode)) throw incompatible('record environment is');
}

/** The bearer, and its token if there is one, must have permissions (spec/auth.md 10.3). @throws {ApiError} 403 */
export function requirePermissions(asker: Asker, needed: readonly Permission[]): void {
  const { bearer, token } = asker;
  if (bearer === null) return;
  if (!bearerCan(bearer.role, bearer.permissions, needed)) throw denied(`${roleInWords(bearer.role)} lacks permission to perform action`);
  if (token === null) return;
  if (token.expiry !== null && token.expiry < asker.now) throw denied('token is expired');
  if (!tokenCan(token.permissions, needed)) throw denied('token lacks permission to perform action');
}

/** The reason of whoever is refused for none of its own. */
export const unexplained = 'ensure the token or license is allowed to access all resources';

/** The refusal that names no reason of its own. */
export const refusal = (asker: Asker) => denied(asker.bearer ? unexplained : 'ensure a token or license is present and valid');

/**
 * Decides an action in the order of spec/auth.md 10.
 * @throws {ApiError} 403 with the reason of the first step that fails
 */
export async function authorize<Row>(asker: Asker, line: Line<Row>, subject: Subject<Row>): Promise<void> {
  const { bearer } = asker;
  const role = bearer?.role ?? 'anonymous';
  if (bearer === null && line.who.anonymous === undefined) throw denied('authentication is required');
  const records = subject.records ?? (subject.record ? [subject.record] : []);
  const needed = new Set<Permission>(typeof line.permission === 'string' ? [line.permission] : line.permission);
  if (line.alsoNeeds) for (const record of records) for (const name of line.alsoNeeds(record)) needed.add(name);
  requirePermissions(asker, [...needed]);
  checkEnvironment(asker, subject, typeof line.mode === 'function' ? line.mode(asker, subject) : line.mode);
  for (const record of line.unless ? records : []) {
    const reason = await line.unless!(asker, record, records);
    if (reason !== undefined) throw denied(reason);
  }
  const condition = line.who[role];
  if (condition === undefined) throw refusal(asker);
  if (condition === true) return;
  for (const record of (subject.judged as readonly Row[] | undefined) ?? records) if (!(await condition(bearer!, record, asker))) throw refusal(asker);
}

/** Whether an action would be allowed: for askers that get a filtered view instead of an error. */
export async function allows<Row>(asker: Asker, line: Line<Row>, subject: Subject<Row>): Promise<boolean> {
  try {
    await authorize(asker, line, subject);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ApiError') return false;
    throw error;
  }
}
