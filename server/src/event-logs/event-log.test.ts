import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';
import type { Role } from '../kernel/access/roles.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const id = (n: number) => `0194c9a1-0000-7000-8000-${String(n).padStart(12, '0')}`;
const log = (attributes: Attributes = {}): Promise<Wire> => world.create('event_log', attributes);
const list = async (query: string, expected = 200) => (await world.as('admin')).get(`/event-logs?${query}`, expected);

test('an event is logged with who did it, by which request, to what', async () => {
  const admin = await world.as('admin');
  const entitlement = await world.create('entitlement', { name: 'Old' });
  world.server.clock.freeze('2026-02-03T10:00:00.000Z');
  await admin.patch(`/entitlements/${entitlement.id}`, { data: { type: 'entitlements', attributes: { name: 'New' } } }, 200);
  await world.server.jobs.run();
  const [request] = await world.server.sql('select id from request_logs');
  const { data } = await list('');
  const user = await world.server.find('user');
  expect(data).toEqual([
    {
      id: expect.any(String),
      type: 'event-logs',
      attributes: {
        event: 'entitlement.updated',
        metadata: { diff: { name: ['Old', 'New'], updated: [entitlement.updated_at.toISOString(), '2026-02-03T10:00:00.000Z'] } },
        created: '2026-02-03T10:00:00.000Z',
        updated: '2026-02-03T10:00:00.000Z',
      },
      relationships: {
        account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        request: { links: { related: `${world.base}/request-logs/${request!.id}` }, data: { type: 'request-logs', id: request!.id } },
        whodunnit: { links: { related: `${world.base}/users/${user!.id}` }, data: { type: 'users', id: user!.id } },
        resource: { links: { related: `${world.base}/entitlements/${entitlement.id}` }, data: { type: 'entitlements', id: entitlement.id } },
      },
      links: { self: `${world.base}/event-logs/${data[0].id}` },
    },
  ]);
  const shown = await admin.get(`/event-logs/${data[0].id}`, 200);
  expect(shown.data).toEqual(data[0]);
  await world.server.jobs.run();
  expect(await world.count('request_logs')).toBe(1);
});

test('a log of nobody and nothing has no links; records without a path of their own have none to follow', async () => {
  const bare = await log();
  const factor = await log({ resource_type: 'second-factors', resource_id: id(1) });
  const account = await log({ resource_type: 'accounts', resource_id: world.account.id });
  const admin = await world.as('admin');
  const { relationships } = (await admin.get(`/event-logs/${bare.id}`, 200)).data;
  expect([relationships.request, relationships.whodunnit, relationships.resource]).toEqual([{ data: null }, { data: null }, { data: null }]);
  expect((await admin.get(`/event-logs/${factor.id}`, 200)).data.relationships.resource).toEqual({
    links: { related: null },
    data: { type: 'second-factors', id: id(1) },
  });
  expect((await admin.get(`/event-logs/${account.id}`, 200)).data.relationships.resource.links).toEqual({ related: world.base });
});

describe('filters', () => {
  beforeEach(async () => {
    world.server.clock.freeze('2026-03-15T12:00:00.000Z');
    await log({
      event: 'license.created',
      request_log_id: id(1),
      whodunnit_type: 'users',
      whodunnit_id: id(10),
      resource_type: 'licenses',
      resource_id: id(20),
    });
    await log({
      event: 'license.updated',
      request_log_id: id(2),
      whodunnit_type: 'users',
      whodunnit_id: id(11),
      resource_type: 'licenses',
      resource_id: id(21),
    });
    await log({ event: 'process.created', request_log_id: id(3), resource_type: 'processes', resource_id: id(22), created_at: '2026-03-10T23:59:59.999Z' });
    await log({ event: 'release.created', resource_type: 'packages', resource_id: id(23), created_at: '2026-02-01T00:00:00.000Z' });
  });

  const all = ['license.created', 'license.updated', 'process.created', 'release.created'];
  test.each<[string, string[]]>([
    ['event=license.created', ['license.created']],
    ['event=license.*', []],
    ['event=nothing', []],
    ['event[]=license.created', all],
    ['event=', all],
    ['events[]=license.created&events[]=process.created', ['license.created', 'process.created']],
    ['events=license.created', all],
    ['events[]=', all],
    ['events[][name]=license.created', all],
    [`request=${id(2)}`, ['license.updated']],
    ['request=0194C9A1-0000-7000-8000', ['license.created', 'license.updated', 'process.created']],
    [`request=${id(9)}`, []],
    [`whodunnit=${id(10)}`, ['license.created']],
    [`whodunnit[]=user&whodunnit[]=${id(11)}`, ['license.updated']],
    [`whodunnit[type]=Users&whodunnit[id]=${id(11)}`, ['license.updated']],
    [`whodunnit[type]=product&whodunnit[id]=${id(11)}`, []],
    [`whodunnit[id]=${id(11)}`, []],
    ['whodunnit[]=user', []],
    [`whodunnit[who]=${id(11)}`, all],
    [`whodunnit[]=user&whodunnit[]=${id(11)}&whodunnit[]=x`, all],
    [`resource=${id(21)}`, ['license.updated']],
    ['resource=000000000021', ['license.updated']],
    [`resource[]=license&resource[]=${id(21)}`, ['license.updated']],
    [`resource[]=nonsense&resource[]=${id(21)}`, []],
    [`resource[type]=machine-process&resource[id]=${id(22)}`, ['process.created']],
    [`resource[type]=process&resource[id]=${id(22)}`, ['process.created']],
    [`resource[type]=MachineProcesses&resource[id]=${id(22)}`, ['process.created']],
    [`resource[type]=release_package&resource[id]=${id(23)}`, ['release.created']],
    ['date[start]=2026-03-10&date[end]=2026-03-15', ['license.created', 'license.updated', 'process.created']],
    ['date[start]=2026-3-9&date[end]=2026-3-10T12:00:00Z', ['process.created']],
    ['date[start]=2026-03-11&date[end]=2026-03-15', ['license.created', 'license.updated']],
    ['date[start]=2026-03-15', all],
    ['', all],
  ])('%s', async (query, expected) => {
    const { data } = await list(query);
    expect(data.map((item: Wire) => item.attributes.event).sort()).toEqual(expected);
  });

  test.each([
    ['date[start]=2026-03-10&date[end]=2026-03-10', 'date range must be between 1 and 31 days (got 0)', 'date'],
    ['date[start]=2026-03-15&date[end]=2026-03-10', 'date range must be between 1 and 31 days (got -5)', 'date'],
    ['date[start]=2026-01-01&date[end]=2026-02-02', 'date range must be between 1 and 31 days (got 32)', 'date'],
    ['date[start]=foo&date[end]=2026-02-02', 'invalid date range', 'date'],
    ['page[cursor]=foo', 'page cursor must be a valid UUID (got "foo")', 'page[cursor]'],
  ])('%s is refused', async (query, detail, parameter) => {
    const { errors } = await list(query, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { parameter } }]);
  });
});

test('pages are not counted, and an unknown cursor finds nothing', async () => {
  for (let n = 0; n < 7; n++) await log();
  const { data, links } = await list('page[number]=1&page[size]=5');
  expect(data).toHaveLength(5);
  expect(Object.keys(links)).toEqual(['self', 'prev', 'next']);
  const cursor = await list(`page[cursor]=${data[4].id}&page[size]=5`);
  expect(cursor.data).toHaveLength(2);
  expect(cursor.links.next).toBeNull();
  expect((await list(`page[cursor]=${id(99)}&page[size]=5`)).data).toEqual([]);
  expect((await list('page[cursor]=&page[size]=5')).links.self).toContain('page%5Bcursor%5D=&page%5Bsize%5D=5');
});

describe('access', () => {
  test.each<[Role, number, number]>([
    ['admin', 200, 200],
    ['developer', 200, 200],
    ['read-only', 200, 200],
    ['sales-agent', 403, 403],
    ['support-agent', 403, 403],
    ['product', 403, 404],
    ['license', 403, 404],
    ['user', 403, 404],
  ])('%s', async (role, listed, shown) => {
    const { id: logId } = await log();
    const client = await world.as(role);
    await client.get('/event-logs', listed);
    await client.get(`/event-logs/${logId}`, shown);
    await client.get('/request-logs', listed);
    const request = await world.create('request_log');
    await client.get(`/request-logs/${request.id}`, shown);
  });

  test('anonymous askers are not let in, and an unknown id is not repeated', async () => {
    await world.anonymous().get('/event-logs', 401);
    await world.anonymous().get('/request-logs', 401);
    const admin = await world.as('admin');
    expect((await admin.get(`/event-logs/${id(1)}`, 404)).errors[0]).toMatchObject({ detail: 'The requested event log was not found', code: 'NOT_FOUND' });
    expect((await admin.get(`/request-logs/${id(1)}`, 404)).errors[0]).toMatchObject({ detail: 'The requested request log was not found', code: 'NOT_FOUND' });
  });

  test.each(['event_log', 'request_log'])('environments see theirs, and shared ones the global ones too: %s', async (type) => {
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const made: Wire[] = [];
    for (const environment_id of [isolated.id, shared.id, null]) for (let n = 0; n < 3; n++) made.push(await world.create(type, { environment_id }));
    const path = `/${type.replace('_', '-')}s`;
    const inIsolated = (await world.as('environment', isolated)).in(isolated);
    const inShared = (await world.as('environment', shared)).in(shared);
    expect((await inIsolated.get(path, 200)).data).toHaveLength(3);
    expect((await inShared.get(path, 200)).data).toHaveLength(6);
    await inIsolated.get(`${path}/${made[3].id}`, 404);
    await inIsolated.get(`${path}/${made[8].id}`, 404);
    await inShared.get(`${path}/${made[0].id}`, 404);
    await inShared.get(`${path}/${made[8].id}`, 200);
  });
});

test('logs go when their time is over, and what they keep for 30 days only goes before', async () => {
  const ago = (days: number) => new Date(world.server.clock.now().getTime() - days * 86_400_000);
  await log({ event: 'license.created', metadata: { code: 'VALID' }, created_at: ago(31), expires_at: ago(1) });
  await log({ event: 'license.updated', metadata: { code: 'VALID' }, created_at: ago(31), expires_at: ago(-60) });
  await log({ event: 'license.deleted', metadata: { code: 'VALID' }, created_at: ago(29), expires_at: ago(-1) });
  await world.server.jobs.cron('event-logs.retention');
  const rows = await world.server.sql('select event, metadata from event_logs order by event');
  expect(rows).toEqual([
    { event: 'license.deleted', metadata: { code: 'VALID' } },
    { event: 'license.updated', metadata: {} },
  ]);
});

test.each([
  [{}, 30 * 86_400],
  [{ event_log_retention_duration: 3600, request_log_retention_duration: 60 }, 3600, 60],
])('logs are kept as long as the plan says, %j', async (plan, seconds, requests = seconds) => {
  world = await newWorld({ mode: 'multiplayer' });
  await world.server.update('account', String(world.account.id), { plan_id: (await world.create('plan', plan)).id });
  await (await world.as('admin')).post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a', code: 'a' } } }, 201);
  await world.server.jobs.run();
  for (const [table, life] of [
    ['event_logs', seconds],
    ['request_logs', requests],
  ] as const)
    expect(await world.server.sql(`select extract(epoch from expires_at - created_at)::int as life from ${table}`)).toEqual([{ life }]);
});
