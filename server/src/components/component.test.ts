import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, badRequest, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const nobody = '01a213ee-2975-7000-83b3-dcb08785da4d';
const body = (machine: Attributes | string, attributes: Attributes = {}, more: Attributes = {}): Wire => ({
  data: {
    type: 'components',
    attributes: { fingerprint: 'gpu-5510', name: 'GPU', ...attributes },
    relationships: { machine: { data: { type: 'machines', id: typeof machine === 'string' ? machine : machine.id } } },
    ...more,
  },
});
const patch = (attributes: Attributes) => ({ data: { type: 'components', attributes } });
const machineOf = async (policy: Attributes = {}, license: Attributes = {}) => {
  const { id } = await world.create('policy', { floating: true, ...policy });
  return world.create('machine', { license_id: (await world.create('license', { policy_id: id, ...license })).id });
};

test('a component is created, shown, changed and deleted', async () => {
  const admin = await world.as('admin');
  const machine = await machineOf();
  const license = (await world.server.find('license', { id: machine.license_id }))!;
  const { data, headers } = await admin.post('/components', body(machine, { metadata: { slotNumber: 1 } }), 201);
  expect(headers.location).toBe(`https://localhost${world.base}/components/${data.id}`);
  expect(Object.keys(data.attributes).sort()).toEqual(['created', 'fingerprint', 'metadata', 'name', 'updated']);
  expect(data.attributes).toMatchObject({ fingerprint: 'gpu-5510', name: 'GPU', metadata: { slotNumber: 1 } });
  const self = `${world.base}/components/${data.id}`;
  expect(data.relationships).toMatchObject({
    environment: { links: { related: null }, data: null },
    product: { links: { related: `${self}/product` }, data: { type: 'products', id: license.product_id } },
    license: { links: { related: `${self}/license` }, data: { type: 'licenses', id: license.id } },
    machine: { links: { related: `${self}/machine` }, data: { type: 'machines', id: machine.id } },
  });
  expect(data.links).toEqual({ self });
  for (const [name, id] of [
    ['product', license.product_id],
    ['license', license.id],
    ['machine', machine.id],
  ])
    expect((await admin.get(`/components/${data.id}/${name}`, 200)).data.id).toBe(id);
  const changed = await admin.patch(`/components/${data.id}`, { data: { type: 'component', id: 'any', attributes: { name: 'New', metadata: {} } } }, 200);
  expect(changed.data.attributes).toMatchObject({ name: 'New', metadata: {} });
  await admin.delete(`/components/${data.id}`, undefined, 204);
  for (const name of [data.id, 'gpu-5510']) {
    const { errors } = await admin.get(`/components/${name}`, 404);
    expect(errors).toMatchObject([{ detail: `The requested machine component '${name}' was not found`, code: 'NOT_FOUND' }]);
  }
  expect(await world.emitted()).toEqual(['component.created', 'component.updated', 'component.deleted']);
});

test.each<[Wire, string, string]>([
  [body(nobody, { fingerprint: undefined }), 'is missing', '/data/attributes/fingerprint'],
  [body(nobody, { fingerprint: '' }), 'cannot be blank', '/data/attributes/fingerprint'],
  [body(nobody, { name: undefined }), 'is missing', '/data/attributes/name'],
  [body(nobody, { name: ' ' }), 'cannot be blank', '/data/attributes/name'],
  [body(nobody, {}, { id: nobody }), 'unpermitted parameter', '/data/id'],
  [body(nobody, {}, { relationships: undefined }), 'is missing', '/data/relationships'],
  [body(nobody, {}, { relationships: {} }), 'is missing', '/data/relationships/machine'],
  [body('x'), 'type mismatch (received string expected UUID string)', '/data/relationships/machine/data/id'],
])('%j is a bad request', async (sent, detail, pointer) => {
  const { errors } = await (await world.as('admin')).post('/components', sent, 400);
  expect(errors).toEqual(badRequest(detail, pointer));
});

describe('rules', () => {
  const at = (name: string) => `/data/attributes/${name}`;
  test.each<[Attributes, string, string, string]>([
    [{ fingerprint: 'taken' }, 'has already been taken', 'FINGERPRINT_TAKEN', at('fingerprint')],
    [{ fingerprint: 'action' }, 'is reserved', 'FINGERPRINT_NOT_ALLOWED', at('fingerprint')],
    [{ fingerprint: 'a'.repeat(4097) }, 'is too long (maximum is 4096 characters)', 'FINGERPRINT_TOO_LONG', at('fingerprint')],
    [{ name: 'a'.repeat(256) }, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', at('name')],
    [{ metadata: { a: 'a'.repeat(16384) } }, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', at('metadata')],
  ])('%j', async (attributes, detail, code, pointer) => {
    const machine = await machineOf();
    await world.create('machine_component', { machine_id: machine.id, fingerprint: 'taken' });
    const { errors } = await (await world.as('admin')).post('/components', body(machine, attributes), 422);
    expect(errors).toMatchObject([{ title: 'Unprocessable resource', detail, code, source: { pointer } }]);
    expect(errors[0].links.about).toContain('/components/#components-object-attrs-');
    expect(await world.emitted()).toEqual([]);
  });

  test.each<[string | null, number, string]>([
    [null, 0, ''],
    ['UNIQUE_PER_MACHINE', 0, ''],
    ['UNIQUE_PER_LICENSE', 1, ' for this license'],
    ['UNIQUE_PER_POLICY', 2, ' for this policy'],
    ['UNIQUE_PER_PRODUCT', 3, ' for this product'],
    ['UNIQUE_PER_ACCOUNT', 4, ' for this account'],
  ])('%s', async (component_uniqueness_strategy, reach, words) => {
    const admin = await world.as('admin');
    const machine = await machineOf({ component_uniqueness_strategy });
    const license = (await world.server.find('license', { id: machine.license_id }))!;
    const sibling = await world.create('license', { policy_id: license.policy_id });
    const cousin = await world.create('license', { policy_id: (await world.create('policy', { product_id: license.product_id })).id });
    const others = [
      machine,
      await world.create('machine', { license_id: license.id }),
      await world.create('machine', { license_id: sibling.id }),
      await world.create('machine', { license_id: cousin.id }),
      await world.create('machine'),
    ];
    for (const [distance, other] of others.entries()) {
      const { fingerprint } = await world.create('machine_component', { machine_id: other.id });
      const { errors } = await admin.post('/components', body(machine, { fingerprint }), distance <= reach ? 422 : 201);
      if (errors) expect(errors).toMatchObject([{ detail: `has already been taken${distance === 0 ? '' : words}`, code: 'FINGERPRINT_TAKEN' }]);
    }
  });

  test('of equal ones at once one is taken', async () => {
    const [admin, machine] = [await world.as('admin'), await machineOf()];
    const answers = await inParallel(8, () => admin.post('/components', body(machine)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
  });
});

test('what is unknown: staff are told, others are refused', async () => {
  const machine = await machineOf();
  const { errors } = await (await world.as('admin')).post('/components', body(nobody), 422);
  expect(errors).toMatchObject([{ detail: 'must exist', code: 'MACHINE_NOT_FOUND', source: { pointer: '/data/relationships/machine' } }]);
  for (const role of ['user', 'license', 'product'] as const) {
    await (await world.as(role)).post('/components', body(machine), 403);
    await (await world.as(role)).post('/components', body(nobody), 403);
  }
});

test.each([
  ['admin', true],
  ['sales-agent', true],
  ['support-agent', true],
  ['user', false],
  ['license', false],
] as const)('metadata changed by a %s: %s', async (role, may) => {
  const owner = await world.create('user');
  const machine = await machineOf({}, { owner_id: owner.id });
  const part = await world.create('machine_component', { machine_id: machine.id });
  const client = await world.as(
    role,
    role === 'user' ? owner : role === 'license' ? (await world.server.find('license', { id: machine.license_id }))! : undefined,
  );
  await client.put(`/components/${part.id}`, patch({ name: 'New' }), 200);
  const { errors } = await client.patch(`/components/${part.id}`, patch({ metadata: {} }), may ? 200 : 400);
  if (!may) expect(errors).toEqual(badRequest('unpermitted parameter', '/data/attributes/metadata'));
  const fixed = await client.patch(`/components/${part.id}`, patch({ fingerprint: 'x' }), 400);
  expect(fixed.errors).toEqual(badRequest('unpermitted parameter', '/data/attributes/fingerprint'));
  await client.patch(`/components/${part.id}`, patch({ name: '' }), 400);
});

describe.each([
  ['components', 'machine_component', { fingerprint: 'new', name: 'New' }],
  ['processes', 'machine_process', { pid: 'new' }],
] as const)('%s', (path, type, attributes) => {
  const staff = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'];
  test.each([false, true])('are everybody’s to do with as the matrix says, protected %s', async (isProtected) => {
    const all = ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only', 'product', 'license', 'owner', 'keeper', 'attached'];
    const users = isProtected ? [] : ['owner', 'keeper'];
    const writers = ['admin', 'developer', 'sales-agent', 'product', 'license', ...users];
    const [owner, keeper, attached] = [await world.create('user'), await world.create('user'), await world.create('user')];
    const machine = await machineOf({ protected: isProtected }, { owner_id: owner.id });
    for (const { id } of [keeper, attached]) await world.create('license_user', { license_id: machine.license_id, user_id: id });
    await world.server.update('machine', machine.id, { owner_id: keeper.id });
    const license = (await world.server.find('license', { id: machine.license_id }))!;
    const bearers: Record<string, Attributes> = { owner, keeper, attached, license, product: { id: license.product_id } };
    const roleOf = (name: string) => (['owner', 'keeper', 'attached'].includes(name) ? 'user' : name) as 'user';
    for (const name of all) {
      const client = await world.as(roleOf(name), bearers[name]);
      const row = await world.create(type, { machine_id: machine.id });
      const may = (names: string[], status: number) => (names.includes(name) ? status : 403);
      const relationships = { machine: { data: { type: 'machines', id: machine.id } } };
      const id = { ...attributes, ...('pid' in attributes ? { pid: name } : { fingerprint: name }) };
      await client.get(`/${path}/${row.id}`, 200);
      await client.get(`/${path}/${row.id}/license`, 200);
      await client.get(`/${path}/${row.id}/machine`, 200);
      await client.get(`/${path}/${row.id}/product`, may([...staff, 'product'], 200));
      await client.post(`/${path}`, { data: { type: path, attributes: id, relationships } }, may(writers, 201));
      await client.patch(`/${path}/${row.id}`, { data: { type: path, attributes: {} } }, may([...writers, 'support-agent'], 200));
      if (path === 'processes') {
        const pingers = ['admin', 'developer', 'product', 'license', ...users];
        await client.post(`/processes/${row.id}/actions/ping`, undefined, may(pingers, 200));
      }
      await client.delete(`/${path}/${row.id}`, undefined, may(writers, 204));
    }
  });

  test('of others are not found, and not listed', async () => {
    const row = await world.create(type, { machine_id: (await machineOf()).id });
    for (const role of ['user', 'license', 'product'] as const) {
      const client = await world.as(role);
      await client.get(`/${path}/${row.id}`, 404);
      await client.delete(`/${path}/${row.id}`, undefined, 404);
      expect((await client.get(`/${path}`, 200)).data).toEqual([]);
    }
    await world.anonymous().get(`/${path}`, 401);
  });

  test('are narrowed by filters', async () => {
    const admin = await world.as('admin');
    const [owner, attached] = [await world.create('user'), await world.create('user')];
    const machine = await machineOf({}, { owner_id: owner.id });
    await world.create('license_user', { license_id: machine.license_id, user_id: attached.id });
    await world.server.update('machine', machine.id, { owner_id: attached.id });
    const license = (await world.server.find('license', { id: machine.license_id }))!;
    const row = await world.create(type, { machine_id: machine.id });
    await world.create(type);
    const hits = [`product=${license.product_id}`, `machine=${machine.id}`, `license=${license.id}`, `owner=${attached.id}`];
    for (const query of [...hits, `user=${owner.id}`, `user=${attached.email}`])
      expect([query, (await admin.get(`/${path}?${query}`, 200)).data.map(({ id }: Wire) => id)]).toEqual([query, [row.id]]);
    for (const query of [`machine=${nobody}`, `owner=${owner.id}`, `owner=${attached.email}`])
      expect([query, (await admin.get(`/${path}?${query}`, 200)).data]).toEqual([query, []]);
    for (const query of ['fingerprint=x', 'machine=', ...(path === 'components' ? ['status=dead'] : ['status=ALIVE'])])
      expect([query, (await admin.get(`/${path}?${query}`, 200)).data.length]).toEqual([query, 2]);
  });

  test('of a shared environment: global ones are read and pinged, not changed', async () => {
    const environment = await world.create('environment', { isolation_strategy: 'SHARED' });
    const inside = (await world.as('environment', environment)).in(environment);
    const machine = await machineOf();
    const row = await world.create(type, { machine_id: machine.id });
    await inside.get(`/${path}/${row.id}`, 200);
    if (path === 'processes') await inside.post(`/processes/${row.id}/actions/ping`, undefined, 200);
    const { errors } = await inside.delete(`/${path}/${row.id}`, undefined, 403);
    expect(errors[0].detail).toContain('record environment is not compatible with the current environment');
    const create = (more: Attributes = {}) => ({
      data: { type: path, attributes, relationships: { machine: { data: { type: 'machines', id: machine.id } }, ...more } },
    });
    const { data } = await inside.post(`/${path}`, create(), 201);
    expect(data.relationships.environment.data.id).toBe(environment.id);
    await inside.delete(`/${path}/${data.id}`, undefined, 204);
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const refused = await (await world.as('environment', isolated)).in(isolated).post(`/${path}`, create(), 422);
    expect(refused.errors).toMatchObject([{ detail: 'must be compatible with machine environment', code: 'ENVIRONMENT_NOT_ALLOWED' }]);
    await (await world.as('admin')).post(`/${path}`, create({ environment: { data: { type: 'environments', id: environment.id } } }), 403);
  });
});
