import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const user = (attributes: Wire = {}): Wire => ({ type: 'users', attributes: { email: 'qa@acme.test', ...attributes } });
const body = (attributes: Wire = {}, more: Wire = {}): Wire => ({
  data: { type: 'environments', attributes: { name: 'Sandbox', code: 'sandbox', ...attributes }, ...more },
});
const withAdmins = (admins: Wire, attributes: Wire = {}) => body(attributes, { relationships: { admins: { data: admins } } });
const update = (attributes: Wire, more: Wire = {}) => ({ data: { type: 'environments', attributes, ...more } });
const denied = (reason: string) => `You do not have permission to complete the request (${reason})`;
const recordDenied = denied('record is not compatible with the current environment');

test('an environment is created, with admins of its own and no events for them', async () => {
  const admin = await world.as('admin');
  await world.create('webhook_endpoint');
  await world.create('webhook_endpoint');
  await world.create('webhook_endpoint', { product_id: (await world.create('product')).id });
  const sent = withAdmins([
    user({ email: ' QA@Acme.test ', password: 'secret1', firstName: 'Q', lastName: null, metadata: { a: 1 }, role: 'admin' }),
    user({ email: 'b@acme.test' }),
  ]);
  const { data, headers } = await admin.post('/environments', sent, 201);
  expect(headers.location).toBe(`https://localhost${world.base}/environments/${data.id}`);
  expect(data).toEqual({
    id: data.id,
    type: 'environments',
    attributes: { name: 'Sandbox', code: 'sandbox', isolationStrategy: 'ISOLATED', created: expect.any(String), updated: expect.any(String) },
    relationships: { account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } } },
    links: { self: `${world.base}/environments/${data.id}` },
  });
  const users = await world.server.sql('select email, role, first_name, password_digest is null as open from users where environment_id = $1 order by email', [
    data.id,
  ]);
  expect(users).toEqual([
    { email: 'b@acme.test', role: 'admin', first_name: null, open: true },
    { email: 'qa@acme.test', role: 'admin', first_name: 'Q', open: false },
  ]);
  expect(await world.emitted()).toEqual(['environment.created']);
  const [counts] = await world.server.sql(
    'select (select count(*)::int from webhook_events) as webhooks, (select count(*)::int from request_logs) as requests',
  );
  expect(counts).toEqual({ requests: 1, webhooks: 2 });
});

test('admins are optional', async () => {
  const admin = await world.as('admin');
  await admin.post('/environments', body(), 201);
  await admin.post('/environments', withAdmins([], { code: 'b', isolationStrategy: 'SHARED' }), 201);
  const { errors } = await admin.post('/environments', body({ code: 'c' }, { relationships: {} }), 400);
  expect(errors[0]).toMatchObject({ detail: 'is missing', source: { pointer: '/data/relationships/admins' } });
});

test('an environment is found by id and by code, changed and deleted', async () => {
  const admin = await world.as('admin');
  const environment = await world.create('environment', { code: 'Test' });
  await admin.get('/environments/Test', 200);
  await admin.get(`/environments/${environment.id}`, 200);
  const { errors } = await admin.get('/environments/test', 404);
  expect(errors[0]).toMatchObject({ detail: "The requested environment 'test' was not found", code: 'NOT_FOUND' });
  const changed = await admin.patch('/environments/Test', update({ name: 'New', code: 'test' }, { id: 'ignored' }), 200);
  expect(changed.data.attributes).toMatchObject({ name: 'New', code: 'test' });
  await admin.put('/environments/test', update({}), 200);
  await admin.delete('/environments/test', undefined, 204);
  await admin.get(`/environments/${environment.id}`, 404);
  expect(await world.emitted()).toEqual(['environment.updated', 'environment.updated', 'environment.deleted']);
  const [log] = await world.server.sql(`select metadata, environment_id from event_logs where event = 'environment.updated' order by created_at, id`);
  expect(log).toMatchObject({ metadata: { diff: { name: [environment.name, 'New'], code: ['Test', 'test'] } }, environment_id: null });
});

describe('refuses to create', () => {
  const emailAt = '/data/relationships/users/data/attributes/email';
  const adminAt = (index: number, name: string) => `/data/relationships/admins/data/${index}/attributes/${name}`;
  const about = (suffix: string) => `https://keygen.sh/docs/api/environments/#environments-object-${suffix}`;
  test.each<[string, Wire, number, string, string | undefined, string | undefined, string?]>([
    ['no name', body({ name: undefined }), 400, 'is missing', undefined, '/data/attributes/name'],
    ['no code', body({ code: undefined }), 400, 'is missing', undefined, '/data/attributes/code'],
    ['a blank name', body({ name: '' }), 400, 'cannot be blank', undefined, '/data/attributes/name'],
    ['a blank code', body({ code: '' }), 400, 'cannot be blank', undefined, '/data/attributes/code'],
    ['a number', body({ isolationStrategy: 1 }), 400, 'type mismatch (received integer expected string)', undefined, '/data/attributes/isolationStrategy'],
    ['an id', body({}, { id: '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10' }), 400, 'unpermitted parameter', undefined, '/data/id'],
    ['a reserved code', body({ code: 'actions' }), 422, 'is reserved', 'CODE_NOT_ALLOWED', '/data/attributes/code', 'attrs-code'],
    ['a taken code', body({ code: 'Taken' }), 422, 'has already been taken', 'CODE_TAKEN', '/data/attributes/code', 'attrs-code'],
    ['a long code', body({ code: 'a'.repeat(256) }), 422, 'is too long (maximum is 255 characters)', 'CODE_TOO_LONG', '/data/attributes/code', 'attrs-code'],
    ['a long name', body({ name: 'a'.repeat(256) }), 422, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', '/data/attributes/name', 'attrs-name'],
    ['a UUID as code', body({ code: '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10' }), 422, 'is invalid', 'CODE_INVALID', '/data/attributes/code', 'attrs-code'],
    [
      'an unknown strategy',
      body({ isolationStrategy: 'isolated' }),
      422,
      'unsupported isolation strategy',
      'ISOLATION_STRATEGY_NOT_ALLOWED',
      '/data/attributes/isolationStrategy',
      'attrs-isolationStrategy',
    ],
    ['a bad e-mail', withAdmins([user({ email: 'foo.com' })]), 422, 'is invalid', 'USERS_EMAIL_INVALID', emailAt, 'relationships-users'],
    ['a taken e-mail', withAdmins([user({ email: 'Taken@acme.test' })]), 422, 'has already been taken', 'USERS_EMAIL_TAKEN', emailAt, 'relationships-users'],
    ['11 admins', withAdmins(Array.from({ length: 11 }, (_, i) => user({ email: `${i}@acme.test` }))), 422, 'too many records', undefined, undefined],
    ['an admin without e-mail', withAdmins([{ type: 'users', attributes: {} }]), 400, 'is missing', undefined, adminAt(0, 'email')],
    ['another role', withAdmins([user({ role: 'developer' })]), 400, 'is invalid', undefined, adminAt(0, 'role')],
    [
      'an environment',
      body({}, { relationships: { environment: { data: null } } }),
      400,
      'unpermitted parameter',
      undefined,
      '/data/relationships/environment',
    ],
  ])('%s', async (_, sent, status, detail, code, pointer, suffix) => {
    await world.create('environment', { code: 'taken' });
    await world.create('user', { email: 'taken@acme.test' });
    const { errors } = await (await world.as('admin')).post('/environments', sent, status);
    expect(errors).toHaveLength(1);
    expect([errors[0].detail, errors[0].code, errors[0].source?.pointer, errors[0].links?.about]).toEqual([detail, code, pointer, suffix && about(suffix)]);
    if (detail === 'too many records') expect(errors[0].title).toBe('Unprocessable entity');
    expect(await world.count('environments')).toBe(1);
  });

  test('the same e-mail twice, and leaves nothing', async () => {
    await (await world.as('admin')).post('/environments', withAdmins([user(), user()]), 409);
    expect(await world.count('environments')).toBe(0);
  });
});

describe('refuses to update', () => {
  test.each([
    [update({ isolationStrategy: 'SHARED' }), 400, 'unpermitted parameter', '/data/attributes/isolationStrategy'],
    [update({}, { relationships: {} }), 400, 'unpermitted parameter', '/data/relationships'],
    [{ data: { type: 'environments' } }, 400, 'is missing', '/data/attributes'],
    [update({ code: 'TAKEN' }), 422, 'has already been taken', '/data/attributes/code'],
    [update({ code: 'action' }), 422, 'is reserved', '/data/attributes/code'],
  ])('%j: %d %s', async (sent, status, detail, pointer) => {
    await world.create('environment', { code: 'taken' });
    await world.create('environment', { code: 'own' });
    const { errors } = await (await world.as('admin')).patch('/environments/own', sent, status);
    expect(errors).toEqual([expect.objectContaining({ detail, source: { pointer } })]);
  });

  test('a bearer that may not, before it looks at the body', async () => {
    await world.create('environment', { code: 'own' });
    await (await world.as('support-agent')).patch('/environments/own', { nonsense: true }, 403);
    await (await world.as('support-agent')).post('/environments', { nonsense: true }, 400);
  });
});

describe('access', () => {
  test.each([
    // role           list  show  create update delete
    ['admin', 200, 200, 201, 200, 204],
    ['developer', 200, 200, 201, 200, 204],
    ['sales-agent', 200, 200, 403, 403, 403],
    ['support-agent', 200, 200, 403, 403, 403],
    ['read-only', 200, 200, 403, 403, 403],
    ['product', 403, 404, 403, 404, 404],
    ['license', 403, 404, 403, 404, 404],
    ['user', 403, 404, 403, 404, 404],
    ['anonymous', 401, 401, 401, 401, 401],
  ] as const)('%s: list %d, show %d, create %d, update %d, delete %d', async (role, list, show, create, change, remove) => {
    await world.create('environment', { code: 'own' });
    const client = role === 'anonymous' ? world.anonymous() : await world.as(role);
    await client.get('/environments', list);
    await client.get('/environments/own', show);
    await client.post('/environments', body(), create);
    await client.patch('/environments/own', update({}), change);
    await client.delete('/environments/own', undefined, remove);
  });

  test.each(['ISOLATED', 'SHARED'])('an environment (%s) reads itself and no other', async (isolation_strategy) => {
    const environment = await world.create('environment', { code: 'own', isolation_strategy });
    await world.create('environment', { code: 'other' });
    const own = (await world.as('environment', environment)).in(environment);
    const { errors } = await own.get('/environments', 403);
    expect(errors[0].detail).toBe(denied('ensure the token or license is allowed to access all resources'));
    expect((await own.get('/environments/own', 200)).data.id).toBe(environment.id);
    const lacks = denied('environment lacks permission to perform action');
    expect((await own.patch('/environments/own', update({}), 403)).errors[0].detail).toBe(lacks);
    expect((await own.delete('/environments/own', undefined, 403)).errors[0].detail).toBe(lacks);
    expect((await own.post('/environments', body(), 403)).errors[0].detail).toBe(lacks);
    await own.get('/environments/other', 404);
    await own.patch('/environments/other', update({}), 404);
    await own.delete('/environments/other', undefined, 404);
  });

  test.each(['ISOLATED', 'SHARED'])('inside an environment (%s) its admin and others of it', async (isolation_strategy) => {
    const environment = await world.create('environment', { code: 'own', isolation_strategy });
    await world.create('environment', { code: 'other' });
    const admin = (await world.as('admin', await world.create('user', { role: 'admin', environment_id: environment.id }))).in(environment);
    // lists show all environments, whichever is current
    expect((await admin.get('/environments', 200)).data).toHaveLength(2);
    await admin.get('/environments/other', 200);
    for (const { errors } of [
      await admin.post('/environments', body(), 403),
      await admin.patch('/environments/own', update({}), 403),
      await admin.delete('/environments/own', undefined, 403),
    ])
      expect(errors[0].detail).toBe(recordDenied);
    for (const role of ['product', 'user'] as const) {
      const inside = (await world.as(role, await world.create(role, { environment_id: environment.id }))).in(environment);
      await inside.get('/environments', 403);
      await inside.get('/environments/own', 404);
      await inside.post('/environments', body(), 403);
    }
  });

  test('a bearer of another account is unknown', async () => {
    const other = await world.create('account');
    const admin = await world.create('user', { account_id: other.id, role: 'admin' });
    const { secret } = await world.create('token', { account_id: other.id, bearer_id: admin.id });
    await world
      .anonymous()
      .with({ authorization: `Bearer ${secret}` })
      .get('/environments', 401);
  });
});

test('lists are paged, newest first', async () => {
  for (const code of ['a', 'b', 'c']) await world.create('environment', { code });
  const admin = await world.as('admin');
  const codes = ({ data }: Wire) => data.map(({ attributes }: Wire) => attributes.code);
  expect(codes(await admin.get('/environments', 200))).toEqual(['c', 'b', 'a']);
  expect(codes(await admin.get('/environments?order=asc&limit=2', 200))).toEqual(['a', 'b']);
  const page = await admin.get('/environments?page[number]=2&page[size]=2', 200);
  expect(codes(page)).toEqual(['a']);
  expect(page.links.meta).toEqual({ pages: 2, count: 3 });
  expect(Object.keys(page.links).sort()).toEqual(['first', 'last', 'meta', 'next', 'prev', 'self']);
});

test('of equal codes sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(10, (index) => admin.post('/environments', body({ code: index % 2 ? 'same' : 'SAME' })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status, errors }) => status === 201 || status === 409 || errors[0].detail === 'has already been taken')).toBe(true);
});
