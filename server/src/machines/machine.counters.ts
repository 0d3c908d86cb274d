/** The counters of a license's machines (spec/machines.md 13.1): changed in the transaction of the machine, relative to what stands there. */
import { type Db, execute } from '../kernel/database/database.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { licenses } from '../licenses/license.table.ts';

/** What a machine counts for. */
export interface Figures {
  cores: number | null;
  memory: bigint | null;
  disk: bigint | null;
}

interface OfLicense {
  accountId: string;
  licenseId: string;
}

/** Nothing at all: before a machine is created, after it is deleted. */
const none: Figures = { cores: null, memory: null, disk: null };

async function add(db: Db, { accountId, licenseId }: OfLicense, machines: number, before: Figures, after: Figures): Promise<void> {
  const delta = (name: keyof Figures) => (BigInt(after[name] ?? 0) - BigInt(before[name] ?? 0)).toString();
  const [cores, memory, disk] = [delta('cores'), delta('memory'), delta('disk')];
  if (machines === 0 && cores === '0' && memory === '0' && disk === '0') return;
  await db
    .update(licenses)
    .set({
      machinesCount: sql`${licenses.machinesCount} + ${machines}::int`,
      machinesCoreCount: sql`(${licenses.machinesCoreCount} + ${cores}::bigint)::int`,
      machinesMemory: sql`${licenses.machinesMemory} + ${memory}::bigint`,
      machinesDisk: sql`${licenses.machinesDisk} + ${disk}::bigint`,
    })
    .where(and(eq(licenses.accountId, accountId), eq(licenses.id, licenseId)));
}

/** Counts a new machine. Like the others it fails (400 on the wire) where a sum does not fit its column. */
export const countNew = (db: Db, machine: OfLicense & Figures): Promise<void> => add(db, machine, 1, none, machine);
/** Counts what an update has changed. */
export const countChange = (db: Db, before: OfLicense & Figures, after: Figures): Promise<void> => add(db, before, 0, before, after);
/** Counts a machine that goes. */
export const countGone = (db: Db, machine: OfLicense & Figures): Promise<void> => add(db, machine, -1, machine, none);

/** Counts any number of an account's machines that go, with one statement. */
export async function countAllGone(db: Db, accountId: string, machines: readonly (OfLicense & Figures)[]): Promise<void> {
  const gone = stringifyJson(machines.map(({ licenseId, cores, memory, disk }) => ({ license_id: licenseId, cores, memory, disk })));
  const less = sql`select license_id, count(*) as machines, coalesce(sum(cores), 0) as cores, coalesce(sum(memory), 0) as memory, coalesce(sum(disk), 0) as disk
    from json_to_recordset(${gone}::text::json) as gone (license_id uuid, cores int, memory bigint, disk bigint) group by license_id`;
  await execute(
    db,
    sql`update ${licenses} set machines_count = machines_count - less.machines, machines_core_count = machines_core_count - less.cores,
      machines_memory = machines_memory - less.memory, machines_disk = machines_disk - less.disk
      from (${less}) as less where ${licenses.accountId} = ${accountId} and ${licenses.id} = less.license_id`,
  );
}
