/** Releases and artifacts as version 1.0 shows and filters them (spec/distribution.md 16.1, 16.3). */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
let release: Wire;
let newest: Wire;
beforeEach(async () => {
  world = await newWorld();
  admin = (await world.as('admin')).at('1.0');
  product = await world.create('product', { code: 'app' });
  release = await world.create('release', { product_id: product.id, version: '1.0.0', status: 'DRAFT' });
  await world.create('release_artifact', { release_id: release.id, filename: 'old.zip', created_at: '2020-01-01T00:00:00Z' });
  const described = { filename: 'App.dmg', filesize: 209_715_200, platform: 'darwin', filetype: 'dmg', signature: 's', checksum: 'c' };
  newest = await world.create('release_artifact', { release_id: release.id, ...described });
});

const shown = () => ({
  status: 'NOT_PUBLISHED',
  filename: 'App.dmg',
  filetype: 'dmg',
  filesize: 209_715_200,
  platform: 'darwin',
  signature: 's',
  checksum: 'c',
});
const none = { filename: null, filetype: null, filesize: null, platform: null, signature: null, checksum: null };
const related = () => `/v1/accounts/${world.account.id}/releases/${release.id}/artifact`;

test.each(['/releases', '/products/app/releases'])('%s shows the newest artifact of each release', async (path) => {
  const { data } = await admin.get(path, 200);
  expect(data).toHaveLength(1);
  expect(data[0].attributes).toMatchObject(shown());
  expect(data[0].relationships.artifact).toEqual({ links: { related: related() }, data: { type: 'artifacts', id: newest.id } });
  expect(data[0].relationships.artifacts).toBeUndefined();
  const { data: single } = await admin.get(`${path}/${release.id}`, 200);
  expect(single).toEqual(data[0]);
});

test('a release without one shows nothing in its place, also when it is made and changed', async () => {
  const body = (attributes: Wire, relationships?: Wire) => ({ data: { type: 'releases', attributes, ...(relationships && { relationships }) } });
  const made = await admin.post('/releases', body({ version: '2.0.0', channel: 'stable' }, { product: { data: { type: 'products', id: product.id } } }), 201);
  expect(made.data.attributes).toMatchObject({ status: 'NOT_PUBLISHED', ...none });
  expect(made.data.relationships.artifact.data).toBeNull();
  const changed = await admin.patch(`/releases/${made.data.id}`, body({ name: 'Two' }), 200);
  expect(changed.data.attributes).toMatchObject({ name: 'Two', status: 'NOT_PUBLISHED', ...none });
});

test('actions and newer versions show releases as they are', async () => {
  const now = await admin.at('1.1').get(`/releases/${release.id}`, 200);
  expect(now.data.attributes).toMatchObject({ status: 'DRAFT' });
  expect(Object.keys(now.data.attributes)).not.toContain('filename');
  expect(now.data.relationships.artifact).toBeUndefined();
  const published = await admin.post(`/releases/${release.id}/actions/yank`, {}, 200);
  expect(published.data.relationships.artifacts).toBeDefined();
});

test.each(['/artifacts', '/products/app/artifacts', '/releases/1.0.0/artifacts'])('%s shows key and product of artifacts', async (path) => {
  const { data } = await admin.get(path, 200);
  for (const artifact of [data[0], (await admin.get(`${path}/${newest.id}?prefer=no-download`, 200)).data]) {
    expect(artifact.attributes.key).toBe('App.dmg');
    expect(artifact.relationships.product).toEqual({
      links: { related: `/v1/accounts/${world.account.id}/products/${product.id}` },
      data: { type: 'products', id: product.id },
    });
  }
});

describe('the filters of 1.0', () => {
  test.each([
    ['version=1.0.0', 1],
    ['version=2.0.0', 0],
    ['platform=darwin', 1],
    ['platform=linux', 0],
    ['filetype=.DMG', 1],
    ['filetype=zip', 0],
    ['arch=arm64', 0],
    ['platform=', 1],
    ['version[]=2.0.0', 1],
  ])('%s finds %d, and nothing less in newer versions', async (query, count) => {
    for (const path of ['/releases', '/products/app/releases']) {
      expect((await admin.get(`${path}?${query}`, 200)).data).toHaveLength(count);
      expect((await admin.at('1.1').get(`${path}?${query}`, 200)).data).toHaveLength(1);
    }
  });

  test('tell releases of one name apart', async () => {
    await admin.get(`/releases/1.0.0?platform=linux`, 404);
    await admin.get(`/releases/1.0.0?platform=${newest.platform_id}`, 200);
    await admin.at('1.1').get(`/releases/1.0.0?platform=linux`, 200);
  });
});
