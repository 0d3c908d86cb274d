/** The two jobs that notice deaths and follow them to their end (spec/machines.md 12), the same for all that has a heartbeat. */
import { idIn } from '../kernel/database/columns.ts';
import { execute, type Row as Stored } from '../kernel/database/database.ts';
import { and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type Job, job } from '../kernel/jobs/job.ts';
import { policies } from '../policies/policy.table.ts';
import type { BeatingRow, HeartbeatKind } from './beat.ts';
import { deadline } from './dead.ts';
import { type Fate, fate } from './heartbeat.ts';

/** A record, and the life of it that is watched: another life gets another watch. */
interface Watched {
  id: string;
  monitorId: string;
}

/** What one job follows: records of an account that were found dead together. */
interface Watch {
  accountId: string;
  /** The same as long as the watch goes on. */
  watchId: string;
  records: readonly Watched[];
}

/** Records that a sweep claims at a time, and those of a watch, which are locked together. */
const batch = 500;
const together = 50;
const minute = 60_000;
/** Looks come every minute for about an hour, and every ten minutes from then on. */
const patience = 61 * minute;

/**
 * Looks at up to `batch` records that nobody watches and that may be dead: marks those that are, and notes of the others when they last beat, which makes that an
 * update of indexes once in their window instead of once a ping. Policy by policy, because each has its own window: so an index leads to these alone, the
 * longest silent first, whatever a policy says today. The list of ids keeps the update from reading the whole table.
 */
export function claimDead<Row extends BeatingRow>({ table }: HeartbeatKind<Row>, { among, since }: HeartbeatKind<Row>['deaths'][number], now: Date): SQL {
  return sql`with due as materialized (
      select due.account_id, due.id, due.dead from ${policies} cross join lateral (
        select ${table.accountId}, ${table.id}, coalesce(${table.lastHeartbeatAt}, ${table.createdAt}) < ${deadline(now)} as dead from ${table}
        where ${table.accountId} = ${policies.accountId} and ${table.policyId} = ${policies.id} and ${table.heartbeatMonitorId} is null
          and ${among} and ${since} < ${deadline(now)}
        order by ${since} limit ${sql.raw(String(batch))} for update skip locked
      ) as due limit ${sql.raw(String(batch))}
    )
    update ${table} as claimed set known_heartbeat_at = claimed.last_heartbeat_at, heartbeat_monitor_id = case when due.dead then gen_random_uuid() end from due
    where claimed.account_id = due.account_id and claimed.id = due.id and claimed.id = any(array(select id from due))
    returning claimed.account_id, claimed.id, claimed.heartbeat_monitor_id`;
}

/** The watches of what a sweep has found dead. */
function watchesOf(claimed: readonly Stored[]): Watch[] {
  const byAccount = Map.groupBy(
    claimed.filter((row) => row.heartbeat_monitor_id !== null),
    (row) => String(row.account_id),
  );
  return [...byAccount].flatMap(([accountId, rows]) => {
    const records = rows.map((row): Watched => ({ id: String(row.id), monitorId: String(row.heartbeat_monitor_id) }));
    const starts = Array.from({ length: Math.ceil(records.length / together) }, (_, index) => index * together);
    return starts.map((start) => ({ accountId, watchId: records[start]!.monitorId, records: records.slice(start, start + together) }));
  });
}

interface Seen<Row> extends Fate {
  row: Row;
  /** Its watch is this one. */
  own: boolean;
}

/** One look at the records of a watch, in one transaction. */
class Look<Row extends BeatingRow> {
  readonly #kind: HeartbeatKind<Row>;
  readonly #change: Change;

  constructor(kind: HeartbeatKind<Row>, change: Change) {
    this.#kind = kind;
    this.#change = change;
  }

  /** @returns those that may still be revived, with when they died: look again */
  async at(watched: readonly Watched[]): Promise<(Watched & { died: Date })[]> {
    const seen = await this.#judge(watched);
    await this.#letGo(seen.filter(({ next }) => next === 'released' || next === 'revived'));
    // Those that were reset, or were alive and died again since, are followed by whoever notices that.
    const dead = seen.filter(({ next, own }) => own && next !== 'released' && next !== 'revived');
    await this.#announce(dead.filter(({ announces }) => announces));
    await this.#cull(dead.filter(({ next }) => next === 'delete').map(({ row }) => row));
    const waiting = dead.filter(({ next }) => next === 'wait');
    return waiting.map(({ row }) => ({ id: row.id, monitorId: row.heartbeatMonitorId!, died: row.lastDeathEventSentAt ?? this.#change.now }));
  }

  /** Judges each as it stands under its lock: a ping may have come first, and a policy may have changed. */
  async #judge(watched: readonly Watched[]): Promise<Seen<Row>[]> {
    const monitorIds = new Map(watched.map(({ id, monitorId }) => [id, monitorId]));
    await this.#kind.lock(this.#change, [...monitorIds.keys()]);
    const rows = await this.#kind.records.find(this.#change.db, this.#called([...monitorIds.keys()]), { order: 'asc', lock: 'update' });
    return rows.map((row) => ({ row, own: row.heartbeatMonitorId === monitorIds.get(row.id), ...fate(row, row.policy, this.#change.now) }));
  }

  async #letGo(back: readonly Seen<Row>[]): Promise<void> {
    await this.#set(
      { heartbeatMonitorId: null },
      back.filter(({ own }) => own),
    );
    await this.#emit(
      'pong',
      back.filter(({ next }) => next === 'revived').map(({ row }) => row),
    );
  }

  async #announce(dead: readonly Seen<Row>[]): Promise<void> {
    const mark = { lastDeathEventSentAt: this.#change.now };
    // what is deleted next needs no mark
    await this.#set(
      mark,
      dead.filter(({ next }) => next !== 'delete'),
    );
    await this.#emit(
      'dead',
      dead.map(({ row }) => ({ ...row, ...mark })),
    );
  }

  async #cull(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#kind.discount(rows, this.#change);
    await this.#change.db.delete(this.#kind.table).where(this.#called(rows.map(({ id }) => id)));
  }

  async #set(columns: Partial<BeatingRow>, seen: readonly Seen<Row>[]): Promise<void> {
    if (seen.length === 0) return;
    const { db } = this.#change;
    await db
      .update(this.#kind.table)
      .set(columns as never)
      .where(this.#called(seen.map(({ row }) => row.id)));
  }

  async #emit(event: 'dead' | 'pong', rows: readonly Row[]): Promise<void> {
    const { noun, document, access } = this.#kind;
    await this.#change.emitMany(
      `${noun}.heartbeat.${event}`,
      rows.map((row) => ({ document, access, row })),
    );
  }

  #called(ids: readonly string[]): SQL {
    const { table } = this.#kind;
    return and(eq(table.accountId, this.#change.accountId), idIn(table.id, ids))!;
  }
}

/** The sweep and the watch of a kind: `machines.sweep`, `machines.watch`. */
export function monitors<Row extends BeatingRow>(kind: HeartbeatKind<Row>): readonly [sweep: Job<Record<string, never>>, watch: Job<Watch>] {
  const { type } = kind.records;

  /** Follows deaths to their end. Comes late, twice and at the same time as a ping. */
  const watch: Job<Watch> = job<Watch>({
    name: `${type}.watch`,
    key: ({ watchId }) => watchId,
    retry: { limit: 1_000_000, delaySeconds: 60, maximumSeconds: 600 },
    async run({ accountId, watchId, records }, { now, services, database, enqueueMany }) {
      const cause = { accountId, environment: null, bearer: null, token: null, now, requestId: null, requestResource: null };
      try {
        await services.change(cause, async (change) => {
          const waiting = await new Look(kind, change).at(records);
          if (waiting.length === 0) return;
          const latest = Math.max(...waiting.map(({ died }) => died.getTime()));
          const runAt = new Date(now.getTime() + (now.getTime() - latest < patience ? minute : 10 * minute));
          await change.enqueue(watch, { accountId, watchId, records: waiting.map(({ id, monitorId }) => ({ id, monitorId })) }, { runAt });
        });
      } catch (error) {
        if (records.length === 1) throw error;
        // one that cannot be followed must not hold up the others
        const alone = records.map((record) => ({ accountId, watchId: record.monitorId, records: [record] }));
        await enqueueMany(database.drizzle, watch, alone);
      }
    },
  });

  /** Claims dead records that nobody watches and starts watches for them, in bounded batches. Any number of processes may do so at once. */
  const sweep = job({
    name: `${type}.sweep`,
    cron: '*/2 * * * *',
    async run(_, { now, transaction, enqueueMany }) {
      let full = false;
      for (const death of kind.deaths) {
        const claimed = await transaction(async (tx) => {
          const rows = await execute(tx, claimDead(kind, death, now));
          await enqueueMany(tx, watch, watchesOf(rows));
          return rows.length;
        });
        full ||= claimed === batch;
      }
      return full ? 'more' : undefined;
    },
  });

  return [sweep, watch];
}
