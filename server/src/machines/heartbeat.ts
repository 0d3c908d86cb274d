/**
 * The heartbeat of machines and processes. The rules are the same for both: a process always has a last heartbeat, so it is never `NOT_STARTED`
 * and always monitored.
 */
export interface Heartbeat {
  createdAt: Date;
  lastHeartbeatAt: Date | null;
}

/** The part of a policy that governs heartbeats, always read from the current policy. */
export interface HeartbeatPolicy {
  requireHeartbeat: boolean;
  /** Seconds between two pings; null is 600. */
  heartbeatDuration: number | null;
  heartbeatCullStrategy: string | null;
  heartbeatResurrectionStrategy: string | null;
}

export type HeartbeatStatus = 'NOT_STARTED' | 'ALIVE' | 'DEAD' | 'RESURRECTED';

const minute = 60_000;
const revivalMilliseconds = new Map<string | null, number>([
  ['1_MINUTE_REVIVE', minute],
  ['2_MINUTE_REVIVE', 2 * minute],
  ['5_MINUTE_REVIVE', 5 * minute],
  ['10_MINUTE_REVIVE', 10 * minute],
  ['15_MINUTE_REVIVE', 15 * minute],
]);

/** Seconds between two pings: the `heartbeatDuration` of machines, the `interval` of processes (spec/machines.md 1.1, 10.1). */
export const heartbeatWindow = (policy: Pick<HeartbeatPolicy, 'heartbeatDuration'>): number => policy.heartbeatDuration ?? 600;

/** The `requireHeartbeat` attribute, which also says whether the record is monitored: asked for by the policy, or begun (spec/machines.md 1.1, 12). */
export const requiresHeartbeat = (beat: Heartbeat, policy: Pick<HeartbeatPolicy, 'requireHeartbeat'>): boolean =>
  policy.requireHeartbeat || beat.lastHeartbeatAt !== null;

/** The last heartbeat of a machine that is created now (spec/machines.md 11.2). */
export const firstHeartbeat = (policy: { heartbeatBasis: string | null }, now: Date): Date | null => (policy.heartbeatBasis === 'FROM_CREATION' ? now : null);

/** Until when the next ping is due; null before the first (spec/machines.md 1.1). */
export const nextHeartbeat = ({ lastHeartbeatAt }: Pick<Heartbeat, 'lastHeartbeatAt'>, policy: Pick<HeartbeatPolicy, 'heartbeatDuration'>): Date | null =>
  lastHeartbeatAt && new Date(lastHeartbeatAt.getTime() + heartbeatWindow(policy) * 1000);

/** A record whose last heartbeat (or creation, where a required one never came) lies before this instant is dead (spec/machines.md 11.5). */
export const deadBefore = (policy: Pick<HeartbeatPolicy, 'heartbeatDuration'>, now: Date): Date => new Date(now.getTime() - heartbeatWindow(policy) * 1000);

/** The status now; `revived` only in the answer to the ping that has just revived the record, and in its event (spec/machines.md 11.3). */
export function heartbeatStatus(
  beat: Heartbeat,
  policy: Pick<HeartbeatPolicy, 'requireHeartbeat' | 'heartbeatDuration'>,
  now: Date,
  revived = false,
): HeartbeatStatus {
  if (revived) return 'RESURRECTED';
  if (!requiresHeartbeat(beat, policy)) return 'NOT_STARTED';
  if ((beat.lastHeartbeatAt ?? beat.createdAt) < deadBefore(policy, now)) return 'DEAD';
  return beat.lastHeartbeatAt ? 'ALIVE' : 'NOT_STARTED';
}

/** Whether a ping brings a dead record back: always, never, or until some minutes after the heartbeat was due (spec/machines.md 11.4). */
export function isRevivable(beat: Heartbeat, policy: HeartbeatPolicy, now: Date): boolean {
  if (policy.heartbeatResurrectionStrategy === 'ALWAYS_REVIVE') return true;
  const due = nextHeartbeat(beat, policy);
  const window = revivalMilliseconds.get(policy.heartbeatResurrectionStrategy);
  return due !== null && window !== undefined && now.getTime() <= due.getTime() + window;
}

/**
 * What a ping does: `ping` and `resurrected` are the last words of the event's name; `resurrected` clears the mark of the death event as well;
 * `dead` is refused (spec/machines.md 11.4).
 */
export function pingOutcome(beat: Heartbeat, policy: HeartbeatPolicy, now: Date): 'ping' | 'resurrected' | 'dead' {
  if (heartbeatStatus(beat, policy, now) !== 'DEAD') return 'ping';
  return isRevivable(beat, policy, now) ? 'resurrected' : 'dead';
}

/** What the monitor of a record does next. */
export interface Fate {
  /**
   * - `released`: not monitored any more: clear the monitor id;
   * - `revived`: alive again: emit pong, clear the monitor id;
   * - `wait`: can still be revived: look again in a minute;
   * - `delete`: cull;
   * - `stop`: leave it dead, with its monitor id.
   */
  next: 'released' | 'revived' | 'wait' | 'delete' | 'stop';
  /** The death event is due: set its mark and emit it, before anything else. */
  announces: boolean;
}

/** One look of the monitor job at a machine or process that was found dead (spec/machines.md 12). */
export function fate(record: Heartbeat & { lastDeathEventSentAt: Date | null }, policy: HeartbeatPolicy, now: Date): Fate {
  if (!requiresHeartbeat(record, policy)) return { next: 'released', announces: false };
  if (heartbeatStatus(record, policy, now) === 'ALIVE') return { next: 'revived', announces: false };
  const announces = record.lastDeathEventSentAt === null;
  if (policy.heartbeatResurrectionStrategy === 'ALWAYS_REVIVE') return { next: 'stop', announces };
  if (isRevivable(record, policy, now)) return { next: 'wait', announces };
  return { next: policy.heartbeatCullStrategy === 'KEEP_DEAD' ? 'stop' : 'delete', announces };
}
