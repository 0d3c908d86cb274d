import { beforeAll, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
let license: Wire;
beforeAll(async () => {
  world = await newWorld();
  license = await world.create('license', { owner_id: (await world.create('user')).id, group_id: (await world.create('group')).id });
});

const id = '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10';
const one = (type: string) => ({ data: { type, id } });
const list = (type: string) => ({ data: [{ type, id }] });

/** The permission that each endpoint asks for (spec/licenses.md 3, 10); a body of unknown ids changes nothing. */
test.each([
  ['GET', '', 'license.read', undefined],
  ['PATCH', '', 'license.update', { data: { type: 'licenses', attributes: {} } }],
  ['GET', '/product', 'product.read', undefined],
  ['GET', '/policy', 'policy.read', undefined],
  ['PUT', '/policy', 'license.policy.update', one('policies')],
  ['GET', '/group', 'group.read', undefined],
  ['PUT', '/group', 'license.group.update', one('groups')],
  ['GET', '/owner', 'user.read', undefined],
  ['PUT', '/owner', 'license.owner.update', one('users')],
  ['GET', '/user', 'user.read', undefined],
  ['PUT', '/user', 'license.user.update', one('users')],
  ['GET', '/users', 'user.read', undefined],
  ['POST', '/users', 'license.users.attach', list('users')],
  ['DELETE', '/users', 'license.users.detach', list('users')],
  ['GET', '/entitlements', 'entitlement.read', undefined],
  ['POST', '/entitlements', 'license.entitlements.attach', list('entitlements')],
  ['DELETE', '/entitlements', 'license.entitlements.detach', list('entitlements')],
  ['GET', '/machines', 'machine.read', undefined],
  ['GET', '/tokens', 'token.read', undefined],
  ['POST', '/tokens', 'license.tokens.generate', undefined],
  ['DELETE', '', 'license.delete', undefined],
])('%s /licenses/:id%s asks for %s', async (method, path, permission, body) => {
  const others = defaultPermissions.admin.filter((name) => name !== permission);
  const without = await world.as('admin', await world.create('user', { role: 'admin', permissions: others }));
  const { errors } = await without.send(method, `/licenses/${license.id}${path}`, body, 403);
  expect(errors[0].detail).toBe('You do not have permission to complete the request (admin lacks permission to perform action)');
  const just = await world.as('admin', await world.create('user', { role: 'admin', permissions: [permission] }));
  expect([200, 204, 422]).toContain((await just.send(method, `/licenses/${license.id}${path}`, body)).status);
});

test('lists and creation ask for permissions, too', async () => {
  const holder = async (permissions: string[]) => world.as('admin', await world.create('user', { role: 'admin', permissions }));
  const body = { data: { type: 'licenses', relationships: { policy: one('policies') } } };
  await (await holder(['license.read'])).get('/licenses', 200);
  await (await holder(['license.create'])).get('/licenses', 403);
  await (await holder(['license.create'])).post('/licenses', body, 422);
  await (await holder(['license.read'])).post('/licenses', body, 403);
});

/** What is allowed goes on to the unknown ids (422); 200 where the body is taken. */
test.each([
  ['POST', 'users', list('users'), 422, ['admin', 'developer', 'sales-agent', 'support-agent', 'product', 'owner']],
  ['DELETE', 'users', list('users'), 422, ['admin', 'developer', 'sales-agent', 'support-agent', 'product', 'owner']],
  ['POST', 'entitlements', list('entitlements'), 422, ['admin', 'developer', 'sales-agent', 'product']],
  ['DELETE', 'entitlements', list('entitlements'), 422, ['admin', 'developer', 'sales-agent', 'product']],
  ['GET', 'tokens', undefined, 200, ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only', 'product']],
  ['POST', 'tokens', undefined, 200, ['admin', 'developer', 'sales-agent', 'product']],
])('%s /licenses/:id/%s: who may', async (method, name, body, status, allowed) => {
  const permissions = ['*'];
  const [owner, attached] = [await world.create('user', { permissions }), await world.create('user', { permissions })];
  const own = await world.create('license', { permissions, owner_id: owner.id });
  await world.create('license_user', { license_id: own.id, user_id: attached.id });
  const clients: Record<string, Wire> = {
    owner: await world.as('user', owner),
    attached: await world.as('user', attached),
    license: await world.as('license', own),
    product: await world.as('product', (await world.server.find('product', { id: own.product_id }))!),
  };
  for (const role of ['admin', 'developer', 'sales-agent', 'support-agent', 'read-only'] as const) clients[role] = await world.as(role);
  const path = `/licenses/${own.id}/${name}`;
  for (const [who, client] of Object.entries(clients))
    expect([who, (await client.send(method, path, body)).status]).toEqual([who, allowed.includes(who) ? status : 403]);
  for (const stranger of [await world.as('product'), await world.as('user'), await world.as('license')]) await stranger.send(method, path, body, 404);
  await world.server.update('license', own.id, { protected: true });
  await clients.owner.send(method, path, body, 403);
});
