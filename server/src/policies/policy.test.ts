import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  product = await world.create('product');
});

const body = (attributes: object = {}, productId: unknown = product.id) => ({
  data: { type: 'policies', attributes: { name: 'Team', ...attributes }, relationships: { product: { data: { type: 'products', id: productId } } } },
});
const patch = (attributes: object) => ({ data: { type: 'policy', id: 'whatever', attributes } });
const unknown = '0b7f6b0e-9c59-4f5e-9f43-0c5a8a1f4d11';

test('a new policy shows every attribute, with the defaults where nothing was said', async () => {
  const admin = await world.as('admin');
  const { data, headers } = await admin.post('/policies', body(), 201);
  const { created, updated, ...attributes } = data.attributes;
  expect(created).toBe(updated);
  expect(attributes).toEqual({
    ...{ name: 'Team', duration: null, strict: false, floating: false, usePool: false, scheme: null, encrypted: false, protected: false },
    ...{ maxMachines: 1, maxProcesses: null, maxUsers: null, maxCores: null, maxMemory: null, maxDisk: null, maxUses: null },
    ...{ machineUniquenessStrategy: 'UNIQUE_PER_LICENSE', machineMatchingStrategy: 'MATCH_ANY' },
    ...{ componentUniquenessStrategy: 'UNIQUE_PER_MACHINE', componentMatchingStrategy: 'MATCH_ANY' },
    ...{ expirationStrategy: 'RESTRICT_ACCESS', expirationBasis: 'FROM_CREATION', renewalBasis: 'FROM_EXPIRY', transferStrategy: 'KEEP_EXPIRY' },
    ...{ authenticationStrategy: 'TOKEN', machineLeasingStrategy: 'PER_LICENSE', processLeasingStrategy: 'PER_MACHINE', overageStrategy: 'NO_OVERAGE' },
    ...{ requireProductScope: false, requirePolicyScope: false, requireMachineScope: false, requireFingerprintScope: false },
    ...{ requireComponentsScope: false, requireUserScope: false, requireChecksumScope: false, requireVersionScope: false },
    ...{ requireCheckIn: false, checkInInterval: null, checkInIntervalCount: null, requireHeartbeat: false, heartbeatDuration: null },
    ...{ heartbeatCullStrategy: 'DEACTIVATE_DEAD', heartbeatResurrectionStrategy: 'NO_REVIVE', heartbeatBasis: 'FROM_FIRST_PING', metadata: {} },
  });
  const self = `/v1/accounts/${world.account.id}/policies/${data.id}`;
  expect(data.links).toEqual({ self });
  expect(headers.location).toBe(`https://localhost${self}`);
  expect(data.relationships).toEqual({
    account: { links: { related: `/v1/accounts/${world.account.id}` }, data: { type: 'accounts', id: world.account.id } },
    environment: { links: { related: null }, data: null },
    product: { links: { related: `${self}/product` }, data: { type: 'products', id: product.id } },
    pool: { links: { related: `${self}/pool` } },
    licenses: { links: { related: `${self}/licenses` } },
    entitlements: { links: { related: `${self}/entitlements` } },
  });
  expect(await world.emitted()).toEqual(['policy.created']);
});

test('64-bit limits are exact', async () => {
  const admin = await world.as('admin');
  const sent = JSON.stringify(body({ floating: true, maxDisk: 1 })).replace('"maxDisk":1', '"maxDisk":9223372036854775807');
  const { body: text } = await admin.post('/policies', sent, 201);
  expect(text).toContain('"maxDisk":9223372036854775807');
});

describe('defaults', () => {
  test.each([
    // sent                              version  what becomes
    [{ encrypted: true }, '1.8', { scheme: 'LEGACY_ENCRYPT' }],
    [{ floating: true }, '1.8', { maxMachines: null }],
    [{ maxMachines: null }, '1.8', { maxMachines: 1 }],
    [{ requireHeartbeat: true }, '1.3', { heartbeatBasis: 'FROM_CREATION' }],
    [{ requireHeartbeat: true }, '1.2', { heartbeatBasis: 'FROM_FIRST_PING' }],
    [{ requireHeartbeat: true, heartbeatBasis: 'FROM_FIRST_PING' }, '1.8', { heartbeatBasis: 'FROM_FIRST_PING' }],
    [{}, '1.2', { overageStrategy: 'NO_OVERAGE' }],
    [{}, '1.1', { overageStrategy: 'ALWAYS_ALLOW_OVERAGE', concurrent: true }],
    [{ concurrent: false }, '1.1', { overageStrategy: 'NO_OVERAGE', concurrent: false }],
    [{ concurrent: true }, '1.0', { overageStrategy: 'ALWAYS_ALLOW_OVERAGE', concurrent: true }],
    [{ leasingStrategy: 'PER_USER', machineLeasingStrategy: 'PER_USER' }, '1.6', { leasingStrategy: 'PER_USER', machineLeasingStrategy: 'PER_USER' }],
    [{ processLeasingStrategy: 'PER_USER' }, '1.6', { leasingStrategy: 'PER_USER' }],
    [{ fingerprintUniquenessStrategy: 'UNIQUE_PER_POLICY' }, '1.3', { fingerprintUniquenessStrategy: 'UNIQUE_PER_POLICY' }],
    [{ fingerprintMatchingStrategy: 'MATCH_ALL' }, '1.2', { fingerprintMatchingStrategy: 'MATCH_ALL' }],
    [{ machineMatchingStrategy: 'MATCH_ALL' }, '1.3', { fingerprintMatchingStrategy: 'MATCH_ALL' }],
    [{ duration: 86400, strict: null, scheme: null, overageStrategy: null }, '1.8', { duration: 86400, strict: false, overageStrategy: 'NO_OVERAGE' }],
  ])('%j at %s: %j', async (sent, version, expected) => {
    const admin = (await world.as('admin')).at(version);
    const { data } = await admin.post('/policies', body(sent), 201);
    expect(data.attributes).toMatchObject(expected);
    const shown = await admin.get(`/policies/${data.id}`, 200);
    expect(shown.data.attributes).toEqual(data.attributes);
    const [listed] = (await admin.get(`/products/${product.id}/policies`, 200)).data;
    expect(listed.attributes).toEqual(data.attributes);
  });

  test('`protected` is the account’s', async () => {
    await world.server.update('account', String(world.account.id), { protected: true });
    const { data } = await (await world.as('admin')).post('/policies', body(), 201);
    expect(data.attributes.protected).toBe(true);
  });
});

test('a license shows its policy in the form of the version', async () => {
  const license = await world.create('license');
  const admin = await world.as('admin');
  const at = async (version: string) => (await admin.at(version).get(`/licenses/${license.id}/policy`, 200)).data.attributes;
  expect(await at('1.0')).toMatchObject({ concurrent: false, fingerprintMatchingStrategy: 'MATCH_ANY', leasingStrategy: 'PER_MACHINE' });
  const names = ['concurrent', 'fingerprintMatchingStrategy', 'fingerprintUniquenessStrategy', 'leasingStrategy'];
  for (const [version, old] of Object.entries({ '1.1': 4, '1.2': 3, '1.3': 3, '1.4': 1, '1.6': 1, '1.7': 0 })) {
    const attributes = await at(version);
    expect(
      names.filter((name) => name in attributes),
      version,
    ).toHaveLength(old);
  }
});

describe('names of older versions are unknown to newer ones', () => {
  test.each([
    ['concurrent', true, '1.2'],
    ['fingerprintUniquenessStrategy', 'UNIQUE_PER_POLICY', '1.4'],
    ['fingerprintMatchingStrategy', 'MATCH_ALL', '1.4'],
    ['leasingStrategy', 'PER_USER', '1.7'],
  ])('%s', async (name, value, version) => {
    const admin = (await world.as('admin')).at(version);
    const { errors } = await admin.post('/policies', body({ [name]: value }), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail: 'unpermitted parameter', source: { pointer: `/data/attributes/${name}` } }]);
    const policy = await world.create('policy', { product_id: product.id });
    await admin.patch(`/policies/${policy.id}`, patch({ [name]: value }), 400);
  });
});

test('a key shows its policy at old versions with `concurrent` but under the new names', async () => {
  const key = await world.create('key');
  const { data } = await (await world.as('admin')).at('1.0').get(`/keys/${key.id}/policy`, 200);
  expect(data.attributes).toMatchObject({
    concurrent: false,
    overageStrategy: 'NO_OVERAGE',
    machineMatchingStrategy: 'MATCH_ANY',
    processLeasingStrategy: 'PER_MACHINE',
  });
});

describe('refuses parameters', () => {
  test.each([
    [{ name: '' }, 'cannot be blank', '/data/attributes/name'],
    [{ maxMachines: { foo: 'bar' } }, 'type mismatch (received object expected integer)', '/data/attributes/maxMachines'],
    [{ duration: '86400' }, 'type mismatch (received string expected integer)', '/data/attributes/duration'],
    [{ strict: 1, usePool: 'x' }, 'type mismatch (received string expected boolean)', '/data/attributes/usePool'],
    [{ requireEnvironmentScope: true }, 'unpermitted parameter', '/data/attributes/requireEnvironmentScope'],
    [{ metadata: { a: { b: { c: { d: 1 } } } } }, 'maximum depth of 2 exceeded', '/data/attributes/metadata/a/b/c'],
  ])('%j: %s', async (sent, detail, pointer) => {
    const { errors } = await (await world.as('admin')).post('/policies', body(sent), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { pointer } }]);
  });

  test.each([
    [{ data: { type: 'policies', attributes: {} } }, 'is missing', '/data/relationships'],
    [{ data: { type: 'policies', attributes: {}, relationships: {} } }, 'is missing', '/data/relationships/product'],
    [{ data: { type: 'policies', attributes: {}, relationships: { product: { data: null } } } }, 'cannot be null', '/data/relationships/product/data'],
    [{ data: { type: 'products' } }, 'is invalid', '/data/type'],
  ])('%j: %s', async (sent, detail, pointer) => {
    const { errors } = await (await world.as('admin')).post('/policies', sent, 400);
    expect(errors[0]).toMatchObject({ detail, source: { pointer } });
  });

  test.each(['scheme', 'encrypted', 'usePool'])('%s on update', async (name) => {
    const policy = await world.create('policy');
    const { errors } = await (await world.as('admin')).patch(`/policies/${policy.id}`, patch({ [name]: null }), 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: `/data/attributes/${name}` } });
  });
});

const supported = 'unsupported encryption scheme (scheme must be LEGACY_ENCRYPT for legacy encrypted policies)';
const keepDead = 'incompatible heartbeat cull strategy (must be KEEP_DEAD when resurrection strategy is ALWAYS_REVIVE)';
const locked = (strategy: string) => `incompatible overage strategy (cannot use ${strategy} for node-locked policy)`;
const undivided = (strategy: string, limit: string, by: number) =>
  `incompatible overage strategy (cannot use ${strategy} with a max ${limit} value not divisible by ${by})`;
const floating = { floating: true, maxMachines: 4 };
const camel = (words: string) => words.replace(/ (.)/g, (_, letter: string) => letter.toUpperCase());
const upper = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** `[sent, [[attribute, detail, KIND], ...]]` in the order of spec/licensing.md 2.6 */
const refusals: [object, [string, string, string][]][] = [
  [{ name: undefined }, [['name', "can't be blank", 'MISSING']]],
  [{ name: 'x'.repeat(256) }, [['name', 'is too long (maximum is 255 characters)', 'TOO_LONG']]],
  [{ duration: 0 }, [['duration', 'must be greater than 0', 'INVALID']]],
  [{ duration: -1 }, [['duration', 'must be greater than 0', 'INVALID']]],
  [{ duration: 82800 }, [['duration', 'must be greater than or equal to 86400 (1 day)', 'INVALID']]],
  [{ duration: 7464960000 }, [['duration', 'must be less than or equal to 2147483647', 'INVALID']]],
  [{ heartbeatDuration: 0 }, [['heartbeatDuration', 'must be greater than 0', 'INVALID']]],
  [{ heartbeatDuration: 59 }, [['heartbeatDuration', 'must be greater than or equal to 60 (1 minute)', 'INVALID']]],
  [{ heartbeatDuration: 2147483648 }, [['heartbeatDuration', 'must be less than or equal to 2147483647', 'INVALID']]],
  [{ maxMachines: -1, floating: true }, [['maxMachines', 'must be greater than or equal to 0', 'INVALID']]],
  [{ maxMachines: 2147483648, floating: true }, [['maxMachines', 'must be less than or equal to 2147483647', 'INVALID']]],
  [{ maxMachines: 0, floating: true }, [['maxMachines', 'must be greater than or equal to 1 for floating policy', 'INVALID']]],
  [{ maxMachines: 2 }, [['maxMachines', 'must be equal to 1 for non-floating policy', 'INVALID']]],
  ...['maxCores', 'maxMemory', 'maxDisk'].map((name): [object, [string, string, string][]] => [
    { [name]: 0 },
    [[name, 'must be greater than or equal to 1', 'INVALID']],
  ]),
  [{ maxCores: 2147483648 }, [['maxCores', 'must be less than or equal to 2147483647', 'INVALID']]],
  [{ maxUses: -1 }, [['maxUses', 'must be greater than or equal to 0', 'INVALID']]],
  [{ maxUses: 2147483648 }, [['maxUses', 'must be less than or equal to 2147483647', 'INVALID']]],
  [
    { requireCheckIn: true },
    [
      ['checkInInterval', 'must be one of: day, week, month, year', 'NOT_ALLOWED'],
      ['checkInIntervalCount', 'must be a number between 1 and 365 inclusive', 'NOT_ALLOWED'],
    ],
  ],
  [
    { requireCheckIn: true, checkInInterval: 'day', checkInIntervalCount: 366 },
    [['checkInIntervalCount', 'must be a number between 1 and 365 inclusive', 'NOT_ALLOWED']],
  ],
  [{ requireCheckIn: true, checkInInterval: 'hour', checkInIntervalCount: 1 }, [['checkInInterval', 'must be one of: day, week, month, year', 'NOT_ALLOWED']]],
  [{ encrypted: true, scheme: 'ED25519_SIGN' }, [['scheme', supported, 'NOT_ALLOWED']]],
  [{ scheme: 'ROT13' }, [['scheme', 'unsupported signing scheme', 'NOT_ALLOWED']]],
  ...['machine uniqueness strategy', 'machine matching strategy', 'component uniqueness strategy', 'component matching strategy']
    .concat(
      ['expiration strategy', 'expiration basis', 'renewal basis', 'authentication strategy', 'heartbeat cull strategy', 'heartbeat resurrection strategy'],
      ['heartbeat basis', 'transfer strategy', 'machine leasing strategy', 'process leasing strategy', 'overage strategy'],
    )
    .map((words): [object, [string, string, string][]] => [{ [camel(words)]: 'NONSENSE' }, [[camel(words), `unsupported ${words}`, 'NOT_ALLOWED']]]),
  [{ machineUniquenessStrategy: 'UNIQUE_PER_MACHINE' }, [['machineUniquenessStrategy', 'unsupported machine uniqueness strategy', 'NOT_ALLOWED']]],
  [{ machineLeasingStrategy: 'PER_MACHINE' }, [['machineLeasingStrategy', 'unsupported machine leasing strategy', 'NOT_ALLOWED']]],
  [{ heartbeatResurrectionStrategy: 'ALWAYS_REVIVE' }, [['heartbeatCullStrategy', keepDead, 'NOT_ALLOWED']]],
  [
    { maxProcesses: 0, maxUsers: 0 },
    [
      ['maxProcesses', 'must be greater than 0', 'INVALID'],
      ['maxUsers', 'must be greater than 0', 'INVALID'],
    ],
  ],
  ...['maxUsers', 'maxProcesses'].map((name): [object, [string, string, string][]] => [
    { [name]: 2147483648 },
    [[name, 'must be less than or equal to 2147483647', 'INVALID']],
  ]),
  [{ overageStrategy: 'ALLOW_1_25X_OVERAGE' }, [['overageStrategy', locked('ALLOW_1_25X_OVERAGE'), 'NOT_ALLOWED']]],
  [{ overageStrategy: 'ALLOW_1_5X_OVERAGE' }, [['overageStrategy', locked('ALLOW_1_5X_OVERAGE'), 'NOT_ALLOWED']]],
  [
    { overageStrategy: 'ALLOW_1_25X_OVERAGE', floating: true, maxMachines: 5, maxCores: 3 },
    [['overageStrategy', undivided('ALLOW_1_25X_OVERAGE', 'machines', 4), 'NOT_ALLOWED']],
  ],
  ...(['cores', 'memory', 'disk', 'processes', 'users'] as const).flatMap((limit): [object, [string, string, string][]][] => {
    const name = camel(`max ${limit}`);
    return [
      [{ ...floating, overageStrategy: 'ALLOW_1_25X_OVERAGE', [name]: 2 }, [['overageStrategy', undivided('ALLOW_1_25X_OVERAGE', limit, 4), 'NOT_ALLOWED']]],
      [{ ...floating, overageStrategy: 'ALLOW_1_5X_OVERAGE', [name]: 3 }, [['overageStrategy', undivided('ALLOW_1_5X_OVERAGE', limit, 2), 'NOT_ALLOWED']]],
    ];
  }),
  ...[{}, { scheme: 'LEGACY_ENCRYPT' }].map((scheme): [object, [string, string, string][]] => [
    { usePool: true, encrypted: true, ...scheme },
    [
      ['encrypted', 'cannot be encrypted and use a pool', 'NOT_SUPPORTED'],
      ['scheme', 'cannot use a scheme and use a pool', 'NOT_SUPPORTED'],
    ],
  ]),
  [{ usePool: true, scheme: 'ED25519_SIGN' }, [['scheme', 'cannot use a scheme and use a pool', 'NOT_SUPPORTED']]],
  [{ scheme: 'LEGACY_ENCRYPT' }, [['scheme', 'must be encrypted when using LEGACY_ENCRYPT scheme', 'INVALID']]],
  [
    { duration: 1, name: undefined, maxUsers: 0, heartbeatBasis: 'X' },
    [
      ['name', "can't be blank", 'MISSING'],
      ['duration', 'must be greater than or equal to 86400 (1 day)', 'INVALID'],
      ['heartbeatBasis', 'unsupported heartbeat basis', 'NOT_ALLOWED'],
      ['maxUsers', 'must be greater than 0', 'INVALID'],
    ],
  ],
];

describe('refuses', () => {
  test.each(refusals)('%j', async (sent, expected) => {
    const { errors } = await (await world.as('admin')).post('/policies', body(sent), 422);
    expect(errors).toEqual(
      expected.map(([name, detail, kind]) => ({
        title: 'Unprocessable resource',
        detail,
        code: `${upper(name)}_${kind}`,
        source: { pointer: `/data/attributes/${name}` },
        links: { about: `https://keygen.sh/docs/api/policies/#policies-object-attrs-${name}` },
      })),
    );
  });

  test.each(['maxMemory', 'maxDisk'])('%s beyond 64 bits', async (name) => {
    const sent = JSON.stringify(body({ [name]: 1 })).replace(`"${name}":1`, `"${name}":9223372036854775808`);
    const { errors } = await (await world.as('admin')).post('/policies', sent, 422);
    expect(errors).toMatchObject([{ detail: 'must be less than or equal to 9223372036854775807', code: `${upper(name)}_INVALID` }]);
  });

  test('a check-in count that is not looked at and does not fit', async () => {
    const { errors } = await (await world.as('admin')).post('/policies', body({ checkInIntervalCount: 2147483648 }), 400);
    expect(errors[0]).toEqual({ title: 'Bad request', detail: 'integer is too large' });
  });

  test('metadata that is too big', async () => {
    const { errors } = await (await world.as('admin')).post('/policies', body({ metadata: { a: 'x'.repeat(16385) } }), 422);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'METADATA_TOO_LONG', detail: 'too large (exceeded limit of 16384 bytes)' });
  });

  test('an unknown product: staff with 422, another product with 403', async () => {
    const { errors } = await (await world.as('admin')).post('/policies', body({}, unknown), 422);
    expect(errors).toMatchObject([{ detail: 'must exist', code: 'PRODUCT_NOT_FOUND', source: { pointer: '/data/relationships/product' } }]);
    await (await world.as('product', product)).post('/policies', body({}, unknown), 403);
  });
});

test.each([
  [{ ...floating, overageStrategy: 'ALLOW_1_25X_OVERAGE', maxUsers: 8 }],
  [{ overageStrategy: 'ALLOW_2X_OVERAGE' }],
  [{ overageStrategy: 'ALWAYS_ALLOW_OVERAGE' }],
  [{ heartbeatResurrectionStrategy: 'ALWAYS_REVIVE', heartbeatCullStrategy: 'KEEP_DEAD' }],
  [{ requireCheckIn: true, checkInInterval: 'year', checkInIntervalCount: 365 }],
  [{ maxUses: 0, duration: 2147483647, heartbeatDuration: 60 }],
  [{ usePool: true }],
])('accepts %j', async (sent) => {
  const { data } = await (await world.as('admin')).post('/policies', body(sent), 201);
  expect(data.attributes).toMatchObject(sent);
});

describe('an update', () => {
  test('changes what was sent, leaves nulls that are no values, and logs the difference', async () => {
    const policy = await world.create('policy', { duration: 86400, max_users: 3 });
    const admin = await world.as('admin');
    const { data } = await admin.put(
      `/policies/${policy.id}`,
      patch({ name: null, protected: null, expirationStrategy: null, duration: null, maxUsers: 4 }),
      200,
    );
    expect(data.attributes).toMatchObject({ name: policy.name, protected: false, expirationStrategy: 'RESTRICT_ACCESS', duration: null, maxUsers: 4 });
    expect(await world.emitted()).toEqual(['policy.updated']);
    const [log] = await world.server.sql(`select metadata from event_logs where event = 'policy.updated'`);
    expect(log!.metadata).toMatchObject({ diff: { duration: [86400, null], maxUsers: [3, 4] } });
  });

  test('keeps integers of any size, in its log too', async () => {
    const policy = await world.create('policy');
    const admin = await world.as('admin');
    const sent = (disk: string) => `{"data":{"type":"policies","attributes":{"maxDisk":${disk},"metadata":{"serial":12345678901234567890,"version":1.0}}}}`;
    await admin.patch(`/policies/${policy.id}`, sent('9223372036854775806'), 200);
    const { body: text } = await admin.patch(`/policies/${policy.id}`, sent('9223372036854775807'), 200);
    expect(text).toContain('"metadata":{"serial":12345678901234567890,"version":1.0}');
    await world.emitted();
    const { body: logs } = await admin.get('/event-logs?limit=1', 200);
    expect(logs).toMatch(/"diff":\{"maxDisk":\[9223372036854775806,9223372036854775807\],"updated":\[[^\]]*\]\}/);
  });

  test('is judged by the state that it leads to', async () => {
    const policy = await world.create('policy', { floating: true, max_machines: 5 });
    const admin = await world.as('admin');
    const { errors } = await admin.patch(`/policies/${policy.id}`, patch({ floating: false }), 422);
    expect(errors).toMatchObject([{ code: 'MAX_MACHINES_INVALID', detail: 'must be equal to 1 for non-floating policy' }]);
    await admin.patch(`/policies/${policy.id}`, patch({ floating: false, maxMachines: null }), 200);
  });

  test('of an encrypted policy without a scheme works', async () => {
    const policy = await world.create('policy', { encrypted: true, scheme: null, machine_uniqueness_strategy: null });
    const { data } = await (await world.as('admin')).patch(`/policies/${policy.id}`, patch({ name: 'Old' }), 200);
    expect(data.attributes).toMatchObject({ name: 'Old', scheme: null, encrypted: true });
  });

  test('takes old names at old versions', async () => {
    const policy = await world.create('policy');
    const admin = (await world.as('admin')).at('1.1');
    const { data } = await admin.patch(
      `/policies/${policy.id}`,
      patch({ concurrent: true, fingerprintMatchingStrategy: 'MATCH_TWO', leasingStrategy: 'PER_USER' }),
      200,
    );
    expect(data.attributes).toMatchObject({
      ...{ concurrent: true, overageStrategy: 'ALWAYS_ALLOW_OVERAGE' },
      ...{ fingerprintMatchingStrategy: 'MATCH_TWO', leasingStrategy: 'PER_USER' },
    });
  });

  test('refuses relationships', async () => {
    const policy = await world.create('policy');
    const sent = { data: { type: 'policies', attributes: {}, relationships: { product: { data: { type: 'products', id: product.id } } } } };
    const { errors } = await (await world.as('admin')).patch(`/policies/${policy.id}`, sent, 400);
    expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/data/relationships' } });
  });
});

test('a deleted policy takes its attachments at once, and licenses, machines and keys in the background', async () => {
  const policy = await world.create('policy', { use_pool: true });
  const other = await world.create('machine');
  const license = await world.create('license', { policy_id: policy.id });
  const machine = await world.create('machine', { license_id: license.id });
  await world.create('machine_component', { machine_id: machine.id });
  await world.create('machine_process', { machine_id: machine.id });
  await world.create('license_entitlement', { license_id: license.id });
  await world.create('license_user', { license_id: license.id });
  await world.create('token', { bearer_type: 'license', bearer_id: license.id });
  await world.create('key', { policy_id: policy.id });
  await world.create('policy_entitlement', { policy_id: policy.id });
  const admin = await world.as('admin');
  await admin.delete(`/policies/${policy.id}`, undefined, 204);
  expect(await world.count('policy_entitlements')).toBe(0);
  await admin.get(`/policies/${policy.id}`, 404);
  await admin.get(`/licenses/${license.id}`, 404);
  expect(await world.emitted()).toEqual(['policy.deleted']);
  for (const table of ['keys', 'components', 'processes', 'license_entitlements', 'license_users']) expect(await world.count(table), table).toBe(0);
  expect(await world.server.sql('select id from machines')).toEqual([{ id: other.id }]);
  expect(await world.server.sql('select id from licenses')).toEqual([{ id: other.license_id }]);
  expect(await world.server.sql(`select id from tokens where bearer_type = 'license'`)).toEqual([]);
});
