/** The table of validate.test.ts: machines and limits. */
import { ago, beating, type Case, dead, expired, floating, jane, john, machine, ok, required, strict } from './validate.cases.ts';
import type { ValidationPolicy } from './validate.facts.ts';
import { quickValidation } from './validate.ts';

const inWindow = { ...machine, createdAt: ago(600) };
const beyondWindow = { ...machine, createdAt: ago(601) };
const beats = { policy: { requireHeartbeat: true } };
const print = { fingerprint: 'f' };
const prints = { fingerprints: ['f', 'g', 'f'] };
const notStarted = { code: 'HEARTBEAT_NOT_STARTED', detail: 'machine heartbeat is required' } as const;
const isDead = { code: 'HEARTBEAT_DEAD', detail: 'machine heartbeat is dead' } as const;
const lacks = (how: string) =>
  ({ code: 'FINGERPRINT_SCOPE_MISMATCH', detail: `one or more fingerprint is not activated (does not match ${how} associated machines)` }) as const;
const foreign = { code: 'USER_SCOPE_MISMATCH', detail: 'user scope does not match (does not match associated machine owner)' } as const;
const foreigners = { code: 'USER_SCOPE_MISMATCH', detail: 'user scope does not match (does not match associated machine owners)' } as const;

/** Rules 11 to 13. */
export const machines: [string, Case][] = [
  [
    'a machine of a node-locked license without any',
    { of: { machinesCount: 0 }, scope: { machine: 'm' }, code: 'NO_MACHINE', detail: 'machine is not activated (has no associated machine)' },
  ],
  [
    'a machine of a floating license without any',
    { of: { machinesCount: 0, ...floating }, scope: { machine: 'm' }, code: 'NO_MACHINES', detail: 'machine is not activated (has no associated machines)' },
  ],
  [
    'an unknown machine',
    {
      of: {},
      scope: { machine: 'm' },
      facts: { machine: null },
      code: 'MACHINE_SCOPE_MISMATCH',
      detail: 'machine is not activated (does not match any associated machines)',
    },
  ],
  ['a machine', { of: { policy: { requireMachineScope: true } }, scope: { machine: 'm' }, facts: { machine }, ...ok }],
  ['a machine without owner, and a user', { of: { owner: jane }, scope: { machine: 'm', user: 'user-1' }, facts: { machine }, ...ok }],
  ['the machine of the user by id', { of: { owner: jane }, scope: { machine: 'm', user: 'user-1' }, facts: { machine: { ...machine, owner: jane } }, ...ok }],
  [
    'the machine of the user by email',
    { of: { owner: jane }, scope: { machine: 'm', user: jane.email }, facts: { machine: { ...machine, owner: jane } }, ...ok },
  ],
  [
    'the machine of another user of the license, dead too',
    { of: { owner: jane }, scope: { machine: 'm', user: 'user-1' }, facts: { machine: { ...dead, owner: john } }, ...foreign },
  ],
  [
    'the machine of the user by email in another case',
    { of: { owner: jane }, scope: { machine: 'm', user: 'JANE@customer.example' }, facts: { machine: { ...machine, owner: jane } }, ...foreign },
  ],
  ['an owned machine and a null user', { of: {}, scope: { machine: 'm', user: null }, facts: { machine: { ...machine, owner: john } }, ...ok }],
  ['a machine without required heartbeat', { of: beats, scope: { machine: 'm' }, facts: { machine: inWindow }, ...notStarted }],
  ['a machine that never began its required heartbeat', { of: beats, scope: { machine: 'm' }, facts: { machine: beyondWindow }, ...isDead }],
  ['a dead machine, heartbeat not required', { of: {}, scope: { machine: 'm' }, facts: { machine: dead }, ...isDead }],
  ['a beating machine', { of: beats, scope: { machine: 'm' }, facts: { machine: beating }, ...ok }],
  required({ requireMachineScope: true }, 'machine', 'MACHINE_SCOPE_REQUIRED', { fingerprint: 'f' }),

  ['no fingerprints', { of: { machinesCount: 0 }, scope: { fingerprints: [] }, code: 'FINGERPRINT_SCOPE_EMPTY', detail: 'fingerprint scope is empty' }],
  [
    'a fingerprint of a node-locked license without machine',
    { of: { machinesCount: 0 }, scope: print, code: 'NO_MACHINE', detail: 'fingerprint is not activated (has no associated machine)' },
  ],
  [
    'a fingerprint of a floating license without machine',
    { of: { machinesCount: 0, ...floating }, scope: print, code: 'NO_MACHINES', detail: 'fingerprint is not activated (has no associated machines)' },
  ],
  ['a fingerprint', { of: { policy: { requireFingerprintScope: true } }, scope: print, facts: { fingerprints: [machine] }, ...ok }],
  [
    'an unknown fingerprint',
    {
      of: {},
      scope: print,
      facts: { fingerprints: [] },
      code: 'FINGERPRINT_SCOPE_MISMATCH',
      detail: 'fingerprint is not activated (does not match any associated machines)',
    },
  ],
  [
    'one unknown fingerprint in a list, twice',
    {
      of: { policy: { machineMatchingStrategy: 'MATCH_ALL' } },
      scope: { fingerprints: ['f', 'f'] },
      facts: { fingerprints: [] },
      code: 'FINGERPRINT_SCOPE_MISMATCH',
      detail: 'fingerprint is not activated (does not match any associated machines)',
    },
  ],
  ['the fingerprint wins over the list', { of: {}, scope: { fingerprint: 'f', fingerprints: [] }, facts: { fingerprints: [machine] }, ...ok }],
  ['all fingerprints dead', { of: {}, scope: prints, facts: { fingerprints: [dead, dead] }, ...isDead }],
  ['one fingerprint dead, one unknown', { of: {}, scope: prints, facts: { fingerprints: [dead] }, ...lacks('any') }],
  ['one of two fingerprints dead, any', { of: {}, scope: prints, facts: { fingerprints: [dead, beating] }, ...ok }],
  [
    'one of two fingerprints dead, most',
    { of: { policy: { machineMatchingStrategy: 'MATCH_MOST' } }, scope: prints, facts: { fingerprints: [dead, beating] }, ...ok },
  ],
  [
    'one of three fingerprints, most',
    {
      of: { policy: { machineMatchingStrategy: 'MATCH_MOST' } },
      scope: { fingerprints: ['f', 'g', 'h'] },
      facts: { fingerprints: [beating] },
      ...lacks('enough'),
    },
  ],
  [
    'one of two fingerprints dead, two',
    { of: { policy: { machineMatchingStrategy: 'MATCH_TWO' } }, scope: prints, facts: { fingerprints: [dead, beating] }, ...lacks('at least 2') },
  ],
  [
    'one of two fingerprints dead, all',
    { of: { policy: { machineMatchingStrategy: 'MATCH_ALL' } }, scope: prints, facts: { fingerprints: [dead, beating] }, ...lacks('all') },
  ],
  [
    'the fingerprint of another user of the license',
    { of: { owner: jane }, scope: { ...print, user: 'user-1' }, facts: { fingerprints: [{ ...machine, owner: john }] }, ...foreigners },
  ],
  [
    'a dead fingerprint of another user',
    { of: { owner: jane }, scope: { ...prints, user: 'user-1' }, facts: { fingerprints: [machine, { ...dead, owner: john }] }, ...ok },
  ],
  ['a fingerprint without required heartbeat', { of: beats, scope: prints, facts: { fingerprints: [beating, inWindow] }, ...notStarted }],
  ['a beating fingerprint', { of: beats, scope: print, facts: { fingerprints: [beating] }, ...ok }],
  ['a fingerprint that never began its required heartbeat', { of: beats, scope: print, facts: { fingerprints: [beyondWindow] }, ...isDead }],
  required({ requireFingerprintScope: true }, 'fingerprint', 'FINGERPRINT_SCOPE_REQUIRED'),

  [
    'components without fingerprint',
    {
      of: {},
      scope: { ...prints, components: [] },
      facts: { fingerprints: [machine] },
      code: 'FINGERPRINT_SCOPE_REQUIRED',
      detail: 'fingerprint scope is required when using the components scope',
    },
  ],
  [
    'no components',
    { of: {}, scope: { ...print, components: [] }, facts: { fingerprints: [machine] }, code: 'COMPONENTS_SCOPE_EMPTY', detail: 'components scope is empty' },
  ],
  [
    'components of an unknown fingerprint',
    {
      of: {},
      scope: { ...print, components: [] },
      facts: { fingerprints: [] },
      code: 'FINGERPRINT_SCOPE_MISMATCH',
      detail: 'fingerprint is not activated (does not match any associated machines)',
    },
  ],
  [
    'components',
    { of: { policy: { requireComponentsScope: true } }, scope: { ...print, components: ['c', 'd'] }, facts: { fingerprints: [machine], components: 1 }, ...ok },
  ],
  [
    'a component, two needed',
    {
      of: { policy: { componentMatchingStrategy: 'MATCH_TWO' } },
      scope: { ...print, components: ['c', 'c'] },
      facts: { fingerprints: [machine], components: 1 },
      code: 'COMPONENTS_SCOPE_MISMATCH',
      detail: 'one or more component is not activated (does not match at least 2 associated components)',
    },
  ],
  [
    'an unknown component',
    {
      of: {},
      scope: { ...print, components: ['c'] },
      facts: { fingerprints: [machine], components: 0 },
      code: 'COMPONENTS_SCOPE_MISMATCH',
      detail: 'one or more component is not activated (does not match any associated components)',
    },
  ],
  required({ requireComponentsScope: true }, 'components', 'COMPONENTS_SCOPE_REQUIRED'),
];

const tooMany = (what: 'machines' | 'users' | 'processes') =>
  (
    ({
      machines: { code: 'TOO_MANY_MACHINES', detail: 'has too many associated machines' },
      users: { code: 'TOO_MANY_USERS', detail: 'has too many associated users' },
      processes: { code: 'TOO_MANY_PROCESSES', detail: 'has too many associated processes' },
    }) as const
  )[what];
const under = (overageStrategy: string | null, more: Partial<ValidationPolicy> = {}) => ({ policy: { strict: true, overageStrategy, ...more } });
const perUser = { machineLeasingStrategy: 'PER_USER' };
const sums = { machines: 0, cores: 0, memory: 0n, disk: 0n };
/** Processes of `machine`. */
export const byMachine = (count: number) => new Map([['machine-1', count]]);
const processes = (processLeasingStrategy: string | null): Case['of'] => ({ policy: { strict: true, maxProcesses: 2, processLeasingStrategy } });

/** Rules 16 to 25. */
export const limits: [string, Case][] = [
  ['users at the limit, the owner counted', { of: { owner: jane, usersCount: 1, maxUsers: 2 }, ...ok }],
  ['too many users, not strict', { of: { owner: jane, usersCount: 2, maxUsers: 2 }, ...tooMany('users') }],
  [
    'too many users, allowed, though expired',
    { of: { ...expired, usersCount: 4, policy: { maxUsers: 2, overageStrategy: 'ALLOW_2X_OVERAGE' } }, ...tooMany('users'), valid: true },
  ],
  ['no machine, not strict', { of: { machinesCount: 0 }, ...ok }],
  ['too many of all, not strict', { of: { machinesCount: 9, machinesCoreCount: 9, policy: { maxMachines: 1, maxCores: 1 } }, ...ok }],
  ['no machine, node-locked', { of: { machinesCount: 0, ...strict }, code: 'NO_MACHINE', detail: 'must have exactly 1 associated machine' }],
  ['no machine, floating', { of: { machinesCount: 0, ...floating }, code: 'NO_MACHINES', detail: 'must have at least 1 associated machine' }],
  ['one machine, node-locked', { of: strict, ...ok }],
  ['two machines, node-locked', { of: { machinesCount: 2, ...strict }, ...tooMany('machines') }],
  ['two machines, node-locked, override of two', { of: { machinesCount: 2, maxMachines: 2, ...strict }, ...ok }],
  ['two machines, node-locked, double', { of: { machinesCount: 2, ...under('ALLOW_2X_OVERAGE') }, ...tooMany('machines'), valid: true }],
  ['three machines, node-locked, double', { of: { machinesCount: 3, ...under('ALLOW_2X_OVERAGE') }, ...tooMany('machines') }],
  ['five of four machines, node-locked, by a quarter', { of: { machinesCount: 5, maxMachines: 4, ...under('ALLOW_1_25X_OVERAGE') }, ...tooMany('machines') }],
  ['any machines, node-locked, always', { of: { machinesCount: 50, ...under('ALWAYS_ALLOW_OVERAGE') }, ...tooMany('machines'), valid: true }],
  ['any machines, floating, no limit', { of: { machinesCount: 500, ...floating }, ...ok }],
  ['machines at the limit, floating', { of: { machinesCount: 4, maxMachines: 4, ...floating }, ...ok }],
  ['a machine too many, floating', { of: { machinesCount: 5, maxMachines: 4, ...floating }, ...tooMany('machines') }],
  [
    'a machine too many, floating, allowed',
    { of: { machinesCount: 5, maxMachines: 4, ...under('ALLOW_1_25X_OVERAGE', { floating: true }) }, ...tooMany('machines'), valid: true },
  ],
  ['machines within an override that beats the policy', { of: { machinesCount: 5, maxMachines: 5, policy: { ...floating.policy, maxMachines: 1 } }, ...ok }],
  [
    'few machines of nobody, per user',
    { of: { machinesCount: 9, maxMachines: 4, policy: { ...floating.policy, ...perUser } }, facts: { leased: { ...sums, machines: 4 } }, ...ok },
  ],
  [
    'many machines of the user, per user',
    {
      of: { owner: jane, machinesCount: 9, maxMachines: 4, policy: { ...floating.policy, ...perUser } },
      scope: { user: 'user-1' },
      facts: { leased: { ...sums, machines: 5 } },
      ...tooMany('machines'),
    },
  ],
  ['machines of others only, per user, node-locked', { of: { machinesCount: 2, policy: { strict: true, ...perUser } }, facts: { leased: sums }, ...ok }],
  ['too many cores', { of: { machinesCoreCount: 9, maxCores: 8, ...strict }, code: 'TOO_MANY_CORES', detail: 'has too many associated machine cores' }],
  [
    'too many cores of the user',
    {
      of: { maxCores: 8, policy: { strict: true, ...perUser } },
      facts: { leased: { ...sums, cores: 9 } },
      code: 'TOO_MANY_CORES',
      detail: 'has too many associated machine cores',
    },
  ],
  ['memory at the limit', { of: { machinesMemory: 2n ** 63n - 1n, maxMemory: 2n ** 63n - 1n, ...strict }, ...ok }],
  [
    'a byte of memory too much',
    { of: { machinesMemory: 2n ** 63n - 1n, maxMemory: 2n ** 63n - 2n, ...strict }, code: 'TOO_MUCH_MEMORY', detail: 'has too much associated machine memory' },
  ],
  [
    'a byte of disk too much',
    { of: { machinesDisk: 2n ** 62n + 1n, maxDisk: 2n ** 62n, ...strict }, code: 'TOO_MUCH_DISK', detail: 'has too much associated machine disk' },
  ],
  [
    'disk within the allowed overage',
    {
      of: { machinesDisk: 2n ** 62n, maxDisk: 2n ** 61n, ...under('ALLOW_2X_OVERAGE') },
      code: 'TOO_MUCH_DISK',
      detail: 'has too much associated machine disk',
      valid: true,
    },
  ],
  ['processes per machine, no machine in the scope', { of: processes(null), ...ok }],
  ['processes per machine, quick', { of: processes('PER_MACHINE'), scope: quickValidation, ...ok }],
  ['processes of the machine at the limit', { of: processes(null), scope: { machine: 'm' }, facts: { machine, machineProcesses: byMachine(2) }, ...ok }],
  [
    'too many processes of the machine',
    { of: processes(null), scope: { machine: 'm' }, facts: { machine, machineProcesses: byMachine(3) }, ...tooMany('processes') },
  ],
  [
    "processes within the machine's own limit",
    { of: processes(null), scope: { machine: 'm' }, facts: { machine: { ...machine, maxProcesses: 3 }, machineProcesses: byMachine(3) }, ...ok },
  ],
  [
    'too many processes of the fingerprint, which wins over the machine',
    {
      of: processes(null),
      scope: { ...print, machine: 'm' },
      facts: { machine: beating, fingerprints: [machine], machineProcesses: byMachine(3) },
      ...tooMany('processes'),
    },
  ],
  [
    'too many processes on a dead one of two fingerprints',
    { of: processes(null), scope: prints, facts: { fingerprints: [dead, machine], machineProcesses: new Map([['machine-2', 3]]) }, ...ok },
  ],
  ['too many processes of the license', { of: processes('PER_LICENSE'), facts: { processes: 3 }, ...tooMany('processes') }],
  [
    'too many processes of the user, always allowed',
    {
      of: { policy: { ...processes('PER_USER').policy, overageStrategy: 'ALWAYS_ALLOW_OVERAGE' } },
      facts: { processes: 3 },
      ...tooMany('processes'),
      valid: true,
    },
  ],
  ['processes of the user at the limit', { of: processes('PER_USER'), facts: { processes: 2 }, ...ok }],
];
