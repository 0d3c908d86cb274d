import { hash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, inParallel, newWorld, type Wire, World } from '../../test/kit.ts';
import stored from '../../test/vectors/keys.json' with { type: 'json' };
import vectors from '../../test/vectors/license-keys.json' with { type: 'json' };
import { loadKeys } from '../kernel/crypto/account-keys.ts';
import { type KeyScheme, keySchemes, openKey } from '../kernel/crypto/key-schemes.ts';
import { isLegacyKey } from '../kernel/crypto/plain-keys.ts';
import { defaultSeed, fillTemplate, type KeySubject } from './license.key.ts';

const keys = loadKeys(stored.stored);
const deterministic = new Set(['RSA_2048_PKCS1_ENCRYPT', 'RSA_2048_PKCS1_SIGN', 'RSA_2048_PKCS1_SIGN_V2', 'ED25519_SIGN', 'RSA_2048_JWT_RS256']);

const vector = vectors.keys.find(({ scheme }) => scheme === 'RSA_2048_PKCS1_SIGN')!;
const subject: KeySubject = {
  id: vectors.licenseId,
  accountId: vectors.accountId,
  productId: '0b9a1c7e-5f0d-4a53-8a3b-0f6f6b7d1a02',
  createdAt: new Date('2024-01-31T08:00:00.000Z'),
  expiry: new Date('2025-01-31T08:00:00.000Z'),
  policy: { id: '7e0f6a55-9a54-4c56-9a1e-4a3c2d1e0f03', duration: 31_556_952, scheme: 'RSA_2048_PKCS1_SIGN', encrypted: false },
  owner: { id: '4f0c2a8e-1d3b-4e5f-8a9b-0c1d2e3f4a05', email: 'jane@customer.example' },
};
const perpetual: KeySubject = { ...subject, expiry: null, owner: null, policy: { ...subject.policy, duration: null } };

describe('what a key embeds when none was given', () => {
  test('the license and what it belongs to, byte for byte', () => {
    expect(defaultSeed('RSA_2048_PKCS1_SIGN', subject, 'x')).toBe(vector.seed);
    expect(defaultSeed('ED25519_SIGN', perpetual, 'x')).toBe(
      `{"account":{"id":"${subject.accountId}"},"product":{"id":"${subject.productId}"},"policy":{"id":"${subject.policy.id}","duration":null},"user":null,"license":{"id":"${subject.id}","created":"2024-01-31T08:00:00.000Z","expiry":null}}`,
    );
  });

  test('little, where little fits', () => {
    expect(defaultSeed('RSA_2048_PKCS1_ENCRYPT', subject, 'x')).toBe(vectors.keys.find(({ scheme }) => scheme === 'RSA_2048_PKCS1_ENCRYPT')!.seed);
  });

  test('claims, in their order, with an end only where there is one', () => {
    const claims = JSON.parse(defaultSeed('RSA_2048_JWT_RS256', subject, 'https://keygen.sh'));
    expect(Object.keys(claims)).toEqual(['jti', 'iss', 'aud', 'sub', 'iat', 'nbf', 'exp']);
    const rest = { iss: 'https://keygen.sh', aud: subject.accountId, sub: subject.id, iat: 1706688000, nbf: 1706688000, exp: 1738310400 };
    expect(claims).toEqual({ ...rest, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(JSON.parse(defaultSeed('RSA_2048_JWT_RS256', perpetual, 'x'))).not.toHaveProperty('exp');
  });
});

describe('templates', () => {
  test.each([
    ['{{account}}/{{product}}/{{policy}}', `${subject.accountId}/${subject.productId}/${subject.policy.id}`],
    ['{{user}} {{email}} {{id}}', `${subject.owner!.id} jane@customer.example ${subject.id}`],
    ['{{created}} {{expiry}} {{duration}}', '2024-01-31T08:00:00.000Z 2025-01-31T08:00:00.000Z 31556952'],
    ['{{ID}}{{Id}}', `${subject.id}${subject.id}`],
    ['[{{bar}}{{1}}{{constructor}}]', '[]'],
    ['{{ id }}', '{{ id }}'],
    ['{{{{private_key}}}}', '{{}}'],
    ['plain', 'plain'],
  ])('%s', (text, filled) => expect(fillTemplate(text, subject)).toBe(filled));

  test('nulls become nothing', () => expect(fillTemplate('<{{user}}{{email}}{{expiry}}{{duration}}>', perpetual)).toBe('<>'));
});

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (policy: Wire, attributes: object = {}, data: object = {}) => ({
  data: { type: 'licenses', ...data, attributes, relationships: { policy: { data: { type: 'policies', id: policy.id } } } },
});

/** Goes on in an account with these keys. */
async function withKeys(pair: Attributes): Promise<void> {
  await world.server.reset();
  world = new World(world.server, await world.server.create('account', pair));
}

const { stored: pair } = stored;
const known = () =>
  withKeys({
    rsa_private_key: pair.rsaPrivateKey,
    rsa_public_key: pair.rsaPublicKey,
    ed25519_private_key: pair.ed25519PrivateKey,
    ed25519_public_key: pair.ed25519PublicKey,
    ecdsa_private_key: pair.ecdsaPrivateKey,
    ecdsa_public_key: pair.ecdsaPublicKey,
  });

const claims = '{ "a": 1, "exp": 1738310400 }';
const seedFor = (scheme: string) => (scheme === 'RSA_2048_JWT_RS256' ? claims : '{{ID}} for {{nobody}}x');

describe.each(keySchemes)('%s', (scheme) => {
  test('a given key is filled in and embedded; the license is found by the signed one, and says so in its next life', async () => {
    await known();
    const policy = await world.create('policy', { scheme });
    const admin = await world.as('admin');
    const { data } = await admin.post('/licenses', body(policy, { key: seedFor(scheme) }), 201);
    const { key } = data.attributes;
    expect(data.attributes.scheme).toBe(scheme);
    expect(openKey(scheme, key, keys)).toBe(scheme === 'RSA_2048_JWT_RS256' ? '{"a":1,"exp":1738310400}' : `${data.id} for x`);
    expect((await admin.get(`/licenses/${encodeURIComponent(key)}`, 200)).data.id).toBe(data.id);
    const { data: renamed } = await admin.patch(`/licenses/${data.id}`, { data: { type: 'licenses', attributes: { name: 'B' } } }, 200);
    expect(renamed.attributes.key).toBe(key);
  });

  test('without a given key the default dataset is embedded', async () => {
    await known();
    const policy = await world.create('policy', { scheme, duration: 31_556_952 });
    const { data } = await (await world.as('admin')).post('/licenses', body(policy), 201);
    const { created, expiry, key } = data.attributes;
    const embedded = openKey(scheme, key, keys)!;
    expect(embedded).toContain(data.id);
    if (scheme !== 'RSA_2048_JWT_RS256') expect(embedded).toContain(`"created":"${created}"`);
    if (scheme !== 'RSA_2048_JWT_RS256') expect(embedded).toContain(`"expiry":"${expiry}"`);
  });

  test('a seed of one character is fine, and a second license with it collides where signatures are determined', async () => {
    await known();
    const policy = await world.create('policy', { scheme });
    const admin = await world.as('admin');
    const seed = scheme === 'RSA_2048_JWT_RS256' ? '{}' : '1';
    await admin.post('/licenses', body(policy, { key: seed }), 201);
    await admin.post('/licenses', body(policy, { key: seed }), deterministic.has(scheme) ? 409 : 201);
  });

  test('the test kit signs a given key as well', async () => {
    await known();
    const policy = await world.create('policy', { scheme });
    const license = await world.create('license', { policy_id: policy.id, key: seedFor(scheme) });
    expect(openKey(scheme as KeyScheme, license.key, keys)).toContain(scheme === 'RSA_2048_JWT_RS256' ? '"a":1' : license.id);
    expect((await world.create('license', { policy_id: policy.id })).key).not.toBe(license.key);
  });
});

test('the vector of the documentation', async () => {
  const seed = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
  const publicKey = '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8';
  await withKeys({ ed25519_private_key: seed, ed25519_public_key: publicKey });
  const policy = await world.create('policy', { scheme: 'ED25519_SIGN' });
  const { data } = await (await world.as('admin')).post('/licenses', body(policy, { key: '{"id":"demo"}' }), 201);
  expect(data.attributes.key).toBe('key/eyJpZCI6ImRlbW8ifQ==.nORRVGkSvCuzhUiEMhI8b1f9vASLDwAIl7KH930VVsmq7fAcRs_pMZD2AHju-2DzoEdBW1oJD1h1zVqq1S63AQ==');
});

describe('unsigned keys', () => {
  test('are stored as they are given, templates too', async () => {
    const policy = await world.create('policy');
    const { data } = await (await world.as('admin')).post('/licenses', body(policy, { key: '{{account}}-{{id}}' }), 201);
    expect(data.attributes.key).toBe('{{account}}-{{id}}');
  });
});

describe('keys that a scheme cannot carry', () => {
  const jwt = 'key is not a valid JWT claims payload';
  test.each([
    ['RSA_2048_PKCS1_ENCRYPT', 'x'.repeat(246), 'key exceeds maximum byte length (max size of 245 bytes)', 'KEY_BYTE_SIZE_EXCEEDED'],
    ['RSA_2048_JWT_RS256', 'no json', `${jwt} (must be a valid JSON encoded string)`, 'KEY_JWT_CLAIMS_INVALID'],
    ['RSA_2048_JWT_RS256', '{"exp":"1","iat":null}', `${jwt} (exp claim must be a numeric value but it is a string)`, 'KEY_JWT_CLAIMS_INVALID'],
    ['RSA_2048_JWT_RS256', '{"nbf":true,"iat":null}', `${jwt} (iat claim must be a numeric value but it is a nilclass)`, 'KEY_JWT_CLAIMS_INVALID'],
  ])('%s: %s', async (scheme, key, detail, code) => {
    const policy = await world.create('policy', { scheme });
    const { errors } = await (await world.as('admin')).post('/licenses', body(policy, { key }), 422);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ title: 'Unprocessable resource', detail, code, source: { pointer: '/data/attributes/key' } });
    expect(await world.count('licenses')).toBe(0);
  });
});

describe('legacy encrypted licenses', () => {
  test('show their key once and are not found by it', async () => {
    const policy = await world.create('policy', { encrypted: true });
    const admin = await world.as('admin');
    const { data } = await admin.post('/licenses', body(policy), 201);
    const { key } = data.attributes;
    expect(key).toMatch(new RegExp(`^${data.id.replaceAll('-', '')}-[0-9a-f]{32}-[0-9a-f]{32}-[0-9a-f]{30}v1$`));
    expect(data.attributes).toMatchObject({ encrypted: true, scheme: 'LEGACY_ENCRYPT' });
    const [row] = await world.server.sql('select key from licenses where id = $1', [data.id]);
    expect(await isLegacyKey(key, String(row!.key))).toBe(true);
    for (const shown of [
      (await admin.get(`/licenses/${data.id}`, 200)).data,
      (await admin.get('/licenses', 200)).data[0],
      (await admin.patch(`/licenses/${data.id}`, { data: { type: 'licenses', attributes: {} } }, 200)).data,
    ])
      expect(shown.attributes).not.toHaveProperty('key');
    await admin.get(`/licenses/${key}`, 404);
  });

  test('take no key', async () => {
    const policy = await world.create('policy', { encrypted: true });
    const { errors } = await (await world.as('admin')).post('/licenses', body(policy, { key: 'MY-OWN-KEY' }), 422);
    expect(errors[0]).toMatchObject({
      detail: 'cannot be specified for a legacy encrypted license',
      code: 'KEY_NOT_SUPPORTED',
      source: { pointer: '/data/attributes/key' },
    });
  });

  test('come out of the test kit with their raw key', async () => {
    const policy = await world.create('policy', { encrypted: true });
    const license = await world.create('license', { policy_id: policy.id, key: 'given' });
    expect(license.raw).toBe('given');
    const [row] = await world.server.sql('select key from licenses where id = $1', [license.id]);
    expect(await isLegacyKey('given', String(row!.key))).toBe(true);
    expect(hash('sha256', 'given', 'hex')).not.toBe(row!.key);
  });
});

describe('pools', () => {
  const pool = async (...waiting: string[]) => {
    const policy = await world.create('policy', { use_pool: true });
    for (const key of waiting) await world.create('key', { policy_id: policy.id, key });
    return policy;
  };

  test('give a key away, and none to a license with a key of its own', async () => {
    const policy = await pool('POOLED-1');
    const admin = await world.as('admin');
    await admin.post('/licenses', body(policy, { key: 'MY-OWN-KEY' }), 201);
    expect(await world.count('keys')).toBe(1);
    const { data } = await admin.post('/licenses', body(policy), 201);
    expect(data.attributes.key).toBe('POOLED-1');
    expect(await world.count('keys')).toBe(0);
    const { errors } = await admin.post('/licenses', body(policy), 422);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ detail: 'pool is empty', code: 'POLICY_POOL_EMPTY', source: { pointer: '/data/relationships/policy' } });
    expect(await world.emitted()).toEqual(['license.created', 'license.created']);
  });

  test('whose key another license got meanwhile are a conflict, and keep it', async () => {
    const policy = await pool('POOLED-1');
    await world.create('license', { key: 'POOLED-1' });
    await (await world.as('admin')).post('/licenses', body(policy), 409);
    expect(await world.count('keys')).toBe(1);
  });

  test('give no key to two licenses', async () => {
    const policy = await pool(...Array.from({ length: 8 }, (_, index) => `POOLED-${index}`));
    const admin = await world.as('admin');
    const answers = await inParallel(12, () => admin.post('/licenses', body(policy)));
    const given = answers.filter(({ status }) => status === 201).map(({ data }) => data.attributes.key);
    expect(new Set(given).size).toBe(8);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(4);
  });
});
