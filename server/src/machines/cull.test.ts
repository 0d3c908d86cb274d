/** Deaths in numbers: found through an index, claimed once however many servers sweep, and culled fast enough to be done before the next sweep. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attributes, inParallel, newWorld, type TestServer, type World } from '../../test/kit.ts';
import { PgDialect } from '../kernel/database/drizzle.ts';
import { startTestServer } from '../testkit.ts';
import { machineHeartbeats } from './machine.heartbeats.ts';
import { claimDead } from './monitor.ts';

// the embedded database has one process and no second connection, so it gets fewer
const onServer = process.env.DATABASE_URL !== undefined;
const living = onServer ? 50_000 : 4000;
const dead = onServer ? 3000 : 600;
const licenses = 100;
/** A sweep comes every two minutes, and 10,000 deaths at once are to be over by then. */
const millisecondsEach = 120_000 / 10_000;

let world: World;
let servers: TestServer[];
beforeAll(async () => {
  world = await newWorld();
  const { server } = world;
  servers = [server];
  if (onServer) servers.push(await startTestServer({ databaseUrl: server.config.databaseUrl! }));
  await load();
});
afterAll(() => servers[1]?.close());

const columnsOf = async (table: string): Promise<string[]> => {
  const rows = await world.server.sql(`select column_name as name from information_schema.columns where table_name = $1 and table_schema = 'public'`, [table]);
  return rows.map(({ name }) => String(name));
};

/** Copies a row of a table for each `n` of a FROM, with some columns of its own. */
async function multiply(table: string, { id }: Attributes, from: string, own: Record<string, string>): Promise<void> {
  const columns = await columnsOf(table);
  const values = columns.map((name) => own[name] ?? `original.${name}`);
  await world.server.sql(`insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from ${table} original, ${from} where original.id = $1`, [
    id,
  ]);
  await world.server.sql(`delete from ${table} where id = $1`, [id]);
}

async function load(): Promise<void> {
  const policy = await world.create('policy', { heartbeat_duration: 60, floating: true, max_machines: null, heartbeat_basis: 'FROM_CREATION' });
  const license = await world.create('license', { policy_id: policy.id });
  const machine = await world.create('machine', { license_id: license.id, cores: 2 });
  await multiply('licenses', license, `generate_series(1, ${licenses}) n`, { id: 'gen_random_uuid()', key: `'K' || n` });
  const each = `generate_series(1, ${living + dead}) n join (select id, row_number() over () - 1 as number from licenses) license on license.number = n % ${licenses}`;
  const beat = `original.last_heartbeat_at - case when n <= ${dead} then interval '1 day' else interval '0' end`;
  await multiply('machines', machine, each, {
    id: 'gen_random_uuid()',
    license_id: 'license.id',
    fingerprint: `'F' || n`,
    last_heartbeat_at: beat,
    known_heartbeat_at: beat,
  });
  await world.server.sql(`update licenses set machines_count = counted.machines, machines_core_count = counted.machines * 2
    from (select license_id, count(*) as machines from machines group by 1) counted where counted.license_id = licenses.id`);
  await world.server.sql('analyze machines');
}

const claim = () => new PgDialect({ casing: 'snake_case' }).sqlToQuery(claimDead(machineHeartbeats, machineHeartbeats.deaths[0]!, world.server.clock.now()));
const count = async (text: string): Promise<number> => Number((await world.server.sql(text))[0]!.count);

test('an index leads to the dead, past all who live', async () => {
  const { sql, params } = claim();
  const plan = (await world.server.sql(`explain ${sql}`, params)).map((line) => String(line['QUERY PLAN'])).join('\n');
  expect(plan).toMatch(/Index (Only )?Scan.* using machines_beating/);
  expect(plan).not.toMatch(/Seq Scan on machines/);
});

test('of sweeps at once no two claim the same', async () => {
  const { sql, params } = claim();
  const claims = await inParallel(3, () => world.server.sql(sql, params));
  const ids = claims.flat().map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(Math.min(dead, 3 * 500));
  await world.server.sql('update machines set heartbeat_monitor_id = null');
});

test(`${dead} of ${living + dead} die at once, and are culled once each by all servers together, long before the next sweep`, async () => {
  const began = performance.now();
  await world.server.jobs.cron('machines.sweep');
  await Promise.all(servers.map((server) => server.jobs.run()));
  const each = (performance.now() - began) / dead;
  expect(await count('select count(*) from machines')).toBe(living);
  expect(await count(`select count(*) from event_logs where event = 'machine.heartbeat.dead'`)).toBe(dead);
  expect(await count('select count(distinct resource_id) from event_logs')).toBe(dead);
  const wrong = `select count(*) from licenses join (select license_id, count(*), sum(cores) as cores from machines group by 1) real on real.license_id = licenses.id
    where (machines_count, machines_core_count) is distinct from (real.count, real.cores)`;
  expect(await count(wrong)).toBe(0);
  if (onServer) expect(each).toBeLessThan(millisecondsEach / 2);
});
