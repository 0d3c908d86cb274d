/** Pings and resets (spec/machines.md 11.4), the same for all that has a heartbeat. */
import { type Access, authorize } from '../kernel/access/access.ts';
import { type PgTable, type SQL, sql } from '../kernel/database/drizzle.ts';
import { gatheredChange } from '../kernel/database/gather.ts';
import type { AccountCells, Records } from '../kernel/database/records.ts';
import type { Change } from '../kernel/events/change.ts';
import type { Context } from '../kernel/http/context.ts';
import { ApiError, notFound } from '../kernel/http/errors.ts';
import type { DocumentOf } from '../kernel/jsonapi/document.ts';
import { PreparedLookup } from '../kernel/jsonapi/prepared-lookup.ts';
import { type BaseRow, lockRow, type Routes, updateRow } from '../kernel/jsonapi/resource.ts';
import { oncePerDb } from '../kernel/services.ts';
import type { Beating } from './dead.ts';
import { type Heartbeat, type HeartbeatPolicy, pingOutcome } from './heartbeat.ts';
import { machineAccess } from './machine.access.ts';
import { machineDocument } from './machine.document.ts';
import { type MachineRecord, machineRecords } from './machine.records.ts';

/** A record with a heartbeat. */
export interface BeatingRow extends BaseRow, Heartbeat {
  knownHeartbeatAt: Date | null;
  lastDeathEventSentAt: Date | null;
  heartbeatMonitorId: string | null;
  policy: HeartbeatPolicy;
  revived?: boolean;
}

/** What machines and processes have in common, and the few things in which they differ. */
export interface HeartbeatKind<Row extends BeatingRow> {
  /** As events (`machine.heartbeat.ping`) and codes (`MACHINE_HEARTBEAT_DEAD`) have it. */
  noun: 'machine' | 'process';
  table: PgTable & AccountCells & Beating & { policyId: AccountCells['id']; heartbeatMonitorId: AccountCells['id'] };
  records: Records<Row>;
  document: DocumentOf<Row>;
  access: Access<Row, 'show' | 'ping'>;
  /** Ways to be dead (sweep in monitor.ts): each says which rows may be, and before which instant of theirs none is. */
  deaths: readonly { among: SQL; since: AccountCells['id'] }[];
  /** Locks what must be locked before the records themselves. */
  lock(change: Change, ids: readonly string[]): Promise<unknown>;
  /** Counts dead records no more, which are deleted next. */
  discount(rows: readonly Row[], change: Change): Promise<void>;
}

/** The lookup and the ping of a kind, prepared. */
const statements = <Row extends BeatingRow>(kind: HeartbeatKind<Row>) =>
  oncePerDb((db) => {
    const { table, records, access } = kind;
    // what somebody else has locked is left to pingAgain, which waits for it alone
    const ping = gatheredChange(
      db,
      `${kind.noun}_ping`,
      ['account', 'id', 'now', 'died'],
      sql`
      , free as (
        select ${table.accountId}, ${table.id}, asked.now::timestamptz as now, asked.nth from asked
        join ${table} on ${table.accountId} = asked.account::uuid and ${table.id} = asked.id::uuid
          and ${table.lastDeathEventSentAt} is not distinct from asked.died::timestamptz
        order by ${table.id} for no key update of ${table} skip locked
      )
      update ${table} set last_heartbeat_at = free.now, known_heartbeat_at = least(${table.knownHeartbeatAt}, free.now), heartbeat_monitor_id = null, updated_at = free.now
      from free where ${table.accountId} = free.account_id and ${table.id} = free.id returning free.nth`,
    );
    return { ping, lookup: new PreparedLookup<Row>({ records, access }) };
  });

const dead = (noun: string) => new ApiError(422, [{ title: 'Unprocessable entity', detail: 'is dead', code: `${noun.toUpperCase()}_HEARTBEAT_DEAD` }]);

/** Judges a record again, under its lock, and may bring it back: another ping may have been first, and its monitor may have culled it. */
function pingAgain<Row extends BeatingRow>(kind: HeartbeatKind<Row>, found: Row, context: Context): Promise<Row> {
  const { noun, records, document, access } = kind;
  return context.change(async (change) => {
    const row = await lockRow(change, records, found);
    if (!row) throw notFound(records.noun, context.params.id);
    const { lastDeathEventSentAt } = row;
    // a death that was told meanwhile has happened, also to a ping that set out before it
    const now = lastDeathEventSentAt !== null && lastDeathEventSentAt > context.now ? lastDeathEventSentAt : context.now;
    const outcome = pingOutcome(row, row.policy, now);
    if (outcome === 'dead') throw dead(noun);
    const revived = outcome === 'resurrected';
    const columns = { lastHeartbeatAt: now, knownHeartbeatAt: now, heartbeatMonitorId: null, updatedAt: now, ...(revived && { lastDeathEventSentAt: null }) };
    await updateRow(change, records, row, columns as Partial<Row>);
    const next: Row = { ...row, ...columns, revived };
    await change.emit(`${noun}.heartbeat.${outcome}`, { document, access, row: next });
    return next;
  });
}

/** `POST /:id/actions/<name>`: one prepared statement, unless the record is dead. */
export function pingRoutes<Row extends BeatingRow, Action extends string>(on: Routes<Row, Action>, kind: HeartbeatKind<Row>, names: readonly string[]): void {
  const { noun, records, document, access } = kind;
  const prepared = statements(kind);

  async function ping(context: Context): Promise<Row> {
    const { lookup, ping } = prepared(context.db);
    const row = await lookup.find(context, context.params.id!);
    context.requestResource = { type: records.type, id: row.id };
    await authorize(context, access.may.ping, { record: row });
    const { now } = context;
    const outcome = pingOutcome(row, row.policy, now);
    if (outcome === 'dead') throw dead(noun);
    if (outcome === 'resurrected') return pingAgain(kind, row, context);
    const pinged = await ping({ account: row.accountId, id: row.id, now, died: row.lastDeathEventSentAt });
    // its death was told, or it went, since it was read
    if (!pinged) return pingAgain(kind, row, context);
    const next: Row = { ...row, lastHeartbeatAt: now, heartbeatMonitorId: null, updatedAt: now };
    context.emitLater(`${noun}.heartbeat.ping`, { document, access: access as never, row: next });
    return next;
  }

  for (const name of names)
    on.route(`actions.${name}`, 'POST', `/:id/actions/${name}`, {
      summary: `Ping a ${records.noun}`,
      answers: records.type,
      run: async (context) => ({ status: 200, document: { data: document.render(await ping(context), { now: context.now, context: 'response' }) } }),
    });
}

/** The machine has not started its heartbeat any more. The mark of its death event stays. */
export function resetHeartbeat(found: MachineRecord, context: Context): Promise<MachineRecord> {
  return context.change(async (change) => {
    const machine = await lockRow(change, machineRecords, found);
    if (!machine) throw notFound(machineRecords.noun, context.params.id);
    const columns = { lastHeartbeatAt: null, knownHeartbeatAt: null, heartbeatMonitorId: null, updatedAt: context.now };
    await updateRow(change, machineRecords, machine, columns);
    const row: MachineRecord = { ...machine, ...columns };
    await change.emit('machine.heartbeat.reset', { document: machineDocument, access: machineAccess, row });
    return row;
  });
}
