import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { belongsTo, hashOf, instant, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { machines } from '../machines/machine.table.ts';

export const processes = pgTable(
  'processes',
  {
    ...scopedColumns(),
    machineId: uuid().notNull(),
    pid: text().notNull(),
    lastHeartbeatAt: instant().notNull(),
    lastDeathEventSentAt: instant(),
    heartbeatMonitorId: uuid(),
    metadata: metadataColumn(),
  },
  (t) => [
    ...scopedKeys('processes', t),
    belongsTo('processes_machine', t, t.machineId, () => machines),
    uniqueInAccount('processes_pid', t, t.machineId, hashOf(t.pid)),
    index('processes_id').on(t.id),
  ],
);
export type Process = typeof processes.$inferSelect;
