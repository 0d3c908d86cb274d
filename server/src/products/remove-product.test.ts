/** Deleting a product with very many licenses: the request is short, the rest goes in the background in short steps, and whatever interrupts it loses nothing. */
import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

const onServer = process.env.DATABASE_URL !== undefined;
const licenses = onServer ? 100_000 : 10_000;

let world: World;
let product: Wire;
let kept: Wire;
let keptArtifact: Wire;

/** Fills a table with copies of a row. */
async function multiply(table: string, { id }: Wire, from: string, own: Record<string, string>): Promise<void> {
  const columns = await world.server.sql(`select column_name as name from information_schema.columns where table_name = $1 and table_schema = 'public'`, [
    table,
  ]);
  const names = columns.map(({ name }) => String(name));
  const values = names.map((name) => own[name] ?? `original.${name}`).join(', ');
  await world.server.sql(`insert into ${table} (${names.join(', ')}) select ${values} from ${table} original, ${from} where original.id = $1`, [id]);
}

beforeAll(async () => {
  world = await newWorld();
  kept = await world.create('machine');
  const policy = await world.create('policy');
  product = { id: policy.product_id };
  const license = await world.create('license', { policy_id: policy.id });
  const machine = await world.create('machine', { license_id: license.id });
  const component = await world.create('machine_component', { machine_id: machine.id });
  const process = await world.create('machine_process', { machine_id: machine.id });
  const token = await world.create('token', { bearer_type: 'license', bearer_id: license.id });
  await multiply('licenses', license, `generate_series(2, ${licenses}) n`, { id: 'gen_random_uuid()', key: `'K' || n` });
  const tenth = `(select id, row_number() over () as n from licenses where policy_id = '${policy.id}' and id <> '${license.id}') l`;
  const some = `(select * from ${tenth} where n % 10 = 0) l`;
  await multiply('machines', machine, some, { id: 'l.id', license_id: 'l.id', fingerprint: `'F' || l.n` });
  await multiply('tokens', token, some, { id: 'l.id', bearer_id: 'l.id', digest: 'l.n' });
  await multiply('components', component, some, { id: 'l.id', machine_id: 'l.id' });
  await multiply('processes', process, some, { id: 'l.id', machine_id: 'l.id' });
  const release = await world.create('release', {
    product_id: policy.product_id,
    package_id: (await world.create('release_package', { product_id: policy.product_id })).id,
  });
  const artifact = await world.create('release_artifact', { release_id: release.id });
  const constraint = await world.create('release_entitlement_constraint', { release_id: release.id });
  await multiply('releases', release, some, { id: 'l.id', version: `l.n || '.0.0'` });
  await multiply('artifacts', artifact, some, { id: 'l.id', release_id: 'l.id' });
  await multiply('constraints', constraint, some, { id: 'l.id', release_id: 'l.id' });
  keptArtifact = await world.create('release_artifact', { release_id: (await world.create('release', { product_id: (await world.create('product')).id })).id });
  await world.server.sql('analyze');
}, 120_000);

const left = async (table: string): Promise<number> => Number((await world.server.sql(`select count(*) from ${table}`))[0]!.count);

test('the request answers at once, and leaves the rest to a job', async () => {
  const admin = await world.as('admin');
  const deletion = async ({ id }: Wire) => {
    const began = performance.now();
    await admin.delete(`/products/${id}`, undefined, 204);
    return performance.now() - began;
  };
  const empty: number[] = [];
  for (let n = 0; n < 3; n++) empty.push(await deletion(await world.create('product')));
  // whatever else the machine is busy with counts for both
  expect(await deletion(product)).toBeLessThan(100 + Math.max(...empty));
  expect(await left('licenses')).toBe(licenses + 1);
  await admin.get(`/products/${product.id}`, 404);
});

test('what breaks the job off half way undoes nothing, and it is taken up again', async () => {
  const machines = await left('machines');
  await world.server.sql(`create function refuse() returns trigger language plpgsql as $$ begin
    if (select count(*) from machines) < ${machines} then raise 'broken'; end if; return old; end $$`);
  await world.server.sql('create trigger refuse before delete on machines for each statement execute function refuse()');
  try {
    await world.server.jobs.run();
  } finally {
    await world.server.sql('drop trigger refuse on machines');
    await world.server.sql('drop function refuse');
  }
  expect(await left('components')).toBe(0);
  expect(await left('machines')).toBeGreaterThan(1);
  expect(await left('machines')).toBeLessThan(machines);
  expect(await left('licenses')).toBe(licenses + 1);
  expect(await world.server.jobs.pending('policies.remove')).toHaveLength(1);
});

test('while the job runs other requests are served, and when it is done nothing is left of the product', async () => {
  const admin = await world.as('admin');
  world.server.clock.travel(60_000);
  let running = true;
  const job = world.server.jobs.run().finally(() => {
    running = false;
  });
  const took: number[] = [];
  while (running) {
    const began = performance.now();
    await admin.get(`/machines/${kept.id}`, 200);
    took.push(performance.now() - began);
    await turn();
  }
  await job;
  expect(took.length).toBeGreaterThan(1);
  expect(Math.max(...took)).toBeLessThan(250);
  expect([await left('licenses'), await left('machines'), await left('processes'), await left('policies')]).toEqual([1, 1, 0, 1]);
  expect([await left('releases'), await left('constraints'), await left('packages')]).toEqual([1, 0, 0]);
  expect(await world.server.sql('select id from artifacts')).toEqual([{ id: keptArtifact.id }]);
  expect(await world.server.sql(`select id from tokens where bearer_type = 'license'`)).toEqual([]);
});
