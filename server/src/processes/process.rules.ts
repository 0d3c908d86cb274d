import { equalsHashed } from '../kernel/database/columns.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { longer, metadataRule, type Rule, reserved, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { processLeasing } from './process.leasing.ts';
import { type ProcessRecord, processRecords } from './process.records.ts';
import { processes } from './process.table.ts';

/** A process on its way in. The machine that it names may not exist. */
export interface ProcessDraft extends ProcessRecord {
  /** Whether the client chose the id. */
  chosenId?: boolean;
}

const isPidTaken: Rule<ProcessDraft>[3] = async ({ accountId, machineId, pid }, { db, changed }) => {
  if (changed !== 'created') return false;
  const same = and(eq(processes.accountId, accountId), eq(processes.machineId, machineId), equalsHashed(processes.pid, pid));
  return (await db.select({ id: processes.id }).from(processes).where(same).limit(1)).length > 0;
};

const isIdTaken: Rule<ProcessDraft>[3] = async ({ accountId, id, chosenId }, { db, changed }) => {
  if (changed !== 'created' || !chosenId) return false;
  const same = and(eq(processes.accountId, accountId), eq(processes.id, id));
  return (await db.select({ id: processes.id }).from(processes).where(same).limit(1)).length > 0;
};

/** spec/machines.md 10.3 */
export const processRules = rules<ProcessDraft>(processRecords, [
  ['~machine', 'must exist', 'NOT_FOUND', ({ machine }) => !machine],
  compatibleWith<ProcessDraft>([['machine', ({ machine }) => machine]]),
  ['pid', 'has already been taken', 'TAKEN', isPidTaken],
  ['pid', 'is reserved', 'NOT_ALLOWED', ({ pid }) => reserved(pid)],
  ['pid', tooLong(4096), 'TOO_LONG', ({ pid }) => longer(pid, 4096)],
  metadataRule,
  ['id', 'must not conflict with another process', 'CONFLICT', isIdTaken],
  processLeasing,
]);
