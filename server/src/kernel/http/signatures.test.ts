/** Response signatures over HTTP, verified as clients do: with public keys and the exact bytes (spec/http.md 12). */
import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { request } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../../test/kit.ts';

let world: World;
let auth: Record<string, string>;
let keys: Record<'ed25519' | 'rsa' | 'ecdsa', KeyObject>;

beforeEach(async () => {
  world = await newWorld();
  const user = await world.create('user', { role: 'admin' });
  auth = { authorization: `Bearer ${(await world.create('token', { bearer_id: user.id })).secret}` };
  const account: Wire = await world.server.find('account', { id: world.account.id });
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(account.ed25519_public_key, 'hex')]);
  keys = {
    ed25519: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    rsa: createPublicKey(account.rsa_public_key),
    ecdsa: createPublicKey(account.ecdsa_public_key),
  };
});

const algorithms = {
  ed25519: (data: Buffer, signature: Buffer) => verify(null, data, keys.ed25519, signature),
  'rsa-pss-sha256': (data: Buffer, signature: Buffer) =>
    verify('sha256', data, { key: keys.rsa, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 222 }, signature),
  'rsa-sha256': (data: Buffer, signature: Buffer) => verify('sha256', data, keys.rsa, signature),
  'ecdsa-p256': (data: Buffer, signature: Buffer) => verify('sha256', data, keys.ecdsa, signature),
};
type Algorithm = keyof typeof algorithms;

interface Got {
  headers: Record<string, string | string[] | undefined>;
  rawPayload: Buffer;
}

/** @returns what the answer says it was signed with */
function verified({ headers, rawPayload }: Got, method: string, target: string, host = 'localhost', body = rawPayload): string {
  const digest = `sha-256=${createHash('sha256').update(body).digest('base64')}`;
  expect(headers).toMatchObject({ digest, 'keygen-digest': digest, 'keygen-date': headers.date });
  expect(headers.date).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
  const [, keyid, algorithm, signature] =
    /^keyid="([^"]+)", algorithm="([^"]+)", signature="([^"]+)", headers="\(request-target\) host date digest"$/.exec(String(headers['keygen-signature'])) ??
    [];
  expect(keyid).toBe(world.account.id);
  const text = `(request-target): ${method.toLowerCase()} ${target}\nhost: ${host}\ndate: ${headers.date}\ndigest: ${digest}`;
  expect(algorithms[algorithm!.toLowerCase() as Algorithm](Buffer.from(text), Buffer.from(signature!, 'base64'))).toBe(true);
  expect(Buffer.from(signature!, 'base64').toString('base64')).toBe(signature);
  expect(verify('sha256', body, keys.rsa, Buffer.from(String(headers['x-signature']), 'base64'))).toBe(true);
  return algorithm!;
}

const ask = (method: string, url: string, headers: Record<string, string> = {}, payload?: string) =>
  world.server.inject({ method, url, headers: { ...auth, ...headers }, ...(payload !== undefined && { payload }) });

describe.each(Object.keys(algorithms) as Algorithm[])('%s signs', (algorithm) => {
  const accept = { 'keygen-accept-signature': `algorithm="${algorithm}"` };
  test('successes, errors, empty answers and HEAD', async () => {
    const { id } = await world.create('entitlement', { name: 'Ünïcode' });
    const at = `${world.base}/entitlements`;
    const cases: [string, string, number, Record<string, string>, string?][] = [
      ['GET', at, 200, {}],
      ['GET', `/v1/accounts/${world.account.slug}/entitlements?page[size]=5&page%5bnumber%5D=1&limit=1`, 200, {}],
      ['GET', '/v1//entitlements/', 200, {}],
      ['HEAD', at, 200, {}],
      ['GET', `${at}/none`, 404, {}],
      ['GET', at, 401, { authorization: 'Bearer wrong' }],
      ['POST', at, 400, {}, '{}'],
      ['POST', at, 422, {}, '{"data":{"type":"entitlements","attributes":{"name":"a","code":"actions"}}}'],
      ['POST', at, 400, {}, '{"data":{"type":"entitlements","attributes":{"name":"a\\u0000","code":"a"}}}'],
      ['GET', at, 400, { 'keygen-environment': 'none' }],
      ['DELETE', `${at}/${id}`, 204, {}],
    ];
    for (const [method, url, status, headers, payload] of cases) {
      const response = await ask(method, url, { ...accept, ...headers }, payload);
      expect([method, url, response.statusCode]).toEqual([method, url, status]);
      const body = method === 'HEAD' ? (await ask('GET', url, headers)).rawPayload : response.rawPayload;
      if (status !== 400 || !headers['keygen-environment']) expect(verified(response, method, url, 'localhost', body)).toBe(algorithm);
      if (status === 204) expect(response.headers.digest).toBe('sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
    }
  });
});

test('a refusal before the accept header is read is signed with the default', async () => {
  const response = await ask('GET', `${world.base}/entitlements`, { 'keygen-environment': 'none', 'keygen-accept-signature': 'algorithm="rsa-sha256"' });
  expect(response.statusCode).toBe(400);
  expect(verified(response, 'GET', `${world.base}/entitlements`)).toBe('ed25519');
});

describe('Keygen-Accept-Signature', () => {
  test.each([
    ['', 'ed25519'],
    ['  ', 'ed25519'],
    ['algorithm="RSA-SHA256"', 'RSA-SHA256'],
    ['ALGORITHM="Ed25519";', 'Ed25519'],
    ['algorithm="ed25519"; ', 'ed25519'],
    ['keyid="ID", algorithm="rsa-sha256"', 'rsa-sha256'],
    ['keyid="ID" , algorithm="rsa-sha256";', 'rsa-sha256'],
    ['keyid="ID",algorithm="rsa-sha256"', 'rsa-sha256'],
  ])('%j is signed with %s', async (header, expected) => {
    const response = await ask('GET', `${world.base}/entitlements`, { 'keygen-accept-signature': header.replace('ID', String(world.account.id)) });
    expect(verified(response, 'GET', `${world.base}/entitlements`)).toBe(expected);
  });
  test.each([
    ['<algorithm:rsa>', 'malformed'],
    ['algorithm=ed25519', 'malformed'],
    ['keyid="1" algorithm="ed25519"', 'malformed'],
    ['algorithm="ed25519", keyid="1"', 'malformed'],
    ['keyid="1"', 'malformed'],
    ['algorithm="ed25519" x', 'malformed'],
    ['algorithm="rsa-sha1"', 'unsupported algorithm'],
    ['algorithm=""', 'unsupported algorithm'],
    ['keyid="1", algorithm="rsa-sha1"', 'unsupported algorithm'],
    ['keyid="1", algorithm="ed25519"', 'keyid not found'],
    ['keyid="", algorithm="ed25519"', 'keyid not found'],
  ])('%j is %s, before authentication', async (header, reason) => {
    const response = await ask('GET', `${world.base}/entitlements`, { 'keygen-accept-signature': header, authorization: 'Bearer wrong' });
    expect([response.statusCode, JSON.parse(response.body).errors]).toEqual([
      400,
      [{ title: 'Bad request', detail: `invalid accept-signature header (${reason})` }],
    ]);
    expect(response.headers['keygen-signature']).toBeUndefined();
    expect(verify('sha256', response.rawPayload, keys.rsa, Buffer.from(String(response.headers['x-signature']), 'base64'))).toBe(true);
  });
});

test('the bytes on a socket are the signed ones, and its host without port', async () => {
  const target = `${world.base}/entitlements?page[size]=5&page[number]=1&a=%7e`;
  const { port } = new URL(world.server.url);
  const response = await new Promise<Got>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, headers: { ...auth, host: `Localhost:${port}` } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ headers: answer.headers, rawPayload: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end();
  });
  verified(response, 'GET', target);
});

test.each([
  [false, undefined],
  [new Date('2020-01-01'), undefined],
  [new Date('2999-01-01'), 'string'],
])('the legacy signature with legacySignatures %j: %s', async (legacySignatures, expected) => {
  const other = await newWorld({ config: { legacySignatures } });
  const { headers } = await other.server.inject({ url: `${other.base}/entitlements` });
  expect(headers['keygen-signature']).toBeDefined();
  expect(headers['x-signature'] === undefined ? undefined : typeof headers['x-signature']).toBe(expected);
});
