import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, inParallel, newWorld, type World } from '../../test/kit.ts';

let world: World;
const start = '2030-01-01T00:00:00.000Z';
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(start);
});
const seconds = (n: number) => world.server.clock.travel(n * 1000);

/** Machines and processes, which beat alike. */
const kinds = [
  { type: 'machine', path: 'machines', noun: 'machine', status: 'heartbeatStatus' },
  { type: 'machine_process', path: 'processes', noun: 'process', status: 'status' },
] as const;

describe.each(kinds)('pings of $path', ({ type, path, noun, status }) => {
  const beating = async (policy: Attributes = {}) => {
    const { id } = await world.create('policy', { heartbeat_duration: 60, heartbeat_basis: 'FROM_CREATION', ...policy });
    const license = await world.create('license', { policy_id: id });
    const machine = await world.create('machine', { license_id: license.id, last_death_event_sent_at: start, heartbeat_monitor_id: license.id });
    const extra = { machine_id: machine.id, last_death_event_sent_at: start, heartbeat_monitor_id: license.id };
    return type === 'machine' ? machine : world.create(type, extra);
  };
  const stored = async (id: string) => (await world.server.find(type, { id }))!;

  test('keep it alive, each with its event', async () => {
    const row = await beating();
    const admin = await world.as('admin');
    for (const n of [1, 2]) {
      seconds(60);
      const { data } = await admin.post(`/${path}/${row.id}/actions/ping`, { anything: 1 }, 200);
      const at = new Date(Date.parse(start) + n * 60_000).toISOString();
      expect(data.attributes).toMatchObject({ [status]: 'ALIVE', lastHeartbeat: at, updated: at });
      expect(data.attributes.nextHeartbeat).toBe(new Date(Date.parse(at) + 60_000).toISOString());
    }
    expect(await stored(row.id)).toMatchObject({ heartbeat_monitor_id: null, last_death_event_sent_at: new Date(start) });
    expect(await world.emitted()).toEqual([`${noun}.heartbeat.ping`, `${noun}.heartbeat.ping`]);
  });

  test.each([
    ['NO_REVIVE', 61, false],
    [null, 61, false],
    ['1_MINUTE_REVIVE', 120, true],
    ['1_MINUTE_REVIVE', 121, false],
    ['15_MINUTE_REVIVE', 960, true],
    ['15_MINUTE_REVIVE', 961, false],
    ['ALWAYS_REVIVE', 1e6, true],
  ])('under %s, %d s after the last one: revived %s', async (heartbeat_resurrection_strategy, after, revived) => {
    const row = await beating({ heartbeat_resurrection_strategy, heartbeat_cull_strategy: 'KEEP_DEAD' });
    const admin = await world.as('admin');
    seconds(after);
    const answer = await admin.post(`/${path}/${row.id}/actions/ping`, undefined, revived ? 200 : 422);
    if (!revived) {
      expect(answer.errors).toEqual([{ title: 'Unprocessable entity', detail: 'is dead', code: `${noun.toUpperCase()}_HEARTBEAT_DEAD` }]);
      expect(await stored(row.id)).toEqual(row);
      expect(await world.emitted()).toEqual([]);
      return;
    }
    expect(answer.data.attributes[status]).toBe('RESURRECTED');
    expect((await admin.get(`/${path}/${row.id}`, 200)).data.attributes[status]).toBe('ALIVE');
    expect(await stored(row.id)).toMatchObject({ heartbeat_monitor_id: null, last_death_event_sent_at: null });
    expect(await world.emitted()).toEqual([`${noun}.heartbeat.resurrected`]);
  });

  test('of which many come at once, the first of a dead one revives', async () => {
    const row = await beating({ heartbeat_resurrection_strategy: 'ALWAYS_REVIVE', heartbeat_cull_strategy: 'KEEP_DEAD' });
    const admin = await world.as('admin');
    seconds(61);
    const answers = await inParallel(5, () => admin.post(`/${path}/${row.id}/actions/ping`, undefined, 200));
    expect(answers.filter(({ data }) => data.attributes[status] === 'RESURRECTED')).toHaveLength(1);
    expect((await world.emitted()).sort()).toEqual([...Array(4).fill(`${noun}.heartbeat.ping`), `${noun}.heartbeat.resurrected`]);
  });

  test('of what is gone are not found', async () => {
    const row = await beating();
    const admin = await world.as('admin');
    await admin.delete(`/${path}/${row.id}`, undefined, 204);
    await admin.post(`/${path}/${row.id}/actions/ping`, undefined, 404);
  });

  test('tell webhooks of a revival as such', async () => {
    await world.create('webhook_endpoint', { url: 'https://hooks.example.invalid', subscriptions: ['*'] });
    const row = await beating({ heartbeat_resurrection_strategy: 'ALWAYS_REVIVE', heartbeat_cull_strategy: 'KEEP_DEAD' });
    seconds(61);
    await (await world.as('admin')).post(`/${path}/${row.id}/actions/ping`, undefined, 200);
    await world.server.jobs.run();
    const [event] = await world.server.sql('select payload from webhook_events');
    expect(JSON.parse(String(event!.payload)).data.attributes[status]).toBe('RESURRECTED');
  });
});

describe('machines', () => {
  test.each(['ping', 'ping-heartbeat'])('start with the first %s, whether they have to or not', async (name) => {
    const machine = await world.create('machine');
    const admin = await world.as('admin');
    const { attributes } = (await admin.post(`/machines/${machine.fingerprint}/actions/${name}`, undefined, 200)).data;
    expect(attributes).toMatchObject({ heartbeatStatus: 'ALIVE', requireHeartbeat: true, lastHeartbeat: start });
    seconds(601);
    expect((await admin.get(`/machines/${machine.id}`, 200)).data.attributes.heartbeatStatus).toBe('DEAD');
  });

  test('that never began although they had to are dead after a window', async () => {
    const policy = await world.create('policy', { require_heartbeat: true, heartbeat_basis: 'FROM_FIRST_PING' });
    const machine = await world.create('machine', { license_id: (await world.create('license', { policy_id: policy.id })).id });
    const admin = await world.as('admin');
    seconds(600);
    expect((await admin.get(`/machines/${machine.id}`, 200)).data.attributes.heartbeatStatus).toBe('NOT_STARTED');
    seconds(1);
    expect((await admin.get(`/machines/${machine.id}`, 200)).data.attributes.heartbeatStatus).toBe('DEAD');
    await admin.post(`/machines/${machine.id}/actions/ping`, undefined, 422);
    await world.server.update('policy', policy.id, { heartbeat_resurrection_strategy: '15_MINUTE_REVIVE' });
    await admin.post(`/machines/${machine.id}/actions/ping`, undefined, 422);
    await world.server.update('policy', policy.id, { heartbeat_resurrection_strategy: 'ALWAYS_REVIVE' });
    const { data } = await admin.post(`/machines/${machine.id}/actions/ping`, undefined, 200);
    expect(data.attributes.heartbeatStatus).toBe('RESURRECTED');
  });

  test.each(['reset', 'reset-heartbeat'])('forget their heartbeat by %s, not their death', async (name) => {
    const machine = await world.create('machine', { last_heartbeat_at: start, last_death_event_sent_at: start, heartbeat_monitor_id: world.account.id });
    seconds(1);
    const { data } = await (await world.as('admin')).post(`/machines/${machine.id}/actions/${name}`, undefined, 200);
    const at = '2030-01-01T00:00:01.000Z';
    expect(data.attributes).toMatchObject({ heartbeatStatus: 'NOT_STARTED', requireHeartbeat: false, lastHeartbeat: null, nextHeartbeat: null, updated: at });
    const after = await world.server.find('machine', { id: machine.id });
    expect(after).toMatchObject({ last_heartbeat_at: null, heartbeat_monitor_id: null, last_death_event_sent_at: new Date(start) });
    expect(await world.emitted()).toEqual(['machine.heartbeat.reset']);
  });
});
