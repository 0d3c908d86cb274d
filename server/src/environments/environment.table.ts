import { accountColumns, accountKeys, lower, permissionsColumn, uniqueInAccount } from '../kernel/database/columns.ts';
import { pgTable, text } from '../kernel/database/drizzle.ts';

export const environments = pgTable(
  'environments',
  {
    ...accountColumns(),
    name: text().notNull(),
    code: text().notNull(),
    isolationStrategy: text().$type<'ISOLATED' | 'SHARED'>().notNull().default('ISOLATED'),
    permissions: permissionsColumn(),
  },
  (t) => [...accountKeys('environments', t), uniqueInAccount('environments_code', t, lower(t.code))],
);
export type Environment = typeof environments.$inferSelect;
