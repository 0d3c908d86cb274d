import { belongsTo, hashOf, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { index, pgTable, text, uuid } from '../kernel/database/drizzle.ts';
import { machines } from '../machines/machine.table.ts';

export const components = pgTable(
  'components',
  { ...scopedColumns(), machineId: uuid().notNull(), fingerprint: text().notNull(), name: text().notNull(), metadata: metadataColumn() },
  (t) => [
    ...scopedKeys('components', t),
    belongsTo('components_machine', t, t.machineId, () => machines),
    uniqueInAccount('components_fingerprint', t, t.machineId, hashOf(t.fingerprint)),
    index('components_by_fingerprint').on(t.accountId, hashOf(t.fingerprint)),
  ],
);
export type Component = typeof components.$inferSelect;
