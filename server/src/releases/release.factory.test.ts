import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const channelOf = async ({ channel_id }: Wire) => (await world.server.find('release_channel', { id: channel_id }))!.key;
const update = (type: string, { id }: Wire, attributes: Wire) => world.server.update(type, id, attributes) as Promise<Wire>;

describe('a release', () => {
  test('has what the API gives a new one', async () => {
    const release = await world.create('release');
    expect(release).toMatchObject({
      account_id: world.account.id,
      environment_id: null,
      status: 'DRAFT',
      tag: null,
      name: null,
      package_id: null,
      metadata: {},
    });
    expect(release).toMatchObject({ api_version: '1.8', download_count: 0, upgrade_count: 0, backdated_at: null, yanked_at: null });
    expect(await channelOf(release)).toBe('stable');
    expect((await world.create('release', { product_id: release.product_id })).version).not.toBe(release.version);
  });

  test.each([
    ['1.2', '1.2.0', 'stable', ['1', '2', '0', null, null, null, null]],
    ['1.2.3-beta.4+build.5', '1.2.3-beta.4+build.5', 'beta', ['1', '2', '3', 'beta', '4', 'build', '5']],
    ['0.0.1-dev+001', '0.0.1-dev+001', 'dev', ['0', '0', '1', 'dev', null, null, '1']],
  ])('of version %s is parsed, when it is made and when it is changed', async (version, stored, channel, parsed) => {
    const made = await world.create('release', { version });
    const changed = await update('release', await world.create('release', { version: '9.9.9-rc.9+nine.9' }), { version });
    const names = ['major', 'minor', 'patch', 'pre_word', 'pre_num', 'build_word', 'build_num'];
    for (const release of [made, changed]) {
      expect(release.version).toBe(stored);
      expect(names.map((name) => release[`semver_${name}`]?.toString() ?? null)).toEqual(parsed);
    }
    expect(await channelOf(made)).toBe(channel);
  });

  test('may be given its channel as a key or a record, and gets a version that fits', async () => {
    const beta = await world.create('release', { channel: 'beta' });
    const same = await world.create('release', { release_channel_id: beta.channel_id });
    for (const release of [beta, same]) expect([await channelOf(release), release.semver_pre_word]).toEqual(['beta', 'beta']);
    const moved = await update('release', beta, { channel: 'rc' });
    expect(await channelOf(moved)).toBe('rc');
    await expect(world.create('release', { version: 'v1' })).rejects.toThrow('the version v1 of a release is invalid');
  });

  test('is of the product, the environment and the account of what is given', async () => {
    const account = await world.server.create('account');
    const environment = await world.create('environment', { account_id: account.id });
    const pack = (await world.server.create('release_package', { account_id: account.id, environment_id: environment.id })) as Wire;
    const release = (await world.server.create('release', { package_id: pack.id })) as Wire;
    expect(release).toMatchObject({ account_id: account.id, environment_id: environment.id, product_id: pack.product_id, package_id: pack.id });
    const product = await world.server.create('product', { account_id: account.id });
    expect(await world.server.create('release', { product_id: product.id })).toMatchObject({ account_id: account.id, environment_id: null });
    const alone = (await world.server.create('release', { environment_id: environment.id, account_id: account.id })) as Wire;
    expect((await world.server.find('product', { id: alone.product_id }))!.environment_id).toBe(environment.id);
  });

  test('that is yanked was so at some time', async () => {
    world.server.clock.freeze('2030-01-01T00:00:00.000Z');
    expect((await world.create('release', { status: 'YANKED' })).yanked_at).toEqual(new Date('2030-01-01T00:00:00.000Z'));
    expect((await update('release', await world.create('release'), { status: 'YANKED' })).yanked_at).toEqual(new Date('2030-01-01T00:00:00.000Z'));
    expect((await world.create('release', { backdated: '2020-01-01T00:00:00.000Z' })).backdated_at).toEqual(new Date('2020-01-01T00:00:00.000Z'));
  });

  test.each([
    ['version', { version: '1.0.0' }],
    ['tag', { tag: 'latest' }],
    ['tag', { tag: '' }],
  ])('has its own %s in its product and package: %j', async (_, own) => {
    const product = await world.create('product');
    const pack = await world.create('release_package', { product_id: product.id });
    await world.create('release', { product_id: product.id, ...own });
    await world.create('release', { product_id: product.id, package_id: pack.id, ...own });
    await world.create('release', own);
    await expect(world.create('release', { product_id: product.id, ...own })).rejects.toThrow();
    await expect(world.create('release', { product_id: product.id, package_id: pack.id, ...own })).rejects.toThrow();
  });

  test('of API version 1.0 may repeat a version', async () => {
    const first = await world.create('release', { version: '1.0.0' });
    await world.create('release', { version: '1.0.0', product_id: first.product_id, api_version: '1.0' });
    await world.create('release', { version: '1.0.0', product_id: first.product_id, api_version: '1.0' });
    expect(await world.count('releases')).toBe(3);
  });
});

describe('an artifact', () => {
  test('has what the API gives a new one, and is of its release', async () => {
    const environment = await world.create('environment');
    const release = await world.create('release', { environment_id: environment.id });
    const artifact = await world.create('release_artifact', { release_id: release.id, filesize: 5_368_709_120 });
    expect(artifact).toMatchObject({ status: 'WAITING', environment_id: environment.id, product_id: release.product_id, platform_id: null, checksum: null });
    expect(artifact.filesize).toBe(5_368_709_120);
    expect((await world.create('release_artifact')).release_id).not.toBe(release.id);
  });

  test('follows its release to another product, and its own move to another release', async () => {
    const artifact = await world.create('release_artifact');
    const product = await world.create('product');
    await update('release', { id: artifact.release_id }, { product_id: product.id });
    expect((await world.server.find('release_artifact', { id: artifact.id }))!.product_id).toBe(product.id);
    const release = await world.create('release');
    expect((await update('release_artifact', artifact, { release_id: release.id })).product_id).toBe(release.product_id);
  });

  test('names platform, arch and filetype as on the wire, or by record', async () => {
    const artifact = await world.create('release_artifact', { platform: 'macOS', arch: 'ARM64', filetype: '.DMG' });
    const keys = async () =>
      (await world.server.sql(`select key from platforms union all select key from arches union all select key from filetypes`)).map(({ key }) => key);
    expect(await keys()).toEqual(['macos', 'arm64', 'dmg']);
    const platform = await world.create('release_platform', { key: 'linux' });
    const arch = await world.create('release_arch');
    expect(await world.create('release_artifact', { release_platform_id: platform.id, arch_id: arch.id })).toMatchObject({
      platform_id: platform.id,
      arch_id: arch.id,
    });
    expect(await update('release_artifact', artifact, { platform: null, arch: 'arm64' })).toMatchObject({ platform_id: null, arch_id: artifact.arch_id });
  });
});

describe('a package', () => {
  test('has an engine by key or by record, and a key as that engine stores it', async () => {
    const python = await world.create('release_package', { engine: 'pypi', key: 'a_test.key' });
    expect(python.key).toBe('a-test-key');
    expect((await update('release_package', python, { key: 'b_c' })).key).toBe('b-c');
    expect(await world.create('release_package', { engine_id: python.engine_id, key: 'd_e' })).toMatchObject({ engine_id: python.engine_id, key: 'd-e' });
    expect(await world.create('release_package', { key: 'f_g' })).toMatchObject({ engine_id: null, key: 'f_g' });
    await expect(world.create('release_package', { key: 'f_g' })).rejects.toThrow();
  });
});

test('channels and engines have the keys that there are, one after the other', async () => {
  const keys = async (type: string, count: number) => {
    const made = [];
    for (let n = 0; n < count; n++) made.push((await world.create(type)).key);
    return made;
  };
  expect(await keys('release_channel', 5)).toEqual(['stable', 'rc', 'beta', 'alpha', 'dev']);
  expect(await keys('release_engine', 6)).toEqual(['pypi', 'tauri', 'raw', 'rubygems', 'npm', 'oci']);
});

describe('a constraint', () => {
  test('is of its release and an entitlement beside it, and goes with either', async () => {
    const environment = await world.create('environment');
    const release = await world.create('release', { environment_id: environment.id });
    const constraint = await world.create('release_entitlement_constraint', { release_id: release.id });
    expect(constraint).toMatchObject({ environment_id: environment.id, release_id: release.id });
    const entitlement = await world.server.find('entitlement', { id: constraint.entitlement_id });
    expect(entitlement!.environment_id).toBe(environment.id);
    await expect(world.create('release_entitlement_constraint', { release_id: release.id, entitlement_id: entitlement!.id })).rejects.toThrow();
    const other = await world.create('release_entitlement_constraint', { entitlement_id: entitlement!.id, environment_id: environment.id });
    await world.server.sql('delete from releases where id = $1', [other.release_id]);
    expect(await world.count('constraints')).toBe(1);
    await (await world.as('environment', environment)).in(environment).delete(`/entitlements/${entitlement!.id}`, undefined, 204);
    expect(await world.count('constraints')).toBe(0);
    expect(await world.count('releases')).toBe(1);
  });
});
