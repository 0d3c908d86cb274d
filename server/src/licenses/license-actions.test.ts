import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, badRequest, type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';
import { openDatabase } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  world.server.clock.freeze('2024-03-31T00:00:00.000Z');
});

const month = 2_629_746;
const licenseWith = async (policy: Attributes, attributes: Attributes = {}): Promise<Wire> =>
  world.create('license', { policy_id: (await world.create('policy', policy)).id, ...attributes });
const act = (license: Wire, action: string, status: number, body?: unknown, client = admin) =>
  client.post(`/licenses/${license.id}/actions/${action}`, body, status);
const unprocessable = (detail: string, pointer?: string) => [{ title: 'Unprocessable entity', detail, ...(pointer && { source: { pointer } }) }];

describe('check-in', () => {
  const policy = { require_check_in: true, check_in_interval: 'month', check_in_interval_count: 1 };

  test('sets the time, whatever the state of the license', async () => {
    const license = await licenseWith(policy, { suspended: true, expiry: '2020-01-01', last_check_in_at: '2023-01-01' });
    const { data } = await act(license, 'check-in', 200, { meta: { whatever: 1 } });
    const now = '2024-03-31T00:00:00.000Z';
    expect(data.attributes).toMatchObject({ lastCheckIn: now, nextCheckIn: '2024-04-30T00:00:00.000Z', updated: now, suspended: true });
    expect(await world.emitted()).toEqual(['license.checked-in']);
  });

  test('is refused where the policy does not ask for it', async () => {
    const { errors } = await act(await licenseWith({}), 'check-in', 422);
    expect(errors).toEqual(unprocessable('cannot be checked in because the policy does not require it'));
    expect(await world.emitted()).toEqual([]);
  });

  test.each([
    [{ max_cores: -1 }, 'MAX_CORES_INVALID', 'maxCores'],
    [{ metadata: { a: 'x'.repeat(16384) } }, 'METADATA_TOO_LONG', 'metadata'],
  ])('is refused to a license that breaks its own rules: %#', async (attributes, code, name) => {
    const license = await licenseWith(policy, attributes);
    const { errors } = await act(license, 'check-in', 422);
    expect(errors[0]).toMatchObject({ code, source: { pointer: `/data/attributes/${name}` } });
    expect(await world.emitted()).toEqual([]);
  });
});

describe('renewal', () => {
  const soon = '2024-04-15T06:30:00.000Z';
  const past = '2024-01-31T00:00:00.000Z';
  // biome-ignore format: a table
  test.each([
    // basis                 expiry  duration      new expiry
    [null,                   soon,   month,        '2024-05-15T06:30:00.000Z'],
    ['FROM_EXPIRY',          soon,   month,        '2024-05-15T06:30:00.000Z'],
    ['FROM_EXPIRY',          past,   month,        '2024-02-29T00:00:00.000Z'],
    ['FROM_NOW',             soon,   month,        '2024-04-30T00:00:00.000Z'],
    ['FROM_NOW',             past,   31_556_952,   '2025-03-31T00:00:00.000Z'],
    ['FROM_NOW_IF_EXPIRED',  soon,   month,        '2024-05-15T06:30:00.000Z'],
    ['FROM_NOW_IF_EXPIRED',  past,   month,        '2024-04-30T00:00:00.000Z'],
  ])('%s: %s plus %d s is %s', async (renewal_basis, expiry, duration, expected) => {
    const license = await licenseWith({ renewal_basis, duration }, { expiry, suspended: true });
    const { data } = await act(license, 'renew', 200);
    expect(data.attributes).toMatchObject({ expiry: expected, suspended: true, updated: '2024-03-31T00:00:00.000Z' });
    expect((await admin.get(`/licenses/${license.id}`, 200)).data.attributes.expiry).toBe(expected);
    expect(await world.emitted()).toEqual(['license.renewed']);
  });

  test('is refused without a duration, and in silence without an expiry', async () => {
    const { errors } = await act(await licenseWith({ duration: null }, { expiry: soon }), 'renew', 422);
    expect(errors).toEqual(unprocessable('cannot be renewed because the policy does not have a duration'));
    const eternal = await licenseWith({ duration: month, expiration_basis: 'FROM_FIRST_USE' });
    expect((await act(eternal, 'renew', 422)).errors).toEqual([]);
    expect(await world.emitted()).toEqual([]);
  });
});

test('a suspended license is suspended once, and reinstated once', async () => {
  const license = await licenseWith({});
  const pointer = '/data/attributes/suspended';
  expect((await act(license, 'reinstate', 422)).errors).toEqual(unprocessable('is not suspended', pointer));
  expect((await act(license, 'suspend', 200)).data.attributes).toMatchObject({ suspended: true, status: 'SUSPENDED' });
  expect((await act(license, 'suspend', 422)).errors).toEqual(unprocessable('is already suspended', pointer));
  expect((await act(license, 'reinstate', 200)).data.attributes).toMatchObject({ suspended: false });
  expect(await world.emitted()).toEqual(['license.suspended', 'license.reinstated']);
});

test('a revoked license is gone with all that hangs on it, and its last event shows it', async () => {
  const license = await licenseWith({});
  const machine = await world.create('machine', { license_id: license.id });
  await world.create('machine_process', { machine_id: machine.id });
  await world.create('license_user', { license_id: license.id });
  await world.create('license_entitlement', { license_id: license.id });
  await world.create('webhook_endpoint');
  const { body } = await admin.delete(`/licenses/${license.key}/actions/revoke`, undefined, 204);
  expect(body).toBe('');
  await admin.get(`/licenses/${license.id}`, 404);
  expect(await world.emitted()).toEqual(['license.revoked']);
  for (const table of ['licenses', 'machines', 'processes', 'license_users', 'license_entitlements']) expect(await world.count(table), table).toBe(0);
  const [event] = await world.server.sql('select payload from webhook_events');
  expect(JSON.stringify(event!.payload)).toContain(license.id);
});

describe('usage', () => {
  const usesOf = async (license: Wire) => (await admin.get(`/licenses/${license.id}`, 200)).data.attributes.uses;
  // biome-ignore format: a table
  test.each<[string, Attributes, Attributes, unknown, number, string]>([
    // action           policy            license        body                           uses after  event
    ['increment-usage', {},               {},            undefined,                     1,          'license.usage.incremented'],
    ['increment-usage', {},               {},            {},                            1,          'license.usage.incremented'],
    ['increment-usage', {},               {},            { meta: {} },                  1,          'license.usage.incremented'],
    ['increment-usage', {},               {},            { meta: { increment: null } }, 1,          'license.usage.incremented'],
    ['increment-usage', {},               { uses: 2 },   { meta: { increment: 40 } },   42,         'license.usage.incremented'],
    ['increment-usage', {},               { uses: 2 },   { meta: { increment: -2 } },   0,          'license.usage.incremented'],
    ['increment-usage', { max_uses: 5 },  { uses: 9 },   { meta: { increment: 0 } },    9,          'license.usage.incremented'],
    ['increment-usage', { max_uses: 5 },  { uses: 4 },   undefined,                     5,          'license.usage.incremented'],
    ['increment-usage', { max_uses: 5 },  { uses: 5, max_uses: 6 }, undefined,          6,          'license.usage.incremented'],
    ['increment-usage', {},               {},            { meta: { increment: 2147483647 } }, 2147483647, 'license.usage.incremented'],
    ['decrement-usage', {},               { uses: 3 },   undefined,                     2,          'license.usage.decremented'],
    ['decrement-usage', {},               { uses: 3 },   { meta: { decrement: 3 } },    0,          'license.usage.decremented'],
    ['decrement-usage', {},               { uses: 3 },   { meta: { decrement: -3 } },   6,          'license.usage.decremented'],
    ['reset-usage',     { max_uses: 1 },  { uses: 3 },   { meta: { anything: 1 } },     0,          'license.usage.reset'],
    ['reset-usage',     {},               {},            undefined,                     0,          'license.usage.reset'],
  ])('%s %j %j %j: %d', async (action, policy, attributes, body, uses, event) => {
    const license = await licenseWith(policy, attributes);
    const { data } = await act(license, action, 200, body);
    expect(data.attributes.uses).toBe(uses);
    expect(await usesOf(license)).toBe(uses);
    expect(await world.emitted()).toEqual([event]);
  });

  const increment = '/meta/increment';
  // biome-ignore format: a table
  test.each<[string, Attributes, Attributes, string, Wire]>([
    // action           policy           license      body                              error
    ['increment-usage', {},              {},          '{"meta":{"increment":"1"}}',      badRequest('type mismatch (received string expected integer)', increment)],
    ['increment-usage', {},              {},          '{"meta":{"increment":1.5}}',      badRequest('type mismatch (received float expected integer)', increment)],
    ['increment-usage', {},              {},          '{"meta":{"decrement":1}}',        badRequest('unpermitted parameter', '/meta/decrement')],
    ['increment-usage', {},              {},          '{"data":{}}',                     badRequest('unpermitted parameter', '/data')],
    ['increment-usage', {},              {},          '{"meta":{"increment":2147483648}}', badRequest('integer is too large', increment)],
    ['increment-usage', {},              {},          '{"meta":{"increment":46116860184273879031}}', badRequest('integer is too large', increment)],
    ['decrement-usage', {},              {},          '{"meta":{"decrement":-46116860184273879031}}', badRequest('integer is too large', '/meta/decrement')],
    ['decrement-usage', {},              {},          '{}', { code: 'USES_INVALID', detail: 'must be greater than or equal to 0' }],
    ['increment-usage', {},              {},          '{"meta":{"increment":-1}}', { code: 'USES_INVALID', detail: 'must be greater than or equal to 0' }],
    ['increment-usage', { max_uses: 5 }, { uses: 5 }, '{}', { code: 'USES_LIMIT_EXCEEDED', detail: 'usage exceeds maximum allowed for license (5)' }],
    ['increment-usage', { max_uses: 5, overage_strategy: 'ALWAYS_ALLOW_OVERAGE' }, { uses: 5 }, '{}', { code: 'USES_LIMIT_EXCEEDED', detail: 'usage exceeds maximum allowed for license (5)' }],
    ['increment-usage', { max_uses: 9 }, { max_uses: 5 }, '{"meta":{"increment":46116860184273879031}}', { code: 'USES_LIMIT_EXCEEDED', detail: 'usage exceeds maximum allowed for license (5)' }],
    ['decrement-usage', { max_uses: 5 }, { uses: 9 }, '{}', { code: 'USES_LIMIT_EXCEEDED', detail: 'usage exceeds maximum allowed for license (5)' }],
  ])('%s %j %j %s is refused', async (action, policy, attributes, body, expected) => {
    const license = await licenseWith(policy, attributes);
    const { status, errors } = await admin.post(`/licenses/${license.id}/actions/${action}`, body);
    if (Array.isArray(expected)) expect([status, errors]).toEqual([400, expected]);
    else {
      expect(status).toBe(422);
      expect(errors).toEqual([
        { title: 'Unprocessable resource', ...expected, source: { pointer: '/data/attributes/uses' }, links: { about: expect.stringContaining('#licenses-object-attrs-uses') } },
      ]);
    }
    expect(await world.emitted()).toEqual([]);
  });

  test('of 50 increments at once against a limit of 5 exactly 5 succeed, and the others are told why not', async () => {
    const license = await licenseWith({ max_uses: 5 });
    const answers: Wire[] = [];
    for (let round = 0; round < 20 && answers.filter(({ status }) => status === 200).length < 5; round++)
      answers.push(...(await inParallel(50, () => admin.post(`/licenses/${license.id}/actions/increment-usage`))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const conflict = { title: 'Conflict', detail: 'failed to increment due to another conflicting update', source: { pointer: '/data/attributes/uses' } };
    for (const { status, errors } of answers.filter(({ status }) => status !== 200)) {
      if (status === 409) expect(errors).toEqual([conflict]);
      else expect([status, errors[0].code]).toEqual([422, 'USES_LIMIT_EXCEEDED']);
    }
    expect(await usesOf(license)).toBe(5);
    expect(await world.emitted()).toHaveLength(5);
  });

  // the embedded database has one connection, so nobody else can hold anything
  test.runIf(process.env.DATABASE_URL)('is not waited for while somebody else holds the license; its body is not looked at either', async () => {
    const license = await licenseWith({});
    const other = await openDatabase({ url: world.server.config.databaseUrl!, connections: 1 });
    await other.transaction(async (tx) => {
      await tx.execute(sql`select id from licenses where id = ${license.id} for update`);
      for (const action of ['increment-usage', 'decrement-usage']) {
        const { errors } = await act(license, action, 409, { meta: { colour: 1 } });
        expect(errors[0].detail).toBe('failed to increment due to another conflicting update');
      }
      // nor do validations wait, or fail, or come late
      await admin.get(`/licenses/${license.id}/actions/validate`, 200);
      await world.server.jobs.run();
    });
    await other.close();
    await act(license, 'increment-usage', 200);
    expect((await admin.get(`/licenses/${license.id}`, 200)).data.attributes).toMatchObject({ uses: 1, lastValidated: null });
  });
});
