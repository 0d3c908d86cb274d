/** Whether a fault of the body (400) or a missing permission (403) is told first, for every route that declares a body (spec/http.md 5.6). */
import { beforeAll, expect, test } from 'vitest';
import { type Client, newWorld, type World } from '../../../test/kit.ts';
import { routes } from '../../app.ts';

/** Everything else with a body tells of the body first. */
const permissionsFirst = new Set([
  ...[
    'products',
    'policies',
    'licenses',
    'keys',
    'entitlements',
    'groups',
    'machines',
    'components',
    'processes',
    'environments',
    'webhook-endpoints',
    'releases',
    'packages',
    'artifacts',
  ].map((type) => `${type}.update`),
  ...['accounts.update', 'settings.update'],
  ...['licenses.owner.update', 'licenses.user.update', 'machines.owner.update', 'users.group.update'],
  ...['users.actions.update-password', 'licenses.actions.validate', 'licenses.actions.increment-usage', 'licenses.actions.decrement-usage'],
  'machines.actions.generate-offline-proof',
]);

let world: World;
let weak: Client;
const ids: Record<string, string> = {};
beforeAll(async () => {
  world = await newWorld();
  const license = await world.create('license');
  const machine = await world.create('machine', { license_id: license.id });
  const pool = await world.create('policy', { use_pool: true });
  const records = {
    ...{ licenses: license, machines: machine, policies: pool, keys: await world.create('key', { policy_id: pool.id }) },
    ...{
      components: await world.create('machine_component', { machine_id: machine.id }),
      processes: await world.create('machine_process', { machine_id: machine.id }),
    },
    ...{ products: await world.create('product'), entitlements: await world.create('entitlement'), groups: await world.create('group') },
    ...{ users: await world.create('user'), environments: await world.create('environment'), settings: await world.create('setting') },
    'webhook-endpoints': await world.create('webhook_endpoint'),
    ...{ releases: await world.create('release'), packages: await world.create('release_package'), artifacts: await world.create('release_artifact') },
  };
  for (const [type, { id }] of Object.entries(records)) ids[type] = String(id);
  const admin = await world.create('user', { role: 'admin' });
  const { secret } = await world.create('token', { bearer_type: 'user', bearer_id: admin.id, permissions: ['arch.read'] });
  weak = world.anonymous().with({ authorization: `Bearer ${secret}` });
});

const withBody = routes.filter(({ body, mode = 'singleplayer' }) => body && mode === 'singleplayer');

test('names routes that there are', () => expect([...permissionsFirst].filter((name) => !withBody.some((route) => route.name === name))).toEqual([]));

test.each(withBody.map((route) => [route.name, route] as const))('%s', async (name, { methods, path }) => {
  const target = path.replace(/:id|\*/, ids[path.split('/')[1]!] ?? '');
  const { status, errors } = await weak.send(methods[0]!, target, { fooBar: 1 });
  const expected = permissionsFirst.has(name)
    ? [403, 'You do not have permission to complete the request (token lacks permission to perform action)', undefined]
    : [400, 'unpermitted parameter', { pointer: '/fooBar' }];
  expect([status, errors?.[0].detail, errors?.[0].source]).toEqual(expected);
});
