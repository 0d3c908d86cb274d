import { hashOf, instant, int64, metadataColumn, scopedColumns, scopedKeys, uniqueInAccount } from '../kernel/database/columns.ts';
import { check, index, integer, pgTable, sql, text, unique, uuid } from '../kernel/database/drizzle.ts';

export const machines = pgTable(
  'machines',
  {
    ...scopedColumns(),
    licenseId: uuid().notNull(),
    /** The license's, kept here for uniqueness and culling; follows in the background when the license changes its policy. */
    policyId: uuid().notNull(),
    ownerId: uuid(),
    groupId: uuid(),
    fingerprint: text().notNull(),
    name: text(),
    ip: text(),
    hostname: text(),
    platform: text(),
    cores: integer(),
    memory: int64(),
    disk: int64(),
    /** The machine's own limit; no parameter sets it. */
    maxProcesses: integer(),
    lastCheckOutAt: instant(),
    lastHeartbeatAt: instant(),
    /** The last heartbeat that sweeps know of, no later than the real one: indexed in its stead, so that a ping touches no index (monitor.ts). */
    knownHeartbeatAt: instant(),
    lastDeathEventSentAt: instant(),
    /** The watch that follows this machine's death; null: nobody watches. */
    heartbeatMonitorId: uuid(),
    metadata: metadataColumn(),
  },
  (t) => [
    ...scopedKeys('machines', t),
    uniqueInAccount('machines_fingerprint', t, t.licenseId, hashOf(t.fingerprint)),
    index('machines_by_fingerprint').on(t.accountId, hashOf(t.fingerprint)),
    index('machines_license').on(t.accountId, t.licenseId, t.createdAt),
    index('machines_policy').on(t.accountId, t.policyId),
    index('machines_owner').on(t.accountId, t.ownerId),
    index('machines_group').on(t.accountId, t.groupId),
    index('machines_id').on(t.id),
    // What processes refer to, so that their copy of the policy follows this one.
    unique('machines_process_policy').on(t.accountId, t.id, t.policyId),
    // The two kinds of unwatched machines, by policy and by what says when they die (monitor.ts).
    index('machines_beating').on(t.accountId, t.policyId, t.knownHeartbeatAt).where(sql`${t.heartbeatMonitorId} is null and ${t.knownHeartbeatAt} is not null`),
    index('machines_silent').on(t.accountId, t.policyId, t.createdAt).where(sql`${t.heartbeatMonitorId} is null and ${t.knownHeartbeatAt} is null`),
    check('machines_known_heartbeat', sql`${t.knownHeartbeatAt} <= ${t.lastHeartbeatAt} and (${t.knownHeartbeatAt} is null) = (${t.lastHeartbeatAt} is null)`),
    index('machines_metadata').using('gin', t.metadata.op('jsonb_path_ops')),
  ],
);
export type Machine = typeof machines.$inferSelect;
