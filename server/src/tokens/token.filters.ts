/** `bearer[type]`, `bearer[id]` and `bearer[role]` of `GET /tokens` (spec/auth.md 5.5). */
import { where } from '../kernel/access/access.ts';
import { type BearerKind, userRoles } from '../kernel/access/roles.ts';
import { and, eq, inArray, or, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import { snakeKey } from '../kernel/http/keys.ts';
import type { QueryValue } from '../kernel/http/query.ts';
import { parseUuid } from '../kernel/id.ts';
import type { Filters } from '../kernel/jsonapi/list.ts';
import { users } from '../users/user.table.ts';
import { tokens } from './token.table.ts';

const kinds: readonly BearerKind[] = ['user', 'product', 'license', 'environment'];

const text = (value: QueryValue | undefined): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

function ofType(value: QueryValue | undefined): SQL | undefined | false {
  const name = text(value);
  if (name === undefined) return undefined;
  const kind = kinds.find((known) => [known, `${known}s`].includes(snakeKey(name)));
  return kind !== undefined && eq(tokens.bearerType, kind);
}

function withId(value: QueryValue | undefined): SQL | undefined | false {
  const name = text(value);
  if (name === undefined) return undefined;
  const id = parseUuid(name);
  return id !== undefined && eq(tokens.bearerId, id);
}

function inRole(value: QueryValue | undefined, { accountId }: Context): SQL | undefined | false {
  const names = (Array.isArray(value) ? value : [value]).map(text).filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  const wanted = names.map((name) => name.toLowerCase().replaceAll('_', '-'));
  const implied = kinds.filter((kind) => kind !== 'user' && wanted.includes(kind));
  const roles = userRoles.filter((role) => wanted.includes(role)).map((role) => role.replace('-', '_'));
  const ids = and(eq(users.accountId, accountId), inArray(users.role, roles));
  const tests = [
    ...(implied.length > 0 ? [inArray(tokens.bearerType, implied)] : []),
    ...(roles.length > 0 ? [and(eq(tokens.bearerType, 'user'), sql`${tokens.bearerId} in (select ${users.id} from ${users} where ${ids})`)] : []),
  ];
  return tests.length > 0 && or(...tests);
}

export const tokenFilters: Filters = {
  bearer: (value, context) => {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    if (!['type', 'id', 'role'].some((name) => name in value)) return false;
    return where(ofType(value.type), withId(value.id), inRole(value.role, context));
  },
};
