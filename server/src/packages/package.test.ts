import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
});

const to = (type: string, { id }: Wire) => ({ data: { type, id } });
const unknown = { id: '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0' };
const create = (attributes: Wire = {}, relationships: Wire = {}) => ({
  data: {
    type: 'packages',
    attributes: { name: 'SDK', key: 'sdk', ...attributes },
    relationships: { product: to('products', product), ...relationships },
  },
});
const update = (attributes: Wire) => ({ data: { type: 'packages', attributes } });
const engineKeys = async () => (await world.server.sql('select key from engines order by key')).map(({ key }) => key);
const manyKeys = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, index) => [`k${index}`, 1]));

describe('creating', () => {
  test('answers the package, and where it is; and is told of', async () => {
    world.server.clock.freeze('2026-02-03T10:00:00Z');
    const sent = create({ engine: 'pypi', metadata: { requiresPython: '>=3.9' } });
    const { data, headers } = await admin.post('/packages', { data: { ...sent.data, type: 'package' } }, 201);
    const { id } = data;
    expect(headers.location).toBe(`https://localhost${world.base}/packages/${id}`);
    expect(data).toEqual({
      id,
      type: 'packages',
      attributes: {
        name: 'SDK',
        key: 'sdk',
        engine: 'pypi',
        metadata: { requiresPython: '>=3.9' },
        created: '2026-02-03T10:00:00.000Z',
        updated: '2026-02-03T10:00:00.000Z',
      },
      relationships: {
        account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        product: { links: { related: `${world.base}/products/${product.id}` }, data: { type: 'products', id: product.id } },
      },
      links: { related: `${world.base}/packages/${id}` },
    });
    expect((await admin.get(`/packages/${id}`, 200)).data).toEqual(data);
    expect(await world.emitted()).toEqual(['package.created']);
    const [log] = await world.server.sql('select resource_type, resource_id, metadata from event_logs');
    expect(log).toEqual({ resource_type: 'packages', resource_id: id, metadata: {} });
  });

  test.each([{}, { engine: null }, { engine: null, metadata: null }, { metadata: {} }])('takes %j for no engine and no metadata', async (attributes) => {
    const { data } = await admin.post('/packages', create(attributes), 201);
    expect(data.attributes).toMatchObject({ engine: null, metadata: {} });
  });

  test.each<[Wire, string, string]>([
    [{ data: { type: 'packages' } }, 'is missing', '/data/attributes'],
    [{ data: { type: 'packages', attributes: { name: 'SDK', key: 'sdk' } } }, 'is missing', '/data/relationships'],
    [{ data: { type: 'packages', attributes: { name: 'SDK', key: 'sdk' }, relationships: {} } }, 'is missing', '/data/relationships/product'],
    [{ data: { type: 'packages', attributes: { key: 'sdk' } } }, 'is missing', '/data/attributes/name'],
    [{ data: { type: 'packages', attributes: { name: 'SDK' } } }, 'is missing', '/data/attributes/key'],
    [{ data: { type: 'releases' } }, 'is invalid', '/data/type'],
  ])('needs more than %j', async (body, detail, pointer) => {
    expect((await admin.post('/packages', body, 400)).errors).toEqual(badRequest(detail, pointer));
  });

  test.each<[Wire, string]>([
    [{ name: null }, 'cannot be null'],
    [{ name: '' }, 'cannot be blank'],
    [{ name: 1 }, 'type mismatch (received integer expected string)'],
    [{ key: null }, 'cannot be null'],
    [{ key: '' }, 'cannot be blank'],
    [{ engine: '' }, 'cannot be blank'],
    [{ engine: 'cargo' }, 'is invalid'],
    [{ engine: 'PyPI' }, 'is invalid'],
    [{ product: 'x' }, 'unpermitted parameter'],
  ])('refuses the shape of %j', async (attributes, detail) => {
    const { errors } = await admin.post('/packages', create(attributes), 400);
    expect(errors).toEqual(badRequest(detail, `/data/attributes/${Object.keys(attributes)[0]}`));
    expect(await engineKeys()).toEqual([]);
  });

  test.each<[Wire, string, string, string]>([
    [{ key: 'taken' }, 'already exists', 'KEY_TAKEN', 'key'],
    [{ key: 'actions' }, 'is reserved', 'KEY_NOT_ALLOWED', 'key'],
    [{ key: 'action' }, 'is reserved', 'KEY_NOT_ALLOWED', 'key'],
    [{ key: unknown.id }, 'is invalid', 'KEY_INVALID', 'key'],
    [{ key: unknown.id.replaceAll('-', '') }, 'is invalid', 'KEY_INVALID', 'key'],
    [{ key: 'x'.repeat(256) }, 'is too long (maximum is 255 characters)', 'KEY_TOO_LONG', 'key'],
    [{ name: 'x'.repeat(256) }, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'name'],
    [{ metadata: manyKeys(65) }, 'too many keys (exceeded limit of 64 keys)', 'METADATA_TOO_LONG', 'metadata'],
    [{ metadata: { a: 'x'.repeat(16384) } }, 'too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', 'metadata'],
  ])('refuses %j', async (attributes, detail, code, name) => {
    await world.create('release_package', { key: 'taken' });
    const { errors } = await admin.post('/packages', create({ engine: 'npm', ...attributes }), 422);
    const about = `https://keygen.sh/docs/api/release-packages/#release-packages-object-attrs-${name}`;
    expect(errors).toEqual([{ title: 'Unprocessable resource', detail, code, source: { pointer: `/data/attributes/${name}` }, links: { about } }]);
    // a failed save leaves nothing behind
    expect([await world.count('packages'), await engineKeys(), await world.emitted()]).toEqual([1, [], []]);
    expect((await admin.post('/packages', create({ key: 'TAKEN' }), 201)).data.attributes.key).toBe('TAKEN');
  });

  test('tells all that is wrong, in order', async () => {
    await world.create('release_package', { key: 'taken' });
    const sent = create({ name: 'x'.repeat(256), key: 'action', metadata: manyKeys(65) }, { product: to('products', unknown) });
    const { errors } = await admin.post('/packages', sent, 422);
    expect(errors.map(({ code, source }: Wire) => [code, source.pointer])).toEqual([
      ['PRODUCT_NOT_FOUND', '/data/relationships/product'],
      ['KEY_NOT_ALLOWED', '/data/attributes/key'],
      ['NAME_TOO_LONG', '/data/attributes/name'],
      ['METADATA_TOO_LONG', '/data/attributes/metadata'],
    ]);
    expect(errors[0]).toMatchObject({
      detail: 'must exist',
      links: { about: 'https://keygen.sh/docs/api/release-packages/#release-packages-object-relationships-product' },
    });
  });

  test('refuses a product of another account, and to products any but their own', async () => {
    const account = await world.create('account');
    const foreign = await world.create('product', { account_id: account.id });
    const other = await world.create('product');
    const asked = (client: Client, of: Wire, status: number) => client.post('/packages', create({}, { product: to('products', of) }), status);
    expect((await asked(admin, foreign, 422)).errors).toMatchObject([{ code: 'PRODUCT_NOT_FOUND' }]);
    const client = await world.as('product', product);
    for (const of of [other, unknown, foreign]) await asked(client, of, 403);
    await asked(client, product, 201);
  });

  test('tells of the body before it asks who may', async () => {
    const sales = await world.as('sales-agent');
    await sales.post('/packages', create({ key: '' }), 400);
    await sales.post('/packages', create({ key: 'action' }), 403);
    await world.anonymous().post('/packages', create(), 401);
  });

  test('gives a key to one of those who want it at once', async () => {
    const answers = await inParallel(6, () => admin.post('/packages', create({ engine: 'oci' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, errors }) => status === 409 || errors?.[0].code === 'KEY_TAKEN')).toHaveLength(5);
    expect([await world.count('packages'), await engineKeys()]).toEqual([1, ['oci']]);
  });

  test('is in the current environment, or else in that of its product', async () => {
    const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
    const environmentOf = async (client: Client, key: string, relationships = {}) =>
      (await client.post('/packages', create({ key }, relationships), 201)).data.relationships.environment.data;
    const linkage = { type: 'environments', id: shared.id };
    expect(await environmentOf(admin.in(shared), 'a')).toEqual(linkage);
    expect(await environmentOf(admin.in(shared), 'b', { environment: { data: linkage } })).toEqual(linkage);
    expect(await environmentOf(admin, 'c')).toBeNull();
  });
});

describe('the key of a package of pypi', () => {
  test.each([
    ['a_test.key', 'pypi', 'a-test-key'],
    ['A__b..c--d', 'pypi', 'A-b-c-d'],
    ['a_test.key', 'npm', 'a_test.key'],
    ['a_test.key', null, 'a_test.key'],
  ])('%s for %s is stored as %s, and found by that', async (key, engine, stored) => {
    const { data } = await admin.post('/packages', create({ key, engine }), 201);
    expect(data.attributes.key).toBe(stored);
    expect((await admin.get(`/packages/${stored}`, 200)).data.id).toBe(data.id);
    if (stored !== key) await admin.get(`/packages/${key}`, 404);
  });

  test('is written anew only when it changes', async () => {
    const { id } = await world.create('release_package', { key: 'a_b', engine: 'npm' });
    const keyAfter = async (attributes: Wire) => (await admin.patch(`/packages/${id}`, update(attributes), 200)).data.attributes.key;
    expect(await keyAfter({ engine: 'pypi' })).toBe('a_b');
    expect(await keyAfter({ key: 'a_b' })).toBe('a_b');
    expect(await keyAfter({ key: 'b_c' })).toBe('b-c');
    expect(await keyAfter({ key: 'c_d', engine: null })).toBe('c_d');
    expect(await keyAfter({ key: 'd_e', engine: 'pypi' })).toBe('d-e');
    expect(await keyAfter({ key: 'd_e' })).toBe('d-e');
  });

  test('conflicts where only what it becomes is taken', async () => {
    await world.create('release_package', { key: 'a-b' });
    const { errors } = await admin.post('/packages', create({ key: 'a_b', engine: 'pypi' }), 409);
    expect(errors).toEqual([{ title: 'Conflict', detail: 'The request could not be completed because of a conflict' }]);
    expect(await engineKeys()).toEqual([]);
  });
});

describe('updating', () => {
  test('changes what was sent, and is logged with what changed', async () => {
    const { id } = await world.create('release_package', { product_id: product.id, name: 'Old', key: 'old', metadata: { old: 1 } });
    const sent = { data: { ...update({ name: 'New', key: 'new', engine: 'npm', metadata: { aB: { cD: 1 } } }).data, id: 'ignored' } };
    const { data } = await admin.patch('/packages/old', sent, 200);
    expect(data).toMatchObject({ id, attributes: { name: 'New', key: 'new', engine: 'npm', metadata: { aB: { cD: 1 } } } });
    const kept = await admin.put('/packages/new', update({ name: null, key: null, metadata: null }), 200);
    expect(kept.data.attributes).toMatchObject({ name: 'New', key: 'new', engine: 'npm', metadata: { aB: { cD: 1 } } });
    const cleared = await admin.patch(`/packages/${id}`, update({ engine: null, metadata: {} }), 200);
    expect(cleared.data.attributes).toMatchObject({ engine: null, metadata: {} });
    expect((await admin.get(`/packages/${id}`, 200)).data).toEqual(cleared.data);
    expect(await world.emitted()).toEqual(Array(3).fill('package.updated'));
    const [log] = await world.server.sql('select metadata from event_logs order by created_at, id limit 1');
    expect(log!.metadata).toMatchObject({ diff: { name: ['Old', 'New'], key: ['o...d', 'n...w'] } });
    // engines stay
    expect(await engineKeys()).toEqual(['npm']);
  });

  test.each<[Wire, string, string]>([
    [{ name: '' }, 'cannot be blank', '/data/attributes/name'],
    [{ key: '' }, 'cannot be blank', '/data/attributes/key'],
    [{ engine: '' }, 'cannot be blank', '/data/attributes/engine'],
    [{ engine: 'cargo' }, 'is invalid', '/data/attributes/engine'],
    [{ metadata: { a: { b: { c: { d: 1 } } } } }, 'maximum depth of 2 exceeded', '/data/attributes/metadata/a/b/c'],
  ])('refuses the shape of %j, to those who may', async (attributes, detail, pointer) => {
    const { id } = await world.create('release_package', { product_id: product.id });
    expect((await admin.patch(`/packages/${id}`, update(attributes), 400)).errors).toEqual(badRequest(detail, pointer));
    await (await world.as('sales-agent')).patch(`/packages/${id}`, update(attributes), 403);
  });

  test('does not move it to another product', async () => {
    const { id } = await world.create('release_package', { product_id: product.id });
    const sent = { data: { ...update({ name: 'New' }).data, relationships: { product: to('products', product) } } };
    expect((await admin.patch(`/packages/${id}`, sent, 400)).errors).toEqual(badRequest('unpermitted parameter', '/data/relationships'));
  });

  test.each<[Wire, string]>([
    [{ key: 'taken' }, 'KEY_TAKEN'],
    [{ key: 'action' }, 'KEY_NOT_ALLOWED'],
    [{ key: unknown.id }, 'KEY_INVALID'],
    [{ key: 'x'.repeat(256) }, 'KEY_TOO_LONG'],
    [{ name: 'x'.repeat(256) }, 'NAME_TOO_LONG'],
    [{ metadata: manyKeys(65) }, 'METADATA_TOO_LONG'],
  ])('refuses %j', async (attributes, code) => {
    await world.create('release_package', { key: 'taken' });
    const { id } = await world.create('release_package', { product_id: product.id, key: 'own' });
    const { errors } = await admin.patch(`/packages/${id}`, update({ engine: 'raw', ...attributes }), 422);
    expect(errors).toMatchObject([{ code }]);
    expect([await engineKeys(), await world.emitted()]).toEqual([[], []]);
    await admin.patch(`/packages/${id}`, update({ key: 'own' }), 200);
  });

  test('of a global package is not for a shared environment, which reads it', async () => {
    const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
    const client = (await world.as('environment', shared)).in(shared);
    const { id } = await world.create('release_package', { product_id: product.id });
    await client.get(`/packages/${id}`, 200);
    for (const send of [() => client.patch(`/packages/${id}`, update({ name: 'New' }), 403), () => client.delete(`/packages/${id}`, undefined, 403)])
      expect((await send()).errors[0].detail).toContain('record environment is not compatible with the current environment');
  });
});

describe('a deleted package', () => {
  test('is gone at once, and its releases soon after', async () => {
    const [own, other] = [await world.create('release_package', { key: 'a.b' }), await world.create('release_package')];
    const { id: releaseId } = await world.create('release', { package_id: own.id });
    await world.create('release_artifact', { release_id: releaseId });
    await world.create('release_entitlement_constraint', { release_id: releaseId });
    const kept = [await world.create('release', { package_id: other.id }), await world.create('release', { product_id: own.product_id })];
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    await admin.delete('/packages/a.b', undefined, 204);
    expect((await admin.get(`/packages/${own.id}`, 404)).errors).toMatchObject([
      { title: 'Not found', detail: `The requested release package '${own.id}' was not found`, code: 'NOT_FOUND' },
    ]);
    expect((await admin.delete('/packages/a.b', undefined, 404)).errors[0].detail).toBe("The requested release package 'a.b' was not found");
    expect(await world.emitted()).toEqual(['package.deleted']);
    const left = await world.server.sql('select id from releases');
    expect(left.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort());
    for (const table of ['artifacts', 'constraints']) expect([table, await world.count(table)]).toEqual([table, 0]);
    const [event] = world.server.webhooks.sent.map((call) => JSON.parse(call.body!));
    expect(JSON.parse(event.data.attributes.payload).data).toMatchObject({ type: 'packages', id: own.id, attributes: { key: 'a.b' } });
  });

  test('leaves no release behind that moves into it meanwhile', async () => {
    const { id } = await world.create('release_package', { product_id: product.id });
    const release = await world.create('release', { product_id: product.id });
    const [moved, deleted] = await Promise.all([admin.put(`/releases/${release.id}/package`, to('packages', { id })), admin.delete(`/packages/${id}`)]);
    expect(deleted.status).toBe(204);
    await world.server.jobs.run();
    // it came too late, or went along
    const left = await admin.get(`/releases/${release.id}`);
    expect([moved.status, left.status, left.data?.relationships.package.data ?? null]).toSatisfy(
      ([, status, inPackage]) => inPackage === null && (status === 404 || status === 200),
    );
  });
});

test('webhook endpoints of products hear of their own packages', async () => {
  const other = await world.create('product', { distribution_strategy: 'OPEN' });
  for (const [url, of] of [
    ['https://example.com/own', product],
    ['https://example.com/other', other],
  ] as const)
    await world.create('webhook_endpoint', { url, product_id: of.id });
  await admin.post('/packages', create(), 201);
  await admin.post('/packages', create({ key: 'other' }, { product: to('products', other) }), 201);
  await world.server.jobs.run();
  const heard = world.server.webhooks.sent.map(({ url, body }) => [String(url), JSON.parse(JSON.parse(body!).data.attributes.payload).data.attributes.key]);
  expect(heard.sort()).toEqual([
    ['https://example.com/other', 'other'],
    ['https://example.com/own', 'sdk'],
  ]);
});
