/** The rules of validation: below the table of them, above what each looks at. Numbers are those of spec/validation.md 4. */
import { parseUuid } from '../kernel/id.ts';
import { type HeartbeatStatus, heartbeatStatus, heartbeatWindow } from '../machines/heartbeat.ts';
import { effectiveLimit, isBanned, isExpired, isOverdue, type Limits, nextCheckIn, revokesAccess, staysValid } from './license.status.ts';
import { componentMismatch, fingerprintMismatch } from './matching.ts';
import { type Count, nodeLockedOverage, overage } from './overage.ts';
import type { Facts, Found, MachineFact, Need, RequiredScope, Scope, ValidationCode, ValidationLicense, ValidationPolicy } from './validate.facts.ts';

/** All that a rule may look at. */
export interface Context {
  license: ValidationLicense;
  policy: ValidationPolicy;
  limits: Limits;
  scope: Scope;
  /** Quick validation: there is no scope, and none is required. */
  quick: boolean;
  facts: Facts;
  now: Date;
}

/** Whether a row applies; it must not look at facts. */
type When = (c: Context) => boolean;
/** The facts that a rule needs of a license and scope to which it applies. */
type Needs = (c: Context) => readonly Need[];

/** What a rule was decided by: limits, counts, instants, given and actual values. */
export type Figures = Readonly<Record<string, unknown>>;

/** What a rule saw. When it `ends` the procedure, a text is the verdict's detail; `valid` is then the verdict's. */
interface Sight {
  figures: Figures;
  ends: boolean | string;
  valid?: boolean;
  found?: Found;
}

/** How a rule looks at things; without `needs` it does without facts. */
type Look = ((c: Context) => Sight) & { needs?: Needs };

/** Applies to every license. */
const always: When = () => true;
/** The policy enforces its machine, core, memory, disk and process limits. */
const strict: When = (c) => c.policy.strict;
/** The policy allows several machines. */
const floating: When = (c) => c.policy.floating;
/** The license has more than one machine, whoever owns them. */
const several: When = (c) => c.license.machinesCount > 1;
/** Machine limits count per owner. */
const perUser: When = (c) => c.policy.machineLeasingStrategy === 'PER_USER';
/** The policy requires heartbeats. */
const beats: When = (c) => c.policy.requireHeartbeat;
/** The scope names a user; null names nobody. */
const asksForUser: When = (c) => typeof c.scope.user === 'string';
/** The opposite of a condition. */
const not =
  (when: When): When =>
  (c) =>
    !when(c);
const nodeLocked = not(floating);
/** All of the conditions hold. */
const all =
  (...whens: When[]): When =>
  (c) =>
    whens.every((when) => when(c));
/** The scope contains one of the members (spec/validation.md 4). */
const has =
  (...members: (keyof Scope)[]): When =>
  (c) =>
    members.some((member) => c.scope[member] !== undefined);
/** The scope names machines by fingerprint. */
const fingerprinted = has('fingerprint', 'fingerprints');
const machineAndUser = all(has('machine'), asksForUser);
const printsAndUser = all(fingerprinted, asksForUser);
const bareComponents = all(has('components'), not(has('fingerprint')));
/** The license has this limit. */
const limited =
  (limit: keyof Limits): When =>
  (c) =>
    c.limits[limit] !== null;

const needing = (needs: Needs, look: (c: Context) => Sight): Look => Object.assign((c: Context) => look(c), { needs });

/** A fact that was asked for by `needs`. */
function known<K extends Need>({ facts }: Context, need: K): Exclude<Facts[K], undefined> {
  const fact = facts[need];
  if (fact === undefined) throw new TypeError(`the fact "${need}" was not loaded`);
  return fact as Exclude<Facts[K], undefined>;
}

/** A look at one fact. */
const seeing = <K extends Need>(need: K, look: (fact: Exclude<Facts[K], undefined>, c: Context) => Sight): Look =>
  needing(
    () => [need],
    (c) => look(known(c, need), c),
  );

/** Ends the procedure wherever the row applies. */
const ends = (): Sight => ({ figures: {}, ends: true });
/** Ends the procedure well. */
const succeeds = (): Sight => ({ figures: {}, ends: true, valid: true });
/** Rules 7, 8: the given id is another one. */
const differs = (given: unknown, actual: unknown): Sight => ({ figures: { given, actual }, ends: given !== actual });
/** Rules 11, 12, 18, 20: the license has no machine. */
const noMachines = ({ license: { machinesCount } }: Context): Sight => ({ figures: { machines: machinesCount }, ends: machinesCount === 0 });

/** Rule 2: attached users' bans do not matter. */
function banned({ license }: Context): Sight {
  return { figures: { bannedAt: license.owner?.bannedAt ?? null }, ends: isBanned(license) };
}

/** Rule 3. */
const suspended = ({ license }: Context): Sight => ({ figures: {}, ends: license.suspended });

/** Rules 4, 17, 26 (spec/validation.md 4.1). */
function expired({ license, policy, now }: Context): Sight {
  return { figures: { expiry: license.expiry, now }, ends: isExpired(license, now), valid: staysValid(policy) };
}

/** Rule 5 (spec/validation.md 4.3). */
function overdue({ license, policy, now }: Context): Sight {
  return { figures: { lastCheckIn: license.lastCheckInAt, nextCheckIn: nextCheckIn(license, policy), now }, ends: isOverdue(license, policy, now) };
}

/** Rule 6: neither code nor id of the license's environment; null is the global one. */
function elsewhere({ scope: { environment: given }, license: { environment } }: Context): Sight {
  const { id, code } = environment ?? { id: null, code: null };
  return { figures: { given, id, code }, ends: given !== id && given !== code };
}

/** The scope names the owner: by id in any of its spellings, or by email in any case (spec/validation.md 4 rule 9). */
export const namesOwner = ({ owner }: Pick<ValidationLicense, 'owner'>, { user }: Scope): boolean =>
  owner !== null && typeof user === 'string' && (owner.id === (parseUuid(user) ?? user) || owner.email.toLowerCase() === user.toLowerCase());
const ownerAsked = ({ license, scope }: Context): boolean => namesOwner(license, scope);

/** Rule 9: neither the owner (null: there is none) nor an attached user of the license. */
const strangeUser = needing(
  (c) => (asksForUser(c) && !ownerAsked(c) ? ['user'] : []),
  (c) => {
    const owner = c.license.owner?.id ?? null;
    const user = ownerAsked(c) ? owner : asksForUser(c) ? (known(c, 'user')?.id ?? null) : null;
    return { figures: { given: c.scope.user, user, owner }, ends: user === null && c.scope.user !== owner };
  },
);

/** The different ones of some values. */
const distinct = (values: readonly string[] = []): string[] => [...new Set(values)];

/** Rules 10, 13.2. */
const noneGiven =
  (member: 'entitlements' | 'components') =>
  ({ scope }: Context): Sight => ({ figures: { given: scope[member] }, ends: scope[member]?.length === 0 });

/** Rule 10. */
const missingEntitlements = seeing('entitlements', (owned, { scope }) => {
  const given = distinct(scope.entitlements);
  const missing = given.filter((code) => !owned.includes(code));
  return { figures: { given, missing }, ends: missing.length > 0 };
});

const statusOf = (machine: MachineFact, { policy, now }: Context) => heartbeatStatus(machine, policy, now);

/** The machine belongs to somebody else than the user of the scope. */
const isForeign = ({ owner }: MachineFact, { scope: { user } }: Context): boolean => owner !== null && owner.id !== user && owner.email !== user;

/** Rule 11.2. */
const unknownMachine = seeing('machine', (machine, { scope }) => ({ figures: { given: scope.machine }, ends: machine === null }));

/** Rule 11.3. */
const foreignMachine = seeing('machine', (machine, c) => ({
  figures: { given: c.scope.user, owner: machine!.owner?.id ?? null },
  ends: isForeign(machine!, c),
}));

/** Rules 11.4, 11.5: the machine's heartbeat has this status. */
const machineIs = (status: HeartbeatStatus): Look =>
  seeing('machine', (machine, c) => {
    const figures = { status: statusOf(machine!, c), lastHeartbeat: machine!.lastHeartbeatAt, seconds: heartbeatWindow(c.policy), now: c.now };
    return { figures, ends: figures.status === status };
  });

/** The heartbeat of the machine has not begun. */
const isNotStarted = (machine: MachineFact, c: Context): boolean => statusOf(machine, c) === 'NOT_STARTED';

/** Rule 12: the different fingerprints given. */
const fingerprints = ({ scope }: Context): string[] => (scope.fingerprint === undefined ? distinct(scope.fingerprints) : [scope.fingerprint]);
/** Rule 12.1. */
const noFingerprints = (c: Context): Sight => ({ figures: { given: fingerprints(c) }, ends: fingerprints(c).length === 0 });

const isAlive = (machine: MachineFact, c: Context): boolean => statusOf(machine, c) !== 'DEAD';

/** Rule 12.3. */
const allDead = seeing('fingerprints', (machines, c) => {
  const given = fingerprints(c).length;
  const dead = machines.filter((machine) => !isAlive(machine, c)).length;
  return { figures: { given, dead, seconds: heartbeatWindow(c.policy), now: c.now }, ends: dead === given };
});

/** Rule 12.4. */
const unmatchedFingerprints = seeing('fingerprints', (machines, c) => {
  const figures = {
    given: fingerprints(c).length,
    matched: machines.filter((machine) => isAlive(machine, c)).length,
    strategy: c.policy.machineMatchingStrategy,
  };
  return { figures, ends: fingerprintMismatch(figures.strategy, figures.given, figures.matched) ?? false };
});

/** Rules 12.5, 12.6: some alive machine of the fingerprint scope is like this. */
const anyAlive = (is: (machine: MachineFact, c: Context) => boolean): Look =>
  seeing('fingerprints', (machines, c) => {
    const count = machines.filter((machine) => isAlive(machine, c) && is(machine, c)).length;
    return { figures: { count }, ends: count > 0 };
  });

/** Rule 12.5. */
const foreignMachines = anyAlive(isForeign);

/** Rule 13.3. */
const unmatchedComponents = seeing('components', (matched, { scope, policy: { componentMatchingStrategy: strategy } }) => {
  const given = distinct(scope.components).length;
  return { figures: { given, matched, strategy }, ends: componentMismatch(strategy, given, matched) ?? false };
});

/** Rule 14. */
const unknownChecksum = seeing('checksum', (artifact, { scope }) => {
  const checksum = scope.checksum!;
  const figures = { given: checksum, version: artifact?.version ?? null };
  return { figures, ends: artifact === null, found: artifact ? { checksum, version: artifact.version } : undefined };
});

/** Rule 15. */
const unknownVersion = seeing('version', (accessible, { scope }) => {
  const version = scope.version!;
  return { figures: { given: version }, ends: !accessible, found: accessible ? { version } : undefined };
});

interface Usage {
  count: Count;
  limit: Count | null;
}

/** Rules 16 to 25: the procedure ends where a limit is exceeded, well or badly by the overage strategy (spec/validation.md 4.2). */
const exceeds = (needs: Needs, usage: (c: Context) => Usage, allows = overage): Look =>
  needing(needs, (c) => {
    const { count, limit } = usage(c);
    const strategy = c.policy.overageStrategy;
    const figures = { count, limit, strategy };
    return limit === null || count <= limit ? { figures, ends: false } : { figures, ends: true, valid: allows(count, limit, strategy) };
  });

/** Rule 16. */
const users = exceeds(
  () => [],
  ({ license: { usersCount, owner }, limits }) => ({ count: usersCount + (owner ? 1 : 0), limit: limits.maxUsers }),
);

/** What is leased by the license, or by the scope's user (spec/validation.md 4.6). */
function leased(c: Context): NonNullable<Facts['leased']> {
  if (perUser(c)) return known(c, 'leased');
  const { machinesCount, machinesCoreCount, machinesMemory, machinesDisk } = c.license;
  return { machines: machinesCount, cores: machinesCoreCount, memory: machinesMemory, disk: machinesDisk };
}

/** Rules 19 to 24. */
const leasedExceeds = (member: keyof ReturnType<typeof leased>, limit: (c: Context) => Count | null, allows = overage): Look =>
  exceeds(
    (c) => (perUser(c) ? ['leased'] : []),
    (c) => ({ count: leased(c)[member], limit: limit(c) }),
    allows,
  );
const nodeLockedMachines = leasedExceeds('machines', (c) => c.limits.maxMachines ?? 1, nodeLockedOverage);
const floatingMachines = leasedExceeds('machines', (c) => c.limits.maxMachines);
const cores = leasedExceeds('cores', (c) => c.limits.maxCores);
const memory = leasedExceeds('memory', (c) => c.limits.maxMemory);
const disk = leasedExceeds('disk', (c) => c.limits.maxDisk);

const countsProcessesAtOnce: When = ({ policy: { processLeasingStrategy: strategy } }) => strategy === 'PER_LICENSE' || strategy === 'PER_USER';

function processNeeds(c: Context): readonly Need[] {
  if (countsProcessesAtOnce(c)) return ['processes'];
  if (fingerprinted(c)) return ['fingerprints', 'machineProcesses'];
  return has('machine')(c) ? ['machine', 'machineProcesses'] : [];
}

/** Rule 25; `PER_MACHINE` counts nothing without a machine in the scope (spec/validation.md 4.6). */
const processes = exceeds(processNeeds, (c) => {
  if (countsProcessesAtOnce(c)) return { count: known(c, 'processes'), limit: c.limits.maxProcesses };
  if (!has('fingerprint', 'fingerprints', 'machine')(c)) return { count: 0, limit: 0 };
  const machine = fingerprinted(c) ? known(c, 'fingerprints').find((machine) => isAlive(machine, c))! : known(c, 'machine')!;
  return { count: known(c, 'machineProcesses').get(machine.id) ?? 0, limit: effectiveLimit(machine.maxProcesses, c.limits.maxProcesses) };
});

/** A rule of the procedure: where it applies, how it looks, and the code and detail with which it ends the procedure. */
interface Step {
  rule: string;
  check: string;
  when: When;
  look: Look;
  code: ValidationCode;
  detail: string;
}

const step = (rule: string, check: string, when: When, look: Look, code: ValidationCode, detail: string): Step => ({ rule, check, when, look, code, detail });

/** The row of a scope that is not given although the policy requires it. */
const required = (rule: string, member: keyof Scope, flag: RequiredScope, code: ValidationCode, given: When = has(member)): Step =>
  step(rule, `${member}.required`, (c) => !c.quick && !given(c) && c.policy[`require${flag}Scope`], ends, code, `${member} scope is required`);

// The details of these two rules are those of the matching tables.
const seeMatching = '';

/** The decision procedure, in the order and with the numbers of spec/validation.md 4; the first rule that ends it decides. */
export const steps: readonly Step[] = [
  step('2', 'owner.banned', always, banned, 'BANNED', 'is banned'),
  step('3', 'suspended', always, suspended, 'SUSPENDED', 'is suspended'),
  step('4', 'expiry.revoked', (c) => revokesAccess(c.policy), expired, 'EXPIRED', 'is expired'),
  step('5', 'check-in', (c) => c.policy.requireCheckIn, overdue, 'OVERDUE', 'is overdue for check in'),

  step('6', 'environment', has('environment'), elsewhere, 'ENVIRONMENT_SCOPE_MISMATCH', 'environment scope does not match'),
  required('6', 'environment', 'Environment', 'ENVIRONMENT_SCOPE_REQUIRED'),
  step('7', 'product', has('product'), (c) => differs(c.scope.product, c.license.productId), 'PRODUCT_SCOPE_MISMATCH', 'product scope does not match'),
  required('7', 'product', 'Product', 'PRODUCT_SCOPE_REQUIRED'),
  step('8', 'policy', has('policy'), (c) => differs(c.scope.policy, c.policy.id), 'POLICY_SCOPE_MISMATCH', 'policy scope does not match'),
  required('8', 'policy', 'Policy', 'POLICY_SCOPE_REQUIRED'),
  step('9', 'user', has('user'), strangeUser, 'USER_SCOPE_MISMATCH', 'user scope does not match'),
  required('9', 'user', 'User', 'USER_SCOPE_REQUIRED'),

  step('10', 'entitlements.given', has('entitlements'), noneGiven('entitlements'), 'ENTITLEMENTS_SCOPE_EMPTY', 'entitlements scope is empty'),
  step('10', 'entitlements', has('entitlements'), missingEntitlements, 'ENTITLEMENTS_MISSING', 'is missing one or more required entitlements'),

  step('11.1', 'machine.activated', all(has('machine'), nodeLocked), noMachines, 'NO_MACHINE', 'machine is not activated (has no associated machine)'),
  step('11.1', 'machine.activated', all(has('machine'), floating), noMachines, 'NO_MACHINES', 'machine is not activated (has no associated machines)'),
  step('11.2', 'machine', has('machine'), unknownMachine, 'MACHINE_SCOPE_MISMATCH', 'machine is not activated (does not match any associated machines)'),
  step('11.3', 'machine.owner', machineAndUser, foreignMachine, 'USER_SCOPE_MISMATCH', 'user scope does not match (does not match associated machine owner)'),
  step('11.4', 'machine.started', all(has('machine'), beats), machineIs('NOT_STARTED'), 'HEARTBEAT_NOT_STARTED', 'machine heartbeat is required'),
  step('11.5', 'machine.heartbeat', has('machine'), machineIs('DEAD'), 'HEARTBEAT_DEAD', 'machine heartbeat is dead'),
  required('11', 'machine', 'Machine', 'MACHINE_SCOPE_REQUIRED'),

  step('12.1', 'fingerprint.given', fingerprinted, noFingerprints, 'FINGERPRINT_SCOPE_EMPTY', 'fingerprint scope is empty'),
  step('12.2', 'fingerprint.activated', all(fingerprinted, nodeLocked), noMachines, 'NO_MACHINE', 'fingerprint is not activated (has no associated machine)'),
  step('12.2', 'fingerprint.activated', all(fingerprinted, floating), noMachines, 'NO_MACHINES', 'fingerprint is not activated (has no associated machines)'),
  step('12.3', 'fingerprint.heartbeat', fingerprinted, allDead, 'HEARTBEAT_DEAD', 'machine heartbeat is dead'),
  step('12.4', 'fingerprint', fingerprinted, unmatchedFingerprints, 'FINGERPRINT_SCOPE_MISMATCH', seeMatching),
  step(
    '12.5',
    'fingerprint.owner',
    printsAndUser,
    foreignMachines,
    'USER_SCOPE_MISMATCH',
    'user scope does not match (does not match associated machine owners)',
  ),
  step('12.6', 'fingerprint.started', all(fingerprinted, beats), anyAlive(isNotStarted), 'HEARTBEAT_NOT_STARTED', 'machine heartbeat is required'),
  required('12', 'fingerprint', 'Fingerprint', 'FINGERPRINT_SCOPE_REQUIRED', fingerprinted),

  step('13.1', 'components.fingerprint', bareComponents, ends, 'FINGERPRINT_SCOPE_REQUIRED', 'fingerprint scope is required when using the components scope'),
  step('13.2', 'components.given', has('components'), noneGiven('components'), 'COMPONENTS_SCOPE_EMPTY', 'components scope is empty'),
  step('13.3', 'components', has('components'), unmatchedComponents, 'COMPONENTS_SCOPE_MISMATCH', seeMatching),
  required('13', 'components', 'Components', 'COMPONENTS_SCOPE_REQUIRED'),

  step('14', 'checksum', has('checksum'), unknownChecksum, 'CHECKSUM_SCOPE_MISMATCH', 'checksum scope is not valid (does not match any accessible artifacts)'),
  required('14', 'checksum', 'Checksum', 'CHECKSUM_SCOPE_REQUIRED'),
  step('15', 'version', has('version'), unknownVersion, 'VERSION_SCOPE_MISMATCH', 'version scope is not valid (does not match any accessible releases)'),
  required('15', 'version', 'Version', 'VERSION_SCOPE_REQUIRED'),

  step('16', 'users', limited('maxUsers'), users, 'TOO_MANY_USERS', 'has too many associated users'),
  step('17', 'expiry', not(strict), expired, 'EXPIRED', 'is expired'),
  step('17', 'valid', not(strict), succeeds, 'VALID', 'is valid'),
  step('18', 'machines', nodeLocked, noMachines, 'NO_MACHINE', 'must have exactly 1 associated machine'),
  step('19', 'machines.limit', all(nodeLocked, several), nodeLockedMachines, 'TOO_MANY_MACHINES', 'has too many associated machines'),
  step('20', 'machines', floating, noMachines, 'NO_MACHINES', 'must have at least 1 associated machine'),
  step('21', 'machines.limit', all(floating, several, limited('maxMachines')), floatingMachines, 'TOO_MANY_MACHINES', 'has too many associated machines'),
  step('22', 'cores.limit', limited('maxCores'), cores, 'TOO_MANY_CORES', 'has too many associated machine cores'),
  step('23', 'memory.limit', limited('maxMemory'), memory, 'TOO_MUCH_MEMORY', 'has too much associated machine memory'),
  step('24', 'disk.limit', limited('maxDisk'), disk, 'TOO_MUCH_DISK', 'has too much associated machine disk'),
  step('25', 'processes.limit', limited('maxProcesses'), processes, 'TOO_MANY_PROCESSES', 'has too many associated processes'),
  step('26', 'expiry', always, expired, 'EXPIRED', 'is expired'),
  step('27', 'valid', always, succeeds, 'VALID', 'is valid'),
];
