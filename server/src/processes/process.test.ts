import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
const start = '2030-01-01T00:00:00.000Z';
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(start);
});

const nobody = '01a213ee-2975-7000-83b3-dcb08785da4d';
const body = (machine: Attributes | string, attributes: Attributes = {}, more: Attributes = {}): Wire => ({
  data: {
    type: 'processes',
    attributes: { pid: '4711', ...attributes },
    relationships: { machine: { data: { type: 'machines', id: typeof machine === 'string' ? machine : machine.id } } },
    ...more,
  },
});
const licenseOf = async (policy: Attributes = {}, license: Attributes = {}) =>
  world.create('license', { policy_id: (await world.create('policy', { floating: true, ...policy })).id, ...license });
const machineOf = async (policy: Attributes = {}, license: Attributes = {}) => world.create('machine', { license_id: (await licenseOf(policy, license)).id });

test('a process is leased, shown, changed and killed', async () => {
  const admin = await world.as('admin');
  const machine = await machineOf({ heartbeat_duration: 90 });
  const license = (await world.server.find('license', { id: machine.license_id }))!;
  const { data, headers } = await admin.post('/processes', body(machine, { metadata: { a: 1 } }), 201);
  expect(headers.location).toBe(`https://localhost${world.base}/processes/${data.id}`);
  expect(data.attributes).toEqual({
    ...{ pid: '4711', status: 'ALIVE', interval: 90, lastHeartbeat: start, nextHeartbeat: '2030-01-01T00:01:30.000Z', metadata: { a: 1 } },
    ...{ created: start, updated: start },
  });
  const self = `${world.base}/processes/${data.id}`;
  expect(data.relationships).toMatchObject({
    environment: { links: { related: null }, data: null },
    product: { links: { related: `${self}/product` }, data: { type: 'products', id: license.product_id } },
    license: { links: { related: `${self}/license` }, data: { type: 'licenses', id: license.id } },
    machine: { links: { related: `${self}/machine` }, data: { type: 'machines', id: machine.id } },
  });
  await admin.patch(`/processes/${data.id}`, { data: { type: 'process', attributes: {} } }, 200);
  await admin.put(`/processes/${data.id}`, { data: { type: 'processes', attributes: { metadata: { b: 2 } } } }, 200);
  await admin.delete(`/processes/${data.id}`, undefined, 204);
  for (const name of [data.id, '4711']) {
    const { errors } = await admin.get(`/processes/${name}`, 404);
    expect(errors).toMatchObject([{ detail: `The requested machine process '${name}' was not found`, code: 'NOT_FOUND' }]);
  }
  expect(await world.emitted()).toEqual(['process.created', 'process.updated', 'process.updated', 'process.deleted']);
});

test.each<[Wire, string, string]>([
  [body(nobody, { pid: undefined }), 'is missing', '/data/attributes/pid'],
  [body(nobody, { pid: '' }), 'cannot be blank', '/data/attributes/pid'],
  [body(nobody, { pid: 4711 }), 'type mismatch (received integer expected string)', '/data/attributes/pid'],
  [body(nobody, {}, { id: 'x' }), 'type mismatch (received string expected UUID string)', '/data/id'],
  [body(nobody, {}, { relationships: {} }), 'is missing', '/data/relationships/machine'],
])('%j is a bad request', async (sent, detail, pointer) => {
  const { errors } = await (await world.as('admin')).post('/processes', sent, 400);
  expect(errors).toEqual(badRequest(detail, pointer));
});

test.each<[Attributes, Attributes, string, string, string]>([
  [{ pid: 'taken' }, {}, 'has already been taken', 'PID_TAKEN', '/data/attributes/pid'],
  [{ pid: 'actions' }, {}, 'is reserved', 'PID_NOT_ALLOWED', '/data/attributes/pid'],
  [{ pid: 'a'.repeat(4097) }, {}, 'is too long (maximum is 4096 characters)', 'PID_TOO_LONG', '/data/attributes/pid'],
  [{ metadata: { a: 'a'.repeat(16384) } }, {}, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', '/data/attributes/metadata'],
  [{}, { id: nobody }, 'must not conflict with another process', 'ID_CONFLICT', '/data/id'],
])('%j %j is refused', async (attributes, more, detail, code, pointer) => {
  const machine = await machineOf();
  await world.create('machine_process', { id: nobody, machine_id: machine.id, pid: 'taken' });
  const { errors } = await (await world.as('admin')).post('/processes', body(machine, attributes, more), 422);
  expect(errors).toMatchObject([{ title: 'Unprocessable resource', detail, code, source: { pointer } }]);
  await (await world.as('admin')).post('/processes', body(await machineOf(), { pid: 'taken' }), 201);
});

test('an id may be chosen, if no account has it', async () => {
  const admin = await world.as('admin');
  const id = '01a213ee-2975-7000-83b3-dcb08785da4e';
  expect((await admin.post('/processes', body(await machineOf(), { pid: nobody }, { id }), 201)).data.id).toBe(id);
  const elsewhere = await world.server.create('account');
  const foreign = await world.server.create('machine_process', { account_id: elsewhere.id });
  await admin.post('/processes', body(await machineOf(), {}, { id: foreign.id }), 409);
});

test('a process that is sent again with its id meets the first one in each respect', async () => {
  const admin = await world.as('admin');
  const again = body(await machineOf(), {}, { id: nobody });
  await admin.post('/processes', again, 201);
  const { errors } = await admin.post('/processes', again, 422);
  expect(errors.map(({ code }: Wire) => code)).toEqual(['PID_TAKEN', 'ID_CONFLICT']);
});

test('an unknown machine: staff are told', async () => {
  const { errors } = await (await world.as('admin')).post('/processes', body(nobody), 422);
  expect(errors).toMatchObject([{ detail: 'must exist', code: 'MACHINE_NOT_FOUND', source: { pointer: '/data/relationships/machine' } }]);
  await (await world.as('license')).post('/processes', body(nobody), 403);
});

describe('leases', () => {
  const lease = async (machine: Attributes, status: number) => {
    const { errors } = await (await world.as('admin')).post('/processes', body(machine, { pid: crypto.randomUUID() }), status);
    return errors?.[0];
  };

  test.each([
    [null, 'machine'],
    ['PER_MACHINE', 'machine'],
    ['PER_LICENSE', 'license'],
    ['PER_USER', 'user'],
  ])('%s', async (process_leasing_strategy, words) => {
    const owner = await world.create('user');
    const license = await licenseOf({ max_processes: 2, process_leasing_strategy }, { owner_id: owner.id });
    const [first, second] = [await world.create('machine', { license_id: license.id }), await world.create('machine', { license_id: license.id })];
    const owned = await world.create('machine', { license_id: license.id, owner_id: owner.id });
    await lease(first, 201);
    await world.create('machine_process', { machine_id: first.id, last_heartbeat_at: '2020-01-01T00:00:00Z' });
    const error = await lease(first, 422);
    const detail = `process count has exceeded maximum allowed for ${words} (2)`;
    expect(error).toMatchObject({ title: 'Unprocessable resource', detail, code: 'MACHINE_PROCESS_LIMIT_EXCEEDED', source: { pointer: '/data' } });
    expect(error.links.about).toMatch(/\/processes\/#processes-object$/);
    await lease(second, words === 'machine' ? 201 : 422);
    await lease(owned, words === 'license' ? 422 : 201);
  });

  test.each<[Attributes, Attributes, Attributes, number]>([
    // policy                                                        license                machine                takes
    [{ max_processes: 4, overage_strategy: 'ALLOW_1_25X_OVERAGE' }, {}, {}, 5],
    [{ max_processes: 1 }, { max_processes: 2 }, {}, 2],
    [{ max_processes: 1 }, { max_processes: 2 }, { max_processes: 3 }, 3],
    [{ max_processes: 0 }, {}, {}, 0],
  ])('%j %j %j: %d', async (policy, attributes, own, takes) => {
    const license = await licenseOf(policy, attributes);
    const machine = await world.create('machine', { license_id: license.id, ...own });
    for (let n = 0; n < takes; n++) await lease(machine, 201);
    await lease(machine, 422);
    await world.server.update('policy', license.policy_id, { overage_strategy: 'ALWAYS_ALLOW_OVERAGE' });
    await lease(machine, 201);
  });

  test('a ping is no lease', async () => {
    const machine = await machineOf({ max_processes: 1 });
    const process = await world.create('machine_process', { machine_id: machine.id });
    await (await world.as('admin')).post(`/processes/${process.id}/actions/ping`, undefined, 200);
  });
});

test('alive and dead are listed apart, in any case', async () => {
  const admin = await world.as('admin');
  const machine = await machineOf({ heartbeat_duration: 60 });
  const dead = await world.create('machine_process', { machine_id: machine.id, last_heartbeat_at: '2029-12-31T23:58:59.999Z' });
  const alive = await world.create('machine_process', { machine_id: machine.id, last_heartbeat_at: '2029-12-31T23:59:00.000Z' });
  const listed = async (status: string) => (await admin.get(`/processes?status=${status}`, 200)).data.map((row: Wire) => [row.id, row.attributes.status]);
  expect(await listed('DEAD')).toEqual([[dead.id, 'DEAD']]);
  expect(await listed('alive')).toEqual([[alive.id, 'ALIVE']]);
  expect(await listed('resurrected')).toEqual([]);
});

test.each(['user', 'license'] as const)('a %s may change nothing but says so', async (role) => {
  const owner = await world.create('user');
  const machine = await machineOf({ protected: role === 'license' }, { owner_id: owner.id });
  const process = await world.create('machine_process', { machine_id: machine.id });
  const client = await world.as(role, role === 'user' ? owner : (await world.server.find('license', { id: machine.license_id }))!);
  await client.patch(`/processes/${process.id}`, { data: { type: 'processes', attributes: {} } }, 200);
  const { errors } = await client.patch(`/processes/${process.id}`, { data: { type: 'processes', attributes: { metadata: {} } } }, 400);
  expect(errors).toEqual(badRequest('unpermitted parameter', '/data/attributes/metadata'));
  expect(await world.emitted()).toEqual(['process.updated']);
});
