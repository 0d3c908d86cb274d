/** Every row of spec/auth.md 2 and 3, through a server. */
import { hashSync } from 'bcryptjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const docs = 'https://keygen.sh/docs/api/authentication/';
const standard = 'You must be authenticated to complete the request';
const basic = (text: string | Buffer) => `Basic ${Buffer.from(text as string).toString('base64')}`;
const withAuth = (authorization: string): Client => world.anonymous().with({ authorization });

test.each([
  // authorization                                            code                     detail      about                              scheme
  [undefined, 'TOKEN_MISSING', standard, docs, 'Bearer'],
  ['Bearer ', 'TOKEN_MISSING', standard, docs, 'Bearer'],
  ['License ', 'TOKEN_MISSING', standard, docs, 'License'],
  ['digest x', 'TOKEN_MISSING', standard, docs, 'Digest'],
  [basic(''), 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Basic'],
  [basic('license:'), 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Basic'],
  [basic('ada@example.com:secret'), 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Basic'],
  ['TOKEN user-abc', 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Token'],
  ['Bearer user-abcv3', 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Bearer'],
  ['Bearer user-abcv2', 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Bearer'],
  ['Bearer user-abcv1', 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Bearer'],
  ['Bearer user-abcv9', 'TOKEN_INVALID', standard, `${docs}#token-authentication`, 'Bearer'],
  [
    'Bearer 01a213ee-2975-7000-83b3-dcb08785da4d',
    'TOKEN_FORMAT_INVALID',
    "Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)",
    `${docs}#token-authentication`,
    'Bearer',
  ],
  ['Bearer 01a213ee2975700083b3dcb08785da4d', 'TOKEN_FORMAT_INVALID', expect.any(String), `${docs}#token-authentication`, 'Bearer'],
  ['License nope', 'LICENSE_INVALID', standard, `${docs}#license-authentication`, 'License'],
  [basic('license:nope'), 'LICENSE_INVALID', standard, `${docs}#license-authentication`, 'Basic'],
])('%j is refused: %s', async (authorization, code, detail, about, scheme) => {
  const { errors, headers } = await (authorization === undefined ? world.anonymous() : withAuth(authorization)).get('/me', 401);
  expect(errors).toEqual([{ title: 'Unauthorized', detail, code, links: { about } }]);
  expect(headers['www-authenticate']).toBe(`${scheme} realm="keygen"`);
  expect([headers['keygen-bearer'], headers['keygen-token']]).toEqual([undefined, undefined]);
});

test.each([
  ['Bearer, no UTF-8', Buffer.from('Bearer \xff', 'latin1').toString('latin1'), 'invalid byte sequence'],
  ['Basic, no UTF-8', basic(Buffer.from([0x61, 0xff, 0x40, 0x62, 0x2e, 0x63, 0x6f, 0x3a, 0x78])), 'invalid byte sequence'],
  ['a license key with a NUL', basic('license:a\0b'), 'unexpected null byte'],
])('%s: 400', async (_, authorization, words) => {
  const { errors, headers } = await withAuth(authorization).post('/tokens', undefined, 400);
  expect(errors[0]).toMatchObject({ code: 'ENCODING_INVALID', detail: expect.stringContaining(words) });
  expect(headers['keygen-signature']).toBeDefined();
});

test('where credentials are optional, none is fine, but a bad one is refused', async () => {
  const body = { data: { type: 'users', attributes: { email: 'a@example.com' } } };
  await withAuth('Bearer nope').post('/users', body, 401);
  await withAuth('License nope').post('/users', body, 401);
  await withAuth(basic('')).post('/users', body, 201);
});

describe('a token', () => {
  let user: Wire;
  let token: Wire;
  beforeEach(async () => {
    user = await world.create('user');
    token = await world.create('token', { bearer_id: user.id });
  });

  test('names itself and its bearer in the headers, whichever way it is sent', async () => {
    for (const client of [
      withAuth(`Bearer ${token.secret}`),
      withAuth(`token token="${token.secret}"`),
      withAuth(basic(`${token.secret}:`)),
      withAuth(basic(`token:${token.secret}`)),
    ]) {
      const { headers } = await client.get('/me', 200);
      expect([headers['keygen-account'], headers['keygen-bearer'], headers['keygen-token']]).toEqual([world.account.id, user.id, token.id]);
    }
    for (const query of [`token=${token.secret}`, `auth=token:${token.secret}`]) await world.anonymous().get(`/me?${query}`, 200);
    const { headers } = await withAuth(`Bearer ${token.secret}`).at('1.3').get('/me', 200);
    expect([headers['keygen-bearer-id'], headers['keygen-token-id'], headers['keygen-bearer']]).toEqual([user.id, token.id, undefined]);
  });

  test('is not kept in links', async () => {
    const { links } = await world.anonymous().get(`/licenses?token=${token.secret}&page[number]=1&page[size]=5`, 200);
    expect(JSON.stringify(links)).not.toContain('token');
  });

  test('that has expired is refused but named', async () => {
    await world.server.update('token', token.id, { expiry: '2020-01-01T00:00:00.000Z' });
    const { errors, headers } = await withAuth(`Bearer ${token.secret}`).get('/me', 401);
    expect(errors).toEqual([{ title: 'Unauthorized', detail: 'Token is expired', code: 'TOKEN_EXPIRED' }]);
    expect([headers['keygen-bearer'], headers['keygen-token']]).toEqual([undefined, token.id]);
  });

  test('of a banned user is refused but named', async () => {
    await world.server.update('user', user.id, { banned_at: '2020-01-01T00:00:00.000Z' });
    const { errors, headers } = await withAuth(`Bearer ${token.secret}`).get('/me', 403);
    expect(errors).toEqual([{ title: 'Access denied', detail: 'User is banned', code: 'USER_BANNED' }]);
    expect([headers['keygen-bearer'], headers['keygen-token']]).toEqual([undefined, token.id]);
  });

  test('that has expired says so before the ban of its user', async () => {
    await world.server.update('user', user.id, { banned_at: '2020-01-01T00:00:00.000Z' });
    await world.server.update('token', token.id, { expiry: '2020-01-01T00:00:00.000Z' });
    expect((await withAuth(`Bearer ${token.secret}`).get('/me', 401)).errors[0].code).toBe('TOKEN_EXPIRED');
  });

  test('of a bearer that is gone, or of another account, is unknown', async () => {
    await world.server.sql('delete from users where id = $1', [user.id]);
    expect((await withAuth(`Bearer ${token.secret}`).get('/me', 401)).errors[0].code).toBe('TOKEN_INVALID');
    const account = await world.server.create('account');
    const other = await world.server.create('token', { account_id: account.id });
    expect((await withAuth(`Bearer ${other.secret}`).get('/me', 401)).errors[0].code).toBe('TOKEN_INVALID');
  });

  test('of the first kind is still known by its digest', async () => {
    const first = `${String(world.account.id).replaceAll('-', '')}.${token.id.replaceAll('-', '')}.${'ab'.repeat(31)}v1`;
    await world.server.update('token', token.id, { secret: first });
    await withAuth(`Bearer ${first}`).get('/me', 200);
    await withAuth(`Bearer ${first.replace('ababv1', 'cdcdv1')}`).get('/me', 401);
  });

  test('of the second kind is still known by its digest', async () => {
    const second = `user-${'ab'.repeat(31)}v2`;
    await world.server.update('token', token.id, { secret: second });
    await withAuth(`Bearer ${second}`).get('/me', 200);
    await withAuth(`Bearer ${second.replace('ababv2', 'cdcdv2')}`).get('/me', 401);
  });
});

test('what is stored of a legacy encrypted key is no credential', async () => {
  const policy = await world.create('policy', { encrypted: true, authentication_strategy: 'LICENSE' });
  const { id } = await world.create('license', { policy_id: policy.id });
  const [stored] = await world.server.sql('select key from licenses where id = $1', [id]);
  expect(stored!.key).toMatch(/^\$2/);
  const { errors } = await withAuth(`License ${stored!.key}`).get('/me', 401);
  expect(errors[0].code).toBe('LICENSE_INVALID');
});

describe('the authentication strategy of a policy', () => {
  test.each([
    // strategy        token  key
    ['TOKEN', 200, 403],
    [null, 200, 403],
    ['LICENSE', 403, 200],
    ['SESSION', 403, 403],
    ['MIXED', 200, 200],
    ['NONE', 403, 403],
  ])('%s: token %d, key %d', async (strategy, byToken, byKey) => {
    const policy = await world.create('policy', { authentication_strategy: strategy });
    const license = await world.create('license', { policy_id: policy.id });
    const sent = await (await world.as('license', license)).get('/me', byToken);
    if (byToken === 403) {
      expect(sent.errors).toEqual([
        {
          title: 'Access denied',
          detail: 'Token authentication is not allowed by policy',
          code: 'TOKEN_NOT_ALLOWED',
          links: { about: `${docs}#token-authentication` },
        },
      ]);
      expect(sent.headers['keygen-token']).toBeDefined();
    }
    for (const client of [world.withKey(license), withAuth(basic(`license:${license.key}`))]) {
      const { errors } = await client.get('/me', byKey);
      if (byKey === 403)
        expect(errors).toEqual([
          {
            title: 'Access denied',
            detail: 'License key authentication is not allowed by policy',
            code: 'LICENSE_NOT_ALLOWED',
            links: { about: `${docs}#license-authentication` },
          },
        ]);
    }
  });
});

describe('a license', () => {
  const past = '2020-01-01T00:00:00.000Z';
  test.each([
    // license                 policy                                    owner                     key                      token
    ['plain', {}, {}, undefined, undefined, undefined],
    ['of a banned owner', {}, {}, { banned_at: past }, 'LICENSE_BANNED', 'USER_BANNED'],
    ['suspended', { suspended: true }, {}, undefined, 'LICENSE_SUSPENDED', undefined],
    ['suspended and banned', { suspended: true }, {}, { banned_at: past }, 'LICENSE_BANNED', 'USER_BANNED'],
    ['banned, and not allowed at all', {}, { authentication_strategy: 'NONE' }, { banned_at: past }, 'LICENSE_BANNED', 'USER_BANNED'],
    ['suspended and expired', { suspended: true, expiry: past }, { expiration_strategy: 'REVOKE_ACCESS' }, undefined, 'LICENSE_SUSPENDED', undefined],
    ['expired, nothing said of access', { expiry: past }, { expiration_strategy: null }, undefined, 'LICENSE_EXPIRED', undefined],
    ['expired, access maintained', { expiry: past }, { expiration_strategy: 'MAINTAIN_ACCESS' }, undefined, undefined, undefined],
    ['expired, access revoked', { expiry: past }, { expiration_strategy: 'REVOKE_ACCESS' }, undefined, 'LICENSE_EXPIRED', undefined],
    ['expired, access restricted', { expiry: past }, { expiration_strategy: 'RESTRICT_ACCESS' }, undefined, undefined, undefined],
    [
      'expired and not allowed',
      { expiry: past },
      { expiration_strategy: 'REVOKE_ACCESS', authentication_strategy: 'TOKEN' },
      undefined,
      'LICENSE_EXPIRED',
      undefined,
    ],
  ])('%s', async (_, attributes, policy, owner, byKey, byToken) => {
    const { id } = await world.create('policy', { authentication_strategy: 'MIXED', ...policy });
    const ownedBy = owner && { owner_id: (await world.create('user', owner)).id };
    const license = await world.create('license', { policy_id: id, ...attributes, ...ownedBy });
    const keyed = await world.withKey(license).get('/me', byKey ? 403 : 200);
    expect(keyed.errors?.[0].code).toBe(byKey);
    expect([keyed.headers['keygen-token'], keyed.headers['keygen-bearer']]).toEqual([undefined, byKey ? undefined : license.id]);
    const sent = await (await world.as('license', license)).get('/me', byToken ? 403 : 200);
    expect(sent.errors?.[0].code).toBe(byToken);
  });

  test('key in the query works, too', async () => {
    const { id } = await world.create('policy', { authentication_strategy: 'LICENSE' });
    const license = await world.create('license', { policy_id: id, key: 'a key+with:everything' });
    await world.anonymous().get(`/me?auth=${encodeURIComponent(`license:${license.key}`)}`, 200);
    await withAuth(`License ${license.key}`).get('/me', 200);
  });
});

describe('credentials and environments', () => {
  test.each([
    // of                where      found
    ['global', undefined, true],
    ['global', 'isolated', false],
    ['global', 'shared', true],
    ['isolated', undefined, false],
    ['isolated', 'isolated', true],
    ['isolated', 'shared', false],
    ['shared', undefined, false],
    ['shared', 'shared', true],
    ['shared', 'isolated', false],
  ] as const)('of %s in %s: %s', async (of, where, found) => {
    const isolated = await world.create('environment');
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const byName = { global: null, isolated, shared };
    const environment_id = byName[of]?.id ?? null;
    const policy = await world.create('policy', { authentication_strategy: 'MIXED', environment_id });
    const license = await world.create('license', { policy_id: policy.id, environment_id });
    const user = await world.create('user', { role: 'admin', environment_id });
    const status = found ? 200 : 401;
    for (const client of [world.withKey(license), await world.as('license', license), await world.as('admin', user)])
      await (where ? client.in(byName[where]) : client).get('/me', status);
  });

  test('an environment acts in itself, however it is named', async () => {
    const environment = await world.create('environment');
    const client = await world.as('environment', environment);
    await client.get('/me', 401);
    await client.in(environment).get('/me', 200);
    await client.in(String(environment.id)).get('/me', 200);
    await client.get(`/me?environment=${environment.code}`, 200);
    expect((await client.in('nope').get('/me', 400)).errors[0].code).toBe('ENVIRONMENT_INVALID');
    expect((await withAuth('Bearer nope').in('nope').get('/me', 400)).errors[0].code).toBe('ENVIRONMENT_INVALID');
  });
});

describe('e-mail and password', () => {
  const source = { header: 'Authorization' };
  test.each([
    // username:password           code                       detail
    ['ada@:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['ada@example:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['a da@example.com:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['ada@b@example.com:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['ada@example.c:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['ada@exam\0ple.com:secret', 'EMAIL_REQUIRED', 'email is required'],
    ['nobody@example.com:secret', 'EMAIL_INVALID', 'email must be valid'],
    ['none@example.com:secret', 'PASSWORD_NOT_SUPPORTED', 'password is unsupported'],
    ['none@example.com:', 'PASSWORD_NOT_SUPPORTED', 'password is unsupported'],
    ['ada@example.com:', 'PASSWORD_REQUIRED', 'password is required'],
    ['ada@example.com: ', 'PASSWORD_REQUIRED', 'password is required'],
    ['ada@example.com:wrong', 'PASSWORD_INVALID', 'password must be valid'],
    ['ada@example.com:secret\0', 'PASSWORD_INVALID', 'password must be valid'],
  ])('%j: %s', async (text, code, detail) => {
    await world.create('user', { email: 'ada@example.com', password: 'secret' });
    await world.create('user', { email: 'none@example.com', password: null });
    const { errors, headers } = await withAuth(basic(text)).post('/tokens', undefined, 401);
    expect(errors).toEqual([{ title: 'Unauthorized', detail, code, source }]);
    expect(headers['www-authenticate']).toBe('Basic realm="keygen"');
    const older = await withAuth(basic(text)).at('1.7').post('/tokens', undefined, 401);
    expect(older.errors).toEqual([{ title: 'Unauthorized', detail: 'email and password must be valid', code: 'CREDENTIALS_INVALID', source }]);
  });

  test('older versions keep the other codes', async () => {
    expect((await withAuth('Bearer nope').at('1.0').post('/tokens', undefined, 401)).errors[0].code).toBe('TOKEN_INVALID');
    expect((await world.anonymous().at('1.0').post('/tokens', undefined, 401)).errors[0].code).toBe('TOKEN_MISSING');
  });

  test('let a user in, in any case and by a sloppy client', async () => {
    await world.create('user', { email: 'ada@example.com', password: 'secret' });
    await withAuth(basic('ADA@Example.com:secret')).post('/tokens', undefined, 201);
    await withAuth(`Basic "${Buffer.from('ada@example.com:secret').toString('base64').replaceAll('=', '')}"`).post('/tokens', undefined, 201);
    await withAuth(basic('ada@example.com:secret')).get('/me', 401);
  });

  test('of an imported user let him in, and leave another digest', async () => {
    const { id } = await world.create('user', { email: 'ada@example.com' });
    await world.server.sql('update users set password_digest = $1 where id = $2', [hashSync('secret', 4), id]);
    for (const expected of [/^\$argon2id/, /^\$argon2id/]) {
      await withAuth(basic('ada@example.com:secret')).post('/tokens', undefined, 201);
      expect((await world.server.find('user', { id }))!.password_digest).toMatch(expected);
    }
  });

  test('of a banned user are right, but he gets no token', async () => {
    await world.create('user', { email: 'ada@example.com', password: 'secret', banned_at: '2020-01-01' });
    const { errors } = await withAuth(basic('ada@example.com:secret')).post('/tokens', undefined, 403);
    expect(errors).toEqual([{ title: 'Access denied', detail: 'You do not have permission to complete the request (user is banned)' }]);
  });

  test('of a user without any permission are right, but he gets no token', async () => {
    await world.create('user', { email: 'ada@example.com', password: 'secret', permissions: [] });
    const { errors } = await withAuth(basic('ada@example.com:secret')).post('/tokens', undefined, 403);
    expect(errors[0].detail).toBe('You do not have permission to complete the request (user lacks permission to perform action)');
  });
});
