/** Limits of a license's machines, their cores, memory and disk (spec/machines.md 3.1 - 3.3). Hold under concurrency while the license's row is locked. */
import type { Db } from '../kernel/database/database.ts';
import { and, eq, ne, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { Failure, OpenRule } from '../kernel/jsonapi/rules.ts';
import { effectiveLimits } from '../licenses/license.status.ts';
import { licenses } from '../licenses/license.table.ts';
import { admits, admitsMachine } from '../licenses/overage.ts';
import type { MachineRecord } from './machine.records.ts';
import { machines } from './machine.table.ts';

/** What the other machines of a leasing scope take. */
interface Leased {
  machines: number;
  cores: bigint;
  memory: bigint;
  disk: bigint;
}

type Sums = Record<keyof Leased, SQL<string>>;
/** No machine's id: what is new, also with an id that another has, does not count yet. */
const noId = '00000000-0000-0000-0000-000000000000';

const leased = (sums: Record<keyof Leased, string>): Leased => ({
  machines: Number(sums.machines),
  cores: BigInt(sums.cores),
  memory: BigInt(sums.memory),
  disk: BigInt(sums.disk),
});

/** All machines of the license: its counters, less what this machine counts for already. */
async function ofLicense(db: Db, machine: MachineRecord): Promise<Leased> {
  const sums: Sums = {
    machines: sql<string>`(${licenses.machinesCount} - count(${machines.id}))::text`,
    cores: sql<string>`(${licenses.machinesCoreCount} - coalesce(sum(${machines.cores}), 0))::text`,
    memory: sql<string>`(${licenses.machinesMemory} - coalesce(sum(${machines.memory}), 0))::text`,
    disk: sql<string>`(${licenses.machinesDisk} - coalesce(sum(${machines.disk}), 0))::text`,
  };
  const [row] = await db
    .select(sums)
    .from(licenses)
    .leftJoin(machines, and(eq(machines.accountId, licenses.accountId), eq(machines.licenseId, licenses.id), eq(machines.id, machine.id)))
    .where(and(eq(licenses.accountId, machine.accountId), eq(licenses.id, machine.licenseId)))
    .groupBy(licenses.accountId, licenses.id);
  return leased(row!);
}

/** Those with the same owner; the ones without owner are a pool of their own. */
async function ofOwner(db: Db, machine: MachineRecord): Promise<Leased> {
  const sums: Sums = {
    machines: sql<string>`count(*)::text`,
    cores: sql<string>`coalesce(sum(${machines.cores}), 0)::text`,
    memory: sql<string>`coalesce(sum(${machines.memory}), 0)::text`,
    disk: sql<string>`coalesce(sum(${machines.disk}), 0)::text`,
  };
  const owned = sql`${machines.ownerId} is not distinct from ${machine.ownerId}::uuid`;
  const others = and(eq(machines.accountId, machine.accountId), eq(machines.licenseId, machine.licenseId), owned, ne(machines.id, machine.id));
  const [row] = await db.select(sums).from(machines).where(others);
  return leased(row!);
}

/** Whether machines, or processes, are counted by license or by owner, and the word that errors have for it. */
export const leasingScope = (strategy: string | null): 'license' | 'user' => (strategy === 'PER_USER' ? 'user' : 'license');

const countables = [
  { name: 'cores', limit: 'maxCores', kind: 'CORE_LIMIT_EXCEEDED', words: 'machine core count' },
  { name: 'memory', limit: 'maxMemory', kind: 'MEMORY_LIMIT_EXCEEDED', words: 'machine memory' },
  { name: 'disk', limit: 'maxDisk', kind: 'DISK_LIMIT_EXCEEDED', words: 'machine disk' },
] as const;

/** Rules 16 to 19 of spec/machines.md 2.3: the machine limit for new machines, the others at every write. */
export const leasingRule: OpenRule<MachineRecord> = async (machine, { db, changed }) => {
  const { license, policy } = machine;
  if (!license || policy.overageStrategy === 'ALWAYS_ALLOW_OVERAGE') return undefined;
  const limits = effectiveLimits(license, policy);
  const maxMachines = changed === 'created' ? limits.maxMachines : null;
  if (maxMachines === null && countables.every(({ limit }) => limits[limit] === null)) return undefined;
  const scope = leasingScope(policy.machineLeasingStrategy);
  const others = await (scope === 'user' ? ofOwner : ofLicense)(db, changed === 'created' ? { ...machine, id: noId } : machine);
  const exceeds = (words: string, limit: number | bigint, kind: string): Failure => ({
    subject: '',
    kind,
    detail: `${words} has exceeded maximum allowed for ${scope} (${limit})`,
  });
  const failures = countables
    .filter(({ name, limit }) => !admits(others[name] + BigInt(machine[name] ?? 0), limits[limit], policy.overageStrategy))
    .map(({ limit, kind, words }) => exceeds(words, limits[limit]!, kind));
  const admitted = admitsMachine(others.machines, maxMachines, policy.overageStrategy);
  return admitted ? failures : [exceeds('machine count', maxMachines!, 'LIMIT_EXCEEDED'), ...failures];
};
