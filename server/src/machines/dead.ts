import { type PgColumn, type SQL, sql } from '../kernel/database/drizzle.ts';
import { policies } from '../policies/policy.table.ts';

/** A table of things with a heartbeat. */
export interface Beating {
  createdAt: PgColumn;
  lastHeartbeatAt: PgColumn;
  knownHeartbeatAt: PgColumn;
  lastDeathEventSentAt: PgColumn;
}

/** The instant before which a last heartbeat, or a creation, means death; the SQL of `deadBefore` in heartbeat.ts. `policies` is joined. */
export const deadline = (now: Date): SQL => sql`(${now.toISOString()}::timestamptz - make_interval(secs => coalesce(${policies.heartbeatDuration}, 600)))`;

/** Which are dead (spec/machines.md 11.5): the WHERE of `heartbeatStatus` in heartbeat.ts. True or false, never null. `policies` is joined. */
export const deadOnes = ({ createdAt, lastHeartbeatAt }: Beating, now: Date): SQL =>
  sql`coalesce(coalesce(${lastHeartbeatAt}, case when ${policies.requireHeartbeat} then ${createdAt} end) < ${deadline(now)}, false)`;
