import { and, eq, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { OpenRule } from '../kernel/jsonapi/rules.ts';
import { admits } from '../licenses/overage.ts';
import { maxProcessesOf } from '../machines/machine.document.ts';
import { machines } from '../machines/machine.table.ts';
import type { ProcessRecord } from './process.records.ts';
import { processes } from './process.table.ts';

interface Scope {
  /** As errors have it. */
  words: string;
  /** The processes that count, joined with their machines. */
  where(process: ProcessRecord): SQL | undefined;
}

const ofLicense = ({ machine }: ProcessRecord) => eq(machines.licenseId, machine.licenseId);
const perMachine: Scope = { words: 'machine', where: ({ machineId }) => eq(processes.machineId, machineId) };
const scopes = new Map<string | null, Scope>([
  ['PER_MACHINE', perMachine],
  ['PER_LICENSE', { words: 'license', where: ofLicense }],
  ['PER_USER', { words: 'user', where: (process) => and(ofLicense(process), sql`${machines.ownerId} is not distinct from ${process.machine.ownerId}::uuid`) }],
]);

/** The limit of processes, dead ones included (spec/machines.md 3.4). Holds under concurrency while the license's row is locked. */
export const processLeasing: OpenRule<ProcessRecord> = async (process, { db, changed }) => {
  const { machine, license, policy } = process;
  if (changed !== 'created' || !machine) return undefined;
  const limit = maxProcessesOf({ maxProcesses: machine.maxProcesses, license, policy } as Parameters<typeof maxProcessesOf>[0]);
  if (limit === null || policy.overageStrategy === 'ALWAYS_ALLOW_OVERAGE') return undefined;
  const scope = scopes.get(policy.processLeasingStrategy) ?? perMachine;
  const [found] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(processes)
    .innerJoin(machines, and(eq(machines.accountId, processes.accountId), eq(machines.id, processes.machineId)))
    .where(and(eq(processes.accountId, process.accountId), scope.where(process)));
  if (admits(found!.count + 1, limit, policy.overageStrategy)) return undefined;
  return { subject: '', kind: 'LIMIT_EXCEEDED', detail: `process count has exceeded maximum allowed for ${scope.words} (${limit})` };
};
