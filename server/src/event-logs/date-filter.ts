import { and, gte, lt, type PgColumn, sql } from '../kernel/database/drizzle.ts';
import { badParameter } from '../kernel/http/errors.ts';
import { dateRange } from '../kernel/http/query-readers.ts';
import type { Filter } from '../kernel/jsonapi/list.ts';

/** `date[start]` and `date[end]`: whole days, both included (spec/events.md 6.3). Throws {ApiError} 400. */
export function dateFilter(column: PgColumn): Filter {
  return (value) => {
    const range = dateRange(value);
    if (range === undefined) return undefined;
    if ('detail' in range) throw badParameter(range.detail, { parameter: range.parameter });
    return and(gte(column, sql`${range.start}::timestamptz`), lt(column, sql`${range.end}::timestamptz + interval '1 day'`));
  };
}
