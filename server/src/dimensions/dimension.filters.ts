import { equalsHashed } from '../kernel/database/columns.ts';
import { and, eq, or, type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { parseUuid } from '../kernel/id.ts';
import { textFilter } from '../kernel/jsonapi/filters.ts';
import type { DimensionTable } from './dimension.table.ts';

/** A filter by the key or id of a row that a column names. @param keyOf what is stored of a text; null: nothing is */
export const namedBy = (
  table: DimensionTable,
  column: PgColumn,
  keyOf: (text: string) => string | null = (text) => text,
  within = (named: SQL): SQL => named,
) =>
  textFilter((text, { accountId }) => {
    const key = keyOf(text);
    const id = parseUuid(text);
    const called = or(key === null ? undefined : equalsHashed(table.key, key), id === undefined ? undefined : eq(table.id, id));
    return called !== undefined && within(sql`${column} in (select ${table.id} from ${table} where ${and(eq(table.accountId, accountId), called)})`);
  });
