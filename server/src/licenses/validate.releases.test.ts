/** What the checksum and version scopes find: rules 14 and 15, and accessible releases (spec/validation.md 4.5), over HTTP. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';
import { type Given, scene } from '../../test/validation-scene.ts';
import { accessWindow, isAccessible } from '../releases/accessible.ts';
import { licenseRecords } from './license.records.ts';
import { validationLoader } from './validate.load.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const now = new Date('2030-01-01T00:00:00.000Z');
const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
const stored = async ({ id }: Wire) => (await world.server.sql('select * from licenses where id = $1', [id]))[0]!;

const entitlementOf = async (code: string): Promise<Wire> =>
  (await world.server.find('entitlement', { account_id: world.account.id, code })) ?? (await world.create('entitlement', { code }));

interface Released extends Attributes {
  /** Codes of entitlements. */
  constraints?: string[];
  artifacts?: Attributes[];
}

/** A published release of the license's product, with an uploaded artifact whose checksum is `sum`. */
async function release({ product_id }: Wire, { constraints = [], artifacts = [{}], ...attributes }: Released = {}): Promise<Wire> {
  const made = await world.create('release', { product_id, version: '1.0.0', status: 'PUBLISHED', ...attributes });
  for (const artifact of artifacts) await world.create('release_artifact', { release_id: made.id, status: 'UPLOADED', checksum: 'sum', ...artifact });
  for (const code of constraints) await world.create('release_entitlement_constraint', { release_id: made.id, entitlement_id: (await entitlementOf(code)).id });
  return made;
}

const asking = async ({ key }: Wire, scope: Attributes, client = world.anonymous()) =>
  client.post('/licenses/actions/validate-key', { meta: { key, scope } }, 200);
const codeOf = async (license: Wire, scope: Attributes): Promise<string> => (await asking(license, scope)).meta.code;

const refusals = {
  checksum: { code: 'CHECKSUM_SCOPE_MISMATCH', detail: 'checksum scope is not valid (does not match any accessible artifacts)', valid: false },
  version: { code: 'VERSION_SCOPE_MISMATCH', detail: 'version scope is not valid (does not match any accessible releases)', valid: false },
};

const entitled: Given = { entitlements: ['A', 'C'], inherited: ['B'] };
const until = (day: number, expiration_strategy: string | null): Given => ({ license: { expiry: days(day) }, policy: { expiration_strategy } });

/** What distribution strategy the product has, what the license is, what the release, and whether the license may access it. */
const cases: [does: 'finds' | 'misses', what: string, strategy: string | null, given: Given, released: Released][] = [
  ['finds', 'a release of its product', 'LICENSED', {}, {}],
  ['finds', 'a release of an open product', 'OPEN', {}, {}],
  ['finds', 'a release of a product without strategy', null, {}, {}],
  ['misses', 'a release of a closed product', 'CLOSED', {}, {}],
  ['misses', 'a draft', 'LICENSED', {}, { status: 'DRAFT' }],
  ['misses', 'a draft of an open product', 'OPEN', {}, { status: 'DRAFT' }],
  ['misses', 'a yanked release', 'LICENSED', {}, { status: 'YANKED' }],
  ['misses', 'a yanked release of an open product', 'OPEN', {}, { status: 'YANKED' }],

  ['finds', 'a release all of whose entitlements it has', 'LICENSED', entitled, { constraints: ['A', 'B'] }],
  ['misses', 'a release with one entitlement more', 'LICENSED', entitled, { constraints: ['A', 'B', 'D'] }],
  ['misses', 'a release with entitlements when it has none', 'LICENSED', {}, { constraints: ['A'] }],
  ['finds', 'an open release all of whose entitlements it has', 'OPEN', entitled, { constraints: ['A', 'B'] }],
  ['misses', 'an open release with another entitlement', 'OPEN', entitled, { constraints: ['D'] }],
  ['misses', 'a closed release whose entitlements it has', 'CLOSED', entitled, { constraints: ['A'] }],

  ...(['RESTRICT_ACCESS', 'MAINTAIN_ACCESS'] as const).flatMap((strategy): typeof cases => [
    ['finds', `a release of before its expiry (${strategy})`, 'LICENSED', until(-10, strategy), { created_at: days(-11) }],
    ['finds', `a release of the instant of its expiry (${strategy})`, 'LICENSED', until(-10, strategy), { created_at: days(-10) }],
    ['misses', `a release of after its expiry (${strategy})`, 'LICENSED', until(-10, strategy), { created_at: days(-9) }],
    ['misses', `a release of after an expiry to come (${strategy})`, 'LICENSED', until(10, strategy), { created_at: days(11) }],
    ['finds', `a release backdated to before its expiry (${strategy})`, 'LICENSED', until(-10, strategy), { created_at: days(-9), backdated_at: days(-11) }],
    ['misses', `a release backdated to after its expiry (${strategy})`, 'LICENSED', until(-10, strategy), { created_at: days(-8), backdated_at: days(-9) }],
    [
      'finds',
      `an older release backdated to after its expiry (${strategy})`,
      'LICENSED',
      until(-10, strategy),
      { created_at: days(-11), backdated_at: days(-9) },
    ],
    ['finds', `an open release of after its expiry (${strategy})`, 'OPEN', until(-10, strategy), { created_at: days(-9) }],
  ]),
  ['misses', 'an open release with entitlements of after its expiry', 'OPEN', { ...until(-10, 'MAINTAIN_ACCESS'), ...entitled }, { constraints: ['A'] }],
  ['finds', 'a release of after its expiry (ALLOW_ACCESS)', 'LICENSED', until(-10, 'ALLOW_ACCESS'), { created_at: days(-9) }],
  ['finds', 'a release of after an expiry to come (REVOKE_ACCESS)', 'LICENSED', until(10, 'REVOKE_ACCESS'), { created_at: days(11) }],
  ['finds', 'a release of after an expiry to come (no strategy)', 'LICENSED', until(10, null), { created_at: days(11) }],
];

test.each(cases)('a license %s %s', async (does, _, distribution_strategy, given, released) => {
  world.server.clock.freeze(now);
  const { license } = await scene(world, given);
  await world.server.update('product', license.product_id, { distribution_strategy });
  await release(license, released);
  const expired = license.expiry !== null && license.expiry < now;
  const valid = !expired || given.policy?.expiration_strategy !== 'RESTRICT_ACCESS';
  for (const scope of [{ checksum: 'sum' }, { version: '1.0.0' }]) {
    const { meta } = await asking(license, scope);
    const [name] = Object.keys(scope) as [keyof typeof refusals];
    expect(meta).toMatchObject(does === 'misses' ? refusals[name] : { code: expired ? 'EXPIRED' : 'VALID', valid });
  }
});

test('an expired license whose access is revoked is expired before its scopes are looked at', async () => {
  const { license } = await scene(world, { license: { expiry: '2020-01-01' }, policy: { expiration_strategy: 'REVOKE_ACCESS' } });
  await release(license);
  expect(await codeOf(license, { version: '1.0.0' })).toBe('EXPIRED');
  expect(await codeOf(license, { version: '9.9.9' })).toBe('EXPIRED');
});

test('releases of other products and accounts do not count, even open ones', async () => {
  const { license } = await scene(world);
  await release({ product_id: (await world.create('product', { distribution_strategy: 'OPEN' })).id });
  const account = await world.server.create('account');
  const elsewhere = (await world.server.create('product', { account_id: account.id, distribution_strategy: 'OPEN' })) as Wire;
  const other = (await world.server.create('release', { product_id: elsewhere.id, status: 'PUBLISHED', version: '1.0.0' })) as Wire;
  await world.server.create('release_artifact', { release_id: other.id, status: 'UPLOADED', checksum: 'sum' });
  expect(await codeOf(license, { checksum: 'sum' })).toBe('CHECKSUM_SCOPE_MISMATCH');
  expect(await codeOf(license, { version: '1.0.0' })).toBe('VERSION_SCOPE_MISMATCH');
});

test.each([
  ['UPLOADED', 'VALID'],
  ['WAITING', 'CHECKSUM_SCOPE_MISMATCH'],
  ['PROCESSING', 'CHECKSUM_SCOPE_MISMATCH'],
  ['FAILED', 'CHECKSUM_SCOPE_MISMATCH'],
  ['YANKED', 'CHECKSUM_SCOPE_MISMATCH'],
])('the checksum of an artifact that is %s: %s', async (status, code) => {
  const { license } = await scene(world);
  await release(license, { artifacts: [{ status }] });
  expect(await codeOf(license, { checksum: 'sum' })).toBe(code);
  expect(await codeOf(license, { version: '1.0.0' })).toBe('VALID');
});

test('checksums and versions are compared exactly', async () => {
  const { license } = await scene(world);
  const long = 'aB/+'.repeat(1024);
  await release(license, { version: '1.0.0-beta.1+b', artifacts: [{ checksum: long }, { checksum: 'aB' }, { checksum: null }, { checksum: '' }] });
  for (const checksum of [long, 'aB']) expect(await codeOf(license, { checksum })).toBe('VALID');
  for (const checksum of [`${long}a`, 'ab', 'aB ', 'a', '%']) expect(await codeOf(license, { checksum })).toBe('CHECKSUM_SCOPE_MISMATCH');
  expect(await codeOf(license, { version: '1.0.0-beta.1+b' })).toBe('VALID');
  for (const version of ['1.0.0-beta.1', '1.0.0', '1.0.0-BETA.1+b', '1.0.0-beta.1+b ', 'latest'])
    expect(await codeOf(license, { version })).toBe('VERSION_SCOPE_MISMATCH');
});

test('any of several releases with the version will do, whatever their packages', async () => {
  const { license } = await scene(world);
  await release(license, { status: 'DRAFT' });
  const pack = await world.create('release_package', { product_id: license.product_id });
  expect(await codeOf(license, { version: '1.0.0' })).toBe('VERSION_SCOPE_MISMATCH');
  await release(license, { package_id: pack.id });
  expect(await codeOf(license, { version: '1.0.0' })).toBe('VALID');
  await release(license, { api_version: '1.0', constraints: ['A'] });
  expect(await codeOf(license, { version: '1.0.0' })).toBe('VALID');
});

describe('of several artifacts with the checksum', () => {
  test.each([
    ['the highest version', ['1.9.0', '1.10.0', '1.2.0'], '1.10.0'],
    ['the one with build metadata', ['2.0.1+hotfix', '2.0.1'], '2.0.1+hotfix'],
    ['the final one', ['1.0.0', '1.0.0-rc.1', '1.0.0-alpha'], '1.0.0'],
    ['the highest prerelease', ['1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-beta'], '1.0.0-beta.11'],
  ])('%s is found', async (_, versions, found) => {
    const { license } = await scene(world);
    for (const version of versions) await release(license, { version });
    expect((await asking(license, { checksum: 'sum' })).data.attributes.version).toBe(found);
  });

  test('that of a release which the license may not access is passed over', async () => {
    const { license } = await scene(world);
    await release(license, { version: '1.0.0' });
    await release(license, { version: '1.1.0', constraints: ['A'] });
    await release(license, { version: '1.2.0', status: 'DRAFT' });
    await release(license, { version: '1.3.0', artifacts: [{ status: 'FAILED' }] });
    expect((await asking(license, { checksum: 'sum' })).data.attributes.version).toBe('1.0.0');
  });

  test.each([
    ['1.0.0-beta', '1.0.0--beta'],
    ['1.0.0--beta', '1.0.0-beta'],
  ])('the newest is found when nothing sorts their versions: %s before %s', async (newer, older) => {
    const { license } = await scene(world);
    await release(license, { version: newer, created_at: days(-9), artifacts: [{ created_at: days(-1) }] });
    await release(license, { version: older, created_at: days(-3), artifacts: [{ created_at: days(-2) }] });
    expect((await asking(license, { checksum: 'sum' })).data.attributes.version).toBe(newer);
  });
});

describe('what was found', () => {
  const remembered = async (license: Wire) => {
    await world.server.jobs.run();
    const { last_validated_checksum, last_validated_version } = await stored(license);
    return [last_validated_checksum, last_validated_version];
  };
  const released = async (given: Given = {}) => {
    const { license } = await scene(world, given);
    await release(license, { version: '2.0.0' });
    await release(license, { version: '1.0.0', artifacts: [{ checksum: 'other' }] });
    return license;
  };

  test.each<[string, Given, Attributes, string, string | null, string | null]>([
    ['a checksum with the version of its release', {}, { checksum: 'sum' }, 'VALID', 'sum', '2.0.0'],
    ['a version', {}, { version: '1.0.0' }, 'VALID', null, '1.0.0'],
    ["a version over the checksum's", {}, { checksum: 'sum', version: '1.0.0' }, 'VALID', 'sum', '1.0.0'],
    ['a checksum although the version was not found', {}, { checksum: 'sum', version: '9.0.0' }, 'VERSION_SCOPE_MISMATCH', 'sum', '2.0.0'],
    ['a version although a later rule failed', { policy: { strict: true } }, { version: '1.0.0' }, 'NO_MACHINE', null, '1.0.0'],
    ['nothing of a version after an unknown checksum', {}, { checksum: 'none', version: '1.0.0' }, 'CHECKSUM_SCOPE_MISMATCH', null, null],
    ['nothing after an earlier rule failed', {}, { version: '1.0.0', policy: 'pro' }, 'POLICY_SCOPE_MISMATCH', null, null],
    ['nothing that was asked of a suspended license', { license: { suspended: true } }, { version: '1.0.0' }, 'SUSPENDED', null, null],
  ])('is remembered: %s', async (_, given, scope, code, checksum, version) => {
    const license = await released(given);
    const { data, meta } = await asking(license, scope);
    expect([meta.code, data.attributes.version]).toEqual([code, version]);
    expect(await remembered(license)).toEqual([checksum, version]);
  });

  test('stays when a later validation finds nothing, and gives way to what it finds', async () => {
    const license = await released();
    await asking(license, { checksum: 'sum' });
    expect(await remembered(license)).toEqual(['sum', '2.0.0']);
    expect((await asking(license, { version: '9.0.0' })).data.attributes.version).toBe('2.0.0');
    expect((await asking(license, {})).data.attributes.version).toBe('2.0.0');
    expect(await remembered(license)).toEqual(['sum', '2.0.0']);
    expect((await asking(license, { version: '1.0.0' })).data.attributes.version).toBe('1.0.0');
    expect(await remembered(license)).toEqual(['sum', '1.0.0']);
    expect((await (await world.as('admin')).get(`/licenses/${license.id}`, 200)).data.attributes.version).toBe('1.0.0');
  });

  test('shows in the event too', async () => {
    await world.create('webhook_endpoint', { url: 'https://hooks.example.com' });
    const license = await released();
    await asking(license, { checksum: 'sum' });
    expect(await world.emitted()).toEqual(['license.validation.succeeded']);
    const [event] = (await world.server.sql('select payload from webhook_events')) as Wire[];
    const payload = typeof event.payload === 'string' ? JSON.parse(event.payload) : event.payload;
    expect([payload.data.attributes.version, payload.meta.scope]).toEqual(['2.0.0', { checksum: 'sum' }]);
  });
});

test('a policy that requires both scopes is content with both', async () => {
  const { license } = await scene(world, { policy: { require_checksum_scope: true, require_version_scope: true } });
  await release(license);
  expect(await codeOf(license, { checksum: 'sum', version: '1.0.0' })).toBe('VALID');
  expect(await codeOf(license, { checksum: 'sum' })).toBe('VERSION_SCOPE_REQUIRED');
  expect(await codeOf(license, { version: '1.0.0' })).toBe('CHECKSUM_SCOPE_REQUIRED');
  const { meta } = await (await world.as('admin')).get(`/licenses/${license.id}/actions/validate`, 200);
  expect(meta.code).toBe('VALID');
});

test.each(['1.0', '1.1', '1.8'])('API version %s names the code as it does all others', async (version) => {
  const { license } = await scene(world);
  await release(license);
  const client = (await world.as('license', license)).at(version);
  const member = version === '1.8' ? 'code' : 'constant';
  for (const [scope, code, attribute] of [
    [{ checksum: 'none' }, 'CHECKSUM_SCOPE_MISMATCH', null],
    [{ version: '9.9.9' }, 'VERSION_SCOPE_MISMATCH', null],
    [{ checksum: 'sum', version: '1.0.0' }, 'VALID', '1.0.0'],
  ] as const) {
    const { data, meta } = await client.post(`/licenses/${license.id}/actions/validate`, { meta: { scope } }, 200);
    expect([meta[member], data.attributes.version]).toEqual([code, attribute]);
  }
});

test('a license of an isolated environment finds the releases there', async () => {
  const environment = await world.create('environment');
  const { license } = await scene(world, { environment });
  await release(license, { environment_id: environment.id });
  const client = world.anonymous().in(environment);
  for (const scope of [{ checksum: 'sum' }, { version: '1.0.0' }]) expect((await asking(license, scope, client)).meta.code).toBe('VALID');
});

test('the explanation says which version the checksum is of', async () => {
  const { license } = await scene(world);
  await release(license, { version: '1.2.3' });
  const body = { meta: { key: license.key, explain: true, scope: { checksum: 'sum' } } };
  const { meta } = await (await world.as('admin')).post('/licenses/actions/validate-key', body, 200);
  expect(meta.checks).toContainEqual({ rule: '14', check: 'checksum', outcome: 'passed', figures: { given: 'sum', version: '1.2.3' } });
});

describe('the two faces of access', () => {
  const offsets = fc.constantFrom(-2, -1, 0, 1, 2);
  const held = fc.subarray(['A', 'B', 'C']);
  const releases = fc.array(
    fc.record({
      status: fc.constantFrom('PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'DRAFT', 'YANKED'),
      constraints: fc.oneof(fc.constant<string[]>([]), held),
      created: offsets,
      backdated: fc.option(offsets),
    }),
    { minLength: 5, maxLength: 5 },
  );
  const worlds = fc.record({
    distribution: fc.constantFrom('LICENSED', 'OPEN', 'CLOSED', null),
    expiration: fc.constantFrom('RESTRICT_ACCESS', 'MAINTAIN_ACCESS', 'ALLOW_ACCESS', 'REVOKE_ACCESS', null),
    expiry: fc.option(offsets, { freq: 4 }),
    own: held,
    inherited: held,
    releases,
  });

  test('agree: the database finds what the loaded rows say', async () => {
    world.server.clock.freeze(now);
    const db = world.server.database.drizzle;
    const ids = new Map<string, string>();
    for (const code of ['A', 'B', 'C']) ids.set(code, (await entitlementOf(code)).id);
    const check = async (given: typeof worlds extends fc.Arbitrary<infer T> ? T : never) => {
      const expiry = given.expiry === null ? null : days(given.expiry);
      const product = await world.create('product', { distribution_strategy: given.distribution });
      const policy = await world.create('policy', { product_id: product.id, expiration_strategy: given.expiration });
      const { id } = await world.create('license', { policy_id: policy.id, expiry });
      for (const code of given.own) await world.create('license_entitlement', { license_id: id, entitlement_id: ids.get(code) });
      for (const code of given.inherited) await world.create('policy_entitlement', { policy_id: policy.id, entitlement_id: ids.get(code) });
      const [license] = await licenseRecords.find(db, licenseRecords.called(id));
      const may = {
        window: accessWindow({ expiry }, { expirationStrategy: given.expiration }, now),
        entitlements: new Set([...given.own, ...given.inherited].map((code) => ids.get(code)!)),
      };
      for (const [index, { status, constraints, created, backdated }] of given.releases.entries()) {
        const version = `1.0.${index}`;
        const [createdAt, backdatedAt] = [days(created), backdated === null ? null : days(backdated)];
        const artifacts = [{ checksum: version }];
        await release({ product_id: product.id }, { version, status, constraints, artifacts, created_at: createdAt, backdated_at: backdatedAt });
        const loaded = {
          status,
          createdAt,
          backdatedAt,
          constraints: constraints.map((code) => ids.get(code)!),
          product: { distributionStrategy: given.distribution },
        };
        const facts = await validationLoader(db).facts(license!, { version, checksum: version }, ['version', 'checksum'], now);
        const expected = isAccessible(loaded, may);
        expect(facts, JSON.stringify({ index, expected })).toEqual({ version: expected, checksum: expected ? { version } : null });
      }
    };
    await fc.assert(fc.asyncProperty(worlds, check), { numRuns: 15 });
  }, 60_000);
});
