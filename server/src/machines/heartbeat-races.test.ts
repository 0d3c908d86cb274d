/** Pings, the monitor and activations at the same time (spec/machines.md 12, 13.2): whoever is told that a machine lives finds it alive. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Answered, type Attributes, type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { execute } from '../kernel/database/database.ts';
import { sql } from '../kernel/database/drizzle.ts';

const count = 20;
let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze('2030-01-01T00:00:00.000Z');
  admin = await world.as('admin');
});

/** Machines that have beaten just now, and have a license each. */
async function beating(policy: Attributes = {}): Promise<Wire[]> {
  const { id } = await world.create('policy', { heartbeat_duration: 60, heartbeat_basis: 'FROM_CREATION', max_machines: 1, ...policy });
  const machines: Wire[] = [];
  for (let n = 0; n < count; n++) {
    const license = await world.create('license', { policy_id: id });
    machines.push(await world.create('machine', { license_id: license.id, fingerprint: `f${n}`, cores: n }));
  }
  return machines;
}
const ping = ({ id }: Wire): Promise<Answered> => admin.post(`/machines/${id}/actions/ping`);
const activate = ({ license_id, fingerprint }: Wire): Promise<Answered> =>
  admin.post('/machines', {
    data: { type: 'machines', attributes: { fingerprint }, relationships: { license: { data: { type: 'licenses', id: license_id } } } },
  });
async function monitor(): Promise<void> {
  await world.server.jobs.cron('machines.sweep');
  await world.server.jobs.run();
}
const isThere = async ({ id }: Wire): Promise<boolean> => (await world.server.find('machine', { id })) !== undefined;
const emitted = async (event: string): Promise<number> => (await world.emitted()).filter((name) => name === event).length;

/** What each license counts, and what is there. */
async function expectExactCounters(): Promise<void> {
  const rows =
    await world.server.sql(`select machines_count, machines_core_count, (select count(*)::int from machines where license_id = licenses.id) as machines,
    (select coalesce(sum(cores), 0)::int from machines where license_id = licenses.id) as cores from licenses`);
  for (const row of rows) expect([row.machines_count, row.machines_core_count]).toEqual([row.machines, row.cores]);
}

describe('a ping and the monitor', () => {
  test('at the end of the window: what was pinged lives, and what was culled was not', async () => {
    const machines = await beating();
    world.server.clock.travel(60_000);
    const pings = machines.slice(0, count / 2).map(ping);
    await pings[0];
    world.server.clock.travel(1);
    pings.push(...machines.slice(count / 2).map(ping));
    const [answers] = await Promise.all([Promise.all(pings), monitor()]);
    await monitor();
    expect(answers[0]!.status).toBe(200);
    for (const [n, { status }] of answers.entries()) {
      expect([200, 404, 422]).toContain(status);
      expect(await isThere(machines[n]), `${status}`).toBe(status === 200);
    }
    const lost = answers.filter(({ status }) => status !== 200).length;
    expect(await emitted('machine.heartbeat.dead')).toBe(lost);
    await expectExactCounters();
  });

  test('while it can be revived: every ping brings its machine back, once, and the monitor lets it go', async () => {
    const machines = await beating({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' });
    world.server.clock.travel(61_000);
    const [answers] = await Promise.all([Promise.all([...machines, ...machines].map(ping)), monitor()]);
    for (const { status } of answers) expect(status).toBe(200);
    world.server.clock.travel(60_000);
    await world.server.jobs.run();
    expect(await world.count('machines')).toBe(count);
    expect(await emitted('machine.heartbeat.resurrected')).toBe(count);
    expect(await emitted('machine.heartbeat.ping')).toBe(count);
    const [left] = await world.server.sql(
      'select count(*)::int as count from machines where heartbeat_monitor_id is not null or last_death_event_sent_at is not null',
    );
    expect(left!.count).toBe(0);
    // and its next death is noticed like its first
    world.server.clock.travel(3_600_000);
    await monitor();
    expect(await world.count('machines')).toBe(0);
    await expectExactCounters();
  });

  test('when it cannot: nothing is brought back, and each death is told once', async () => {
    const machines = await beating();
    world.server.clock.travel(61_000);
    const [answers] = await Promise.all([Promise.all(machines.map(ping)), monitor(), monitor()]);
    for (const { status } of answers) expect([404, 422]).toContain(status);
    await monitor();
    expect(await world.count('machines')).toBe(0);
    expect(await emitted('machine.heartbeat.dead')).toBe(count);
    await expectExactCounters();
  });
});

test.skipIf(process.env.DATABASE_URL === undefined)('a ping that set out before the death, and comes after it was told, brings the machine back', async () => {
  const [machine] = await beating({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' });
  const { database } = world.server;
  world.server.clock.travel(60_000);
  const waits = `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  let sent: Promise<Answered> | undefined;
  await database.transaction(async (tx) => {
    await execute(tx, sql`select id from machines where id = ${machine.id} for update`);
    sent = ping(machine);
    while ((await world.server.sql(waits))[0]!.count === 0);
    const told = new Date(world.server.clock.now().getTime() + 1000).toISOString();
    await execute(tx, sql`update machines set last_death_event_sent_at = ${told}::timestamptz where id = ${machine.id}`);
  });
  expect((await sent!).status).toBe(200);
  expect((await world.server.find('machine', { id: machine.id }))!).toMatchObject({ last_death_event_sent_at: null });
  expect(await emitted('machine.heartbeat.resurrected')).toBe(1);
});

describe('a ping and an activation of the same device', () => {
  test('while it can be revived: it comes back, and there is no second one', async () => {
    const machines = await beating({ heartbeat_resurrection_strategy: '5_MINUTE_REVIVE' });
    world.server.clock.travel(61_000);
    const [pings, activations] = await Promise.all([Promise.all(machines.map(ping)), Promise.all(machines.map(activate)), monitor()]);
    for (const { status } of pings) expect(status).toBe(200);
    for (const { status } of activations) expect([409, 422]).toContain(status);
    expect(await world.count('machines')).toBe(count);
    for (const machine of machines) expect(await isThere(machine)).toBe(true);
    await expectExactCounters();
  });

  test('while it is culled: the seat is taken once it is free, by one', async () => {
    const machines = await beating();
    world.server.clock.travel(61_000);
    const [pings, first, second] = await Promise.all([
      Promise.all(machines.map(ping)),
      Promise.all(machines.map(activate)),
      Promise.all(machines.map(activate)),
      monitor(),
    ]);
    for (const { status } of pings) expect([404, 422]).toContain(status);
    for (const [n, machine] of machines.entries()) {
      expect(await isThere(machine)).toBe(false);
      const taken = [first[n]!, second[n]!].filter(({ status }) => status === 201).length;
      expect(taken).toBeLessThanOrEqual(1);
      for (const { status } of [first[n]!, second[n]!]) expect([201, 409, 422]).toContain(status);
      expect((await world.server.find('license', { id: machine.license_id }))!.machines_count).toBe(taken);
      expect((await activate(machine)).status).toBe(taken === 1 ? 422 : 201);
    }
    await expectExactCounters();
  });
});

test('activations and deactivations of the same device at once leave one or none, as the last of them said', async () => {
  const machines = await beating();
  const rounds = machines.map(async (machine) => {
    const remove = () => admin.delete(`/machines/${machine.id}`);
    const answers = await Promise.all([remove(), activate(machine), remove(), activate(machine)]);
    const statuses = answers.map(({ status }) => status);
    expect([statuses[0], statuses[2]].sort()).toEqual([204, 404]);
    const taken = [statuses[1], statuses[3]].filter((status) => status === 201).length;
    expect(taken).toBeLessThanOrEqual(1);
    expect((await world.server.find('license', { id: machine.license_id }))!.machines_count).toBe(taken);
  });
  await Promise.all(rounds);
  await expectExactCounters();
});
