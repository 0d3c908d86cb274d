/** The two jobs that notice deaths and follow them to their end (spec/machines.md 12), the same for all that has a heartbeat. */
import { type SQL, sql } from 'drizzle-orm';
import { execute } from '../kernel/database/database.ts';
import type { Change } from '../kernel/events/change.ts';
import { type Job, job, RetryAt } from '../kernel/jobs/job.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/resource.ts';
import { policies } from '../policies/policy.table.ts';
import type { BeatingRow, HeartbeatKind } from './beat.ts';
import { deadline } from './dead.ts';
import { fate } from './heartbeat.ts';

/** A watch of one record. Another life of the record gets another watch. */
interface Watch {
  accountId: string;
  id: string;
  monitorId: string;
}

const batch = 500;
const minute = 60_000;
/** Retries come every minute for about an hour, and every ten minutes from then on. */
const patience = 61 * minute;

/**
 * Marks up to `batch` dead records that nobody watches. Policy by policy, because each has its own window: so an index leads to the dead ones alone, the
 * longest dead first, whatever a policy says today.
 */
export function claimDead<Row extends BeatingRow>({ table }: HeartbeatKind<Row>, { among, since }: HeartbeatKind<Row>['deaths'][number], now: Date): SQL {
  return sql`update ${table} as claimed set heartbeat_monitor_id = gen_random_uuid()
    from (
      select due.account_id, due.id from ${policies} cross join lateral (
        select ${table.accountId}, ${table.id} from ${table}
        where ${table.accountId} = ${policies.accountId} and ${table.policyId} = ${policies.id} and ${table.heartbeatMonitorId} is null
          and ${among} and ${since} < ${deadline(now)}
        order by ${since} limit ${sql.raw(String(batch))} for update skip locked
      ) as due limit ${sql.raw(String(batch))}
    ) as due
    where claimed.account_id = due.account_id and claimed.id = due.id
    returning claimed.account_id, claimed.id, claimed.heartbeat_monitor_id`;
}

/** One look at a record. @returns until when it may still be revived is not over: look again */
async function look<Row extends BeatingRow>(kind: HeartbeatKind<Row>, { id, accountId, monitorId }: Watch, change: Change): Promise<Date | undefined> {
  const { noun, records, document, access } = kind;
  await kind.lock(change, id);
  const row = await lockRow(change, records, { id, accountId });
  if (!row) return undefined;
  const { next, announces } = fate(row, row.policy, change.now);
  const own = row.heartbeatMonitorId === monitorId;
  const emit = (event: 'dead' | 'pong', record: Row) => change.emit(`${noun}.heartbeat.${event}`, { document, access, row: record });
  if (next === 'released' || next === 'revived') {
    if (own) await updateRow(change, records, row, { heartbeatMonitorId: null } as Partial<Row>);
    if (next === 'revived') await emit('pong', row);
    return undefined;
  }
  // Reset, or alive and dead again since: whoever notices that follows it.
  if (!own) return undefined;
  const lastDeathEventSentAt = row.lastDeathEventSentAt ?? change.now;
  if (announces) {
    await updateRow(change, records, row, { lastDeathEventSentAt } as Partial<Row>);
    await emit('dead', { ...row, lastDeathEventSentAt });
  }
  if (next === 'delete') await kind.cull(row, change);
  return next === 'wait' ? lastDeathEventSentAt : undefined;
}

/** The sweep and the watch of a kind: `machines.sweep`, `machines.watch`. */
export function monitors<Row extends BeatingRow>(kind: HeartbeatKind<Row>): readonly [sweep: Job<Record<string, never>>, watch: Job<Watch>] {
  const { type } = kind.records;

  /** Follows one death to its end. Comes late, twice and at the same time as a ping: it judges the record as it stands under its lock. */
  const watch = job<Watch>({
    name: `${type}.watch`,
    key: ({ id, monitorId }) => `${id} ${monitorId}`,
    retry: { limit: 1_000_000, delaySeconds: 60, maximumSeconds: 600 },
    async run(payload, { now, services }) {
      const { accountId } = payload;
      const cause = { accountId, environment: null, bearer: null, token: null, now, requestId: null, requestResource: null };
      const died = await services.change(cause, (change) => look(kind, payload, change));
      if (died) throw new RetryAt(new Date(now.getTime() + (now.getTime() - died.getTime() < patience ? minute : 10 * minute)));
    },
  });

  /** Claims dead records that nobody watches and starts a watch for each, in bounded batches. Any number of processes may do so at once. */
  const sweep = job({
    name: `${type}.sweep`,
    cron: '*/2 * * * *',
    async run(_, { now, transaction, enqueueMany }) {
      let full = false;
      for (const death of kind.deaths) {
        const claimed = await transaction(async (tx) => {
          const rows = await execute(tx, claimDead(kind, death, now));
          const watches = rows.map((row) => ({ accountId: String(row.account_id), id: String(row.id), monitorId: String(row.heartbeat_monitor_id) }));
          await enqueueMany(tx, watch, watches);
          return rows.length;
        });
        full ||= claimed === batch;
      }
      return full ? 'more' : undefined;
    },
  });

  return [sweep, watch];
}
