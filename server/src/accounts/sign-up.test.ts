import { beforeEach, describe, expect, test } from 'vitest';
import { Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';
import { domainClass } from './email-domains.ts';
import { accountName, distinguished, slugified } from './sign-up-name.ts';

const multiplayer = { mode: 'multiplayer', config: { host: 'api.example.com' } } as const;
const plan = { data: { type: 'plans', id: 'd3a5c6a2-3f31-44b3-9f0a-1f0e4b2c9a77' } };

let world: World;
let anybody: Client;
beforeEach(async () => {
  world = await newWorld(multiplayer);
  anybody = new Client(world.server, '', {});
});

const admin = (attributes: Wire = {}): Wire => ({ type: 'users', attributes: { email: 'ada@acme.test', password: 'correct horse', ...attributes } });
const body = (attributes: Wire = {}, admins: Wire = [admin()]): Wire => ({
  data: { type: 'accounts', attributes, relationships: { plan, admins: { data: admins } } },
});
const sql = (text: string, ...params: unknown[]) => world.server.sql(text, params);

test('anybody signs up: the account, its keys and its admins', async () => {
  const sent = body({ name: 'Acme Co', slug: 'acme-co', protected: true }, [
    admin({ email: ' Ada@Acme.test', firstName: 'Ada', lastName: '', metadata: { someKey: 1 }, role: 'admin' }),
  ]);
  const { data, headers } = await anybody.at('v1.5').post('/v1/accounts', { ...sent, meta: { referral: 'partner-42' } }, 201);
  expect(data.attributes).toMatchObject({ name: 'Acme Co', slug: 'acme-co', protected: true, apiVersion: '1.5', status: 'SUBSCRIBED' });
  expect(headers).toMatchObject({ location: `https://api.example.com/v1/accounts/${data.id}`, 'keygen-version': '1.5' });
  for (const name of ['keygen-account', 'keygen-signature', 'x-signature', 'set-cookie', 'digest']) expect(headers[name]).toBeUndefined();
  const users = await sql(
    'select email, role, first_name, last_name, environment_id, metadata, cardinality(permissions) as permissions from users where account_id = $1',
    data.id,
  );
  expect(users).toEqual([
    expect.objectContaining({ email: 'ada@acme.test', role: 'admin', first_name: 'Ada', last_name: '', environment_id: null, metadata: { some_key: 1 } }),
  ]);
  expect(Number(users[0]!.permissions)).toBeGreaterThan(100);
  await world.server.jobs.run();
  const [counts] = await sql('select (select count(*)::int from event_logs) as events, (select count(*)::int from request_logs) as requests');
  expect(counts).toEqual({ events: 0, requests: 0 });
  // the admin can sign in, with the keys of the account
  const credentials = Buffer.from('ada@acme.test:correct horse').toString('base64');
  const answer = await new Client(world.server, '/v1/accounts/acme-co', { authorization: `Basic ${credentials}` }).post('/tokens');
  expect([201, 404]).toContain(answer.status);
});

test('attributes are optional; the newest version is the default; an admin may have no password', async () => {
  const { data } = await anybody.post('/v1/accounts', body({}, [admin({ password: null }), admin({ email: 'bob@sub.example.co.uk', password: '' })]), 201);
  expect(data.attributes).toMatchObject({ name: 'sub.example.co.uk', slug: 'sub-example-co-uk', protected: false, apiVersion: '1.8' });
  expect(await sql('select password_digest from users where account_id = $1', data.id)).toEqual([{ password_digest: null }, { password_digest: null }]);
  const { type, relationships } = body().data;
  const bare = await anybody.post('/v1/accounts', { data: { type, relationships } }, 201);
  expect(bare.data.attributes).toMatchObject({ name: 'acme.test', slug: 'acme-test' });
});

test.each([
  ['another account', (secret: string) => `Bearer ${secret}`],
  ['nobody', () => 'Bearer nonsense'],
])('credentials of %s are not looked at', async (_, header) => {
  const { secret } = await world.create('token', { bearer_id: (await world.create('user', { role: 'admin' })).id });
  const { headers } = await anybody.with({ authorization: header(secret) }).post('/v1/accounts', body(), 201);
  expect(headers['keygen-bearer']).toBeUndefined();
});

describe('the dashboard’s session is ended', () => {
  test.each([
    ['https://portal.example.com', 'a=b; session_id=xyz', true],
    ['https://portal.example.com', 'a=b', false],
    ['https://elsewhere.example.com', 'session_id=xyz', false],
    [undefined, 'session_id=xyz', false],
  ])('origin %s, cookie %s: %s', async (origin, cookie, ended) => {
    const { headers } = await anybody.with({ cookie, ...(origin && { origin }) }).post('/v1/accounts', body(), 201);
    const expected = 'session_id=; domain=example.com; expires=Thu, 01 Jan 1970 00:00:00 GMT; secure; samesite=None; partitioned';
    expect([headers['set-cookie']].flat()[0]).toBe(ended ? expected : undefined);
  });
});

describe('refuses', () => {
  const at = (index: number, name: string) => `/data/relationships/admins/data/${index}/attributes/${name}`;
  const uuid = 'ace6a1b2c3d4e5f60718293a4b5c6d7e';
  const format = 'can only contain lowercase letters, numbers and dashes (but cannot start with dash)';
  const relationships = (more: Wire) => ({ data: { type: 'accounts', relationships: { plan, admins: { data: [admin()] }, ...more } } });
  const taken = 'already exists for this domain (please use a different domain or use account recovery)';
  test.each<[string, Wire, number, [string, string | undefined, string | undefined][]]>([
    ['no plan', { data: { type: 'accounts', relationships: { admins: { data: [admin()] } } } }, 400, [['is missing', undefined, '/data/relationships/plan']]],
    ['no admins', { data: { type: 'accounts', relationships: { plan } } }, 400, [['is missing', undefined, '/data/relationships/admins']]],
    ['no relationships', { data: { type: 'accounts' } }, 400, [['is missing', undefined, '/data/relationships']]],
    ['no data', {}, 400, [['is missing', undefined, '/data']]],
    [
      'a plan id that is none',
      relationships({ plan: { data: { type: 'plans', id: 'free' } } }),
      400,
      [['type mismatch (received string expected UUID string)', undefined, '/data/relationships/plan/data/id']],
    ],
    [
      'an admin that is no object',
      body({}, ['ada']),
      400,
      [['type mismatch (received string expected object)', undefined, '/data/relationships/admins/data/0']],
    ],
    ['another role', body({}, [admin({ role: 'user' })]), 400, [['is invalid', undefined, at(0, 'role')]]],
    ['an unknown attribute', body({}, [admin({ colour: 'red' })]), 400, [['unpermitted parameter', undefined, at(0, 'colour')]]],
    [
      'unknown before missing',
      body({ colour: 'red' }, [{ type: 'users', attributes: {} }]),
      400,
      [['unpermitted parameter', undefined, '/data/attributes/colour']],
    ],
    ['no e-mail', body({}, [{ type: 'users', attributes: {} }]), 400, [['is missing', undefined, at(0, 'email')]]],
    ['deep metadata', body({}, [admin({ metadata: { a: { b: { c: {} } } } })]), 400, [['maximum depth of 2 exceeded', undefined, at(0, 'metadata/a/b/c')]]],
    ['a blank slug', body({ slug: '' }), 400, [['cannot be blank', undefined, '/data/attributes/slug']]],
    ['no admin', body({}, []), 422, [['must have at least one admin user', 'USERS_TOO_SHORT', '/data/relationships/users']]],
    [
      '11 admins',
      body(
        {},
        Array.from({ length: 11 }, (_, i) => admin({ email: `${i}@acme.test` })),
      ),
      422,
      [['too many records', undefined, undefined]],
    ],
    [
      'bad e-mails',
      body({}, [admin({ email: 'foo.com' }), admin(), admin({ email: 'bar@' })]),
      422,
      [
        ['is invalid', 'USERS_EMAIL_INVALID', at(0, 'email')],
        ['is invalid', 'USERS_EMAIL_INVALID', at(2, 'email')],
      ],
    ],
    [
      'a short password and an upper-case taken slug',
      body({ slug: 'TAKEN' }, [admin({ password: 'short' })]),
      422,
      [
        ['is too short (minimum is 6 characters)', 'USERS_PASSWORD_TOO_SHORT', at(0, 'password')],
        [format, 'SLUG_INVALID', '/data/attributes/slug'],
        ['has already been taken', 'SLUG_TAKEN', '/data/attributes/slug'],
      ],
    ],
    [
      'long names',
      body({}, [admin({ firstName: 'a'.repeat(256) })]),
      422,
      [['is too long (maximum is 255 characters)', 'USERS_FIRST_NAME_TOO_LONG', at(0, 'firstName')]],
    ],
    ['the slug of a UUID', body({ slug: uuid }), 422, [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', '/data/attributes/slug']]],
    [
      'a free address of a UUID',
      body({ slug: 'fine' }, [admin(), admin({ email: `${uuid}@gmail.com` })]),
      422,
      [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', '/data/attributes/slug']],
    ],
    ['a dashed UUID', body({}, [admin({ email: `-${uuid}-@icloud.com` })]), 422, [['cannot resemble a UUID', 'SLUG_NOT_ALLOWED', '/data/attributes/slug']]],
    ['a company that is there', body({}, [admin({ email: 'ada@taken.com' })]), 422, [[taken, 'SLUG_NOT_ALLOWED', '/data/attributes/slug']]],
    [
      'an address twice',
      body({}, [admin(), admin({ email: 'ADA@acme.test' })]),
      409,
      [['The request could not be completed because of a conflict', undefined, undefined]],
    ],
  ])('%s', async (_, sent, status, expected) => {
    await world.create('account', { slug: 'taken' });
    await world.create('account', { slug: 'taken-com' });
    const { errors } = await anybody.post('/v1/accounts', sent, status);
    expect(errors.map((error: Wire) => [error.detail, error.code, error.source?.pointer])).toEqual(expected);
    const title = { 400: 'Bad request', 409: 'Conflict', 422: expected[0]![1] ? 'Unprocessable resource' : 'Unprocessable entity' }[status];
    expect(errors[0].title).toBe(title);
    expect((await sql('select count(*)::int as count from accounts'))[0]!.count).toBe(3);
  });

  test('with a pointer to the documentation of the final name', async () => {
    const { errors } = await anybody.post('/v1/accounts', body({ slug: '-' }, [admin({ email: 'x' })]), 422);
    expect(errors.map((error: Wire) => error.links.about)).toEqual([
      'https://keygen.sh/docs/api/accounts/#accounts-object-relationships-admins',
      'https://keygen.sh/docs/api/accounts/#accounts-object-attrs-slug',
    ]);
  });

  test('malformed JSON', async () => {
    const { errors } = await anybody.with({ 'content-type': 'application/json' }).post('/v1/accounts', '{"data":', 400);
    expect(errors[0]).toMatchObject({ code: 'JSON_INVALID' });
  });

  test('another host than the API’s', async () => {
    for (const host of ['foo.example.com', 'example.com', 'licensing.acme.test']) await anybody.with({ host }).post('/v1/accounts', body(), 404);
  });
});

test('of sign-ups for one domain at once exactly one is first', async () => {
  const answers = await inParallel(4, () => anybody.post('/v1/accounts', body()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
});

test('a free address whose name is taken gets a readable ending', async () => {
  await world.create('account', { slug: 'jane-roe' });
  const { data } = await anybody.post('/v1/accounts', body({}, [admin({ email: 'jane.roe@gmail.com' })]), 201);
  expect(data.attributes.slug).toMatch(/^jane-roe-[a-z]+-[a-z]+-\d{1,4}$/);
  expect(data.attributes.name).toBe('jane.roe');
});

describe('slug and name follow from the founder’s address', () => {
  const none = { free: [], disposable: [], educational: [] };
  test.each([
    // e-mail                          given                            slug             name
    ['dev@acme.test', {}, 'acme-test', 'acme.test'],
    ['dev@example.co.uk', {}, 'example-co-uk', 'example.co.uk'],
    ['dev@acme.test', { slug: 'mine', name: 'Mine' }, 'mine', 'Mine'],
    ['dev@acme.test', { slug: 'mine' }, 'mine', 'acme.test'],
    ['jane.roe@gmail.com', {}, 'jane-roe', 'jane.roe'],
    ['foo_bar@gmail.com', { slug: 'mine', name: 'Mine' }, 'foo-bar', 'foo_bar'],
    ['jörg.weiß@mailinator.com', {}, 'jorg-weiss', 'jörg.weiß'],
    ['x@cs.mit.edu', {}, 'x', 'x'],
    ['x@ox.ac.uk', {}, 'x', 'x'],
  ])('%s, given %j: %s, %s', (email, given, slug, name) => {
    expect(accountName(given, email, (domain) => domainClass(domain, none))).toMatchObject({ slug, name });
  });

  test.each([
    ['gmail.com', 'free'],
    ['icloud.com', 'free'],
    ['mailinator.com', 'disposable'],
    ['sydney.edu.au', 'educational'],
    ['edu.com', 'work'],
    ['school.example', 'educational'],
    ['keygen.sh', 'work'],
  ])('%s is %s', (domain, expected) => {
    expect(domainClass(domain, { ...none, educational: ['school.example'] })).toBe(expected);
  });

  test('runs of other characters become one dash', () => {
    expect(slugified('--a..b+c_d--')).toBe('a-b-c-d');
    expect(distinguished('')).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  });
});
