import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
});

const names = async (client: Client, query: string) => {
  const { data } = await client.get(`/users?limit=100&${query}`, 200);
  return data
    .map(({ attributes }: Wire) => attributes.email.split('@')[0])
    .sort()
    .join(' ');
};
const add = (name: string, attributes = {}) => world.create('user', { email: `${name}@example.com`, ...attributes });

test('only users of role `user` are listed unless roles are asked for', async () => {
  await add('plain');
  await add('dev', { role: 'developer' });
  await add('seller', { role: 'sales_agent' });
  expect(await names(admin, '')).toBe('plain');
  expect(await names(admin, 'roles[]=developer')).toBe('dev');
  expect(await names(admin, 'roles[]=sales-agent&roles[]=user')).toBe('plain seller');
  expect(await names(admin, 'roles[]=sales_agent')).toBe('seller');
  expect(await names(admin, 'roles[]=nobody')).toBe('');
  for (const disabled of ['roles=', 'roles=user', 'roles[a]=user']) expect(await names(admin, disabled), disabled).toMatch(/dev plain seller user-/);
});

test('by license, product, group and whether they own one', async () => {
  const [owner, attached] = [await add('owner'), await add('attached')];
  const group = await world.create('group');
  await add('member', { group_id: group.id });
  const license = await world.create('license', { owner_id: owner.id });
  await world.create('license_user', { license_id: license.id, user_id: attached.id });
  expect(await names(admin, `license=${license.id}`)).toBe('attached owner');
  expect(await names(admin, `product=${license.product_id}`)).toBe('attached owner');
  expect(await names(admin, `product=${license.product_id}&assigned=true`)).toBe('owner');
  expect(await names(admin, `group=${group.id}`)).toBe('member');
  expect(await names(admin, 'assigned=true')).toBe('owner');
  expect(await names(admin, 'active=false')).toBe('attached member');
  expect(await names(admin, 'assigned=off')).toBe('attached member');
  for (const unknown of ['01a213ee-2975-7000-83b3-dcb08785da4d', 'nonsense']) {
    for (const filter of ['license', 'product', 'group']) expect(await names(admin, `${filter}=${unknown}`), filter).toBe('');
  }
  for (const ignored of ['license=', 'license[]=x', 'product[a]=x', 'assigned=', 'assigned[]=true', 'status=', 'status[]=x', 'metadata=x', 'metadata[]=x'])
    expect(await names(admin, ignored), ignored).toBe('attached member owner');
  const stranger = await world.as('product');
  expect(await names(stranger, `product=${license.product_id}`)).toBe('attached owner');
});

describe('by metadata', () => {
  const metadata = {
    tos: 1,
    level: '1',
    score: 0.9,
    ok: true,
    none: null,
    deleted_at: 'x',
    text: 'true',
    hardware: { cores: '64', n: 64 },
    ids: ['1', '2'],
    big: 46116860184273879031n,
  };
  test.each([
    ['metadata[tos]=1', true],
    ['metadata[level]=1', true],
    ['metadata[tos]=01', true],
    ['metadata[tos]=2', false],
    ['metadata[score]=0.9', true],
    ['metadata[score]=0.90', true],
    ['metadata[ok]=true', true],
    ['metadata[text]=true', true],
    ['metadata[ok]=false', false],
    ['metadata[none]=null', true],
    ['metadata[deletedAt]=x', true],
    ['metadata[deleted_at]=x', true],
    ['metadata[deletedAt]=', true],
    ['metadata[missing]=&metadata[tos]=2', false],
    ['metadata[text]=tru', false],
    ['metadata[hardware][cores]=64', true],
    ['metadata[hardware][n]=64', false],
    ['metadata[ids][]=2', true],
    ['metadata[ids][]=3', false],
    ['metadata[tos]=1&metadata[ok]=true', true],
    ['metadata[tos]=1&metadata[ok]=false', false],
    ['metadata[missing]=null', false],
    ['metadata[big]=46116860184273879031', true],
    ['metadata[big]=46116860184273879032', false],
  ])('%s: %s', async (query, found) => {
    await add('it');
    await world.server.sql(`update users set metadata = $1::text::jsonb where email = 'it@example.com'`, [
      JSON.stringify(metadata, (_, value) => (typeof value === 'bigint' ? (JSON as Wire).rawJSON(String(value)) : value)),
    ]);
    expect(await names(admin, query)).toBe(found ? 'it' : '');
  });

  test('that only an admin has finds nobody', async () => {
    await add('boss', { role: 'admin', metadata: { a: 'b' } });
    expect(await names(admin, 'metadata[a]=b')).toBe('');
  });
});

test('pages have links that keep the filters', async () => {
  for (let i = 0; i < 21; i++) await add(`u${i}`);
  const { data, links } = await admin.get('/users?page[number]=2&page[size]=5&order=asc', 200);
  expect(data.map(({ attributes }: Wire) => attributes.email)).toEqual(['u5', 'u6', 'u7', 'u8', 'u9'].map((name) => `${name}@example.com`));
  expect(Object.keys(links)).toEqual(['self', 'prev', 'next', 'first', 'last', 'meta']);
  expect(links.meta).toEqual({ pages: 5, count: 21 });
  const roles = await admin.get('/users?page[cursor]=&page[size]=5&roles[]=user', 200);
  expect(roles.links.next).toContain('roles%5B%5D=user');
  await admin.get('/users?limit=0', 400);
  await (await world.as('license')).get('/users?limit=0', 400);
});
