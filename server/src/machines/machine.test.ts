import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const patch = (attributes: Attributes) => ({ data: { type: 'machines', attributes } });
const to = (type: string, id: unknown) => ({ data: id === null ? null : { type, id } });
const ids = (data: Wire[]) => data.map(({ id }) => id).sort();
const counters = async (id: string) => {
  const row = (await world.server.find('license', { id }))!;
  return [row.machines_count, row.machines_core_count, row.machines_memory, row.machines_disk].map(Number);
};
const floating = () => world.create('policy', { floating: true }).then(({ id }) => world.create('license', { policy_id: id }));
const nobody = '01a213ee-2975-7000-83b3-dcb08785da4d';

describe('an update', () => {
  test.each<[string, Attributes]>([
    ['admin', { name: 'a', ip: 'b', hostname: 'c', platform: 'd', cores: 4, memory: 5, disk: 6, metadata: { fooBar: 1 } }],
    ['developer', { cores: 4 }],
    ['sales-agent', { metadata: {} }],
    ['product', { memory: 5, disk: 6 }],
    ['support-agent', { name: 'a', ip: null, hostname: '', platform: 'd' }],
    ['user', { name: 'a', ip: null, hostname: '', platform: 'd' }],
    ['license', { name: 'a', ip: null, hostname: '', platform: 'd' }],
    ['admin', {}],
    ['admin', { cores: null, memory: null, disk: null, name: null }],
  ])('by %s of %j', async (role, attributes) => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const machine = await world.create('machine', { license_id: license.id, cores: 1, memory: 2, disk: 3, name: 'old' });
    const bearers: Record<string, Attributes> = { user: owner, license, product: { id: license.product_id } };
    const client = await world.as(role as 'admin', bearers[role]);
    const { data } = await client.patch(`/machines/${machine.id}`, { data: { type: 'machine', id: 'any', attributes } }, 200);
    expect(data.attributes).toMatchObject(attributes);
    const figures = { cores: 1, memory: 2, disk: 3, ...attributes };
    expect(await counters(license.id)).toEqual([1, Number(figures.cores), Number(figures.memory), Number(figures.disk)]);
    expect(await world.emitted()).toEqual(['machine.updated']);
  });

  test.each(['support-agent', 'user', 'license'])('by %s of figures and metadata is a bad request, also with null', async (role) => {
    const owner = await world.create('user');
    const license = await world.create('license', { owner_id: owner.id });
    const machine = await world.create('machine', { license_id: license.id });
    const client = await world.as(role as 'user', role === 'user' ? owner : role === 'license' ? license : undefined);
    for (const name of ['cores', 'memory', 'disk', 'metadata'])
      for (const value of [1, null]) {
        const { errors } = await client.put(`/machines/${machine.id}`, patch({ [name]: value }), 400);
        expect(errors).toEqual(badRequest('unpermitted parameter', `/data/attributes/${name}`));
      }
  });

  test.each<[Wire, string, string]>([
    [patch({ fingerprint: 'b' }), 'unpermitted parameter', '/data/attributes/fingerprint'],
    [{ data: { type: 'machines', attributes: {}, relationships: {} } }, 'unpermitted parameter', '/data/relationships'],
    [{ data: { type: 'machines' } }, 'is missing', '/data/attributes'],
    [patch({ cores: 'a' }), 'type mismatch (received string expected integer)', '/data/attributes/cores'],
  ])('%j is a bad request', async (body, detail, pointer) => {
    const machine = await world.create('machine');
    const { errors } = await (await world.as('admin')).patch(`/machines/${machine.id}`, body, 400);
    expect(errors).toEqual(badRequest(detail, pointer));
  });

  test.each<[Attributes, string, string]>([
    [{ cores: 0 }, 'must be greater than or equal to 1', 'CORES_INVALID'],
    [{ name: 'a'.repeat(256) }, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG'],
  ])('%j is refused', async (attributes, detail, code) => {
    const machine = await world.create('machine');
    const { errors } = await (await world.as('admin')).patch(`/machines/${machine.id}`, patch(attributes), 422);
    expect(errors).toMatchObject([{ detail, code }]);
  });

  test('is logged with what changed; a null metadata is no change', async () => {
    const machine = await world.create('machine', { metadata: { a: 1 }, name: 'old' });
    const { data } = await (await world.as('admin')).patch(`/machines/${machine.id}`, patch({ name: 'new', metadata: null }), 200);
    expect(data.attributes.metadata).toEqual({ a: 1 });
    await world.emitted();
    const [log] = await world.server.sql(`select metadata from event_logs where event = 'machine.updated'`);
    expect(log!.metadata).toMatchObject({ diff: { name: ['old', 'new'] } });
  });

  test('is logged exactly', async () => {
    const { id } = await world.create('machine', { memory: 9223372036854775806n, metadata: { largest: 9223372036854775807n } });
    const admin = await world.as('admin');
    await admin.patch(`/machines/${id}`, '{"data":{"type":"machines","attributes":{"memory":9223372036854775807}}}', 200);
    await admin.patch(`/machines/${id}`, patch({ metadata: {} }), 200);
    await world.emitted();
    const { body } = await admin.get('/event-logs', 200);
    expect(body).toContain('"memory":[9223372036854775806,9223372036854775807]');
    expect(body).toContain('"metadata":[{"largest":9223372036854775807},{}]');
  });

  test('of what is not seen is not found, whatever the body', async () => {
    await (await world.as('license', await world.create('license'))).patch(`/machines/${(await world.create('machine')).id}`, { data: 1 }, 404);
  });
});

test('a machine goes with its components and processes, and leaves its counters', async () => {
  const admin = await world.as('admin');
  const license = await floating();
  const machine = await world.create('machine', { license_id: license.id, cores: 4, memory: 5, disk: 6 });
  await world.create('machine', { license_id: license.id, cores: 1 });
  await world.create('machine_component', { machine_id: machine.id });
  await world.create('machine_process', { machine_id: machine.id });
  const answer = await admin.delete(`/machines/${machine.fingerprint}`, undefined, 204);
  expect(answer.body).toBe('');
  await admin.delete(`/machines/${machine.id}`, undefined, 404);
  expect(await counters(license.id)).toEqual([1, 1, 0, 0]);
  expect([await world.count('components'), await world.count('processes')]).toEqual([0, 0]);
  expect((await admin.get('/machines', 200)).data).toHaveLength(1);
  expect(await world.emitted()).toEqual(['machine.deleted']);
});

describe('a machine is called', () => {
  test('by its id with or without dashes, and by its fingerprint as it is', async () => {
    const admin = await world.as('admin');
    const machine = await world.create('machine', { fingerprint: 'Ab:9.x y' });
    for (const name of [machine.id, machine.id.replaceAll('-', ''), machine.id.toUpperCase(), 'Ab:9.x%20y'])
      expect((await admin.get(`/machines/${name}`, 200)).data.id).toBe(machine.id);
    for (const name of ['ab:9.x%20y', `${machine.id}%0A`]) {
      const { errors } = await admin.get(`/machines/${name}`, 404);
      const detail = `The requested machine '${decodeURIComponent(name)}' was not found`;
      expect(errors).toMatchObject([{ title: 'Not found', detail, code: 'NOT_FOUND' }]);
    }
  });

  test('the oldest that the bearer sees wins', async () => {
    const older = await world.create('machine', { fingerprint: 'same', created_at: '2020-01-01T00:00:00Z' });
    const machine = await world.create('machine', { fingerprint: 'same' });
    expect((await (await world.as('admin')).get('/machines/same', 200)).data.id).toBe(older.id);
    const license = await world.server.find('license', { id: machine.license_id });
    const client = await world.as('license', license);
    expect((await client.get('/machines/same', 200)).data.id).toBe(machine.id);
    for (const path of ['components', 'processes', 'license']) await client.get(`/machines/same/${path}`, 200);
    await client.post('/machines/same/actions/ping', undefined, 200);
    await client.get(`/machines/${older.id}`, 404);
  });
});

describe('lists', () => {
  test('newest first, by pages', async () => {
    const admin = await world.as('admin');
    const license = await floating();
    const made = [];
    for (let day = 1; day <= 3; day++) made.push(await world.create('machine', { license_id: license.id, created_at: `2020-01-0${day}T00:00:00Z` }));
    const { data } = await admin.get('/machines?limit=2', 200);
    expect(data.map(({ id }: Wire) => id)).toEqual([made[2].id, made[1].id]);
    expect((await admin.get('/machines?page[number]=2&page[size]=2', 200)).data.map(({ id }: Wire) => id)).toEqual([made[0].id]);
    for (const query of ['limit=0', 'limit=101', 'page[number]=0&page[size]=1', 'page=1']) await admin.get(`/machines?${query}`, 400);
  });

  test('narrowed by each filter', async () => {
    const admin = await world.as('admin');
    const [owner, attached, group] = [await world.create('user'), await world.create('user'), await world.create('group')];
    const license = await world.create('license', { owner_id: owner.id, group_id: null });
    await world.create('license_user', { license_id: license.id, user_id: attached.id });
    const attributes = { fingerprint: 'f', ip: '::1', hostname: 'h', owner_id: attached.id, group_id: group.id };
    const metadata = { node_id: 7, tag: 'x', on: true, nested: { cores: '64' }, list: ['2'], score: 0.9, none: null };
    const mine = await world.create('machine', { license_id: license.id, ...attributes, metadata });
    await world.create('machine');
    const hits = [
      ...['fingerprint=f', 'ip=::1', 'hostname=h', `product=${license.product_id}`, `policy=${license.policy_id}`, `license=${license.id}`],
      ...[`key=${license.key}`, `owner=${attached.id}`, `owner=${attached.email}`, `user=${owner.id}`, `user=${attached.email}`, `group=${group.id}`],
      ...['metadata[nodeId]=7', 'metadata[node_id]=7', 'metadata[tag]=x', 'metadata[on]=true', 'metadata[nested][cores]=64', 'metadata[list][]=2'],
      ...['metadata[score]=0.9', 'metadata[none]=null', 'metadata[tag]=x&metadata[on]=true', `fingerprint=f&owner=${attached.id}`],
    ];
    for (const query of hits) expect([query, ids((await admin.get(`/machines?${query}`, 200)).data)]).toEqual([query, [mine.id]]);
    const misses = [
      'fingerprint=F',
      `license=${nobody}`,
      'license=x',
      `owner=${owner.id}`,
      'user=nobody@example.com',
      'metadata[tag]=y',
      'metadata[nested][cores]=6',
    ];
    for (const query of [...misses, 'metadata[tag]=x&metadata[on]=false', 'status=odd', `product=${nobody}`])
      expect([query, (await admin.get(`/machines?${query}`, 200)).data]).toEqual([query, []]);
    for (const query of ['fingerprint=', 'fingerprint[]=f', 'license[a]=b', 'colour=red', 'metadata=x'])
      expect([query, (await admin.get(`/machines?${query}`, 200)).data.length]).toEqual([query, 2]);
  });

  test('alive and dead, in any case', async () => {
    world.server.clock.freeze('2030-01-01T12:00:00.000Z');
    const admin = await world.as('admin');
    const of = async (require_heartbeat: boolean, created_at: string, last_heartbeat_at: string | null) => {
      const policy = await world.create('policy', { require_heartbeat, heartbeat_duration: 60, heartbeat_basis: 'FROM_FIRST_PING' });
      const license = await world.create('license', { policy_id: policy.id });
      return (await world.create('machine', { license_id: license.id, created_at, last_heartbeat_at })).id;
    };
    const [edge, over, long] = ['2030-01-01T11:59:00.000Z', '2030-01-01T11:58:59.999Z', '2029-01-01T00:00:00.000Z'];
    const alive = [await of(false, long, null), await of(true, edge, null), await of(false, long, edge)];
    const dead = [await of(true, over, null), await of(false, long, over), await of(true, edge, over)];
    expect(ids((await admin.get('/machines?status=alive', 200)).data)).toEqual(alive.sort());
    expect(ids((await admin.get('/machines?status=DEAD', 200)).data)).toEqual(dead.sort());
  });
});

describe('relations', () => {
  test('are shown', async () => {
    const admin = await world.as('admin');
    const [owner, licenseOwner, group] = [await world.create('user'), await world.create('user'), await world.create('group')];
    const license = await world.create('license', { owner_id: licenseOwner.id, group_id: null });
    const machine = await world.create('machine', { license_id: license.id, owner_id: owner.id, group_id: group.id });
    const expected = { product: license.product_id, license: license.id, group: group.id, owner: owner.id, user: licenseOwner.id };
    for (const [name, id] of Object.entries(expected)) expect([name, (await admin.get(`/machines/${machine.id}/${name}`, 200)).data.id]).toEqual([name, id]);
  });

  test('that are not there', async () => {
    const admin = await world.as('admin');
    const machine = await world.create('machine');
    expect((await admin.get(`/machines/${machine.id}/owner`, 200)).json).toEqual({ data: null });
    expect((await admin.get(`/machines/${machine.id}/user`, 200)).json).toEqual({ data: null });
    const { errors } = await admin.get(`/machines/${machine.id}/group`, 404);
    expect(errors).toMatchObject([{ detail: 'The requested group was not found', code: 'NOT_FOUND' }]);
  });

  test('components and processes of the machine, by id', async () => {
    const admin = await world.as('admin');
    const machine = await world.create('machine');
    for (const [type, path, other] of [
      ['machine_component', 'components', { fingerprint: 'x' }],
      ['machine_process', 'processes', { pid: 'x' }],
    ] as const) {
      const mine = await world.create(type, { machine_id: machine.id });
      const foreign = await world.create(type, other);
      expect(ids((await admin.get(`/machines/${machine.id}/${path}`, 200)).data)).toEqual([mine.id]);
      await admin.get(`/machines/${machine.fingerprint}/${path}/${mine.id}`, 200);
      await admin.get(`/machines/${machine.id}/${path}/${foreign.id}`, 404);
      await admin.get(`/machines/${machine.id}/${path}/${mine.fingerprint ?? mine.pid}`, 404);
    }
    expect((await admin.get(`/machines/${machine.id}/processes?status=dead`, 200)).data).toEqual([]);
    expect((await admin.get(`/machines/${machine.id}/processes?status=ALIVE`, 200)).data).toHaveLength(1);
  });

  test('the group changes, and is left', async () => {
    const admin = await world.as('admin');
    const [machine, group] = [await world.create('machine'), await world.create('group', { max_machines: 1 })];
    const { data } = await admin.put(`/machines/${machine.id}/group`, to('group', group.id), 200);
    expect([data.type, data.relationships.group.data.id]).toEqual(['machines', group.id]);
    await admin.patch(`/machines/${machine.id}/group`, to('groups', group.id), 200);
    const other = await world.create('machine');
    const { errors } = await admin.put(`/machines/${other.id}/group`, to('groups', group.id), 422);
    expect(errors).toMatchObject([{ detail: 'machine count has exceeded maximum allowed by current group (1)', code: 'GROUP_MACHINE_LIMIT_EXCEEDED' }]);
    const unknown = await admin.put(`/machines/${machine.id}/group`, to('groups', nobody), 422);
    expect(unknown.errors).toMatchObject([{ detail: 'must exist', code: 'GROUP_NOT_FOUND', source: { pointer: '/data/relationships/group' } }]);
    expect((await admin.put(`/machines/${machine.id}/group`, to('groups', null), 200)).data.relationships.group.data).toBeNull();
    expect(await world.emitted()).toEqual(Array(3).fill('machine.group.updated'));
    const [log] = await world.server.sql(`select metadata from event_logs where event = 'machine.group.updated' order by created_at, id limit 1`);
    expect(log!.metadata).toMatchObject({ diff: { groupId: [null, group.id] } });
  });

  test('the owner changes, and brings its group', async () => {
    const admin = await world.as('admin');
    const [group, full] = [await world.create('group'), await world.create('group', { max_machines: 0 })];
    const [owner, crowded, stranger] = [
      await world.create('user', { group_id: group.id }),
      await world.create('user', { group_id: full.id }),
      await world.create('user'),
    ];
    const license = await world.create('license', { owner_id: owner.id, group_id: null });
    await world.create('license_user', { license_id: license.id, user_id: crowded.id });
    const machine = await world.create('machine', { license_id: license.id });
    const change = (id: unknown, status: number) => admin.put(`/machines/${machine.id}/owner`, to('users', id), status);
    expect((await change(crowded.id, 422)).errors).toMatchObject([{ code: 'GROUP_MACHINE_LIMIT_EXCEEDED', source: { pointer: '/data/relationships/group' } }]);
    expect((await change(nobody, 422)).errors).toMatchObject([
      { detail: 'must exist', code: 'OWNER_NOT_FOUND', source: { pointer: '/data/relationships/owner' } },
    ]);
    expect((await change(stranger.id, 422)).errors).toMatchObject([{ detail: 'must be a valid license user', code: 'OWNER_INVALID' }]);
    expect((await world.server.find('machine', { id: machine.id }))!.owner_id).toBeNull();
    const { relationships } = (await change(owner.id, 200)).data;
    expect([relationships.owner.data.id, relationships.group.data.id]).toEqual([owner.id, group.id]);
    const kept = (await change(crowded.id, 200)).data.relationships;
    expect(kept.group.data.id).toBe(group.id);
    expect((await change(null, 200)).data.relationships.owner.data).toBeNull();
    expect(await world.emitted()).toEqual(Array(3).fill('machine.owner.updated'));
  });

  test('bodies of another shape are bad requests, before the permission for groups and after it for owners', async () => {
    const license = await world.create('license');
    const machine = await world.create('machine', { license_id: license.id });
    const client = await world.as('license', license);
    const bad = { data: { type: 'cats', id: nobody } };
    await client.put(`/machines/${machine.id}/group`, bad, 400);
    await client.put(`/machines/${machine.id}/owner`, bad, 403);
    await (await world.as('admin')).put(`/machines/${machine.id}/owner`, bad, 400);
  });
});

describe('older versions', () => {
  test.each(['1.5', '1.0'])("%s: the license's owner is the user", async (version) => {
    const admin = (await world.as('admin')).at(version);
    const [licenseOwner, owner, group] = [await world.create('user'), await world.create('user'), await world.create('group')];
    const license = await world.create('license', { owner_id: licenseOwner.id });
    await world.create('license_user', { license_id: license.id, user_id: owner.id });
    const machine = await world.create('machine', { license_id: license.id, owner_id: owner.id });
    const part = await world.create('machine_component', { machine_id: machine.id });
    const process = await world.create('machine_process', { machine_id: machine.id });
    const path = `/machines/${machine.id}`;
    const answers = [
      (await admin.get(path, 200)).data,
      (await admin.get('/machines', 200)).data[0],
      (await admin.patch(path, patch({}), 200)).data,
      (await admin.put(path, patch({}), 200)).data,
      (await admin.post(`${path}/actions/ping`, undefined, 200)).data,
      (await admin.post(`${path}/actions/ping-heartbeat`, undefined, 200)).data,
      (await admin.post(`${path}/actions/generate-offline-proof`, undefined, 200)).data,
      (await admin.put(`${path}/group`, to('groups', group.id), 200)).data,
      (await admin.get(`/components/${part.id}/machine`, 200)).data,
      (await admin.get(`/processes/${process.id}/machine`, 200)).data,
    ];
    for (const parent of [`/licenses/${license.id}`, `/users/${licenseOwner.id}`, `/products/${license.product_id}`, `/groups/${group.id}`]) {
      answers.push((await admin.get(`${parent}/machines`, 200)).data[0]);
      answers.push((await admin.get(`${parent}/machines/${machine.fingerprint}`, 200)).data);
    }
    const user = { links: { related: `${world.base}${path}/user` }, data: { type: 'users', id: licenseOwner.id } };
    for (const { relationships } of answers) expect([relationships.user, relationships.owner]).toEqual([user, undefined]);
    for (const answer of [
      await admin.post(`${path}/actions/reset`, undefined, 200),
      await admin.post(`${path}/actions/reset-heartbeat`, undefined, 200),
      await admin.put(`${path}/owner`, to('users', null), 200),
    ])
      expect([answer.data.relationships.user, typeof answer.data.relationships.owner]).toEqual([undefined, 'object']);
    expect(JSON.stringify(answers)).not.toContain('older');
  });

  test('1.2: a new machine has not started, also where it has', async () => {
    const policy = await world.create('policy', { heartbeat_basis: 'FROM_CREATION', floating: true });
    const license = await world.create('license', { policy_id: policy.id });
    const create = (fingerprint: string) => ({
      data: { type: 'machines', attributes: { fingerprint }, relationships: { license: to('licenses', license.id) } },
    });
    const admin = await world.as('admin');
    const { attributes, id } = (await admin.at('1.2').post('/machines', create('a'), 201)).data;
    expect(attributes).toMatchObject({ heartbeatStatus: 'NOT_STARTED', lastHeartbeat: null, requireHeartbeat: true, nextHeartbeat: expect.any(String) });
    expect((await admin.at('1.2').get(`/machines/${id}`, 200)).data.attributes.heartbeatStatus).toBe('ALIVE');
    expect((await admin.at('1.3').post('/machines', create('b'), 201)).data.attributes.heartbeatStatus).toBe('ALIVE');
  });
});
