import { beforeEach, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';

let world: World;

beforeEach(async () => {
  world = await newWorld({ mode: 'multiplayer', config: { host: 'api.latchkey.test' } });
  await world.server.update('account', String(world.account.id), { slug: 'acme' });
  const product = await world.create('product', { distribution_strategy: 'OPEN' });
  const release = await world.create('release', { product_id: product.id, status: 'PUBLISHED', version: '1.2.3', tag: 'latest' });
  await world.create('release_artifact', { release_id: release.id, status: 'UPLOADED', filename: 'install.sh' });
  await world.create('release_artifact', { release_id: release.id, status: 'UPLOADED', filename: 'bin/app.zip' });
});

async function get(path: string, { version, host = 'get.latchkey.test', ...headers }: Record<string, string> = {}) {
  const sent = { accept: 'application/json', host, ...(version && { 'keygen-version': version }), ...headers };
  const { statusCode: status, headers: answered, body } = await world.server.inject({ url: path, headers: sent });
  return { status, headers: answered, json: body.startsWith('{') ? JSON.parse(body) : undefined };
}

test.each([
  ['/acme/latest', 'get', '1.8'],
  ['/acme/1.2.3', 'bin', '1.1'],
  ['/acme/latest/', 'get', '1.8'],
])('%s on %s. lists the artifacts of the release at %s', async (path, subdomain, version) => {
  const { status, headers, json } = await get(path, { host: `${subdomain}.latchkey.test`, version });
  expect([status, json.data.length, json.data[0].attributes.key]).toEqual([200, 2, undefined]);
  expect(headers['keygen-signature']).toContain(String(world.account.id));
});

test.each([
  ['/acme/latest/install.sh', '1.8', 303],
  ['/acme/1.2.3/bin/app.zip', '1.8', 303],
  ['/acme/latest/none', '1.8', 404],
  ['/acme/install.sh', '1.8', 404],
  ['/acme/install.sh', '1.0', 303],
  ['/acme/bin/app.zip', '1.0', 303],
  ['/acme/latest/install.sh', '1.0', 404],
  ['/acme', '1.8', 404],
  ['/nobody/latest', '1.8', 404],
])('%s at %s answers %i', async (path, version, expected) => {
  const { status, headers, json } = await get(path, { version, accept: 'text/html' });
  expect(status).toBe(expected);
  if (expected !== 303) return;
  expect(headers.location).toContain(json.data.attributes.filename);
  expect(json.data.attributes.key).toBe(version === '1.0' ? json.data.attributes.filename : undefined);
});

test('the version of the account chooses the form, and 1.0 lists all artifacts of the account', async () => {
  await world.server.update('account', String(world.account.id), { api_version: '1.0' });
  const { status, json } = await get('/acme');
  expect([status, json.data.length, json.data[0].attributes.key]).toEqual([200, 2, json.data[0].attributes.filename]);
});

test('credentials come in the query, and are refused like those of the long forms', async () => {
  const policy = await world.create('policy', { authentication_strategy: 'LICENSE' });
  const license = await world.create('license', { policy_id: policy.id });
  expect((await get(`/acme/latest/install.sh?auth=license:${license.key}`)).status).toBe(303);
  expect((await get('/acme/latest?token=none')).json.errors[0].code).toBe('TOKEN_INVALID');
  expect((await get('/acme/latest?prefer=no-download&limit=1&page[number]=1')).json.links.self).toBe(
    '/acme/latest?limit=1&page%5Bnumber%5D=1&page%5Bsize%5D=1&prefer=no-download',
  );
});

test('nobody sees by them what the long forms hide', async () => {
  await world.server.sql("update products set distribution_strategy = 'LICENSED'");
  for (const path of ['/acme/latest', '/acme/latest/install.sh']) expect((await get(path)).status).toBe(404);
});

test('they are in no request log, and tell of downloads as the long forms do', async () => {
  await get('/acme/latest/install.sh');
  expect(await world.emitted()).toEqual(['artifact.downloaded', 'release.downloaded']);
  expect(await world.count('request_logs')).toBe(0);
});

test.each([
  ['another host', '/acme/latest', { host: 'api.latchkey.test' }, 404],
  ['another host, by the path inside', '/-/short-urls/acme/latest', { host: 'api.latchkey.test' }, 404],
  ['what every host answers', '/v1/ping', {}, 200],
  ['a path of the API', '/v1/accounts/acme/releases', {}, 200],
])('%s: %s', async (_, path, headers, expected) => {
  expect((await get(path, headers)).status).toBe(expected);
});

test('only reading has short forms', async () => {
  const { statusCode } = await world.server.inject({ method: 'POST', url: '/acme/latest', headers: { host: 'get.latchkey.test' } });
  expect(statusCode).toBe(404);
});

test('a server of one account has none', async () => {
  world = await newWorld({ config: { host: 'api.latchkey.test' } });
  await world.server.update('account', String(world.account.id), { slug: 'acme', api_version: '1.0' });
  expect((await get('/acme')).status).toBe(404);
});
