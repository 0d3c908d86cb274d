import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const to = (type: string, id: unknown) => ({ data: id === null ? null : { type, id } });
const body = (license: Attributes | string, attributes: Attributes = {}, relationships: Attributes = {}, more: Attributes = {}): Wire => ({
  data: {
    type: 'machines',
    ...more,
    attributes: { fingerprint: 'aa:bb', ...attributes },
    relationships: { license: to('licenses', typeof license === 'string' ? license : license.id), ...relationships },
  },
});
const component = (fingerprint: string, attributes: Attributes = {}) => ({ type: 'components', attributes: { fingerprint, name: 'Part', ...attributes } });
const nobody = '01a213ee-2975-7000-83b3-dcb08785da4d';
const license = (policy: Attributes = {}, attributes: Attributes = {}) =>
  world.create('policy', { floating: true, ...policy }).then(({ id }) => world.create('license', { policy_id: id, ...attributes }));
const counters = async (id: string) => {
  const row = (await world.server.find('license', { id }))!;
  return [row.machines_count, row.machines_core_count, row.machines_memory, row.machines_disk].map(String);
};

describe('a machine joins a license', () => {
  test('with all that it says of itself', async () => {
    const admin = await world.as('admin');
    const mine = await license({ max_processes: 5 });
    const attributes = {
      name: 'build-07',
      ip: 'anything',
      hostname: '',
      platform: 'linux',
      cores: 8,
      memory: 34359738368,
      disk: 1,
      metadata: { rackId: 'r-12' },
    };
    const { data, headers } = await admin.post('/machines', body(mine, attributes), 201);
    expect(data.attributes).toMatchObject({
      ...{ ...attributes, fingerprint: 'aa:bb', requireHeartbeat: false, heartbeatStatus: 'NOT_STARTED', heartbeatDuration: 600, maxProcesses: 5 },
      ...{ lastCheckOut: null, lastHeartbeat: null, nextHeartbeat: null },
    });
    expect(headers.location).toBe(`https://localhost${world.base}/machines/${data.id}`);
    const self = `${world.base}/machines/${data.id}`;
    expect(data.links.self).toBe(self);
    expect(data.relationships).toMatchObject({
      environment: { links: { related: null }, data: null },
      product: { links: { related: `${self}/product` }, data: { type: 'products', id: mine.product_id } },
      group: { links: { related: `${self}/group` }, data: null },
      license: { links: { related: `${self}/license` }, data: { type: 'licenses', id: mine.id } },
      owner: { links: { related: `${self}/owner` }, data: null },
      components: { links: { related: `${self}/components` } },
      processes: { links: { related: `${self}/processes` } },
    });
    expect(Object.keys(data.relationships)).not.toContain('user');
    expect(await counters(mine.id)).toEqual(['1', '8', '34359738368', '1']);
    expect((await world.server.find('license', { id: mine.id }))!.updated_at).toEqual(mine.updated_at);
    expect(await world.emitted()).toEqual(['machine.created']);
  });

  test('with its components, which have no events of their own', async () => {
    const admin = await world.as('admin');
    const components = { data: [component('cpu'), component('gpu', { metadata: { slotNumber: 1 } })] };
    const { data } = await admin.post('/machines', body(await license(), {}, { components }), 201);
    const listed = await admin.get(`/machines/${data.id}/components`, 200);
    expect(listed.data.map((item: Wire) => [item.attributes.fingerprint, item.attributes.metadata])).toEqual(
      expect.arrayContaining([
        ['cpu', {}],
        ['gpu', { slotNumber: 1 }],
      ]),
    );
    expect(await world.emitted()).toEqual(['machine.created']);
  });

  test('largest figures go in and come out exactly', async () => {
    const admin = await world.as('admin');
    const mine = await license();
    const text = JSON.stringify(body(mine, { cores: 2147483647, memory: 'LARGEST', disk: 'LARGEST' })).replaceAll('"LARGEST"', '9223372036854775807');
    const answer = await admin.post('/machines', text, 201);
    expect(answer.body).toContain('"memory":9223372036854775807');
    expect(answer.body).toContain('"disk":9223372036854775807');
    expect(await counters(mine.id)).toEqual(['1', '2147483647', '9223372036854775807', '9223372036854775807']);
    const { errors } = await admin.post('/machines', body(mine, { fingerprint: 'b', memory: 1 }), 400);
    expect(errors).toMatchObject([{ title: 'Bad request', detail: 'integer is too large' }]);
    await admin.post('/machines', body(mine, { fingerprint: 'b', cores: 1 }), 400);
    expect(await counters(mine.id)).toEqual(['1', '2147483647', '9223372036854775807', '9223372036854775807']);
  });

  test.each([
    ['FROM_CREATION', false, 'ALIVE', true],
    ['FROM_CREATION', true, 'ALIVE', true],
    ['FROM_FIRST_PING', false, 'NOT_STARTED', false],
    ['FROM_FIRST_PING', true, 'NOT_STARTED', true],
  ])('basis %s, required %s: %s', async (heartbeat_basis, require_heartbeat, status, required) => {
    world.server.clock.freeze('2030-01-01T00:00:00.000Z');
    const mine = await license({ heartbeat_basis, require_heartbeat, heartbeat_duration: 90 });
    const { attributes } = (await (await world.as('admin')).post('/machines', body(mine), 201)).data;
    expect(attributes).toMatchObject({ heartbeatStatus: status, requireHeartbeat: required, heartbeatDuration: 90 });
    expect(attributes.lastHeartbeat).toBe(status === 'ALIVE' ? '2030-01-01T00:00:00.000Z' : null);
    expect(attributes.nextHeartbeat).toBe(status === 'ALIVE' ? '2030-01-01T00:01:30.000Z' : null);
  });

  test('the first one starts the expiry of a license whose time begins then', async () => {
    world.server.clock.freeze('2030-01-01T00:00:00.000Z');
    const mine = await license({ expiration_basis: 'FROM_FIRST_ACTIVATION', duration: 86400 });
    await (await world.as('license', mine)).post('/machines', body(mine), 201);
    await world.server.jobs.run();
    expect((await world.server.find('license', { id: mine.id }))!.expiry).toEqual(new Date('2030-01-02T00:00:00.000Z'));
  });

  test('a null owner is none, and a fingerprint is kept as it is', async () => {
    const admin = await world.as('admin');
    const { data } = await admin.post('/machines', body(await license(), { fingerprint: ' A\nb ' }, { owner: null }), 201);
    expect(data.attributes.fingerprint).toBe(' A\nb ');
    await admin.get(`/machines/${encodeURIComponent(' A\nb ')}`, 200);
    await admin.get(`/machines/${encodeURIComponent('A\nb')}`, 404);
  });
});

describe('groups are inherited', () => {
  test.each([
    // license's  owner's  sent       gets
    [true, true, undefined, 'license'],
    [true, true, null, 'license'],
    [false, true, undefined, 'owner'],
    [false, true, null, 'owner'],
    [false, false, undefined, undefined],
    [true, true, 'own', 'own'],
  ] as const)('license grouped %s, owner grouped %s, sent %s: %s', async (ofLicense, ofOwner, sent, expected) => {
    const groups: Record<string, Attributes> = { license: await world.create('group'), owner: await world.create('group'), own: await world.create('group') };
    const owner = await world.create('user', ofOwner ? { group_id: groups.owner!.id } : {});
    const mine = await license({}, { owner_id: owner.id, group_id: ofLicense ? groups.license!.id : null });
    const group = sent === undefined ? {} : { group: to('groups', sent === null ? null : groups[sent]!.id) };
    const { data } = await (await world.as('admin')).post('/machines', body(mine, {}, { owner: to('users', owner.id), ...group }), 201);
    expect(data.relationships.group.data?.id).toBe(expected && groups[expected]!.id);
  });

  test("the license owner's is not", async () => {
    const owner = await world.create('user', { group_id: (await world.create('group')).id });
    const { data } = await (await world.as('admin')).post('/machines', body(await license({}, { owner_id: owner.id, group_id: null })), 201);
    expect(data.relationships.group.data).toBeNull();
  });

  test('a full one takes no more', async () => {
    const admin = await world.as('admin');
    const group = await world.create('group', { max_machines: 1 });
    const mine = await license({}, { group_id: group.id });
    await admin.post('/machines', body(mine), 201);
    const { errors } = await admin.post('/machines', body(mine, { fingerprint: 'b' }), 422);
    const error = {
      ...{ title: 'Unprocessable resource', detail: 'machine count has exceeded maximum allowed by current group (1)', code: 'GROUP_MACHINE_LIMIT_EXCEEDED' },
      source: { pointer: '/data/relationships/group' },
    };
    expect(errors).toMatchObject([error]);
  });
});

describe('a body of another shape is a bad request', () => {
  test.each<[string, (license: Attributes) => Wire, string, string]>([
    ['no attributes', (l) => ({ data: { type: 'machines', relationships: body(l).data.relationships } }), 'is missing', '/data/attributes'],
    ['no fingerprint', (l) => body(l, { fingerprint: undefined }), 'is missing', '/data/attributes/fingerprint'],
    ['null fingerprint', (l) => body(l, { fingerprint: null }), 'cannot be null', '/data/attributes/fingerprint'],
    ['blank fingerprint', (l) => body(l, { fingerprint: ' ' }), 'cannot be blank', '/data/attributes/fingerprint'],
    ['a number as fingerprint', (l) => body(l, { fingerprint: 1 }), 'type mismatch (received integer expected string)', '/data/attributes/fingerprint'],
    ['no relationships', () => ({ data: { type: 'machines', attributes: { fingerprint: 'a' } } }), 'is missing', '/data/relationships'],
    ['no license', (l) => body(l, {}, { license: undefined }), 'is missing', '/data/relationships/license'],
    ['null license', (l) => body(l, {}, { license: to('licenses', null) }), 'cannot be null', '/data/relationships/license/data'],
    ['an id', (l) => body(l, {}, {}, { id: 'x' }), 'type mismatch (received string expected UUID string)', '/data/id'],
    ['an id of a license', () => body('x'), 'type mismatch (received string expected UUID string)', '/data/relationships/license/data/id'],
    ['cores', (l) => body(l, { cores: '8' }), 'type mismatch (received string expected integer)', '/data/attributes/cores'],
    ['float memory', (l) => body(l, { memory: 1.5 }), 'type mismatch (received float expected integer)', '/data/attributes/memory'],
    ['metadata', (l) => body(l, { metadata: { array: [1, { a: [1] }] } }), 'maximum depth of 2 exceeded', '/data/attributes/metadata/array/1/a'],
    ['user', (l) => body(l, {}, { user: to('users', nobody) }), 'unpermitted parameter', '/data/relationships/user'],
    ['heartbeat', (l) => body(l, { lastHeartbeat: null }), 'unpermitted parameter', '/data/attributes/lastHeartbeat'],
    [
      'id of a component',
      (l) => body(l, {}, { components: { data: [{ ...component('a'), id: nobody }] } }),
      'unpermitted parameter',
      '/data/relationships/components/data/0/id',
    ],
    [
      'blank name of a component',
      (l) => body(l, {}, { components: { data: [component('a', { name: '' })] } }),
      'cannot be blank',
      '/data/relationships/components/data/0/attributes/name',
    ],
  ])('%s', async (_, make, detail, pointer) => {
    const { errors } = await (await world.as('admin')).post('/machines', make(await license()), 400);
    expect(errors).toMatchObject([{ title: 'Bad request', detail, source: { pointer } }]);
    expect(errors).toHaveLength(1);
    expect(errors[0].code).toBeUndefined();
    expect(await world.count('machines')).toBe(0);
  });

  test.each(['user', 'license'] as const)('a %s may not send a group', async (role) => {
    const owner = await world.create('user');
    const mine = await license({}, { owner_id: owner.id });
    const client = await world.as(role, role === 'user' ? owner : mine);
    const { errors } = await client.post('/machines', body(mine, {}, { group: to('groups', nobody) }), 400);
    expect(errors).toMatchObject([{ detail: 'unpermitted parameter', source: { pointer: '/data/relationships/group' } }]);
  });
});

describe('rules', () => {
  const metadata = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`key${index}`, 1]));
  const long = 'a'.repeat(256);
  const at = (name: string) => `/data/attributes/${name}`;
  test.each<[Attributes, Attributes, [string, string, string][]]>([
    [{ fingerprint: 'action' }, {}, [['is reserved', 'FINGERPRINT_NOT_ALLOWED', at('fingerprint')]]],
    [{ fingerprint: 'actions' }, {}, [['is reserved', 'FINGERPRINT_NOT_ALLOWED', at('fingerprint')]]],
    [{ fingerprint: 'a'.repeat(4097) }, {}, [['is too long (maximum is 4096 characters)', 'FINGERPRINT_TOO_LONG', at('fingerprint')]]],
    [{ metadata }, {}, [['too many keys (exceeded limit of 64 keys)', 'METADATA_TOO_LONG', at('metadata')]]],
    [{ metadata: { a: 'a'.repeat(16384) } }, {}, [['too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', at('metadata')]]],
    [{ cores: 0 }, {}, [['must be greater than or equal to 1', 'CORES_INVALID', at('cores')]]],
    [{ cores: 2147483648 }, {}, [['must be less than or equal to 2147483647', 'CORES_INVALID', at('cores')]]],
    [{ memory: -1 }, {}, [['must be greater than or equal to 1', 'MEMORY_INVALID', at('memory')]]],
    [{ disk: -1 }, {}, [['must be greater than or equal to 1', 'DISK_INVALID', at('disk')]]],
    [{ ip: long }, {}, [['is too long (maximum is 255 characters)', 'IP_TOO_LONG', at('ip')]]],
    [
      { hostname: long, platform: long, name: long, cores: 0 },
      {},
      [
        ['must be greater than or equal to 1', 'CORES_INVALID', at('cores')],
        ['is too long (maximum is 255 characters)', 'HOSTNAME_TOO_LONG', at('hostname')],
        ['is too long (maximum is 255 characters)', 'PLATFORM_TOO_LONG', at('platform')],
        ['is too long (maximum is 255 characters)', 'NAME_TOO_LONG', at('name')],
      ],
    ],
    [{}, { owner: to('users', nobody) }, [['must exist', 'OWNER_NOT_FOUND', '/data/relationships/owner']]],
    [{}, { group: to('groups', nobody) }, [['must exist', 'GROUP_NOT_FOUND', '/data/relationships/group']]],
    [
      { cores: 0 },
      { license: to('licenses', nobody), owner: to('users', nobody) },
      [
        ['must exist', 'LICENSE_NOT_FOUND', '/data/relationships/license'],
        ['must exist', 'POLICY_NOT_FOUND', '/data/relationships/policy'],
        ['must exist', 'OWNER_NOT_FOUND', '/data/relationships/owner'],
        ['must be greater than or equal to 1', 'CORES_INVALID', at('cores')],
      ],
    ],
    [
      {},
      { license: to('licenses', nobody), components: { data: [component('actions')] } },
      [
        ['must exist', 'LICENSE_NOT_FOUND', '/data/relationships/license'],
        ['must exist', 'POLICY_NOT_FOUND', '/data/relationships/policy'],
        ['is reserved', 'COMPONENTS_FINGERPRINT_NOT_ALLOWED', '/data/relationships/components/data/0/attributes/fingerprint'],
      ],
    ],
  ])('%j %j', async (attributes, relationships, expected) => {
    const { errors } = await (await world.as('admin')).post('/machines', body(await license(), attributes, relationships), 422);
    expect(errors.map(({ detail, code, source }: Wire) => [detail, code, source.pointer])).toEqual(expected);
    expect(errors[0].title).toBe('Unprocessable resource');
    expect(await world.emitted()).toEqual([]);
  });

  test('64 keys may be floats', async () => {
    const mine = await license();
    const text = JSON.stringify(
      body(mine, {
        metadata: Object.fromEntries(
          Object.keys(metadata)
            .slice(1)
            .map((key) => [key, 1]),
        ),
      }),
    );
    const answer = await (await world.as('admin')).post('/machines', text.replace(/:1([,}])/g, ':1.0$1'), 201);
    expect(answer.body).toContain('"key64":1.0');
  });

  test('too large numbers of 64 bits', async () => {
    const text = JSON.stringify(body(await license(), { memory: 'X' })).replace('"X"', '9223372036854775808');
    const { errors } = await (await world.as('admin')).post('/machines', text, 422);
    expect(errors).toMatchObject([{ detail: 'must be less than or equal to 9223372036854775807', code: 'MEMORY_INVALID' }]);
  });

  test('ids of other machines are refused, as id and as fingerprint', async () => {
    const admin = await world.as('admin');
    const mine = await license();
    const { id } = (await admin.post('/machines', body(mine, {}, {}, { id: nobody }), 201)).data;
    expect(id).toBe(nobody);
    const again = await admin.post('/machines', body(mine, { fingerprint: 'b' }, {}, { id }), 422);
    expect(again.errors).toMatchObject([{ detail: 'must not conflict with another machine', code: 'ID_CONFLICT', source: { pointer: '/data/id' } }]);
    for (const fingerprint of [id, id.replaceAll('-', '')]) {
      const { errors } = await admin.post('/machines', body(mine, { fingerprint }), 422);
      expect(errors).toMatchObject([{ detail: "must not conflict with another machine's identifier (UUID)", code: 'FINGERPRINT_CONFLICT' }]);
    }
    await admin.post('/machines', body(mine, { fingerprint: mine.id }), 201);
  });

  test('an activation that is sent again with its id meets the first one in each respect', async () => {
    const admin = await world.as('admin');
    const again = body(await license({ max_machines: 1, max_cores: 4 }), { cores: 4 }, {}, { id: nobody });
    await admin.post('/machines', again, 201);
    const { errors } = await admin.post('/machines', again, 422);
    expect(errors.map(({ code }: Wire) => code)).toEqual(['FINGERPRINT_TAKEN', 'ID_CONFLICT', 'MACHINE_LIMIT_EXCEEDED', 'MACHINE_CORE_LIMIT_EXCEEDED']);
  });

  test('an id of another account is a conflict', async () => {
    const elsewhere = await world.server.create('account');
    const { id } = await world.server.create('machine', { account_id: elsewhere.id });
    const { errors } = await (await world.as('admin')).post('/machines', body(await license(), {}, {}, { id }), 409);
    expect(errors).toMatchObject([{ title: 'Conflict', detail: 'The request could not be completed because of a conflict' }]);
  });

  test('owners are the users of the license', async () => {
    const admin = await world.as('admin');
    const [owner, attached, stranger] = [await world.create('user'), await world.create('user'), await world.create('user')];
    const mine = await license({}, { owner_id: owner.id });
    await world.create('license_user', { license_id: mine.id, user_id: attached.id });
    await admin.post('/machines', body(mine, { fingerprint: '1' }, { owner: to('users', owner.id) }), 201);
    await admin.post('/machines', body(mine, { fingerprint: '2' }, { owner: to('user', attached.id) }), 201);
    const { errors } = await admin.post('/machines', body(mine, { fingerprint: '3' }, { owner: to('users', stranger.id) }), 422);
    expect(errors).toMatchObject([{ detail: 'must be a valid license user', code: 'OWNER_INVALID', source: { pointer: '/data/relationships/owner' } }]);
  });

  test('of more than 20 components nothing is created', async () => {
    const admin = await world.as('admin');
    const some = (count: number) => ({ components: { data: Array.from({ length: count }, (_, index) => component(`c${index}`)) } });
    const { errors } = await admin.post('/machines', body(await license(), {}, some(21)), 422);
    expect(errors).toEqual([{ title: 'Unprocessable entity', detail: 'too many records' }]);
    expect(await world.count('machines')).toBe(0);
    await admin.post('/machines', body(await license(), {}, some(20)), 201);
    await admin.post('/machines', body(await license(), {}, some(0)), 201);
  });

  test.each<[Attributes[], [string, string, string][]]>([
    [[component('taken')], [['has already been taken for this license', 'COMPONENTS_FINGERPRINT_TAKEN', '0/attributes/fingerprint']]],
    [
      [component('a'), component('b'), component('a')],
      [
        ['is duplicated', 'COMPONENTS_FINGERPRINT_CONFLICT', '0/attributes/fingerprint'],
        ['is duplicated', 'COMPONENTS_FINGERPRINT_CONFLICT', '2/attributes/fingerprint'],
      ],
    ],
    [[component('actions')], [['is reserved', 'COMPONENTS_FINGERPRINT_NOT_ALLOWED', '0/attributes/fingerprint']]],
    [[component('a'.repeat(4097))], [['is too long (maximum is 4096 characters)', 'COMPONENTS_FINGERPRINT_TOO_LONG', '0/attributes/fingerprint']]],
    [[component('a', { name: long })], [['is too long (maximum is 255 characters)', 'COMPONENTS_NAME_TOO_LONG', '0/attributes/name']]],
    [[component('a', { metadata })], [['too many keys (exceeded limit of 64 keys)', 'COMPONENTS_METADATA_TOO_LONG', '0/attributes/metadata']]],
  ])('a bad component keeps the machine out (%#)', async (data, expected) => {
    const mine = await license({ component_uniqueness_strategy: 'UNIQUE_PER_LICENSE' });
    await world.create('machine_component', { machine_id: (await world.create('machine', { license_id: mine.id })).id, fingerprint: 'taken' });
    const { errors } = await (await world.as('admin')).post('/machines', body(mine, {}, { components: { data } }), 422);
    expect(errors.map(({ detail, code, source }: Wire) => [detail, code, source.pointer])).toEqual(
      expected.map(([detail, code, end]) => [detail, code, `/data/relationships/components/data/${end}`]),
    );
    expect([await world.count('machines'), await world.count('components')]).toEqual([1, 1]);
  });
});

describe('uniqueness of fingerprints', () => {
  const scopes = ['license', 'policy', 'product', 'account'] as const;
  test.each([
    ['UNIQUE_PER_LICENSE', 0],
    [null, 0],
    ['UNIQUE_PER_POLICY', 1],
    ['UNIQUE_PER_PRODUCT', 2],
    ['UNIQUE_PER_ACCOUNT', 3],
  ] as const)('%s', async (machine_uniqueness_strategy, reach) => {
    const admin = await world.as('admin');
    const product = await world.create('product');
    const policy = await world.create('policy', { product_id: product.id, floating: true, machine_uniqueness_strategy });
    const mine = await world.create('license', { policy_id: policy.id });
    const others = [
      mine,
      await world.create('license', { policy_id: policy.id }),
      await world.create('license', { policy_id: (await world.create('policy', { product_id: product.id })).id }),
      await world.create('license'),
    ];
    for (const [distance, other] of others.entries()) {
      const machine = await world.create('machine', { license_id: other.id });
      const clashes = distance <= reach;
      const answer = await admin.post('/machines', body(mine, { fingerprint: machine.fingerprint }), clashes ? 422 : 201);
      const detail = distance === 0 ? 'has already been taken' : `has already been taken for this ${scopes[reach]}`;
      if (clashes) expect(answer.errors).toMatchObject([{ detail, code: 'FINGERPRINT_TAKEN', source: { pointer: '/data/attributes/fingerprint' } }]);
    }
  });
});
