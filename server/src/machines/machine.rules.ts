import { type NestedComponent, nestedComponents } from '../components/component.nested.ts';
import { groups } from '../groups/group.table.ts';
import { groupLimit } from '../groups/group-limit.ts';
import { and, eq, inArray } from '../kernel/database/drizzle.ts';
import { parseUuid } from '../kernel/id.ts';
import { compatibleWith } from '../kernel/jsonapi/environment-rules.ts';
import { type Facts, type Failure, longer, metadataRule, type OpenRule, type Rule, reserved, rules, tooLong, touches } from '../kernel/jsonapi/rules.ts';
import { licenseUsers } from '../licenses/license.table.ts';
import { leasingRule } from './machine.leasing.ts';
import { type MachineRecord, machineRecords } from './machine.records.ts';
import { machines } from './machine.table.ts';
import { isTakenInLicense, takenWithin } from './uniqueness.ts';

/** A machine on its way in. The license that it names may not exist. */
export interface MachineDraft extends MachineRecord {
  /** Sent along with it; undefined: not even an empty list. */
  components?: readonly NestedComponent[] | undefined;
  /** Whether the client chose the id. */
  chosenId?: boolean;
}

type Check = Rule<MachineDraft>;

/** The record may have come without a license: what needs one is judged by the first rules alone. */
const hasLicense = (machine: MachineDraft): boolean => Boolean(machine.license);

/** Rule 12 for 64 bits, rule 11 for 32: integers come as BigInt when they are large. */
const figure = (name: 'cores' | 'memory' | 'disk', largest: bigint): Check[] => [
  [name, 'must be greater than or equal to 1', 'INVALID', (machine) => machine[name] !== null && BigInt(machine[name]) < 1n],
  [name, `must be less than or equal to ${largest}`, 'INVALID', (machine) => machine[name] !== null && BigInt(machine[name]) > largest],
];

const text = (name: 'ip' | 'hostname' | 'platform' | 'name'): Check => [name, tooLong(255), 'TOO_LONG', (machine) => longer(machine[name], 255)];

const groupOf = async ({ accountId, groupId }: MachineDraft, { db }: Facts) => {
  if (groupId === null) return undefined;
  const [group] = await db
    .select()
    .from(groups)
    .where(and(eq(groups.accountId, accountId), eq(groups.id, groupId)));
  return group;
};

/** Rules 14 and 15: neither a chosen id nor a fingerprint may be the id of another machine. */
const ids: OpenRule<MachineDraft> = async ({ accountId, id, fingerprint, chosenId }, { db, changed }) => {
  const asId = parseUuid(fingerprint);
  const wanted = [...(chosenId ? [id] : []), ...(asId ? [asId] : [])];
  if (changed !== 'created' || wanted.length === 0) return undefined;
  const found = await db
    .select({ id: machines.id })
    .from(machines)
    .where(and(eq(machines.accountId, accountId), inArray(machines.id, wanted)));
  const taken = new Set(found.map((machine) => machine.id));
  const failures: Failure[] = [];
  if (taken.has(id)) failures.push({ subject: 'id', kind: 'CONFLICT', detail: 'must not conflict with another machine' });
  if (asId && taken.has(asId))
    failures.push({ subject: 'fingerprint', kind: 'CONFLICT', detail: "must not conflict with another machine's identifier (UUID)" });
  return failures;
};

const uniqueness: OpenRule<MachineDraft> = async (machine, { db, changed }) => {
  const where = changed === 'created' && hasLicense(machine) ? await takenWithin(db, machine) : undefined;
  return where === undefined ? undefined : { subject: 'fingerprint', kind: 'TAKEN', detail: `has already been taken ${where}` };
};

/** The license's owner and its attached users may own its machines; an unknown owner has been reported before. */
const isForeignOwner: Check[3] = async ({ accountId, license, ownerId, owner }, facts) => {
  if (!license || !owner || !touches(facts, 'ownerId') || license.ownerId === ownerId) return false;
  const pair = and(eq(licenseUsers.accountId, accountId), eq(licenseUsers.licenseId, license.id), eq(licenseUsers.userId, owner.id));
  const attached = await facts.db.select({ id: licenseUsers.id }).from(licenseUsers).where(pair).limit(1);
  return attached.length === 0;
};

/** spec/machines.md 2.3, in its order */
export const machineRules = rules<MachineDraft>(machineRecords, [
  ['~license', 'must exist', 'NOT_FOUND', (machine) => !hasLicense(machine)],
  ['~policy', 'must exist', 'NOT_FOUND', (machine) => !hasLicense(machine)],
  (machine, facts) => (facts.changed === 'created' && machine.components ? nestedComponents(machine.components, machine, facts) : undefined),
  compatibleWith<MachineDraft>([
    ['license', ({ license }) => license],
    ['owner', ({ owner }) => owner],
    ['group', groupOf],
    ['policy', ({ policy }) => policy],
  ]),
  ['~owner', 'must exist', 'NOT_FOUND', ({ ownerId, owner }, facts) => touches(facts, 'ownerId') && ownerId !== null && !owner],
  ['~group', 'must exist', 'NOT_FOUND', async (machine, facts) => touches(facts, 'groupId') && machine.groupId !== null && !(await groupOf(machine, facts))],
  ['fingerprint', 'has already been taken', 'TAKEN', (machine, { db, changed }) => changed === 'created' && isTakenInLicense(db, machine)],
  ['fingerprint', 'is reserved', 'NOT_ALLOWED', ({ fingerprint }) => reserved(fingerprint)],
  ['fingerprint', tooLong(4096), 'TOO_LONG', ({ fingerprint }) => longer(fingerprint, 4096)],
  metadataRule,
  ...figure('cores', 2_147_483_647n),
  ...figure('memory', 9_223_372_036_854_775_807n),
  ...figure('disk', 9_223_372_036_854_775_807n),
  ...(['ip', 'hostname', 'platform', 'name'] as const).map(text),
  ids,
  leasingRule,
  uniqueness,
  groupLimit('machine', machines),
  ['~owner', 'must be a valid license user', 'INVALID', isForeignOwner],
]);
