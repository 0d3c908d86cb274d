/** A resource is six small definitions and a line of composition; the kernel does the rest. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/app.ts';
import { startTestServer } from '../../src/testkit.ts';
import { type Client, scratchDatabase, type TestServer, type Wire, World } from '../kit.ts';
import gadgetRoutes from './gadget.ts';

let server: TestServer;
let world: World;
let admin: Client;
let product: Wire;

beforeAll(async () => {
  // the line of composition, which would stand in app.ts
  routes.push(...gadgetRoutes);
  const databaseUrl = await scratchDatabase();
  server = await startTestServer(databaseUrl === undefined ? {} : { databaseUrl });
  await server.sql(`create table gadgets (id uuid not null, account_id uuid not null, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
    environment_id uuid, product_id uuid not null, name text not null, metadata jsonb not null default '{}', primary key (account_id, id))`);
  world = new World(server, await server.create('account'));
  admin = await world.as('admin');
  product = await world.create('product');
});
afterAll(async () => {
  // other tests of this process are to have servers without it
  routes.splice(routes.indexOf(gadgetRoutes[0]!), gadgetRoutes.length);
  await server.close();
});

const gadget = (name: unknown, { id } = product) => ({
  data: { type: 'gadgets', attributes: { name }, relationships: { product: { data: { type: 'products', id } } } },
});

test('it is created, found by id and name, changed and deleted, with an event for each', async () => {
  const { data, headers } = await admin.post('/gadgets', gadget('lamp'), 201);
  const self = `${world.base}/gadgets/${data.id}`;
  expect(headers.location).toBe(`https://localhost${self}`);
  expect(data).toMatchObject({
    type: 'gadgets',
    attributes: { name: 'lamp', metadata: {} },
    relationships: { product: { data: { type: 'products', id: product.id } }, environment: { data: null } },
    links: { self },
  });
  expect((await admin.get('/gadgets/lamp', 200)).data).toEqual(data);
  const changed = await admin.patch(`/gadgets/${data.id}`, { data: { type: 'gadgets', attributes: { name: 'torch' } } }, 200);
  expect(changed.data.attributes.name).toBe('torch');
  await admin.delete('/gadgets/torch', undefined, 204);
  expect((await admin.get(`/gadgets/${data.id}`, 404)).errors).toMatchObject([
    { detail: `The requested gadget '${data.id}' was not found`, code: 'NOT_FOUND' },
  ]);
  expect(await world.emitted()).toEqual(['gadget.created', 'gadget.updated', 'gadget.deleted']);
});

test('what is wrong with it is said as everywhere', async () => {
  expect((await admin.post('/gadgets', gadget(undefined), 400)).errors).toMatchObject([{ detail: 'is missing', source: { pointer: '/data/attributes/name' } }]);
  const { errors } = await admin.post('/gadgets', gadget('x'.repeat(21)), 422);
  expect(errors).toMatchObject([{ detail: 'is too long (maximum is 20 characters)', code: 'NAME_TOO_LONG', source: { pointer: '/data/attributes/name' } }]);
});

test('it is listed page by page, and narrowed', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await admin.post('/gadgets', gadget(name), 201);
  const shown: string[] = [];
  for (let next: string | null = '/gadgets?page[cursor]=&page[size]=2'; next !== null; ) {
    const { data, links }: Wire = await admin.get(next, 200);
    shown.push(...data.map(({ attributes }: Wire) => attributes.name));
    next = links.next?.slice(world.base.length) ?? null;
  }
  expect(shown).toEqual([...names].reverse());
  expect((await admin.get('/gadgets?page[number]=3&page[size]=2', 200)).data).toHaveLength(1);
  expect((await admin.get('/gadgets?name=c', 200)).data).toHaveLength(1);
});

test('it is seen and done by whom it says', async () => {
  const { data } = await admin.post('/gadgets', gadget('own'), 201);
  const [owner, other] = [await world.as('product', product), await world.as('product')];
  await owner.get(`/gadgets/${data.id}`, 200);
  await owner.delete(`/gadgets/${data.id}`, undefined, 403);
  await other.get(`/gadgets/${data.id}`, 404);
  expect((await other.get('/gadgets', 200)).data).toEqual([]);
  await (await world.as('read-only')).post('/gadgets', gadget('no'), 403);
  await (await world.as('user')).get('/gadgets', 403);
  await world.anonymous().get('/gadgets', 401);
  const environment = await world.create('environment', { isolation_strategy: 'ISOLATED' });
  expect((await (await world.as('environment', environment)).in(environment).get('/gadgets', 200)).data).toEqual([]);
});

test('it is documented', async () => {
  const { paths } = JSON.parse((await server.inject({ url: '/openapi.json' })).body);
  expect(Object.keys(paths).filter((path) => path.includes('/gadgets'))).toHaveLength(2);
});

test('all of it is six definitions on one screen, besides its routes', () => {
  const source = readFileSync(new URL('./gadget.ts', import.meta.url), 'utf8');
  expect([...source.matchAll(/^const (gadget\w+)/gm)].map(([, name]) => name)).toEqual([
    'gadgets',
    'gadgetRecords',
    'gadgetBodies',
    'gadgetRules',
    'gadgetDocument',
    'gadgetAccess',
  ]);
  expect(source.split('\n').filter((line) => line !== '' && !line.startsWith('import ')).length).toBeLessThan(50);
});
