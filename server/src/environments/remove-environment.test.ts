import { beforeEach, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import { getTableConfig } from '../kernel/database/drizzle.ts';
import { removedTables } from './remove-environment.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const names = removedTables.map((table) => getTableConfig(table).name);
const kinds =
  'token webhook_endpoint webhook_event entitlement group product policy license license_user license_entitlement policy_entitlement key machine machine_component machine_process group_owner user release_package release release_artifact release_entitlement_constraint'.split(
    ' ',
  );
const rowsOf = async (environmentId: unknown) => {
  const counts: Record<string, number> = {};
  for (const name of names) {
    const [row] = await world.server.sql(`select count(*)::int as count from ${name} where environment_id is not distinct from $1`, [environmentId]);
    counts[name] = Number(row!.count);
  }
  return counts;
};

test('every table of environments is cleared but the logs, those that others lead to first', () => {
  expect(names).not.toContain('event_logs');
  expect(names).not.toContain('request_logs');
  for (const [first, then] of [
    ['processes', 'machines'],
    ['components', 'machines'],
    ['license_entitlements', 'entitlements'],
    ['policy_entitlements', 'entitlements'],
    ['group_owners', 'groups'],
    ['artifacts', 'releases'],
    ['constraints', 'releases'],
    ['constraints', 'entitlements'],
  ])
    expect(names.indexOf(first!)).toBeLessThan(names.indexOf(then!));
});

test('what belonged to a deleted environment goes, and nothing else', async () => {
  const doomed = await world.create('environment', { code: 'doomed' });
  const other = await world.create('environment', { code: 'other' });
  for (const environment of [doomed, other, undefined]) for (const kind of kinds) await world.create(kind, { environment_id: environment?.id ?? null });
  await world.create('event_log', { environment_id: doomed.id });
  await world.create('request_log', { environment_id: doomed.id });
  await world.server.sql(`update webhook_endpoints set subscriptions = '{}'`);
  const before = { other: await rowsOf(other.id), global: await rowsOf(null) };
  expect(
    Object.entries(await rowsOf(doomed.id)).filter(([name, count]) => count === 0 && name !== 'sessions' && kinds.some((kind) => `${kind}s`.endsWith(name))),
  ).toEqual([]);

  const admin = await world.as('admin');
  before.global = await rowsOf(null);
  await admin.delete('/environments/doomed', undefined, 204);
  const pending = await world.server.jobs.pending('environments.remove');
  expect(pending).toHaveLength(2);
  expect(pending[0]!.data).toEqual({ accountId: world.account.id, environmentId: doomed.id });
  await world.server.jobs.run();

  expect(Object.values(await rowsOf(doomed.id)).every((count) => count === 0)).toBe(true);
  expect(await rowsOf(other.id)).toEqual(before.other);
  expect(await rowsOf(null)).toEqual(before.global);
  expect((await world.server.sql('select 1 from event_logs where environment_id = $1', [doomed.id])).length).toBe(1);
  expect((await world.server.sql('select 1 from request_logs where environment_id = $1', [doomed.id])).length).toBe(1);
});

test('the environment is invalid as soon as the delete is answered', async () => {
  const environment = await world.create('environment', { code: 'doomed', isolation_strategy: 'SHARED' });
  const admin = await world.as('admin');
  await admin.in('doomed').get('/entitlements', 200);
  await admin.delete('/environments/doomed', undefined, 204);
  for (const name of ['doomed', String(environment.id)]) {
    const { errors, headers } = await admin.in(name).get('/entitlements', 400);
    expect(errors[0]).toMatchObject({ detail: 'environment is invalid', code: 'ENVIRONMENT_INVALID' });
    expect(headers['keygen-environment']).toBeUndefined();
  }
});

test('more than a batch goes in one run, and what a request wrote meanwhile goes later', async () => {
  const environment = await world.create('environment', { code: 'doomed' });
  await world.server.sql(
    `insert into entitlements (id, account_id, environment_id, created_at, updated_at, name, code)
      select gen_random_uuid(), $1, $2, now(), now(), 'x', 'x' || n from generate_series(1, 1203) as n`,
    [world.account.id, environment.id],
  );
  await (await world.as('admin')).delete('/environments/doomed', undefined, 204);
  await world.server.jobs.run();
  expect(await world.count('entitlements')).toBe(0);
  await world.create('entitlement', { environment_id: environment.id });
  world.server.clock.travel(5 * 60_000);
  await world.server.jobs.run();
  expect(await world.count('entitlements')).toBe(0);
  expect(await world.server.jobs.pending('environments.remove')).toEqual([]);
});

test('a global license no longer counts the machines and users that it had in the environment', async () => {
  const environment = await world.create('environment', { code: 'doomed', isolation_strategy: 'SHARED' });
  const license = await world.create('license', { environment_id: null });
  for (const environment_id of [environment.id, environment.id, null])
    await world.create('machine', { license_id: license.id, cores: 4, memory: 1024, environment_id });
  await world.create('license_user', { license_id: license.id, environment_id: environment.id });
  await world.server.update('license', license.id, { machines_count: 3, machines_core_count: 12, machines_memory: 3072, machines_disk: 0, users_count: 1 });
  await (await world.as('admin')).delete('/environments/doomed', undefined, 204);
  await world.server.jobs.run();
  const [counts] = await world.server.sql(
    'select machines_count, machines_core_count, machines_memory::int, machines_disk::int, users_count from licenses where id = $1',
    [license.id],
  );
  expect(counts).toEqual({ machines_count: 1, machines_core_count: 4, machines_memory: 1024, machines_disk: 0, users_count: 0 });
  expect(await world.count('machines')).toBe(1);
});
