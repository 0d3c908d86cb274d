import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
});

const linkage = (type: string, record: Wire) => ({ data: record && { type, id: record.id } });
const body = (attributes: Wire = {}, relationships: Wire = {}) => ({
  data: {
    type: 'releases',
    attributes: { channel: 'stable', version: '1.0.0', ...attributes },
    relationships: { product: linkage('products', product), ...relationships },
  },
});
describe('an update', () => {
  const sent = (attributes: Wire) => ({ data: { type: 'releases', attributes } });

  test('changes what was sent, clears with null, and is logged with what changed', async () => {
    const release = await world.create('release', { product_id: product.id, name: 'Old', description: 'd', tag: 't', metadata: { old: 1 }, version: '1.0.0' });
    const { data } = await admin.patch('/releases/1.0.0', { data: { ...sent({ name: 'New', metadata: { aB: 1 } }).data, id: 'ignored' } }, 200);
    expect(data.attributes).toMatchObject({ name: 'New', description: 'd', tag: 't', metadata: { aB: 1 } });
    const cleared = await admin.put('/releases/t', sent({ name: null, description: null, tag: null, metadata: null }), 200);
    expect(cleared.data.attributes).toMatchObject({ name: null, description: null, tag: null, metadata: { aB: 1 } });
    const blank = await admin.patch(`/releases/${release.id}`, sent({ name: '', description: '', tag: '', metadata: {} }), 200);
    expect(blank.data.attributes).toMatchObject({ name: '', description: '', tag: '', metadata: {} });
    expect(await world.emitted()).toEqual(Array(3).fill('release.updated'));
    const [log] = await world.server.sql(`select metadata from event_logs order by created_at, id limit 1`);
    expect(log!.metadata).toMatchObject({ diff: { name: ['Old', 'New'] } });
  });

  test.each([
    ['version', '2.0.0'],
    ['channel', 'beta'],
    ['status', 'PUBLISHED'],
    ['filename', 'a'],
  ])('cannot change the %s', async (name, value) => {
    const release = await world.create('release', { product_id: product.id });
    const { errors } = await admin.patch(`/releases/${release.id}`, sent({ [name]: value }), 400);
    expect(errors).toEqual(badRequest('unpermitted parameter', `/data/attributes/${name}`));
    const related = { data: { ...sent({}).data, relationships: { product: linkage('products', product) } } };
    expect((await admin.patch(`/releases/${release.id}`, related, 400)).errors).toEqual(badRequest('unpermitted parameter', '/data/relationships'));
  });

  test.each([
    [{ tag: 'taken' }, 'tag already exists', 'TAG_TAKEN', 'tag'],
    [{ tag: 'action' }, 'is reserved', 'TAG_NOT_ALLOWED', 'tag'],
    [{ tag: 'x'.repeat(256) }, 'is too long (maximum is 255 characters)', 'TAG_TOO_LONG', 'tag'],
    [{ name: 'x'.repeat(256) }, 'is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'name'],
    [{ backdated: '2999-01-01T00:00:00Z' }, 'must be in the past', 'BACKDATED_INVALID', 'backdated'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, 1])) },
      'too many keys (exceeded limit of 64 keys)',
      'METADATA_TOO_LONG',
      'metadata',
    ],
  ])('is refused: %j', async (attributes, detail, code, name) => {
    await world.create('release', { product_id: product.id, tag: 'taken' });
    const release = await world.create('release', { product_id: product.id, tag: 'own' });
    const { errors } = await admin.patch(`/releases/${release.id}`, sent(attributes), 422);
    expect(errors).toMatchObject([{ detail, code, source: { pointer: `/data/attributes/${name}` } }]);
  });

  test('keeps a tag that is its own, and takes one of another product', async () => {
    await world.create('release', { product_id: (await world.create('product')).id, tag: 'latest' });
    const release = await world.create('release', { product_id: product.id, tag: 'own' });
    await admin.patch(`/releases/${release.id}`, sent({ tag: 'own' }), 200);
    await admin.patch(`/releases/${release.id}`, sent({ tag: 'latest' }), 200);
  });
});

describe('publishing and yanking', () => {
  test('lead from every state to theirs, each time with its event', async () => {
    const { id } = await world.create('release', { product_id: product.id });
    world.server.clock.freeze('2026-02-03T10:00:00Z');
    const act = async (name: string) => (await admin.post(`/releases/${id}/actions/${name}`, undefined, 200)).data.attributes;
    expect(await act('publish')).toMatchObject({ status: 'PUBLISHED', yanked: null });
    expect(await act('publish')).toMatchObject({ status: 'PUBLISHED', yanked: null });
    expect(await act('yank')).toMatchObject({ status: 'YANKED', yanked: '2026-02-03T10:00:00.000Z' });
    world.server.clock.freeze('2026-02-04T10:00:00Z');
    expect(await act('publish')).toMatchObject({ status: 'PUBLISHED', yanked: '2026-02-03T10:00:00.000Z' });
    expect(await act('yank')).toMatchObject({ status: 'YANKED', yanked: '2026-02-04T10:00:00.000Z' });
    expect(await act('yank')).toMatchObject({ status: 'YANKED' });
    const [published, yanked] = ['release.published', 'release.yanked'];
    expect(await world.emitted()).toEqual([published, published, yanked, published, yanked, yanked]);
  });
});

describe('a deleted release', () => {
  test('takes its constraints and artifacts along; the event still shows it', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const release = await world.create('release', { product_id: product.id, version: '1.0.0+a' });
    await world.create('release_artifact', { release_id: release.id });
    await world.create('release_entitlement_constraint', { release_id: release.id });
    await admin.delete('/releases/1.0.0+a', undefined, 204);
    for (const table of ['releases', 'artifacts', 'constraints']) expect([table, await world.count(table)]).toEqual([table, 0]);
    expect(await world.count('entitlements')).toBe(1);
    expect(await world.emitted()).toEqual(['release.deleted']);
    const [event] = world.server.webhooks.sent.map((call) => JSON.parse(call.body!));
    expect(JSON.parse(event.data.attributes.payload).data).toMatchObject({ type: 'releases', id: release.id, attributes: { version: '1.0.0+a' } });
    expect((await admin.delete(`/releases/${release.id}`, undefined, 404)).errors[0].detail).toBe(`The requested release '${release.id}' was not found`);
  });
  test('is one that asked for more than it does once an entitlement is gone', async () => {
    const constraint = await world.create('release_entitlement_constraint');
    await admin.delete(`/entitlements/${constraint.entitlement_id}`, undefined, 204);
    expect((await admin.get(`/releases/${constraint.release_id}/constraints`, 200)).data).toEqual([]);
  });
});

describe('a release is found', () => {
  test('by id, version and tag, the oldest of several, exactly as they are spelled', async () => {
    const older = await world.create('release', { product_id: product.id, version: '1.0.0-beta+x', tag: 'a/b', created_at: '2024-01-01T00:00:00Z' });
    await world.create('release', { product_id: (await world.create('product')).id, version: '1.0.0-beta+x', tag: 'a/b', created_at: '2025-01-01T00:00:00Z' });
    for (const name of [older.id, older.id.replaceAll('-', ''), '1.0.0-beta+x', '1.0.0-beta%2Bx', 'a%2Fb'])
      expect((await admin.get(`/releases/${name}`, 200)).data.id).toBe(older.id);
    for (const name of ['1.0.0-BETA+x', 'A%2FB', '1.0.0', '%3Cnot%20set%3E', '%20']) {
      const { errors } = await admin.get(`/releases/${name}`, 404);
      expect(errors).toEqual([{ title: 'Not found', detail: `The requested release '${decodeURIComponent(name)}' was not found`, code: 'NOT_FOUND' }]);
    }
  });
  test('with its product, as one that may', async () => {
    const release = await world.create('release', { product_id: product.id });
    expect((await admin.get(`/releases/${release.id}/product`, 200)).data).toMatchObject({ type: 'products', id: product.id });
  });
});

test('the upsert of 1.0 is no route', async () => {
  await admin.put('/releases', body(), 404);
});
