import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, inParallel, newWorld, type World } from '../../test/kit.ts';
import { PgDialect } from '../kernel/database/drizzle.ts';
import { processHeartbeats } from '../processes/process.heartbeats.ts';
import { machineHeartbeats } from './machine.heartbeats.ts';
import { claimDead } from './monitor.ts';

let world: World;
const start = '2030-01-01T00:00:00.000Z';
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(start);
});
const seconds = (n: number) => world.server.clock.travel(n * 1000);
/** The records that are watched, whichever watch they are in. */
const watched = async (path: string) =>
  (await world.server.jobs.pending(`${path}.watch`)).flatMap(({ data }) => (data as { records: { id: string; monitorId: string }[] }).records);

const kinds = [
  { type: 'machine', path: 'machines', noun: 'machine' },
  { type: 'machine_process', path: 'processes', noun: 'process' },
] as const;

describe.each(kinds)('the monitor of $path', ({ type, path, noun }) => {
  const beating = async (policy: Attributes = {}, attributes: Attributes = {}) => {
    const made = await world.create('policy', { heartbeat_duration: 60, heartbeat_basis: 'FROM_CREATION', floating: true, ...policy });
    const license = await world.create('license', { policy_id: made.id });
    const machine = await world.create('machine', { license_id: license.id, ...(type === 'machine' && attributes) });
    const row = type === 'machine' ? machine : await world.create(type, { machine_id: machine.id, ...attributes });
    return { policy: made, license, machine, row };
  };
  const find = (id: string) => world.server.find(type, { id });
  const sweep = () => world.server.jobs.cron(`${path}.sweep`);
  const event = (...names: string[]) => names.map((name) => `${noun}.heartbeat.${name}`);
  const ping = async (id: string, status = 200) => (await world.as('admin')).post(`/${path}/${id}/actions/ping`, undefined, status);

  test('leaves alone who is alive', async () => {
    const { row } = await beating();
    seconds(60);
    await sweep();
    expect(await world.server.jobs.pending(`${path}.watch`)).toEqual([]);
    expect(await find(row.id)).toEqual(row);
  });

  test('culls a dead one, once, with one event', async () => {
    const { row, license } = await beating();
    seconds(61);
    await sweep();
    const once = [{ id: row.id, monitorId: (await find(row.id))!.heartbeat_monitor_id }];
    expect(await watched(path)).toEqual(once);
    await sweep();
    expect(await watched(path)).toEqual(once);
    expect(await world.emitted()).toEqual(event('dead'));
    expect(await find(row.id)).toBeUndefined();
    const left = await world.server.find('license', { id: license.id });
    expect(left!.machines_count).toBe(type === 'machine' ? 0 : 1);
    const [log] = await world.server.sql('select whodunnit_id, request_log_id, resource_id from event_logs');
    expect(log).toEqual({ whodunnit_id: null, request_log_id: null, resource_id: row.id });
    await ping(row.id, 404);
  });

  test('keeps the dead where they are kept, and sweeps them no more until a ping', async () => {
    const { row } = await beating({ heartbeat_cull_strategy: 'KEEP_DEAD', heartbeat_resurrection_strategy: 'ALWAYS_REVIVE' });
    for (let n = 0; n < 2; n++) {
      seconds(61);
      await sweep();
      expect(await world.emitted()).toEqual(event('dead'));
    }
    await ping(row.id);
    seconds(61);
    await sweep();
    expect(await world.emitted()).toEqual(event('dead', 'resurrected', 'dead'));
  });

  test('waits for a revival, and tells of it', async () => {
    const { row } = await beating({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' });
    seconds(61);
    await sweep();
    expect(await world.emitted()).toEqual(event('dead'));
    const [again] = await world.server.jobs.pending(`${path}.watch`);
    expect(again!.runAt).toEqual(new Date(Date.parse(start) + 121_000));
    seconds(60);
    await ping(row.id);
    expect(await world.emitted()).toEqual(event('dead', 'resurrected', 'pong'));
    expect(await world.server.jobs.pending(`${path}.watch`)).toEqual([]);
    expect((await find(row.id))!.heartbeat_monitor_id).toBeNull();
  });

  test('culls when the time of revival is over', async () => {
    const { row } = await beating({ heartbeat_resurrection_strategy: '2_MINUTE_REVIVE' });
    seconds(61);
    await sweep();
    for (let n = 0; n < 2; n++) {
      await world.server.jobs.run();
      seconds(60);
    }
    expect(await find(row.id)).toBeDefined();
    expect(await world.emitted()).toEqual(event('dead'));
    expect(await find(row.id)).toBeUndefined();
  });

  test('is overtaken by a ping that revives', async () => {
    const { row } = await beating({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' });
    seconds(61);
    await sweep();
    await ping(row.id);
    expect(await world.emitted()).toEqual(event('resurrected', 'pong'));
    expect(await find(row.id)).toBeDefined();
  });

  test('heeds what the policy says when it looks', async () => {
    const { row, policy } = await beating();
    seconds(61);
    await sweep();
    await world.server.update('policy', policy.id, { heartbeat_duration: 3600 });
    expect(await world.emitted()).toEqual(event('pong'));
    expect(await find(row.id)).toMatchObject({ heartbeat_monitor_id: null });
    await world.server.update('policy', policy.id, { heartbeat_duration: 60 });
    await sweep();
    expect(await world.emitted()).toEqual(event('pong', 'dead'));
    expect(await find(row.id)).toBeUndefined();
  });

  test('follows the license to another policy', async () => {
    const { row, license, machine } = await beating({ heartbeat_duration: 3600 });
    const other = await world.create('policy', { heartbeat_duration: 60, product_id: license.product_id });
    const move = { data: { type: 'policies', id: other.id } };
    await (await world.as('admin')).put(`/licenses/${license.id}/policy`, move, 200);
    await world.server.jobs.run();
    expect([(await world.server.find('machine', { id: machine.id }))!.policy_id, (await find(row.id))!.policy_id]).toEqual([other.id, other.id]);
    seconds(61);
    await sweep();
    await world.server.jobs.run();
    expect(await find(row.id)).toBeUndefined();
  });

  test('claims each once, however many sweep', async () => {
    const { machine, row } = await beating();
    for (let n = 0; n < 19; n++) await world.create(type, type === 'machine' ? { license_id: row.license_id } : { machine_id: machine.id });
    seconds(61);
    await inParallel(4, sweep);
    expect(new Set((await watched(path)).map(({ id }) => id)).size).toBe(20);
    expect(await world.emitted()).toEqual(Array(20).fill(event('dead')[0]));
    expect(await world.count(path)).toBe(0);
  });
});

describe('of those that died together', () => {
  const together = async (policy: Attributes, count: number) => {
    const { id } = await world.create('policy', { heartbeat_duration: 60, heartbeat_basis: 'FROM_CREATION', floating: true, ...policy });
    const license = await world.create('license', { policy_id: id });
    const machines = [];
    for (let n = 0; n < count; n++) machines.push(await world.create('machine', { license_id: license.id, cores: n }));
    return { license, machines };
  };

  test('each goes its own way', async () => {
    const { machines, license } = await together({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' }, 4);
    const { machines: others } = await together({}, 2);
    seconds(61);
    await world.server.jobs.cron('machines.sweep');
    expect(await world.emitted()).toEqual(Array(6).fill('machine.heartbeat.dead'));
    expect(await world.server.find('machine', { id: others[0]!.id })).toBeUndefined();
    expect(await watched('machines')).toHaveLength(4);
    const admin = await world.as('admin');
    await admin.post(`/machines/${machines[0]!.id}/actions/ping`, undefined, 200);
    await admin.delete(`/machines/${machines[1]!.id}`, undefined, 204);
    seconds(60);
    expect((await world.emitted()).slice(6)).toEqual(['machine.heartbeat.resurrected', 'machine.deleted', 'machine.heartbeat.pong']);
    expect((await watched('machines')).map(({ id }) => id).sort()).toEqual([machines[2]!.id, machines[3]!.id].sort());
    seconds(300);
    await world.server.jobs.run();
    expect(await world.count('machines')).toBe(1);
    expect((await world.server.find('license', { id: license.id }))!).toMatchObject({ machines_count: 1, machines_core_count: 0 });
  });

  test('one that cannot be followed holds up no other', async () => {
    const { machines } = await together({}, 3);
    seconds(61);
    await world.server.jobs.cron('machines.sweep');
    await world.server.sql(
      `create function refuse() returns trigger language plpgsql as $$ begin if old.id = '${machines[1]!.id}' then raise 'broken'; end if; return old; end $$`,
    );
    await world.server.sql('create trigger refuse before delete on machines for each row execute function refuse()');
    try {
      await world.server.jobs.run();
      expect(await world.server.find('machine', { id: machines[0]!.id })).toBeUndefined();
      expect(await world.count('machines')).toBe(1);
      expect((await watched('machines')).map(({ id }) => id)).toEqual([machines[1]!.id]);
    } finally {
      await world.server.sql('drop trigger refuse on machines');
      await world.server.sql('drop function refuse');
    }
    seconds(60);
    expect(await world.emitted()).toEqual(Array(3).fill('machine.heartbeat.dead'));
    expect(await world.count('machines')).toBe(0);
  });
});

describe('machines', () => {
  const silent = async (policy: Attributes) => {
    const made = await world.create('policy', { heartbeat_basis: 'FROM_FIRST_PING', ...policy });
    return world.create('machine', { license_id: (await world.create('license', { policy_id: made.id })).id });
  };

  test('that never beat are culled where they have to, also when that is asked later', async () => {
    const [required, idle] = [await silent({ require_heartbeat: true }), await silent({})];
    seconds(601);
    await world.server.jobs.cron('machines.sweep');
    await world.server.jobs.run();
    expect([await world.server.find('machine', { id: required.id }), await world.server.find('machine', { id: idle.id })]).toEqual([undefined, idle]);
    await world.server.update('policy', idle.policy_id, { require_heartbeat: true });
    await world.server.jobs.cron('machines.sweep');
    await world.server.jobs.run();
    expect(await world.count('machines')).toBe(0);
  });

  test('that need not beat any more are let go without a word', async () => {
    const machine = await silent({ require_heartbeat: true });
    seconds(601);
    await world.server.jobs.cron('machines.sweep');
    await world.server.update('policy', machine.policy_id, { require_heartbeat: false });
    expect(await world.emitted()).toEqual([]);
    expect(await world.server.find('machine', { id: machine.id })).toEqual(machine);
  });

  test('that are reset while they are watched are let go', async () => {
    const policy = await world.create('policy', { heartbeat_basis: 'FROM_CREATION' });
    const machine = await world.create('machine', { license_id: (await world.create('license', { policy_id: policy.id })).id });
    seconds(601);
    await world.server.jobs.cron('machines.sweep');
    await (await world.as('admin')).post(`/machines/${machine.id}/actions/reset`, undefined, 200);
    expect(await world.emitted()).toEqual(['machine.heartbeat.reset']);
    expect(await world.count('machines')).toBe(1);
  });

  test('take what hangs on them along', async () => {
    const policy = await world.create('policy', { heartbeat_basis: 'FROM_CREATION', heartbeat_duration: 60 });
    const license = await world.create('license', { policy_id: policy.id });
    const machine = await world.create('machine', { license_id: license.id, cores: 4, memory: 5, disk: 6 });
    await world.create('machine_component', { machine_id: machine.id });
    await world.create('machine_process', { machine_id: machine.id });
    seconds(61);
    await world.server.jobs.cron('machines.sweep');
    expect(await world.emitted()).toEqual(['machine.heartbeat.dead']);
    expect([await world.count('machines'), await world.count('components'), await world.count('processes')]).toEqual([0, 0, 0]);
    const counted = (await world.server.find('license', { id: license.id }))!;
    expect([counted.machines_count, counted.machines_core_count, counted.machines_memory, counted.machines_disk].map(Number)).toEqual([0, 0, 0, 0]);
  });
});

describe('a sweep over thousands', () => {
  const living = 2500;
  const dead = 600;
  /** Copies a row many times; the first `dead` of the copies have not been heard of for long. */
  const multiply = async (table: string, id: string, unique: string) => {
    const columns = (await world.server.sql(`select column_name as name from information_schema.columns where table_name = '${table}'`)).map(({ name }) =>
      String(name),
    );
    const values = columns.map((name) => {
      if (name === 'id') return 'gen_random_uuid()';
      if (name === unique) return `'copy ' || n`;
      const isBeat = name.endsWith('_heartbeat_at') || (name === 'created_at' && table === 'machines');
      return isBeat ? `case when n <= ${dead} then ${name} - interval '1 day' else ${name} end` : name;
    });
    await world.server.sql(
      `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from ${table}, generate_series(1, ${living + dead}) as n where id = $1`,
      [id],
    );
    await world.server.sql(`analyze ${table}`);
  };

  test.each([
    ['machines', 'fingerprint', 'machines_beating', machineHeartbeats, 0],
    ['machines', 'fingerprint', 'machines_silent', machineHeartbeats, 1],
    ['processes', 'pid', 'processes_beating', processHeartbeats, 0],
  ] as const)('of %s (told apart by %s) finds the dead through %s, and goes on until all are watched', async (table, unique, index, kind, death) => {
    const policy = await world.create('policy', { heartbeat_basis: death === 0 ? 'FROM_CREATION' : 'FROM_FIRST_PING', require_heartbeat: death === 1 });
    const machine = await world.create('machine', { license_id: (await world.create('license', { policy_id: policy.id })).id });
    const row = table === 'machines' ? machine : await world.create('machine_process', { machine_id: machine.id });
    await multiply(table, row.id, unique);
    const now = world.server.clock.now();
    const claim = claimDead(kind as typeof machineHeartbeats, kind.deaths[death]!, now);
    const { sql, params } = new PgDialect({ casing: 'snake_case' }).sqlToQuery(claim);
    const plan = (await world.server.sql(`explain ${sql}`, params)).map((line) => String(line['QUERY PLAN'])).join('\n');
    expect(plan).toContain(index);
    await world.server.jobs.cron(`${table}.sweep`);
    const [marked] = await world.server.sql(`select count(*)::int as count from ${table} where heartbeat_monitor_id is not null`);
    expect(marked!.count).toBe(dead);
    expect(await watched(table)).toHaveLength(dead);
  });
});
