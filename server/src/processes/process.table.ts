import { hashOf, instant, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { check, foreignKey, index, pgTable, sql, text, uuid } from '../kernel/database/drizzle.ts';
import { machines } from '../machines/machine.table.ts';

export const processes = pgTable(
  'processes',
  {
    ...scopedColumns(),
    machineId: uuid().notNull(),
    /** The machine's copy of its license's policy, kept by the database: dead processes are found by it. */
    policyId: uuid().notNull(),
    pid: text().notNull(),
    lastHeartbeatAt: instant().notNull(),
    /** As that of machines. */
    knownHeartbeatAt: instant().notNull(),
    lastDeathEventSentAt: instant(),
    heartbeatMonitorId: uuid(),
    metadata: metadataColumn(),
  },
  (t) => [
    ...scopedKeys('processes', t),
    foreignKey({
      name: 'processes_machine',
      columns: [t.accountId, t.machineId, t.policyId],
      foreignColumns: [machines.accountId, machines.id, machines.policyId],
    })
      .onDelete('cascade')
      .onUpdate('cascade'),
    // Unwatched processes, by policy and by what says when they die (monitor.ts).
    index('processes_beating').on(t.accountId, t.policyId, t.knownHeartbeatAt).where(sql`${t.heartbeatMonitorId} is null`),
    check('processes_known_heartbeat', sql`${t.knownHeartbeatAt} <= ${t.lastHeartbeatAt}`),
    uniqueInAccount('processes_pid', t, t.machineId, hashOf(t.pid)),
    index('processes_id').on(t.id),
  ],
);
export type Process = typeof processes.$inferSelect;
