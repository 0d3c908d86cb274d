import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';
import { type Given, type Scene, scene } from '../../test/validation-scene.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const ago = (seconds: number) => new Date(world.server.clock.now().getTime() - seconds * 1000);
const strict = { strict: true };
const floating = { strict: true, floating: true };
const expired = () => ({ expiry: ago(60) });
const two = [{ fingerprint: 'a' }, { fingerprint: 'b' }];
const unstarted = { require_heartbeat: true, heartbeat_basis: 'FROM_FIRST_PING' };
const unused = '01a213ee-2975-7000-83b3-dcb08785da4d';

type Case = [code: string, detail: string, given: Given | (() => Given), scope?: Attributes | ((s: Scene) => Attributes), valid?: boolean];

const states: Case[] = [
  ['VALID', 'is valid', {}, undefined, true],
  ['BANNED', 'is banned', () => ({ owner: { banned_at: ago(1) } })],
  ['SUSPENDED', 'is suspended', { license: { suspended: true } }],
  ['EXPIRED', 'is expired', () => ({ license: expired(), policy: { expiration_strategy: 'REVOKE_ACCESS' } }), { product: unused }],
  ['EXPIRED', 'is expired', () => ({ license: expired() })],
  ['EXPIRED', 'is expired', () => ({ license: expired(), policy: { expiration_strategy: 'MAINTAIN_ACCESS' } }), undefined, true],
  ['EXPIRED', 'is expired', () => ({ license: expired(), policy: { ...strict, expiration_strategy: 'ALLOW_ACCESS' }, machines: [{}] }), undefined, true],
  [
    'OVERDUE',
    'is overdue for check in',
    () => ({ policy: { require_check_in: true, check_in_interval: 'day', check_in_interval_count: 1 }, license: { last_check_in_at: ago(2 * 86_400) } }),
  ],
];

const scopes: Case[] = [
  ['VALID', 'is valid', {}, { environment: null }, true],
  ['ENVIRONMENT_SCOPE_MISMATCH', 'environment scope does not match', {}, { environment: 'sandbox' }],
  ['ENVIRONMENT_SCOPE_REQUIRED', 'environment scope is required', { policy: { require_environment_scope: true } }],
  ['VALID', 'is valid', {}, (s) => ({ product: s.license.product_id, policy: s.policy.id }), true],
  ['PRODUCT_SCOPE_MISMATCH', 'product scope does not match', {}, { product: unused }],
  ['PRODUCT_SCOPE_REQUIRED', 'product scope is required', { policy: { require_product_scope: true } }, {}],
  ['POLICY_SCOPE_MISMATCH', 'policy scope does not match', {}, { policy: 'pro' }],
  ['POLICY_SCOPE_REQUIRED', 'policy scope is required', { policy: { require_policy_scope: true } }],
  ['VALID', 'is valid', {}, { user: null }, true],
  ['VALID', 'is valid', { licensees: 1 }, { user: null }, true],
  ['VALID', 'is valid', { owner: { email: 'jane@example.com' } }, { user: 'JANE@example.com' }, true],
  ['VALID', 'is valid', { owner: {} }, (s) => ({ user: s.owner.id }), true],
  ['VALID', 'is valid', { owner: {} }, (s) => ({ user: s.owner.id.toUpperCase() }), true],
  ['VALID', 'is valid', { licensees: 1 }, (s) => ({ user: s.licensee.id.replaceAll('-', '') }), true],
  ['VALID', 'is valid', { owner: {}, licensees: 2 }, (s) => ({ user: s.licensee.email.toUpperCase() }), true],
  ['VALID', 'is valid', { licensees: 2 }, (s) => ({ user: s.licensee.id }), true],
  ['USER_SCOPE_MISMATCH', 'user scope does not match', { owner: {} }, { user: null }],
  ['USER_SCOPE_MISMATCH', 'user scope does not match', { owner: {}, licensees: 1 }, (s) => ({ user: s.stranger.email })],
  ['USER_SCOPE_MISMATCH', 'user scope does not match', {}, (s) => ({ user: s.stranger.id })],
  ['USER_SCOPE_REQUIRED', 'user scope is required', { policy: { require_user_scope: true } }],
  ['VALID', 'is valid', { entitlements: ['A', 'C'], inherited: ['B'] }, { entitlements: ['A', 'B', 'A'] }, true],
  ['ENTITLEMENTS_SCOPE_EMPTY', 'entitlements scope is empty', { entitlements: ['A'] }, { entitlements: [] }],
  ['ENTITLEMENTS_MISSING', 'is missing one or more required entitlements', { entitlements: ['A'] }, { entitlements: ['A', 'a'] }],
  ['CHECKSUM_SCOPE_MISMATCH', 'checksum scope is not valid (does not match any accessible artifacts)', {}, { checksum: 'abc' }],
  ['CHECKSUM_SCOPE_REQUIRED', 'checksum scope is required', { policy: { require_checksum_scope: true } }, { checksum: null }],
  ['VERSION_SCOPE_MISMATCH', 'version scope is not valid (does not match any accessible releases)', {}, { version: '1.0.0' }],
  ['VERSION_SCOPE_REQUIRED', 'version scope is required', { policy: { require_version_scope: true } }],
];

const notActivated = 'is not activated (does not match any associated machines)';
const several = 'one or more fingerprint is not activated';
const mine = {
  owner: {},
  licensees: 1,
  machines: [{ fingerprint: 'a', of: 'owner' as const }, { fingerprint: 'b', of: 'licensee' as const }, { fingerprint: 'c' }],
};

const machines: Case[] = [
  ['NO_MACHINE', 'machine is not activated (has no associated machine)', {}, { machine: unused }],
  ['NO_MACHINES', 'machine is not activated (has no associated machines)', { policy: floating }, { machine: unused }],
  ['MACHINE_SCOPE_MISMATCH', `machine ${notActivated}`, { machines: two }, { machine: 'a' }],
  ['MACHINE_SCOPE_MISMATCH', `machine ${notActivated}`, { machines: two }, { machine: unused }],
  ['VALID', 'is valid', { machines: two }, (s) => ({ machine: s.machines[1].id }), true],
  ['VALID', 'is valid', mine, (s) => ({ machine: s.machines[0].id, user: s.owner.id }), true],
  ['VALID', 'is valid', mine, (s) => ({ machine: s.machines[2].id, user: s.owner.email }), true],
  [
    'USER_SCOPE_MISMATCH',
    'user scope does not match (does not match associated machine owner)',
    mine,
    (s) => ({ machine: s.machines[1].id, user: s.owner.id }),
  ],
  ['HEARTBEAT_NOT_STARTED', 'machine heartbeat is required', { policy: unstarted, machines: two }, (s) => ({ machine: s.machines[0].id })],
  ['HEARTBEAT_DEAD', 'machine heartbeat is dead', () => ({ machines: [{ last_heartbeat_at: ago(601) }] }), (s) => ({ machine: s.machines[0].id })],
  ['MACHINE_SCOPE_REQUIRED', 'machine scope is required', { policy: { require_machine_scope: true } }],

  ['FINGERPRINT_SCOPE_EMPTY', 'fingerprint scope is empty', { machines: two }, { fingerprints: [] }],
  ['NO_MACHINE', 'fingerprint is not activated (has no associated machine)', {}, { fingerprint: 'a' }],
  ['NO_MACHINES', 'fingerprint is not activated (has no associated machines)', { policy: floating }, { fingerprints: ['a'] }],
  ['HEARTBEAT_DEAD', 'machine heartbeat is dead', () => ({ machines: [{ fingerprint: 'a', last_heartbeat_at: ago(601) }] }), { fingerprint: 'a' }],
  ['FINGERPRINT_SCOPE_MISMATCH', `fingerprint ${notActivated}`, { machines: two }, { fingerprints: ['x', 'x'] }],
  ['FINGERPRINT_SCOPE_MISMATCH', `one or more fingerprint ${notActivated}`, { machines: two }, { fingerprints: ['x', 'y'] }],
  ['VALID', 'is valid', { machines: two }, { fingerprints: ['a', 'x'] }, true],
  [
    'FINGERPRINT_SCOPE_MISMATCH',
    `${several} (does not match at least 2 associated machines)`,
    { policy: { machine_matching_strategy: 'MATCH_TWO' }, machines: two },
    { fingerprints: ['a', 'x'] },
  ],
  [
    'FINGERPRINT_SCOPE_MISMATCH',
    `${several} (does not match enough associated machines)`,
    { policy: { machine_matching_strategy: 'MATCH_MOST' }, machines: two },
    { fingerprints: ['a', 'x', 'y'] },
  ],
  [
    'FINGERPRINT_SCOPE_MISMATCH',
    `${several} (does not match all associated machines)`,
    { policy: { machine_matching_strategy: 'MATCH_ALL' }, machines: two },
    { fingerprints: ['a', 'b', 'x'] },
  ],
  ['VALID', 'is valid', { policy: { machine_matching_strategy: 'MATCH_ALL' }, machines: two }, { fingerprints: ['a', 'b', 'a'] }, true],
  ['VALID', 'is valid', mine, (s) => ({ fingerprints: ['a', 'c'], user: s.owner.email }), true],
  [
    'USER_SCOPE_MISMATCH',
    'user scope does not match (does not match associated machine owners)',
    mine,
    (s) => ({ fingerprints: ['a', 'b'], user: s.owner.id }),
  ],
  ['HEARTBEAT_NOT_STARTED', 'machine heartbeat is required', { policy: unstarted, machines: two }, { fingerprint: 'a' }],
  ['FINGERPRINT_SCOPE_REQUIRED', 'fingerprint scope is required', { policy: { require_fingerprint_scope: true } }],

  ['VALID', 'is valid', { machines: [{ fingerprint: 'a', components: ['x', 'y'] }] }, { fingerprint: 'a', components: ['x', 'z'] }, true],
  [
    'FINGERPRINT_SCOPE_REQUIRED',
    'fingerprint scope is required when using the components scope',
    { machines: two },
    { fingerprints: ['a'], components: ['x'] },
  ],
  ['COMPONENTS_SCOPE_EMPTY', 'components scope is empty', { machines: two }, { fingerprint: 'a', components: [] }],
  [
    'COMPONENTS_SCOPE_MISMATCH',
    'one or more component is not activated (does not match any associated components)',
    { machines: [{ fingerprint: 'a' }, { fingerprint: 'b', components: ['x'] }] },
    { fingerprint: 'a', components: ['x'] },
  ],
  [
    'COMPONENTS_SCOPE_MISMATCH',
    'one or more component is not activated (does not match all associated components)',
    { policy: { component_matching_strategy: 'MATCH_ALL' }, machines: [{ fingerprint: 'a', components: ['x'] }] },
    { fingerprint: 'a', components: ['x', 'y'] },
  ],
  ['COMPONENTS_SCOPE_REQUIRED', 'components scope is required', { policy: { require_components_scope: true } }],
];

const perUser = { ...floating, machine_leasing_strategy: 'PER_USER', process_leasing_strategy: 'PER_USER' };
const huge = '9223372036854775000';

const limits: Case[] = [
  ['TOO_MANY_USERS', 'has too many associated users', { owner: {}, licensees: 1, policy: { max_users: 1 } }],
  ['TOO_MANY_USERS', 'has too many associated users', { owner: {}, licensees: 1, policy: { max_users: 1, overage_strategy: 'ALLOW_2X_OVERAGE' } }, {}, true],
  ['NO_MACHINE', 'must have exactly 1 associated machine', { policy: strict }],
  ['NO_MACHINES', 'must have at least 1 associated machine', { policy: floating }],
  ['TOO_MANY_MACHINES', 'has too many associated machines', { policy: strict, machines: two }],
  ['TOO_MANY_MACHINES', 'has too many associated machines', { policy: { ...strict, overage_strategy: 'ALLOW_2X_OVERAGE' }, machines: two }, {}, true],
  ['TOO_MANY_MACHINES', 'has too many associated machines', { policy: floating, license: { max_machines: 1 }, machines: two }],
  ['VALID', 'is valid', { policy: { ...floating, max_machines: 1 }, license: { max_machines: 2 }, machines: two }, {}, true],
  ['TOO_MANY_CORES', 'has too many associated machine cores', { policy: { ...floating, max_cores: 8 }, machines: [{ cores: 9 }] }],
  ['TOO_MUCH_MEMORY', 'has too much associated machine memory', { policy: { ...floating, max_memory: 8 }, machines: [{ memory: 9 }] }],
  ['TOO_MUCH_DISK', 'has too much associated machine disk', { policy: { ...floating, max_disk: 8 }, machines: [{ disk: 9 }] }],
  ['VALID', 'is valid', { policy: { ...perUser, max_memory: huge }, machines: [{ memory: huge }, { memory: 1, of: 'stranger' }] }, {}, true],
  ['TOO_MUCH_MEMORY', 'has too much associated machine memory', { policy: { ...perUser, max_memory: huge }, machines: [{ memory: huge }, { memory: 1 }] }],
  ['VALID', 'is valid', { ...mine, policy: { ...perUser, max_machines: 1 } }, (s) => ({ user: s.owner.id }), true],
  ['VALID', 'is valid', { ...mine, policy: { ...perUser, max_machines: 1 } }, (s) => ({ user: s.licensee.email.toUpperCase() }), true],
  [
    'TOO_MANY_MACHINES',
    'has too many associated machines',
    { owner: {}, policy: { ...perUser, max_machines: 1 }, machines: [{ of: 'owner' }, { of: 'owner' }] },
    (s) => ({ user: s.owner.id }),
  ],
  [
    'TOO_MANY_PROCESSES',
    'has too many associated processes',
    { policy: { ...floating, max_processes: 1, process_leasing_strategy: 'PER_LICENSE' }, machines: [{ processes: 1 }, { processes: 1 }] },
  ],
  ['VALID', 'is valid', { policy: { ...floating, max_processes: 1 }, machines: [{ processes: 2 }] }, {}, true],
  [
    'TOO_MANY_PROCESSES',
    'has too many associated processes',
    { policy: { ...floating, max_processes: 1 }, machines: [{ fingerprint: 'a', processes: 2 }, { fingerprint: 'b' }] },
    { fingerprint: 'a' },
  ],
  [
    'TOO_MANY_PROCESSES',
    'has too many associated processes',
    { policy: { ...floating, max_processes: 1 }, machines: [{ processes: 2 }] },
    (s) => ({ machine: s.machines[0].id }),
  ],
  [
    'VALID',
    'is valid',
    { policy: { ...floating, max_processes: 1 }, machines: [{ fingerprint: 'a', processes: 2, max_processes: 2 }] },
    { fingerprint: 'a' },
    true,
  ],
  [
    'VALID',
    'is valid',
    { policy: { ...perUser, max_processes: 1 }, owner: {}, machines: [{ of: 'owner', processes: 1 }, { processes: 2 }] },
    (s) => ({ user: s.owner.id }),
    true,
  ],
  [
    'TOO_MANY_PROCESSES',
    'has too many associated processes',
    {
      policy: { ...perUser, max_processes: 1, overage_strategy: 'ALWAYS_ALLOW_OVERAGE' },
      owner: {},
      machines: [{ of: 'owner', processes: 2 }, { processes: 1 }],
    },
    (s) => ({ user: s.owner.id }),
    true,
  ],
];

describe.each([...states, ...scopes, ...machines, ...limits])('%s: %s', (code, detail, given, scope, valid = false) => {
  test(`${JSON.stringify(given)} ${JSON.stringify(scope)}`, async () => {
    const made = await scene(world, typeof given === 'function' ? given() : given);
    const asked = typeof scope === 'function' ? scope(made) : scope;
    const { data, meta } = await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: made.license.key, scope: asked } }, 200);
    expect(meta).toMatchObject({ valid, detail, code });
    expect(meta.scope).toEqual(
      asked && Object.fromEntries(Object.entries(asked).filter(([name, value]) => value !== null || name === 'user' || name === 'environment')),
    );
    expect(data.id).toBe(made.license.id);
    expect(await world.emitted()).toEqual([`license.validation.${valid ? 'succeeded' : 'failed'}`]);
  });
});

describe('the response', () => {
  test('is the license with the new time, and what was decided', async () => {
    const { license } = await scene(world);
    world.server.clock.freeze('2030-01-01T00:00:00.000Z');
    const { json } = await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: license.key, nonce: 0, scope: {} } }, 200);
    expect(json.meta).toEqual({ ts: '2030-01-01T00:00:00.000Z', valid: true, detail: 'is valid', code: 'VALID', nonce: 0, scope: {} });
    expect(json.data.attributes).toMatchObject({ lastValidated: '2030-01-01T00:00:00.000Z', version: null, key: license.key });
    expect(json.data.attributes.updated).not.toBe('2030-01-01T00:00:00.000Z');
    await world.server.jobs.run();
    const [stored] = await world.server.sql('select last_validated_at, updated_at from licenses where id = $1', [license.id]);
    expect(stored).toEqual({ last_validated_at: new Date('2030-01-01'), updated_at: new Date('2030-01-01') });
    const [log] = await world.server.sql('select metadata, resource_id, whodunnit_id from event_logs');
    expect(log).toEqual({ metadata: { code: 'VALID' }, resource_id: license.id, whodunnit_id: null });
  });

  test.each(['46116860184273879031', '-1', '9007199254740993'])('echoes the nonce %s to the digit', async (nonce) => {
    const { license } = await scene(world);
    const { body } = await world.anonymous().post('/licenses/actions/validate-key', `{"meta":{"key":"${license.key}","nonce":${nonce}}}`, 200);
    expect(body).toContain(`"nonce":${nonce}`);
  });

  test('of an unknown key has no data, and nothing happens', async () => {
    const { json } = await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: 'nobody has this', scope: { product: 'x' } } }, 200);
    expect(json).toEqual({ data: null, meta: { ts: expect.any(String), valid: false, detail: 'does not exist', code: 'NOT_FOUND', scope: { product: 'x' } } });
    expect(await world.emitted()).toEqual([]);
  });

  test('many validations at once leave the latest time and as many events', async () => {
    const { license } = await scene(world);
    world.server.clock.freeze('2030-01-01T00:00:00.000Z');
    for (let n = 0; n < 5; n++) {
      world.server.clock.travel(1000);
      await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: license.key } }, 200);
    }
    expect(await world.emitted()).toHaveLength(5);
    const [stored] = await world.server.sql('select last_validated_at from licenses where id = $1', [license.id]);
    expect(stored!.last_validated_at).toEqual(new Date('2030-01-01T00:00:05.000Z'));
  });
});

describe('quick validation', () => {
  test('asks for no scope, tells nobody, and writes the time down', async () => {
    const { license } = await scene(world, { policy: { require_product_scope: true, require_user_scope: true } });
    const admin = await world.as('admin');
    const { data, meta } = await admin.get(`/licenses/${license.id}/actions/validate`, 200);
    expect(Object.keys(meta)).toEqual(['ts', 'valid', 'detail', 'code']);
    expect(meta.code).toBe('VALID');
    expect(data.attributes.lastValidated).toBe(meta.ts);
    expect(await world.emitted()).toEqual([]);
    const shown = await admin.get(`/licenses/${license.key}/actions/validate`, 200);
    expect(shown.data.id).toBe(license.id);
    const [stored] = await world.server.sql('select last_validated_at from licenses where id = $1', [license.id]);
    expect(stored!.last_validated_at).toEqual(new Date(meta.ts));
  });

  test.each([
    ['https://app.keygen.sh', false],
    ['https://portal.localhost', false],
    ['https://dist.keygen.sh', true],
    ['https://app.keygen.sh.example.com', true],
  ])('from %s is written down: %j', async (origin, written) => {
    const { license } = await scene(world);
    const admin = (await world.as('admin')).with({ origin });
    await admin.get(`/licenses/${license.id}/actions/validate`, 200);
    await world.server.jobs.run();
    const [stored] = await world.server.sql('select last_validated_at from licenses where id = $1', [license.id]);
    expect(stored!.last_validated_at !== null).toBe(written);
  });
});

describe('parameters', () => {
  const key = 'some key';
  const cases: [Wire, string, string][] = [
    [{}, 'is missing', '/meta'],
    [{ meta: null }, 'cannot be null', '/meta'],
    [{ meta: {} }, 'is missing', '/meta/key'],
    [{ meta: { key: null } }, 'cannot be null', '/meta/key'],
    [{ meta: { key: ' ' } }, 'cannot be blank', '/meta/key'],
    [{ meta: { key: 1 } }, 'type mismatch (received integer expected string)', '/meta/key'],
    [{ data: {}, meta: { key } }, 'unpermitted parameter', '/data'],
    [{ meta: { key, colour: 1 } }, 'unpermitted parameter', '/meta/colour'],
    [{ meta: { key, scope: { foo: 1 } } }, 'unpermitted parameter', '/meta/scope/foo'],
    [{ meta: { key, nonce: '1' } }, 'type mismatch (received string expected integer)', '/meta/nonce'],
    [{ meta: { key, nonce: 1.5 } }, 'type mismatch (received float expected integer)', '/meta/nonce'],
    [{ meta: { key, encrypted: 'yes' } }, 'type mismatch (received string expected boolean)', '/meta/encrypted'],
    [{ meta: { key, legacy_encrypted: 1 } }, 'type mismatch (received integer expected boolean)', '/meta/legacyEncrypted'],
    [{ meta: { key, scope: [] } }, 'type mismatch (received array expected object)', '/meta/scope'],
    [{ meta: { key, scope: { product: '' } } }, 'cannot be blank', '/meta/scope/product'],
    [{ meta: { key, scope: { user: '' } } }, 'cannot be blank', '/meta/scope/user'],
    [{ meta: { key, scope: { machine: 1 } } }, 'type mismatch (received integer expected string)', '/meta/scope/machine'],
    [{ meta: { key, scope: { fingerprints: 'a' } } }, 'type mismatch (received string expected array)', '/meta/scope/fingerprints'],
    [{ meta: { key, scope: { fingerprints: [null] } } }, 'cannot be null', '/meta/scope/fingerprints/0'],
    [{ meta: { key, scope: { components: [' '] } } }, 'cannot be blank', '/meta/scope/components/0'],
    [{ meta: { key, scope: { entitlements: [1] } } }, 'type mismatch (received integer expected string)', '/meta/scope/entitlements/0'],
    [{ meta: { key, explain: true } }, 'unpermitted parameter', '/meta/explain'],
  ];
  test.each(cases)('%j: %s at %s', async (body, detail, pointer) => {
    const { errors } = await world.anonymous().post('/licenses/actions/validate-key', body, 400);
    expect(errors).toEqual(badRequest(detail, pointer));
  });

  test('by id need no body, and come after permissions', async () => {
    const { license } = await scene(world, { owner: {} });
    const admin = await world.as('admin');
    await admin.post(`/licenses/${license.id}/actions/validate`, undefined, 200);
    await admin.post(`/licenses/${license.id}/actions/validate`, { meta: null }, 200);
    expect((await admin.post(`/licenses/${license.id}/actions/validate`, { meta: { key: 'a' } }, 400)).errors).toEqual(
      badRequest('unpermitted parameter', '/meta/key'),
    );
    const weak = await world.as('license', await world.create('license', { permissions: [] }));
    expect((await weak.post(`/licenses/${license.id}/actions/validate`, { meta: { key: 'a' } }, 404)).errors[0].code).toBe('NOT_FOUND');
  });

  test('that are null count as not sent, but for user and environment', async () => {
    const { license } = await scene(world);
    const scope = { product: null, policy: null, user: null, machine: null, fingerprint: null, fingerprints: null, components: null, environment: null };
    const { meta } = await world.anonymous().post('/licenses/actions/validate-key', { meta: { key: license.key, nonce: null, encrypted: null, scope } }, 200);
    expect(meta).toEqual({ ts: expect.any(String), valid: true, detail: 'is valid', code: 'VALID', scope: { user: null, environment: null } });
  });
});
