import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import { type Keys, keysOf, openFile } from '../../test/open-file.ts';
import { loadPublicKeys } from '../kernel/crypto/account-keys.ts';
import { openCertificate } from '../kernel/crypto/certificate.ts';

let world: World;
let admin: Client;
let keys: Keys;
let policy: Wire;
let owner: Wire;
let license: Wire;
let machine: Wire;
const now = '2024-01-31T12:00:00.000Z';

beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(now);
  admin = await world.as('admin');
  keys = keysOf((await admin.get('', 200)).data.meta.keys);
  policy = await world.create('policy', { max_machines: null });
  owner = await world.create('user');
  license = await world.create('license', { policy_id: policy.id, owner_id: owner.id });
  machine = await world.create('machine', { license_id: license.id, fingerprint: 'Va:Vg' });
});

type Kind = 'license' | 'machine';
const kinds: Kind[] = ['license', 'machine'];
const path = (kind: Kind, query = '') => `/${kind}s/${kind === 'license' ? license.id : machine.id}/actions/check-out${query}`;
const secret = (kind: Kind) => license.key + (kind === 'machine' ? machine.fingerprint : '');
const open = (kind: Kind, { data }: { data: Wire }) => openFile(kind, data.attributes.certificate, keys, secret(kind));
const publicTexts = ({ ed25519, rsa2048, ecdsa }: Keys) => ({ ed25519PublicKey: ed25519, rsaPublicKey: rsa2048, ecdsaPublicKey: ecdsa });
const encodings = ['base64', 'aes-256-gcm'];
const signings = ['ed25519', 'rsa-pss-sha256', 'rsa-sha256', 'ecdsa-p256'];

describe.each(kinds)('a %s file', (kind) => {
  test('is a resource of its own, which is not kept', async () => {
    const { json } = await admin.post(path(kind), undefined, 200);
    const { id, attributes } = json.data;
    expect(json).toEqual({
      data: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: `${kind}-files`,
        attributes: {
          certificate: expect.stringContaining(`-----BEGIN ${kind.toUpperCase()} FILE-----`),
          algorithm: 'base64+ed25519',
          includes: [],
          ttl: 2629746,
          expiry: '2024-02-29T12:00:00.000Z',
          issued: now,
        },
        relationships: {
          account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
          environment: { links: { related: null }, data: null },
          license: { links: { related: `${world.base}/licenses/${license.id}` }, data: { type: 'licenses', id: license.id } },
          ...(kind === 'machine' && { machine: { links: { related: `${world.base}/machines/${machine.id}` }, data: { type: 'machines', id: machine.id } } }),
        },
      },
    });
    const { document } = openFile(kind, attributes.certificate, keys, '');
    expect(Object.keys(document)).toEqual(['data', 'meta']);
    expect(document.meta).toEqual({ issued: now, expiry: '2024-02-29T12:00:00.000Z', ttl: 2629746 });
    expect(document.data).toEqual((await admin.get(`/${kind}s/${kind === 'license' ? license.id : machine.id}`, 200)).data);
    expect((await admin.post(path(kind), undefined, 200)).data.id).not.toBe(id);
  });

  test.each(encodings.flatMap((encoding) => signings.map((signing) => `${encoding}+${signing}`)))('of algorithm %s opens', async (algorithm) => {
    const answer = await admin.post(path(kind), { meta: { algorithm } }, 200);
    expect(answer.data.attributes.algorithm).toBe(algorithm);
    const { alg, document } = open(kind, answer);
    expect([alg, document.data.type]).toEqual([algorithm, `${kind}s`]);
    const download = await admin.get(path(kind, `?algorithm=${encodeURIComponent(algorithm)}`), 200);
    expect(openFile(kind, download.body, keys, secret(kind)).document).toEqual(document);
    const ours = openCertificate(download.body, loadPublicKeys(publicTexts(keys)), secret(kind));
    expect(ours).toMatchObject({ kind, algorithm: { name: algorithm }, payload: JSON.stringify(document) });
  });

  test.each([
    ['RSA_2048_PKCS1_PSS_SIGN_V2', 'rsa-pss-sha256'],
    ['RSA_2048_PKCS1_PSS_SIGN', 'rsa-pss-sha256'],
    ['RSA_2048_PKCS1_SIGN_V2', 'rsa-sha256'],
    ['RSA_2048_PKCS1_SIGN', 'rsa-sha256'],
    ['RSA_2048_PKCS1_ENCRYPT', 'rsa-sha256'],
    ['ED25519_SIGN', 'ed25519'],
    ['ECDSA_P256_SIGN', 'ecdsa-p256'],
    [null, 'ed25519'],
  ])('for scheme %s is signed with %s', async (scheme, signing) => {
    policy = await world.create('policy', { scheme });
    license = await world.create('license', { policy_id: policy.id, key: 'some data' });
    machine = await world.create('machine', { license_id: license.id });
    const answer = await admin.post(path(kind), { meta: { encrypt: true } }, 200);
    expect(open(kind, answer).alg).toBe(`aes-256-gcm+${signing}`);
  });

  test.each<[string, unknown, string, number | null, string[]]>([
    // query                               body                                              algorithm              ttl      includes
    ['', undefined, 'base64+ed25519', 2629746, []],
    ['?encrypt=1', undefined, 'aes-256-gcm+ed25519', 2629746, []],
    ['?encrypt=yes', { meta: {} }, 'aes-256-gcm+ed25519', 2629746, []],
    ['?encrypt=on', undefined, 'base64+ed25519', 2629746, []],
    ['?encrypt=', undefined, 'base64+ed25519', 2629746, []],
    ['?encrypt=1', { meta: { encrypt: false } }, 'base64+ed25519', 2629746, []],
    ['?encrypt=1', { meta: { encrypt: null } }, 'aes-256-gcm+ed25519', 2629746, []],
    ['?encrypt=1&algorithm=base64%2Brsa-sha256', undefined, 'base64+rsa-sha256', 2629746, []],
    ['?algorithm=base64%2Brsa-sha256', { meta: { algorithm: 'base64+ecdsa-p256' } }, 'base64+ecdsa-p256', 2629746, []],
    ['?algorithm=', { meta: { algorithm: ' ' } }, 'base64+ed25519', 2629746, []],
    ['', { meta: { algorithm: null } }, 'base64+ed25519', 2629746, []],
    ['?ttl=3600', undefined, 'base64+ed25519', 3600, []],
    ['?ttl=3600abc', undefined, 'base64+ed25519', 3600, []],
    ['?ttl=189341712', undefined, 'base64+ed25519', 189341712, []],
    ['?ttl=', undefined, 'base64+ed25519', null, []],
    ['?ttl=3600', { meta: { ttl: null } }, 'base64+ed25519', null, []],
    ['?ttl=3600', { meta: { ttl: 86400 } }, 'base64+ed25519', 86400, []],
    ['', { meta: { ttl: '86400' } }, 'base64+ed25519', 86400, []],
    ['?include=', { meta: { include: [] } }, 'base64+ed25519', 2629746, []],
    ['?include=environment,owner', undefined, 'base64+ed25519', 2629746, ['environment', 'owner']],
    ['?include=owner', { meta: { include: ['environment', 'environment'] } }, 'base64+ed25519', 2629746, ['environment']],
    ['?include=owner', { meta: { include: null } }, 'base64+ed25519', 2629746, ['owner']],
    ['?colour=red', undefined, 'base64+ed25519', 2629746, []],
  ])('is made of %s %j: %s, %j s', async (query, body, algorithm, ttl, includes) => {
    const answer = await admin.post(path(kind, query), body, 200);
    expect(answer.data.attributes).toMatchObject({ algorithm, ttl, includes });
    const { document } = open(kind, answer);
    expect(document.meta).toMatchObject({ ttl, expiry: answer.data.attributes.expiry });
    if (body !== undefined) return;
    const download = await admin.get(path(kind, query), 200);
    expect(openFile(kind, download.body, keys, secret(kind)).document).toEqual(document);
  });

  test('takes a ttl of any size', async () => {
    const { body } = await admin.post(path(kind), '{"meta":{"ttl":46116860184273879031}}', 200);
    expect(body).toContain('"ttl":46116860184273879031,"expiry":"9999-12-31T23:59:59.999Z"');
  });

  const mismatch = (received: string, expected: string) => `type mismatch (received ${received} expected ${expected})`;
  test.each<[string, unknown, string, object, string?]>([
    ['?include=account', undefined, 'invalid includes', { parameter: 'include' }, 'CHECKOUT_INCLUDE_INVALID'],
    ['', { meta: { include: ['machines'] } }, 'invalid includes', { parameter: 'include' }, 'CHECKOUT_INCLUDE_INVALID'],
    ['?include=nope&ttl=1&algorithm=x', undefined, 'invalid includes', { parameter: 'include' }, 'CHECKOUT_INCLUDE_INVALID'],
    ['?ttl=3599&algorithm=x', undefined, 'must be greater than or equal to 3600 (1 hour)', { parameter: 'ttl' }, 'CHECKOUT_TTL_INVALID'],
    ['?ttl=abc', undefined, 'must be greater than or equal to 3600 (1 hour)', { parameter: 'ttl' }, 'CHECKOUT_TTL_INVALID'],
    ['', { meta: { ttl: -1 } }, 'must be greater than or equal to 3600 (1 hour)', { parameter: 'ttl' }, 'CHECKOUT_TTL_INVALID'],
    ['?algorithm=aes%2Bfoo', undefined, 'invalid encoding algorithm', { parameter: 'algorithm' }, 'CHECKOUT_ALGORITHM_INVALID'],
    ['?algorithm=base64+ed25519', undefined, 'invalid encoding algorithm', { parameter: 'algorithm' }, 'CHECKOUT_ALGORITHM_INVALID'],
    ['', { meta: { algorithm: 'base64' } }, 'invalid signing algorithm', { parameter: 'algorithm' }, 'CHECKOUT_ALGORITHM_INVALID'],
    ['', { meta: { algorithm: 'base64+ED25519' } }, 'invalid signing algorithm', { parameter: 'algorithm' }, 'CHECKOUT_ALGORITHM_INVALID'],
    ['', { meta: { algorithm: 1 } }, mismatch('integer', 'string'), { pointer: '/meta/algorithm' }],
    ['', { meta: { encrypt: 'true' } }, mismatch('string', 'boolean'), { pointer: '/meta/encrypt' }],
    ['', { meta: { include: 'owner' } }, mismatch('string', 'array'), { pointer: '/meta/include' }],
    ['', { meta: { include: ['owner', []] } }, 'unpermitted type (expected array of scalar types)', { pointer: '/meta/include/1' }],
    ['', { meta: { ttl: true } }, 'failed to coerce boolean to integer', { pointer: '/meta/ttl' }],
    ['', { meta: { ttl: [] } }, 'failed to coerce array to integer', { pointer: '/meta/ttl' }],
    ['', { meta: { ttl: {} } }, 'failed to coerce hash to integer', { pointer: '/meta/ttl' }],
    ['', { meta: { colour: 1 } }, 'unpermitted parameter', { pointer: '/meta/colour' }],
    ['', { data: 1 }, 'unpermitted parameter', { pointer: '/data' }],
    ['?algorithm[]=x', { data: 1 }, mismatch('array', 'string'), { parameter: 'algorithm' }],
    ['?ttl[]=3600', undefined, 'failed to coerce array to integer', { parameter: 'ttl' }],
  ])('is not made of %s %j: %s', async (query, body, detail, source, code) => {
    const { errors, headers } = await admin.post(path(kind, query), body, 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source, ...(code && { code }) }]);
    expect(headers['content-type']).toMatch(/json/);
    if (body === undefined) expect((await admin.get(path(kind, query), 400)).errors).toEqual(errors);
    expect(await world.emitted()).toEqual([]);
  });

  test('shows the record as it was; the time and the event come after', async () => {
    const first = open(kind, await admin.post(path(kind), undefined, 200)).document.data;
    expect(first.attributes.lastCheckOut).toBeNull();
    expect(await world.emitted()).toEqual([`${kind}.checked-out`]);
    const shown = (await admin.get(`/${kind}s/${first.id}`, 200)).data.attributes;
    expect(shown).toMatchObject({ lastCheckOut: now, updated: now });
    world.server.clock.travel(5000);
    const download = await admin.get(path(kind), 200);
    expect(openFile(kind, download.body, keys, '').document.data.attributes.lastCheckOut).toBe(now);
    expect(await world.emitted()).toHaveLength(2);
    const later = '2024-01-31T12:00:05.000Z';
    expect((await admin.get(`/${kind}s/${first.id}`, 200)).data.attributes).toMatchObject({ lastCheckOut: later, updated: later });
    if (kind === 'machine') expect((await admin.get(`/licenses/${license.id}`, 200)).data.attributes.lastCheckOut).toBeNull();
  });

  test('is downloaded under the name of the record', async () => {
    const called = kind === 'license' ? `/licenses/${license.key}` : `/machines/${machine.fingerprint}`;
    const { headers, body } = await admin.get(`${called}/actions/check-out`, 200);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toBe(`attachment; filename="${kind === 'license' ? license.id : machine.id}.lic"`);
    expect(headers['keygen-signature']).toContain('algorithm="ed25519"');
    expect(openFile(kind, body, keys, '').document.data.type).toBe(`${kind}s`);
  });

  test.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['application/octet-stream', 'application/vnd.api+json; charset=utf-8'],
    ['application/vnd.api+json', 'application/vnd.api+json; charset=utf-8'],
  ])('whose download fails says so as JSON: %s', async (accept, type) => {
    expect((await admin.with({ accept }).get(path(kind, '?ttl=1'), 400)).headers['content-type']).toBe(type);
  });

  test('is made whatever the state of the license', async () => {
    await world.server.update('license', license.id, { suspended: true, expiry: '2020-01-01' });
    await world.server.update('user', owner.id, { banned_at: now });
    await admin.post(path(kind), undefined, 200);
  });

  test('tells webhooks of the record with its new time, never of the file', async () => {
    await world.create('webhook_endpoint');
    await admin.get(path(kind), 200);
    await world.server.jobs.run();
    const [event] = (await world.server.sql('select payload from webhook_events')) as Wire[];
    const payload = typeof event.payload === 'string' ? JSON.parse(event.payload) : event.payload;
    expect(payload.data).toMatchObject({ type: `${kind}s`, attributes: { lastCheckOut: now } });
    expect(payload.meta).toBeUndefined();
  });
});

test('a license that breaks its own rules is not checked out', async () => {
  await world.server.update('license', license.id, { max_cores: -1 });
  expect((await admin.post(path('license'), undefined, 422)).errors[0].code).toBe('MAX_CORES_INVALID');
  expect(await world.emitted()).toEqual([]);
});

test.each(kinds)('a %s with more metadata than may be is not checked out', async (kind) => {
  await world.server.update(kind, kind === 'license' ? license.id : machine.id, { metadata: { a: 'x'.repeat(16384) } });
  expect((await admin.post(path(kind), undefined, 422)).errors[0].code).toBe('METADATA_TOO_LONG');
});

test('a machine whose license allows less by now is not checked out', async () => {
  await world.server.update('machine', machine.id, { cores: 8 });
  await world.server.update('policy', policy.id, { max_cores: 4 });
  expect((await admin.post(path('machine'), undefined, 422)).errors[0].code).toBe('MACHINE_CORE_LIMIT_EXCEEDED');
  expect(await world.emitted()).toEqual([]);
});

test('what is sent as text is read as JSON', async () => {
  const { data } = await admin.with({ 'content-type': 'text/plain' }).post(path('license'), '{"meta":{"encrypt":true}}', 200);
  expect(data.attributes.algorithm).toBe('aes-256-gcm+ed25519');
});

test.each(kinds)('a %s file is of the environment in which it is made', async (kind) => {
  const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
  license = await world.create('license', { environment_id: shared.id });
  machine = await world.create('machine', { license_id: license.id });
  const client = (await world.as('environment', shared)).in(shared);
  const answer = await client.post(path(kind, '?include=environment'), undefined, 200);
  const environment = { links: { related: `${world.base}/environments/${shared.id}` }, data: { type: 'environments', id: shared.id } };
  expect(answer.data.relationships.environment).toEqual(environment);
  expect(open(kind, answer).document).toMatchObject({ data: { relationships: { environment } }, included: [environment.data] });
});

describe('legacy encrypted licenses', () => {
  test('are encrypted with what is stored, which nobody has', async () => {
    policy = await world.create('policy', { encrypted: true });
    license = await world.create('license', { policy_id: policy.id });
    const answer = await admin.post(path('license'), { meta: { encrypt: true } }, 200);
    expect(() => open('license', answer)).toThrow();
    const [stored] = await world.server.sql('select key from licenses where id = $1', [license.id]);
    const { document } = openFile('license', answer.data.attributes.certificate, keys, String(stored!.key));
    expect(document.data.attributes.key).toBeUndefined();
  });
});

describe('includes', () => {
  let group: Wire;
  let licensee: Wire;
  let codes: Wire[];
  beforeEach(async () => {
    group = await world.create('group');
    licensee = await world.create('user');
    await world.server.update('license', license.id, { group_id: group.id });
    await world.server.update('machine', machine.id, { group_id: group.id, owner_id: licensee.id });
    await world.create('license_user', { license_id: license.id, user_id: licensee.id });
    const own = await world.create('license_entitlement', { license_id: license.id });
    const inherited = await world.create('policy_entitlement', { policy_id: policy.id });
    await world.create('machine_component', { machine_id: machine.id });
    codes = [own.entitlement_id, inherited.entitlement_id];
  });
  const embeds = async (kind: Kind, list: string) => {
    const answer = await admin.post(path(kind, `?include=${list}`), undefined, 200);
    return { ...open(kind, answer).document, includes: answer.data.attributes.includes };
  };
  const typesOf = (document: Wire) => document.included?.map(({ type }: Wire) => type);

  // biome-ignore format: a table
  test.each<[Kind, string, string[] | undefined, string[]]>([
    ['license', 'entitlements', ['entitlements', 'entitlements'], ['entitlements']],
    ['license', 'product', ['products'], ['product']],
    ['license', 'policy', ['policies'], ['policy']],
    ['license', 'group', ['groups'], ['group']],
    ['license', 'owner', ['users'], ['owner']],
    ['license', 'users', ['users', 'users'], ['users']],
    ['license', 'user,policy', ['policies', 'users'], ['policy', 'owner']],
    ['license', 'owner,policy,user,owner', ['users', 'policies'], ['owner', 'policy']],
    ['license', 'owner,users', ['users', 'users'], ['owner', 'users']],
    ['license', 'environment', undefined, ['environment']],
    ['machine', 'license', ['licenses'], ['license']],
    ['machine', 'license.entitlements', ['licenses', 'entitlements', 'entitlements'], ['license.entitlements']],
    ['machine', 'license.product,license.policy,license', ['licenses', 'products', 'policies'], ['license.product', 'license.policy', 'license']],
    ['machine', 'license.owner', ['licenses', 'users'], ['license.owner']],
    ['machine', 'license.users,owner', ['licenses', 'users', 'users'], ['license.users', 'owner']],
    ['machine', 'license.user,components', ['components', 'licenses', 'users'], ['components', 'license.owner']],
    ['machine', 'group,owner,environment', ['groups', 'users'], ['group', 'owner', 'environment']],
  ])('%s file with %s', async (kind, list, types, includes) => {
    const document = await embeds(kind, list);
    expect(typesOf(document)?.toSorted()).toEqual(types?.toSorted());
    expect(document.includes).toEqual(includes);
  });

  test('that are to many get linkage', async () => {
    const license_ = await embeds('license', 'entitlements,users');
    expect(license_.data.relationships.entitlements.data.map(({ id }: Wire) => id).toSorted()).toEqual(codes.toSorted());
    expect(license_.data.relationships.users.data.map(({ id }: Wire) => id).toSorted()).toEqual([owner.id, licensee.id].toSorted());
    const machine_ = await embeds('machine', 'license.users,license.entitlements,components');
    expect(machine_.data.relationships.components.data).toHaveLength(1);
    const embedded = machine_.included.find(({ type }: Wire) => type === 'licenses');
    expect(embedded.relationships.users.data).toHaveLength(2);
    expect(embedded.relationships.entitlements.data).toHaveLength(2);
    expect((await embeds('license', 'owner')).data.relationships.users.data).toBeUndefined();
  });

  test.each<[Kind, string]>([
    ['license', 'license'],
    ['license', 'machines'],
    ['license', 'license.owner'],
    ['license', 'tokens'],
    ['license', 'constructor'],
    ['machine', 'user'],
    ['machine', 'license.group'],
    ['machine', 'license.environment'],
    ['machine', 'product'],
    ['machine', 'processes'],
  ])('%s file has no %s', async (kind, list) => {
    expect((await admin.post(path(kind, `?include=${list}`), undefined, 400)).errors[0].code).toBe('CHECKOUT_INCLUDE_INVALID');
  });

  // biome-ignore format: a table
  test.each<[Kind, string, string]>([
    ['license', 'entitlements', 'entitlement.read'], ['license', 'environment', 'environment.read'], ['license', 'product', 'product.read'],
    ['license', 'policy', 'policy.read'], ['license', 'group', 'group.read'], ['license', 'owner', 'user.read'], ['license', 'users', 'user.read'], ['license', 'user', 'user.read'],
    ['machine', 'license', 'license.read'], ['machine', 'license.entitlements', 'entitlement.read'], ['machine', 'license.product', 'product.read'],
    ['machine', 'license.policy', 'policy.read'], ['machine', 'license.owner', 'user.read'], ['machine', 'license.users', 'user.read'],
    ['machine', 'components', 'component.read'], ['machine', 'environment', 'environment.read'], ['machine', 'group', 'group.read'], ['machine', 'owner', 'user.read'],
  ])('%s file with %s takes %s', async (kind, list, permission) => {
    const base = [`${kind}.check-out`, `${kind}.read`];
    const as = async (permissions: string[]) => world.as('admin', await world.create('user', { role: 'admin', permissions }));
    await (await as(base)).post(path(kind, `?include=${list}`), undefined, 403);
    expect(await world.emitted()).toEqual([]);
    await (await as([...base, permission])).post(path(kind, `?include=${list}`), undefined, 200);
  });

  test.each(['policy', 'product', 'users', 'environment'])('a license of default permissions has no %s', async (list) => {
    const client = await world.as('license', license);
    await client.post(path('license', `?include=${list}`), undefined, 403);
    await client.post(path('license', '?include=entitlements,group'), undefined, 200);
  });
});

describe('versions', () => {
  const at = async (version: string, kind: Kind, list = '') => {
    const client = admin.at(version);
    const { document } = open(kind, await client.post(path(kind, `?include=${list}`), undefined, 200));
    const download = await client.get(path(kind, `?include=${list}`), 200);
    expect(openFile(kind, download.body, keys, '').document.data).toEqual(document.data);
    return document;
  };

  test("1.5 has the owner of a license as its user, and that of a machine is its license's", async () => {
    const link = (type: string, id: string) => ({ links: { related: `${world.base}/${type}/${id}/user` }, data: { type: 'users', id: owner.id } });
    expect((await at('1.5', 'license')).data.relationships).toMatchObject({ user: link('licenses', license.id) });
    expect((await at('1.5', 'license')).data.relationships.owner).toBeUndefined();
    const document = await at('1.5', 'machine', 'license');
    expect(document.data.relationships).toMatchObject({ user: link('machines', machine.id) });
    expect(document.data.relationships.owner).toBeUndefined();
    expect(document.included[0].relationships).toMatchObject({ user: link('licenses', license.id) });
    expect((await at('1.6', 'license')).data.relationships.owner.data.id).toBe(owner.id);
  });

  test('older policies have their old members', async () => {
    const attributes = async (version: string) => (await at(version, 'license', 'policy')).included[0].attributes;
    expect(await attributes('1.6')).toMatchObject({ leasingStrategy: 'PER_MACHINE', machineMatchingStrategy: 'MATCH_ANY' });
    expect(await attributes('1.3')).toMatchObject({ fingerprintMatchingStrategy: 'MATCH_ANY', fingerprintUniquenessStrategy: 'UNIQUE_PER_LICENSE' });
    expect(await attributes('1.1')).toMatchObject({ concurrent: false });
  });

  test('1.4 has nested metadata in snake case', async () => {
    await world.server.update('license', license.id, { metadata: { foo_bar: { baz_qux: 1 } } });
    expect((await at('1.4', 'license')).data.attributes.metadata).toEqual({ fooBar: { baz_qux: 1 } });
    expect((await at('1.5', 'license')).data.attributes.metadata).toEqual({ fooBar: { bazQux: 1 } });
  });

  test('1.2 shows no living heartbeat of a machine', async () => {
    await world.server.update('machine', machine.id, { last_heartbeat_at: now });
    expect((await at('1.3', 'machine')).data.attributes).toMatchObject({ heartbeatStatus: 'ALIVE', lastHeartbeat: now });
    expect((await at('1.2', 'machine')).data.attributes).toMatchObject({ heartbeatStatus: 'NOT_STARTED', lastHeartbeat: null });
  });
});
