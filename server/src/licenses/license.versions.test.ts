import { beforeAll, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await newWorld();
  const policy = await world.create('policy', { duration: 86_400, require_check_in: true, check_in_interval: 'day', check_in_interval_count: 1 });
  const owner = await world.create('user');
  const group = await world.create('group');
  const license = await world.create('license', { policy_id: policy.id, owner_id: owner.id, group_id: group.id });
  const machine = await world.create('machine', { license_id: license.id });
  const component = await world.create('machine_component', { machine_id: machine.id });
  const process = await world.create('machine_process', { machine_id: machine.id });
  const made = { owner, policy, group, license, machine, component, process };
  Object.assign(ids, { product: license.product_id, key: license.key }, ...Object.entries(made).map(([name, { id }]) => ({ [name]: id })));
});

const linked = (type: string, name: string) => ({ data: { type, id: ids[name] } });
const created = () => ({ data: { type: 'licenses', relationships: { policy: linked('policies', 'policy'), user: linked('users', 'owner') } } });
const was = 'user';
const stays = 'owner';

/** What up to 1.5 calls the owner (spec/licenses.md 12, spec/http.md 13.4 row 3). */
test.each<[string, string, string, (() => unknown)?]>([
  [was, 'GET', '/licenses'],
  [was, 'GET', '/licenses/:license'],
  [was, 'POST', '/licenses', created],
  [was, 'PATCH', '/licenses/:license', () => ({ data: { type: 'licenses', attributes: {} } })],
  [was, 'PUT', '/licenses/:license/user', () => linked('users', 'owner')],
  [stays, 'PUT', '/licenses/:license/owner', () => linked('users', 'owner')],
  [stays, 'PUT', '/licenses/:license/policy', () => linked('policies', 'policy')],
  [stays, 'PUT', '/licenses/:license/group', () => linked('groups', 'group')],
  [was, 'GET', '/licenses/:license/actions/validate'],
  [was, 'POST', '/licenses/:license/actions/validate'],
  [was, 'POST', '/licenses/actions/validate-key', () => ({ meta: { key: ids.key } })],
  ...['renew', 'suspend', 'reinstate', 'check-in', 'increment-usage', 'decrement-usage', 'reset-usage'].map(
    (action) => [was, 'POST', `/licenses/:license/actions/${action}`] as [string, string, string],
  ),
  ...['products/:product', 'policies/:policy', 'users/:owner', 'groups/:group'].flatMap((parent) => [
    [was, 'GET', `/${parent}/licenses`] as [string, string, string],
    [was, 'GET', `/${parent}/licenses/:license`] as [string, string, string],
  ]),
  [was, 'GET', '/machines/:machine/license'],
  [was, 'GET', '/components/:component/license'],
  [was, 'GET', '/processes/:process/license'],
])('it is %s in %s %s', async (name, method, path, body) => {
  const admin = await world.as('admin');
  const called = path.replace(/:(\w+)/g, (_, of: string) => ids[of]!);
  const license = async (version: string): Promise<Wire> => {
    await world.server.update('license', ids.license!, { suspended: path.endsWith('reinstate') });
    const { status, data } = await admin.at(version).send(method, called, body?.());
    expect([200, 201]).toContain(status);
    return [data].flat()[0];
  };
  for (const version of ['1.0', '1.5']) {
    const { id, relationships } = await license(version);
    expect(Object.keys(relationships)).toEqual(['account', 'environment', 'product', 'policy', 'group', name, 'users', 'machines', 'tokens', 'entitlements']);
    const related = `/v1/accounts/${world.account.id}/licenses/${id}/${name}`;
    expect(relationships[name]).toEqual({ links: { related }, data: { type: 'users', id: ids.owner } });
  }
  const { relationships } = await license('1.6');
  expect(relationships).toHaveProperty('owner');
  expect(relationships).not.toHaveProperty('user');
});
