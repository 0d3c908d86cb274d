import { lower, metadataColumn, permissionsColumn, scopedColumns, scopedKeys, textArray, uniqueInAccount } from '../kernel/database/columns.ts';
import { pgTable, text } from '../kernel/database/drizzle.ts';

export const products = pgTable(
  'products',
  {
    ...scopedColumns(),
    name: text().notNull(),
    code: text(),
    distributionStrategy: text().default('LICENSED'),
    url: text(),
    platforms: textArray(),
    permissions: permissionsColumn(),
    metadata: metadataColumn(),
  },
  (t) => [...scopedKeys('products', t), uniqueInAccount('products_code', t, lower(t.code))],
);
export type Product = typeof products.$inferSelect;
