import { accountColumns, accountKeys, hashOf, uniqueInAccount } from '../kernel/database/columns.ts';
import { pgTable, text } from '../kernel/database/drizzle.ts';

/** A table of what releases, artifacts and packages are told apart by: rows that come on demand and stay (spec/distribution.md 1.1). @param table its name */
export const dimensionTable = <const Name extends string>(table: Name) =>
  pgTable(table, { ...accountColumns(), name: text(), key: text().notNull() }, (t) => [
    ...accountKeys(table, t),
    uniqueInAccount(`${table}_key`, t, hashOf(t.key)),
  ]);
export type DimensionTable = ReturnType<typeof dimensionTable>;
