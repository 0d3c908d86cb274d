/** Finding the record that a path names, inside the set that the bearer may see (spec/auth.md 10.4). */
import { type Access, where } from '../access/access.ts';
import { and, eq, type SQL } from '../database/drizzle.ts';
import type { Alias, Records } from '../database/records.ts';
import type { Context } from '../http/context.ts';
import { apiError, notFound } from '../http/errors.ts';
import { type Filters, filtered, seen } from './list.ts';

export interface LookupOptions {
  /** Aliases besides the id; the resource's own when left out. */
  by?: readonly Alias[];
  within?: SQL;
  /** Which of several records of the same name it is: what they are ordered by. The oldest when left out. */
  best?: SQL;
  /** Query parameters that tell records of the same name apart. */
  qualifiers?: Filters;
  /** The whole account instead of the bearer's set: another rule decides then (403). */
  wholeAccount?: boolean;
  everyEnvironment?: boolean;
  /** Identifiers that are compared in lower case. */
  lowerCase?: boolean;
  /** The 404 does not repeat the identifier. */
  unquoted?: boolean;
}

/** @throws {ApiError} 404 when there is no such record in the set; 400 for a null byte */
export async function lookup<Row extends { id: string }>(
  context: Context,
  of: { records: Records<Row>; access: Access<Row, string> },
  identifier: string,
  options: LookupOptions = {},
): Promise<Row> {
  if (identifier.includes('\0')) throw apiError('NULL_BYTE');
  const { records, access } = of;
  const called = options.lowerCase ? identifier.toLowerCase() : identifier;
  const everyEnvironment = options.everyEnvironment ?? false;
  const set = options.wholeAccount ? eq(records.table.accountId, context.accountId) : seen(context, { records, access, everyEnvironment });
  // The name leads to the row, and the set only judges it: a bearer's set may be large.
  const first = and(eq(records.table.accountId, context.accountId), records.called(called, options.by));
  const [row] = await records.find(context.db, where(set, options.within, ...filtered(context, options.qualifiers)), {
    first,
    order: 'asc',
    limit: 1,
    ...(options.best && { by: options.best }),
  });
  if (!row) throw options.unquoted ? notFound(records.noun) : notFound(records.noun, called);
  return row;
}
