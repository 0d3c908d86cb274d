/** spec/environments.md 2, 13 */
import { beforeEach, describe, expect, test } from 'vitest';
import { Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let isolated: Wire;
let shared: Wire;
beforeEach(async () => {
  world = await newWorld();
  isolated = await world.create('environment', { code: 'ISO' });
  shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
});

const invalid = { title: 'Bad request', detail: 'environment is invalid', code: 'ENVIRONMENT_INVALID', source: { header: 'Keygen-Environment' } };
const entitlement = (more: Wire = {}) => ({ data: { type: 'entitlements', attributes: { name: 'A', code: 'A' } }, ...more });

describe('names', () => {
  test.each([
    ['the code', () => 'shared'],
    ['the id', () => shared.id],
    ['the id in capitals', () => shared.id.toUpperCase()],
    ['the id without dashes', () => shared.id.replaceAll('-', '')],
  ])('%s selects, and the code is answered', async (_, name) => {
    const admin = await world.as('admin');
    for (const answer of [await admin.in(name()).get('/entitlements', 200), await admin.get(`/entitlements?environment=${name()}`, 200)])
      expect(answer.headers['keygen-environment']).toBe('shared');
  });

  test.each([
    ['an unknown one', () => 'nope'],
    ['another case', () => 'SHARED'],
    ['an empty one', () => ''],
    ['an unknown id', () => '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10'],
    ['one of another account', () => 'foreign'],
  ])('%s is refused before authentication, whoever asks', async (_, name) => {
    const other = await world.create('account');
    await world.create('environment', { account_id: other.id, code: 'foreign' });
    const admin = await world.as('admin');
    const clients = [admin, world.anonymous(), world.anonymous().with({ authorization: 'Bearer nonsense' })];
    for (const client of clients) {
      const { errors, headers } = await client.in(name()).get('/entitlements', 400);
      expect(errors).toEqual([invalid]);
      expect(headers['keygen-environment']).toBeUndefined();
      expect(headers['keygen-account']).toBe(world.account.id);
      if (name() !== '') expect((await client.get(`/entitlements?environment=${name()}`, 400)).errors).toEqual([invalid]);
    }
  });
});

// as Node passes headers on: byte by byte
const bytes = (text: string): string => Buffer.from(text).toString('latin1');
test.each([
  // code          in headers
  ['ünï', bytes('ünï')],
  ['環境 😀', bytes('環境 😀')],
  ['two\nlines', 'two lines'],
  ['a\u0001b', 'a b'],
])('a code of any letters is answered: %j', async (code, header) => {
  const { id } = await world.create('environment', { code, isolation_strategy: 'SHARED' });
  const admin = await world.as('admin');
  for (const path of ['/entitlements', `/entitlements/${id}`]) expect((await admin.in(id).get(path)).headers['keygen-environment']).toBe(header);
  const named = await admin.get(`/entitlements?environment=${encodeURIComponent(code)}`, 200);
  expect(named.headers['keygen-environment']).toBe(header);
  if (header === bytes(code)) await admin.in(header).get('/entitlements', 200);
});

test('a header that is no UTF-8 names no environment', async () => {
  await world.create('environment', { code: 'ünï', isolation_strategy: 'SHARED' });
  expect((await (await world.as('admin')).in('ünï').get('/entitlements', 400)).errors).toEqual([invalid]);
});

test('the header wins over the parameter', async () => {
  const admin = await world.as('admin');
  expect((await admin.in('shared').get('/entitlements?environment=nope', 200)).headers['keygen-environment']).toBe('shared');
  await admin.in('nope').get('/entitlements?environment=shared', 400);
});

test('a body may name it where no schema refuses it', async () => {
  const admin = await world.as('admin');
  const { errors, headers } = await admin.post('/entitlements', entitlement({ environment: 'shared' }), 400);
  expect(errors[0]).toMatchObject({ detail: 'unpermitted parameter', source: { pointer: '/environment' } });
  expect(headers['keygen-environment']).toBe('shared');
  expect((await admin.post('/entitlements', entitlement({ environment: 'nope' }), 400)).errors).toEqual([invalid]);
});

test('the parameter works on writes', async () => {
  const admin = await world.as('admin');
  const { data } = await admin.post('/entitlements?environment=shared', entitlement(), 201);
  expect(data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
  await admin.patch('/entitlements/A?environment=shared', { data: { type: 'entitlements', attributes: { name: 'B' } } }, 200);
  await admin.delete('/entitlements/A?environment=shared', undefined, 204);
});

test('the code is answered on every error too', async () => {
  const own = (await world.as('environment', isolated)).in('ISO');
  const answers = [
    await world.anonymous().in('ISO').get('/entitlements', 401),
    await own.get('/environments', 403),
    await own.get('/entitlements/nope', 404),
    await own.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'A', code: 'actions' } } }, 422),
    await own.post('/entitlements', {}, 400),
  ];
  for (const { headers } of answers) expect(headers['keygen-environment']).toBe('ISO');
  expect((await world.as('admin').then((admin) => admin.get('/entitlements', 200))).headers['keygen-environment']).toBeUndefined();
});

test('what has no account ignores it', async () => {
  const anybody = new Client(world.server, '', { 'keygen-environment': 'nope' });
  await anybody.get('/v1/health', 204);
  await anybody.get('/v1/ping', 200);
});

test('a request log has the environment of the request, also of a refused one', async () => {
  await world.anonymous().in('ISO').get('/entitlements', 401);
  await world.server.jobs.run();
  expect(await world.server.sql('select environment_id, status from request_logs')).toEqual([{ environment_id: isolated.id, status: '401' }]);
});
