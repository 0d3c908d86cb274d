import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const entitlement = (attributes: Attributes = {}) => ({ data: { type: 'entitlements', attributes: { name: 'Name', code: 'CODE', ...attributes } } });

async function logs(): Promise<Wire[]> {
  await world.server.jobs.run();
  return world.server.sql('select * from request_logs where account_id = $1 order by created_at, id', [world.account.id]);
}
async function theLog(): Promise<Wire> {
  const all = await logs();
  expect(all).toHaveLength(1);
  return all[0];
}

test('a request is logged with what was asked, by whom, and what was answered', async () => {
  world.server.clock.freeze('2026-02-03T10:00:00.000Z');
  const admin = (await world.as('admin')).with({ 'user-agent': 'curl/8', accept: 'application/json', 'content-type': 'application/json', 'x-custom': 'no' });
  const { data, headers, body } = await admin.post(
    '/entitlements?token=secret&x=1',
    { ...entitlement({ metadata: { apiKey: 'topsecretapikey12345' } }), other: 1 },
    400,
  );
  expect(data).toBeUndefined();
  const made = await admin.post('/entitlements', entitlement({ metadata: { apiKey: 'topsecretapikey12345' } }), 201);
  await admin.get(`/entitlements/${made.data.id}`, 200);
  const [refused, created, shown] = await logs();
  const user = await world.server.find('user');
  expect(refused).toMatchObject({
    status: '400',
    url: `${world.base}/entitlements?token=[FILTERED]&x=1`,
    response_body: body,
    response_signature: headers['keygen-signature'],
  });
  expect(JSON.parse(refused.request_body)).toEqual(entitlement({ metadata: { apiKey: 'tops...2345' } }));
  expect(refused.id).toBe(JSON.parse(body).meta.id);
  expect(created).toMatchObject({
    method: 'POST',
    status: '201',
    ip: '127.0.0.1',
    user_agent: 'curl/8',
    requestor_type: 'users',
    requestor_id: user!.id,
    resource_type: null,
    request_headers: { Accept: 'application/json', 'Content-Type': 'application/json', Host: 'localhost' },
  });
  expect(JSON.parse(created.response_body).data.attributes.metadata).toEqual({ apiKey: 'tops...2345' });
  expect(created.response_headers).toMatchObject({
    'Content-Type': made.headers['content-type'],
    'Content-Length': String(Buffer.byteLength(made.body)),
    'Keygen-Account': world.account.id,
    'Keygen-Bearer': user!.id,
    'Keygen-Version': '1.8',
    'Keygen-Signature': made.headers['keygen-signature'],
    Date: 'Tue, 03 Feb 2026 10:00:00 GMT',
  });
  expect(Object.keys(created.request_headers)).not.toContain('X-Custom');
  expect(shown).toMatchObject({ resource_type: 'entitlements', resource_id: made.data.id, request_body: null });

  const listed = await admin.get('/request-logs?limit=1', 200);
  expect(listed.data[0].attributes).toMatchObject({
    status: '200',
    requestHeaders: null,
    requestBody: null,
    responseSignature: null,
    responseHeaders: null,
    responseBody: null,
  });
  const one = await admin.get(`/request-logs/${created.id}`, 200);
  expect(one.data.attributes).toEqual({
    url: `${world.base}/entitlements`,
    method: 'POST',
    status: '201',
    userAgent: 'curl/8',
    ip: '127.0.0.1',
    requestHeaders: created.request_headers,
    requestBody: created.request_body,
    responseSignature: created.response_signature,
    responseHeaders: created.response_headers,
    responseBody: created.response_body,
    created: '2026-02-03T10:00:00.000Z',
    updated: '2026-02-03T10:00:00.000Z',
  });
  expect(one.data.relationships.requestor).toEqual({ links: { related: `${world.base}/users/${user!.id}` }, data: { type: 'users', id: user!.id } });
  expect(one.data.relationships.resource).toEqual({ data: null });
  expect(await logs()).toHaveLength(3);
});

describe('whether a request is logged', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, (world: World) => Promise<unknown>, number]>([
    ['a list', async (w) => (await w.as('admin')).get('/entitlements', 200), 1],
    ['without authentication', (w) => w.anonymous().get('/entitlements', 401), 1],
    ['without permission', async (w) => (await w.as('read-only')).post('/entitlements', entitlement(), 403), 1],
    ['of a record that there is not', async (w) => (await w.as('admin')).get('/entitlements/none', 404), 1],
    ['of a bad environment', async (w) => (await w.as('admin')).in('none').get('/entitlements', 400), 1],
    ['that breaks a rule', async (w) => (await w.as('admin')).post('/entitlements', entitlement({ code: 'actions' }), 422), 1],
    ['to no route', async (w) => (await w.as('admin')).get('/nowhere', 404), 1],
    ['of an unsupported version', async (w) => (await w.as('admin')).at('9.9').get('/entitlements', 400), 0],
    ['with malformed JSON', async (w) => (await w.as('admin')).with(json).post('/entitlements', '{"data":', 400), 0],
    ['with a null byte', async (w) => (await w.as('admin')).post('/entitlements', entitlement({ name: 'a\0b' }), 400), 1],
    ['from the dashboard', async (w) => (await w.as('admin')).with({ origin: 'https://app.keygen.sh' }).get('/entitlements', 200), 0],
    ['from the distribution', async (w) => (await w.as('admin')).with({ origin: 'https://dist.keygen.sh' }).get('/entitlements', 200), 0],
    ['from our own dashboard', async (w) => (await w.as('admin')).with({ origin: 'https://portal.localhost' }).get('/entitlements', 200), 0],
    ['from elsewhere', async (w) => (await w.as('admin')).with({ origin: 'https://example.com' }).get('/entitlements', 200), 1],
    ['to the account', async (w) => (await w.as('admin')).get('', 200), 0],
    ['to settings', async (w) => (await w.as('admin')).get('/settings', 200), 0],
    ['to webhook endpoints', async (w) => (await w.as('admin')).get('/webhook-endpoints', 200), 0],
    ['to webhook events', async (w) => (await w.as('admin')).get('/webhook-events', 200), 0],
    ['to event logs', async (w) => (await w.as('admin')).get('/event-logs', 200), 0],
    ['to request logs', async (w) => (await w.as('admin')).get('/request-logs', 200), 0],
    ['to the ping', (w) => w.anonymous().get('/ping', 200), 0],
  ])('%s', async (_, send, expected) => {
    await send(world);
    expect(await logs()).toHaveLength(expected);
  });

  test('none of an unknown account', async () => {
    await world.server.inject({ url: '/v1/accounts/unknown/entitlements' });
    await world.server.jobs.run();
    expect(await world.server.sql('select id from request_logs')).toEqual([]);
  });
});

describe('what is kept', () => {
  test.each<[string, Attributes, Attributes]>([
    ['no agent', {}, { user_agent: null }],
    ['an empty agent', { 'user-agent': '' }, { user_agent: null }],
    ['an agent in UTF-8', { 'user-agent': Buffer.from('Caf\u00e9 \u{1f600}').toString('latin1') }, { user_agent: 'Caf? ?' }],
    ['an agent that is no text', { 'user-agent': 'Caf\u00e9' }, { user_agent: null }],
    ['when a proxy got it (s)', { 'x-request-start': 't=1770112799.500' }, { created_at: new Date('2026-02-03T09:59:59.500Z') }],
    ['when a proxy got it (ms)', { 'x-queue-start': '1770112799250' }, { created_at: new Date('2026-02-03T09:59:59.250Z') }],
    ['when a proxy will have got it', { 'x-request-start': '1770112801000' }, { created_at: new Date('2026-02-03T10:00:00.000Z') }],
    ['whom a proxy got it from', { 'x-forwarded-for': '198.51.100.7, 10.0.0.1' }, { ip: '198.51.100.7' }],
  ])('%s', async (_, headers, expected) => {
    world.server.clock.freeze('2026-02-03T10:00:00.000Z');
    await (await world.as('admin')).with(headers as Record<string, string>).get('/entitlements', 200);
    expect(await theLog()).toMatchObject(expected);
  });

  test.each<[string, string]>([
    ['?api_key=abc&name=x', '?api_key=[FILTERED]&name=x'],
    ['?meta%5Btoken%5D=abc', '?meta%5Btoken%5D=[FILTERED]'],
    ['?%74oken=abc&flag', '?%74oken=[FILTERED]&flag'],
    ['?x=token', '?x=token'],
  ])('of the query %s: %s', async (query, shown) => {
    await (await world.as('admin')).get(`/entitlements${query}`);
    expect((await theLog()).url).toBe(`${world.base}/entitlements${shown}`);
  });

  test.each<[string, string | null]>([
    [
      '{"data":{"type":"entitlements","first_name":"x"},"Meta":{"otp":123456},"other":1}',
      '{"meta":{"otp":"1...6"},"data":{"type":"entitlements","firstName":"x"}}',
    ],
    ['{"data":{"a":1.0,"b":12345678901234567890}}', '{"data":{"a":1.0,"b":12345678901234567890}}'],
    ['{"other":1}', null],
    ['', null],
  ])('of the body %s: %s', async (payload, kept) => {
    await (await world.as('admin')).with({ 'content-type': 'application/json' }).post('/entitlements', payload, 400);
    expect((await theLog()).request_body).toBe(kept);
  });

  test('of an instant in a body what was sent, not what it was read as', async () => {
    const license = await world.create('license');
    const body = { data: { type: 'licenses', attributes: { expiry: '2026-12-24' } } };
    await (await world.as('admin')).patch(`/licenses/${license.id}`, body, 200);
    expect(JSON.parse((await theLog()).request_body)).toEqual(body);
  });

  test('of an empty answer nothing', async () => {
    const { id } = await world.create('entitlement');
    await (await world.as('admin')).delete(`/entitlements/${id}`, undefined, 204);
    expect(await theLog()).toMatchObject({ status: '204', response_body: null });
  });
});

describe('filters', () => {
  const id = (n: number) => `0194c9a1-0000-7000-8000-${String(n).padStart(12, '0')}`;
  beforeEach(async () => {
    await world.create('request_log', {
      url: '/v1/Licenses?x=1',
      method: 'GET',
      status: '200',
      ip: '198.51.100.7',
      requestor_type: 'users',
      requestor_id: id(1),
    });
    await world.create('request_log', {
      url: '/v1/users',
      method: 'POST',
      status: '422',
      ip: '2001:db8::1',
      requestor_type: 'licenses',
      requestor_id: id(2),
      resource_type: 'users',
      resource_id: id(3),
    });
  });
  test.each<[string, string[]]>([
    ['ip=198.51', ['GET']],
    ['ip=2001:DB8', ['POST']],
    ['ip=51.100', []],
    ['method=post', ['POST']],
    ['method=pos', []],
    ['url=Licenses', ['GET']],
    ['url=licenses', []],
    ['url=%25', []],
    ['status=422', ['POST']],
    ['status=4', []],
    ['status=', ['GET', 'POST']],
    [`requestor=${id(1)}`, ['GET']],
    [`requestor[]=license&requestor[]=${id(2)}`, ['POST']],
    [`requestor[]=user&requestor[]=${id(2)}`, []],
    [`resource[type]=users&resource[id]=${id(3)}`, ['POST']],
  ])('%s', async (query, expected) => {
    const { data } = await (await world.as('admin')).get(`/request-logs?${query}`, 200);
    expect(data.map((item: Wire) => item.attributes.method).sort()).toEqual(expected);
  });
});

test('logs go when their time is over, and what they keep for 30 days only goes before', async () => {
  const ago = (days: number) => new Date(world.server.clock.now().getTime() - days * 86_400_000);
  const full = { ip: '1.1.1.1', user_agent: 'x', request_body: '{}', request_headers: {}, response_body: '{}', response_headers: {}, response_signature: 'x' };
  await world.create('request_log', { ...full, status: '1', created_at: ago(31), expires_at: ago(1) });
  await world.create('request_log', { ...full, status: '2', created_at: ago(31), expires_at: ago(-60) });
  await world.create('request_log', { ...full, status: '3', created_at: ago(29), expires_at: ago(-1) });
  await world.server.jobs.cron('request-logs.retention');
  const [emptied, kept, ...more] = await world.server.sql('select * from request_logs order by status');
  expect(more).toEqual([]);
  expect(emptied).toMatchObject({ status: '2', url: '/v1/licenses', ...Object.fromEntries(Object.keys(full).map((name) => [name, null])) });
  expect(kept).toMatchObject({ status: '3', ip: '1.1.1.1' });
});
