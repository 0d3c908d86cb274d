import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ago, expired, floating, jane, john, licenseOf, now, plainPolicy, scopes, shared, states } from './validate.cases.ts';
import { type Facts, type MachineFact, type Need, type Scope, type ValidationLicense, type ValidationPolicy, validationCodes } from './validate.facts.ts';
import { byMachine, limits, machines } from './validate.machine-cases.ts';
import { needs, quickValidation, validate } from './validate.ts';

const table = [...states, ...scopes, ...machines, ...limits];

describe.each(table)('%s', (_, { of, scope, facts = {}, code, detail, valid = false }) => {
  const license = licenseOf(of);

  test(`is ${code}`, () => expect(validate(license, scope, facts, now)).toMatchObject({ valid, detail, code }));

  test('needs no fact but those that were given, or that a rule behind would look at', () => {
    const loaded = Object.keys(facts);
    const wanted = needs(license, scope, now);
    expect(wanted).toEqual(expect.arrayContaining(loaded));
    if (code === 'VALID') expect(wanted.toSorted()).toEqual(loaded.toSorted());
  });
});

test('an unknown license does not exist', () => {
  expect(validate(null, { product: 'p' }, {}, now)).toEqual({ valid: false, detail: 'does not exist', code: 'NOT_FOUND' });
});

test('every code has a case', () => {
  expect(new Set([...table.map(([, { code }]) => code), 'NOT_FOUND'])).toEqual(new Set(validationCodes));
});

describe('quick validation', () => {
  test('asks for no scope', () => {
    const requiring = Object.fromEntries(
      Object.keys(plainPolicy)
        .filter((key) => /^require.*Scope$/.test(key))
        .map((key) => [key, true]),
    );
    expect(validate(licenseOf({ policy: requiring }), quickValidation, {}, now).code).toBe('VALID');
    expect(validate(licenseOf({ policy: requiring }), {}, {}, now).code).toBe('ENVIRONMENT_SCOPE_REQUIRED');
  });
});

describe('what scopes find', () => {
  const scope = { checksum: 'c', version: '2.0.0' };
  const facts = { checksum: { version: '1.0.0' }, version: true };

  test("is remembered, the version scope over the artifact's", () => {
    expect(validate(licenseOf({}), scope, facts, now).found).toEqual({ checksum: 'c', version: '2.0.0' });
    expect(validate(licenseOf({}), { checksum: 'c' }, facts, now).found).toEqual({ checksum: 'c', version: '1.0.0' });
    expect(validate(licenseOf({}), { version: '2.0.0' }, facts, now).found).toEqual({ version: '2.0.0' });
  });

  test('is remembered when a later rule fails', () => {
    expect(validate(licenseOf(expired), scope, facts, now)).toMatchObject({ code: 'EXPIRED', found: { version: '2.0.0' } });
    expect(validate(licenseOf({}), scope, { ...facts, version: false }, now)).toMatchObject({
      code: 'VERSION_SCOPE_MISMATCH',
      found: { checksum: 'c', version: '1.0.0' },
    });
  });

  test('is nothing when an earlier rule fails, or no scope asks', () => {
    expect(validate(licenseOf({ suspended: true }), scope, facts, now).found).toBeUndefined();
    expect(validate(licenseOf({}), {}, {}, now).found).toBeUndefined();
  });
});

describe('explanation', () => {
  const outcomes = (license: ValidationLicense | null, scope?: Scope, facts: Facts = {}) => validate(license, scope, facts, now, { explain: true }).checks!;

  test('names the figures of the limit that was exceeded, and what was not reached', () => {
    const checks = outcomes(licenseOf({ machinesCount: 5, maxMachines: 4, ...floating }));
    expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([
      { rule: '21', check: 'machines.limit', outcome: 'failed', figures: { count: 5, limit: 4, strategy: 'NO_OVERAGE' } },
    ]);
    expect(checks.at(-1)).toEqual({ rule: '27', check: 'valid', outcome: 'not reached', figures: {} });
    expect(checks.find(({ check }) => check === 'product')).toEqual({ rule: '7', check: 'product', outcome: 'skipped', figures: {} });
    expect(checks.find(({ check }) => check === 'machines')).toMatchObject({ outcome: 'skipped' });
  });

  test('lists the same rules in the order of the procedure whatever the outcome', () => {
    const rules = outcomes(null).map(({ rule }) => rule);
    const numbers = rules.map((rule) => Number.parseInt(rule, 10));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 27 }, (_, i) => i + 1)));
    expect(outcomes(licenseOf({})).map(({ rule }) => rule)).toEqual(rules);
  });

  test('of an unknown license fails the first rule', () => {
    expect(
      outcomes(null)
        .map(({ outcome }) => outcome)
        .slice(0, 2),
    ).toEqual(['failed', 'not reached']);
  });
});

const bool = fc.boolean();
const maybe = <T>(...values: T[]) => fc.constantFrom(null, ...values);
const few = fc.integer({ min: 0, max: 5 });
const big = few.map(BigInt);
const overrides = {
  maxMachines: fc.option(few),
  maxProcesses: fc.option(few),
  maxUsers: fc.option(few),
  maxCores: fc.option(few),
  maxMemory: fc.option(big),
  maxDisk: fc.option(big),
  maxUses: fc.option(few),
};
const matching = maybe('MATCH_ANY', 'MATCH_TWO', 'MATCH_MOST', 'MATCH_ALL');
const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);

const anyPolicy: fc.Arbitrary<ValidationPolicy> = fc.record({
  ...overrides,
  id: fc.constant('policy-1'),
  strict: bool,
  floating: bool,
  expirationStrategy: maybe('RESTRICT_ACCESS', 'REVOKE_ACCESS', 'MAINTAIN_ACCESS', 'ALLOW_ACCESS'),
  overageStrategy: maybe('NO_OVERAGE', 'ALLOW_1_25X_OVERAGE', 'ALLOW_1_5X_OVERAGE', 'ALLOW_2X_OVERAGE', 'ALWAYS_ALLOW_OVERAGE'),
  machineMatchingStrategy: matching,
  componentMatchingStrategy: matching,
  machineLeasingStrategy: maybe('PER_LICENSE', 'PER_USER'),
  processLeasingStrategy: maybe('PER_MACHINE', 'PER_LICENSE', 'PER_USER'),
  requireCheckIn: bool,
  checkInInterval: maybe('day', 'month'),
  checkInIntervalCount: fc.option(fc.integer({ min: 1, max: 3 })),
  requireHeartbeat: bool,
  heartbeatDuration: maybe(60, 600),
  requireEnvironmentScope: rarely,
  requireProductScope: rarely,
  requirePolicyScope: rarely,
  requireUserScope: rarely,
  requireMachineScope: rarely,
  requireFingerprintScope: rarely,
  requireComponentsScope: rarely,
  requireChecksumScope: rarely,
  requireVersionScope: rarely,
});

const instant = maybe(ago(-1000), ago(1), ago(300), ago(100_000));
const anyLicense: fc.Arbitrary<ValidationLicense> = fc.record({
  ...overrides,
  suspended: rarely,
  expiry: instant,
  lastCheckInAt: instant,
  productId: fc.constant('product-1'),
  environment: maybe(shared),
  owner: fc.option(fc.record({ id: fc.constant('user-1'), email: fc.constant(jane.email), bannedAt: rarely.map((is) => (is ? ago(1) : null)) })),
  usersCount: few,
  machinesCount: few,
  machinesCoreCount: few,
  machinesMemory: big,
  machinesDisk: big,
  policy: anyPolicy,
});

const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 });
const anyScope: fc.Arbitrary<Scope | undefined | typeof quickValidation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        product: fc.constant('product-1'),
        policy: fc.constant('policy-1'),
        user: maybe('user-1', 'USER-1', jane.email, 'user-2'),
        machine: fc.constant('machine-1'),
        fingerprint: fc.constant('a'),
        fingerprints: texts,
        components: texts,
        entitlements: texts,
        checksum: fc.constant('c'),
        version: fc.constant('1.0.0'),
        environment: maybe('sandbox'),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(undefined, quickValidation) },
);

const anyMachine: fc.Arbitrary<MachineFact> = fc.record({
  id: fc.constantFrom('machine-1', 'machine-2'),
  owner: maybe(jane, john),
  createdAt: fc.constantFrom(ago(1), ago(300), ago(1000)),
  lastHeartbeatAt: instant,
  maxProcesses: fc.option(few),
});
const anyFacts: fc.Arbitrary<Required<Facts>> = fc.record({
  user: maybe(john),
  entitlements: texts,
  machine: fc.option(anyMachine),
  fingerprints: fc.array(anyMachine, { maxLength: 3 }),
  components: few,
  checksum: maybe({ version: '1.0.0' }),
  version: bool,
  leased: fc.record({ machines: few, cores: few, memory: big, disk: big }),
  processes: few,
  machineProcesses: few.map(byMachine),
});

describe('for any license, scope and facts', () => {
  const runs = { numRuns: 1000 };

  test('there is a verdict, from no more facts than were needed, and explaining changes nothing', () => {
    fc.assert(
      fc.property(anyLicense, anyScope, anyFacts, (license, scope, facts) => {
        const loaded = Object.fromEntries(needs(license, scope, now).map((need: Need) => [need, facts[need]]));
        const result = validate(license, scope, loaded, now);
        const { checks, ...explained } = validate(license, scope, facts, now, { explain: true });
        expect(validationCodes).toContain(result.code);
        expect(explained).toEqual(result);
        expect(checks!.filter(({ outcome }) => outcome === 'failed')).toHaveLength(result.code === 'VALID' ? 0 : 1);
        if (result.valid) expect(result.code).toMatch(/^(VALID|EXPIRED|TOO_)/);
      }),
      runs,
    );
  });

  test('the state comes first: banned, suspended, revoked by expiry', () => {
    fc.assert(
      fc.property(anyLicense, anyScope, anyFacts, (license, scope, facts) => {
        const { code } = validate(license, scope, facts, now);
        const isBanned = license.owner !== null && license.owner.bannedAt !== null;
        expect(code === 'BANNED').toBe(isBanned);
        expect(code === 'SUSPENDED').toBe(!isBanned && license.suspended);
        if (isBanned || license.suspended) expect(needs(license, scope, now)).toEqual([]);
      }),
      runs,
    );
  });

  test('a quick validation never speaks of scopes, and one that is not strict never of machines', () => {
    fc.assert(
      fc.property(anyLicense, anyFacts, (license, facts) => {
        const { code } = validate(license, quickValidation, facts, now);
        expect(code).not.toMatch(/SCOPE|ENTITLEMENTS|HEARTBEAT/);
        if (!license.policy.strict) expect(code).toMatch(/^(BANNED|SUSPENDED|EXPIRED|OVERDUE|TOO_MANY_USERS|VALID)$/);
      }),
      runs,
    );
  });
});
