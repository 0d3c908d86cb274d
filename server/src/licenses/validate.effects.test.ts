import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';
import { scene } from '../../test/validation-scene.ts';
import { uuid } from '../kernel/id.ts';
import { rememberValidation } from './last-validated.ts';
import type { Found } from './validate.facts.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const key = '/licenses/actions/validate-key';
const stored = async (license: Wire) => (await world.server.sql('select * from licenses where id = $1', [license.id]))[0]!;

describe('versions', () => {
  const overage = { policy: { strict: true, floating: true, max_machines: 1, overage_strategy: 'ALWAYS_ALLOW_OVERAGE' }, machines: [{}, {}] };
  test.each([
    ['1.0', { valid: false, constant: 'TOO_MANY_MACHINES', code: undefined }],
    ['1.1', { valid: false, constant: 'TOO_MANY_MACHINES', code: undefined }],
    ['1.2', { valid: true, constant: undefined, code: 'TOO_MANY_MACHINES' }],
    ['1.8', { valid: true, constant: undefined, code: 'TOO_MANY_MACHINES' }],
  ])('%s shows an allowed overage as %j, and the event follows what is so', async (version, expected) => {
    const { license } = await scene(world, overage);
    const admin = (await world.as('admin')).at(version);
    for (const { meta } of [
      await admin.post(key, { meta: { key: license.key } }, 200),
      await admin.post(`/licenses/${license.id}/actions/validate`, undefined, 200),
      await admin.get(`/licenses/${license.id}/actions/validate`, 200),
    ])
      expect({ valid: meta.valid, constant: meta.constant, code: meta.code }).toEqual(expected);
    expect(await world.emitted()).toEqual(['license.validation.succeeded', 'license.validation.succeeded']);
  });

  test.each([
    ['VALID', {}],
    ['EXPIRED', { license: { expiry: '2020-01-01' }, policy: { expiration_strategy: 'ALLOW_ACCESS' } }],
  ])('1.1 keeps %s valid', async (constant, given) => {
    const { license } = await scene(world, given);
    const { meta } = await world
      .anonymous()
      .at('1.1')
      .post(key, { meta: { key: license.key } }, 200);
    expect(meta).toEqual({ ts: expect.any(String), valid: true, detail: expect.any(String), constant });
  });
});

test('what a scope found is remembered until another is found', async () => {
  const { license } = await scene(world);
  const validated = (seconds: number, found?: Found) => {
    const at = new Date(Date.UTC(2030, 0, 1, 0, 0, seconds));
    return { accountId: String(world.account.id), licenseId: String(license.id), at, found };
  };
  const remembered = async (...validations: ReturnType<typeof validated>[]) => {
    await rememberValidation.write(validations, world.server.database);
    const { last_validated_at, last_validated_version, last_validated_checksum } = await stored(license);
    return [(last_validated_at as Date).getUTCSeconds(), last_validated_version, last_validated_checksum];
  };
  expect(await remembered(validated(1, { version: '1.0.0', checksum: 'c' }), validated(3), validated(2, { version: '2.0.0' }))).toEqual([3, '2.0.0', 'c']);
  expect(await remembered(validated(4))).toEqual([4, '2.0.0', 'c']);
  expect(await remembered({ ...validated(5), licenseId: uuid() }, validated(6, { version: '3.0.0', checksum: 'd' }))).toEqual([6, '3.0.0', 'd']);
});

describe('the environment scope', () => {
  test.each(['code', 'id'])('takes the %s of where the license is', async (member) => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const { license } = await scene(world, { environment: shared, policy: { require_environment_scope: true } });
    const client = world.anonymous().in(shared);
    const code = async (scope: object) => (await client.post(key, { meta: { key: license.key, scope } }, 200)).meta.code;
    expect(await code({ environment: shared[member] })).toBe('VALID');
    expect(await code({ environment: null })).toBe('ENVIRONMENT_SCOPE_MISMATCH');
    expect(await code({ environment: 'elsewhere' })).toBe('ENVIRONMENT_SCOPE_MISMATCH');
    expect(await code({})).toBe('ENVIRONMENT_SCOPE_REQUIRED');
  });
});

// biome-ignore format: a table
test.each<[string, Record<'global' | 'isolated' | 'shared', boolean>]>([
  ['none',     { global: true,  isolated: false, shared: false }],
  ['isolated', { global: false, isolated: true,  shared: false }],
  ['other',    { global: false, isolated: false, shared: false }],
  ['shared',   { global: true,  isolated: false, shared: true  }],
])('from the environment %s keys are found as %j', async (from, expected) => {
  const environments: Record<string, Wire> = { isolated: await world.create('environment', { isolation_strategy: 'ISOLATED' }) };
  environments.other = await world.create('environment', { isolation_strategy: 'ISOLATED' });
  environments.shared = await world.create('environment', { isolation_strategy: 'SHARED' });
  const within = environments[from];
  const bearers = within ? [world.anonymous().in(within), (await world.as('environment', within)).in(within)] : [world.anonymous(), await world.as('admin')];
  for (const [where, found] of Object.entries(expected)) {
    const { license } = await scene(world, { environment: environments[where] });
    for (const client of bearers) {
      const { data, meta } = await client.post(key, { meta: { key: license.key } }, 200);
      expect([where, meta.code, data?.id]).toEqual([where, found ? 'VALID' : 'NOT_FOUND', found ? license.id : undefined]);
    }
  }
});

describe('legacy encrypted keys', () => {
  const legacy = () => scene(world, { policy: { encrypted: true } });
  test.each([{ encrypted: true }, { legacyEncrypted: true }, { legacy_encrypted: true }])('are found with %j', async (flag) => {
    const { license } = await legacy();
    const { data, meta } = await world.anonymous().post(key, { meta: { key: license.key, ...flag } }, 200);
    expect([data.id, meta.code, data.attributes.key]).toEqual([license.id, 'VALID', undefined]);
  });

  test('are not found without the flag, nor other keys with it', async () => {
    const { license } = await legacy();
    const other = await scene(world);
    const code = async (meta: object) => (await world.anonymous().post(key, { meta }, 200)).meta.code;
    const [stored] = await world.server.sql('select key from licenses where id = $1', [license.id]);
    expect(await code({ key: license.key })).toBe('NOT_FOUND');
    expect(await code({ key: stored!.key })).toBe('NOT_FOUND');
    expect(await code({ key: `${license.key}x`, encrypted: true })).toBe('NOT_FOUND');
    expect(await code({ key: `${license.id.replaceAll('-', '')}-`, encrypted: true })).toBe('NOT_FOUND');
    expect(await code({ key: other.license.key, encrypted: true })).toBe('NOT_FOUND');
    expect(await code({ key: other.license.key, encrypted: false })).toBe('VALID');
    await (await world.as('admin')).get(`/licenses/${encodeURIComponent(license.key)}/actions/validate`, 404);
  });
});

describe('explanations', () => {
  test('list the checks in order, with what decided', async () => {
    const { license, machines, owner } = await scene(world, { owner: {}, machines: [{ fingerprint: 'a', of: 'stranger' }] });
    const admin = await world.as('admin');
    const scope = { machine: machines[0].id, user: owner.id };
    const { meta } = await admin.post(key, { meta: { key: license.key, explain: true, scope } }, 200);
    expect(meta.checks[0]).toEqual({ rule: '1', check: 'exists', outcome: 'passed', figures: {} });
    expect(meta.checks.filter(({ outcome }: Wire) => outcome === 'failed')).toEqual([
      { rule: '11.3', check: 'machine.owner', outcome: 'failed', figures: { given: owner.id, owner: machines[0].owner_id } },
    ]);
    expect(await world.emitted()).toEqual(['license.validation.failed']);
  });

  test('are nothing to those who may not read the license', async () => {
    const { license } = await scene(world, { license: { permissions: ['license.validate'] } });
    const client = await world.as('license', license);
    const refused = badRequest('unpermitted parameter', '/meta/explain');
    expect((await client.post(`/licenses/${license.id}/actions/validate`, { meta: { explain: true } }, 400)).errors).toEqual(refused);
    expect((await client.post(key, { meta: { key: license.key, explain: false } }, 400)).errors).toEqual(refused);
    expect(await world.emitted()).toEqual([]);
  });
});

describe('webhooks', () => {
  const payloads = async () => {
    await world.server.jobs.run();
    return (await world.server.sql('select event, payload, webhook_endpoint_id from webhook_events order by created_at')) as Wire[];
  };

  test('carry the license and what was decided, without the explanation', async () => {
    await world.create('webhook_endpoint', { url: 'https://hooks.example.com' });
    const { license } = await scene(world);
    const admin = await world.as('admin');
    const { meta } = await admin.post(key, { meta: { key: license.key, nonce: 7, scope: { user: null }, explain: true } }, 200);
    const [event] = await payloads();
    const payload = typeof event.payload === 'string' ? JSON.parse(event.payload) : event.payload;
    const { checks: _, ...told } = meta;
    expect(payload.meta).toEqual(told);
    expect(payload.data).toMatchObject({ type: 'licenses', id: license.id, attributes: { lastValidated: meta.ts } });
  });

  test('of a request in a shared environment go to its endpoints only', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    await world.create('webhook_endpoint');
    const own = await world.create('webhook_endpoint', { environment_id: shared.id });
    const { license } = await scene(world);
    await (await world.as('environment', shared)).in(shared).post(key, { meta: { key: license.key } }, 200);
    expect((await payloads()).map(({ webhook_endpoint_id }) => webhook_endpoint_id)).toEqual([own.id]);
  });

  test("go to a product's endpoints for its own licenses only", async () => {
    const { license } = await scene(world);
    const own = await world.create('webhook_endpoint', { product_id: license.product_id });
    await world.create('webhook_endpoint', { product_id: (await world.create('product')).id });
    await world.anonymous().post(key, { meta: { key: license.key } }, 200);
    expect((await payloads()).map(({ webhook_endpoint_id }) => webhook_endpoint_id)).toEqual([own.id]);
  });
});

describe('the first event', () => {
  const policy = (basis: string, more: object = {}) => ({ policy: { expiration_basis: basis, duration: 2_629_746, ...more } });
  const validating = async (license: Wire) => {
    const { data } = await world.anonymous().post(key, { meta: { key: license.key } }, 200);
    return data.attributes.expiry;
  };
  beforeEach(() => world.server.clock.freeze('2024-01-31T12:00:00.000Z'));

  test('that validates starts the time, once, and says nothing of it', async () => {
    const { license } = await scene(world, policy('FROM_FIRST_VALIDATION', { require_product_scope: true }));
    expect(await validating(license)).toBeNull();
    expect(await world.emitted()).toEqual(['license.validation.failed']);
    expect((await stored(license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
    world.server.clock.travel(3_600_000);
    expect(await validating(license)).toBe('2024-02-29T12:00:00.000Z');
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
  });

  test.each([
    ['another basis', policy('FROM_FIRST_USE')],
    ['an expiry', { ...policy('FROM_FIRST_VALIDATION'), license: { expiry: '2025-01-01T00:00:00.000Z' } }],
    ['no duration', policy('FROM_FIRST_VALIDATION', { duration: null })],
  ])('leaves a license with %s alone', async (_, given) => {
    const { license } = await scene(world, given);
    const expiry = await validating(license);
    await world.server.jobs.run();
    expect(((await stored(license)).expiry as Date | null)?.toISOString() ?? null).toBe(expiry);
  });

  test('is not a quick validation', async () => {
    const { license } = await scene(world, policy('FROM_FIRST_VALIDATION'));
    await (await world.as('admin')).get(`/licenses/${license.id}/actions/validate`, 200);
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toBeNull();
  });

  test('is looked for once a minute', async () => {
    const { license, policy: of } = await scene(world, policy('FROM_FIRST_VALIDATION', { duration: null }));
    await validating(license);
    await world.server.jobs.run();
    await world.server.update('policy', of.id, { duration: 86_400 });
    world.server.clock.travel(59_000);
    await validating(license);
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toBeNull();
    world.server.clock.travel(1000);
    await validating(license);
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toEqual(new Date('2024-02-01T12:01:00.000Z'));
  });

  test('that uses the license starts its time', async () => {
    const { license } = await scene(world, policy('FROM_FIRST_USE'));
    const { data } = await (await world.as('admin')).post(`/licenses/${license.id}/actions/increment-usage`, undefined, 200);
    expect(data.attributes.expiry).toBeNull();
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
  });

  test('that activates a machine starts the time of its license', async () => {
    const { license } = await scene(world, policy('FROM_FIRST_ACTIVATION'));
    const body = { data: { type: 'machines', attributes: { fingerprint: 'a' }, relationships: { license: { data: { type: 'licenses', id: license.id } } } } };
    await (await world.as('admin')).post('/machines', body, 201);
    await world.server.jobs.run();
    expect((await stored(license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
  });

  test.each(['artifact.downloaded', 'release.downloaded', 'release.upgraded'])('%s starts the time of the license that asked', async (event) => {
    const asking = await scene(world, policy('FROM_FIRST_DOWNLOAD'));
    const other = await scene(world, policy('FROM_FIRST_USE'));
    const resource = { type: 'releases', id: asking.license.id };
    for (const [id, { license }] of Object.entries({ [uuid()]: asking, [uuid()]: other })) {
      const whodunnit = { type: 'licenses', id: license.id };
      const entry = { event, environmentId: null, resource, whodunnit, requestId: null, subject: resource, logMetadata: {}, endpointIds: [], payload: null };
      const values = [id, world.account.id, world.server.clock.now(), entry, event];
      await world.server.sql('insert into outbox (id, account_id, created_at, entry, event) values ($1, $2, $3, $4, $5)', values);
    }
    await world.server.jobs.run();
    expect((await stored(asking.license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
    expect((await stored(other.license)).expiry).toBeNull();
  });

  test('of many licenses in one batch are all taken', async () => {
    const made = [];
    for (let n = 0; n < 4; n++) made.push((await scene(world, { ...policy('FROM_FIRST_VALIDATION'), owner: { email: `owner-${n}@example.com` } })).license);
    await Promise.all([...made, ...made].map((license) => validating(license)));
    await world.server.jobs.run();
    for (const license of made) expect((await stored(license)).expiry).toEqual(new Date('2024-02-29T12:00:00.000Z'));
  });
});
