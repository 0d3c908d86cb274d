import { engines } from '../engines/engine.table.ts';
import { metadataColumn, refersTo, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';

/** spec/distribution.md 6.1 */
export const packages = pgTable(
  'packages',
  { ...scopedColumns(), productId: uuid().notNull(), engineId: uuid(), name: text().notNull(), key: text().notNull(), metadata: metadataColumn() },
  (t) => [
    ...scopedKeys('packages', t),
    refersTo('packages_engine', t, t.engineId, () => engines),
    uniqueInAccount('packages_key', t, t.key),
    index('packages_product').on(t.accountId, t.productId, t.createdAt),
    index('packages_by_engine').on(t.accountId, t.engineId),
    index('packages_metadata').using('gin', t.metadata.op('jsonb_path_ops')),
  ],
);
export type Package = typeof packages.$inferSelect;
