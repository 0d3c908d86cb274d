/** Rules that several resources share. */
import { and, eq, ne, type PgColumn, sql } from '../database/drizzle.ts';
import type { AccountTable } from '../database/records.ts';
import { parseUuid } from '../id.ts';
import { type Facts, longer, type Rule, reserved, tooLong, touches } from './rules.ts';

interface Coded {
  id: string;
  accountId: string;
  code: string | null;
}

/** Whether another row of the account has a value in a column. */
export async function isTaken(
  table: AccountTable,
  row: { id: string; accountId: string },
  column: PgColumn,
  value: string,
  facts: Facts,
  options: { anyCase?: boolean } = {},
): Promise<boolean> {
  const same = options.anyCase ? sql`lower(${column}) = lower(${value})` : eq(column, value);
  const [found] = await facts.db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.accountId, row.accountId), ne(table.id, row.id), same))
    .limit(1);
  return found !== undefined;
}

/** A code that stands in for the id in paths: unique in the account whatever its case, no reserved word, no UUID. */
export const codeRules = (table: AccountTable & { code: PgColumn }): readonly Rule<Coded>[] => [
  ['code', 'is reserved', 'NOT_ALLOWED', ({ code }) => reserved(code)],
  [
    'code',
    'has already been taken',
    'TAKEN',
    (row, facts) => row.code !== null && touches(facts, 'code') && isTaken(table, row, table.code, row.code, facts, { anyCase: true }),
  ],
  ['code', tooLong(255), 'TOO_LONG', ({ code }) => longer(code, 255)],
  ['code', 'is invalid', 'INVALID', ({ code }) => code !== null && parseUuid(code) !== undefined],
];
