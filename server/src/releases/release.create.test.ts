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

const linkage = (type: string, record: Wire) => ({ data: record && { type, id: record.id } });
const body = (attributes: Wire = {}, relationships: Wire = {}) => ({
  data: {
    type: 'releases',
    attributes: { channel: 'stable', version: '1.0.0', ...attributes },
    relationships: { product: linkage('products', product), ...relationships },
  },
});
const links = (...entitlements: Wire[]) => ({
  data: entitlements.map((entitlement) => ({ type: 'constraints', relationships: { entitlement: linkage('entitlements', entitlement) } })),
});
const unknown = { id: '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0' };
const docs = (suffix: string) => `https://keygen.sh/docs/api/releases/#releases-object-${suffix}`;

describe('a new release', () => {
  test('is answered whole, and the audit trail has it', async () => {
    world.server.clock.freeze('2026-02-03T10:00:00Z');
    const inside = await world.create('release_package', { product_id: product.id });
    const entitlement = await world.create('entitlement');
    const attributes = { name: 'Nightingale 1.2', channel: 'beta', version: '1.2.0-beta.3', tag: 'next', metadata: { buildHost: 'ci-7' } };
    const { data, headers } = await admin.post('/releases', body(attributes, { package: linkage('packages', inside), constraints: links(entitlement) }), 201);
    const self = `${world.base}/releases/${data.id}`;
    const below = (name: string) => ({ links: { related: `${self}/${name}` } });
    expect(headers.location).toBe(`https://localhost${self}`);
    expect(data).toEqual({
      id: data.id,
      type: 'releases',
      attributes: {
        ...{ name: 'Nightingale 1.2', description: null, channel: 'beta', status: 'DRAFT', tag: 'next', version: '1.2.0-beta.3' },
        semver: { major: 1, minor: 2, patch: 0, prerelease: 'beta.3', build: null },
        metadata: { buildHost: 'ci-7' },
        ...{ created: '2026-02-03T10:00:00.000Z', updated: '2026-02-03T10:00:00.000Z', backdated: null, yanked: null },
      },
      relationships: {
        account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        product: { ...below('product'), data: { type: 'products', id: product.id } },
        package: { ...below('package'), data: { type: 'packages', id: inside.id } },
        ...{ entitlements: below('entitlements'), constraints: below('constraints'), artifacts: below('artifacts'), upgrade: below('upgrade') },
      },
      links: { self },
    });
    expect((await admin.get('/releases/next', 200)).data).toEqual(data);
    expect((await admin.get(`/releases/${data.id}/constraints`, 200)).data).toHaveLength(1);
    expect(await world.emitted()).toEqual(['release.created']);
    const [row] = await world.server.sql('select api_version, semver_pre_word, semver_pre_num::int from releases');
    expect(row).toEqual({ api_version: '1.8', semver_pre_word: 'beta', semver_pre_num: 3 });
  });

  test('is a draft unless it is published at once, without an event of its own', async () => {
    const { data } = await admin.post('/releases', body({ status: 'PUBLISHED', metadata: null, status_: undefined }), 201);
    expect(data.attributes).toMatchObject({ status: 'PUBLISHED', yanked: null, metadata: {}, name: null, tag: null, backdated: null });
    expect(data.relationships.package).toEqual({ links: { related: `${world.base}/releases/${data.id}/package` }, data: null });
    expect(await world.emitted()).toEqual(['release.created']);
  });

  test.each([
    // sent, stored, semver
    ['1', '1.0.0', [1, 0, 0, null, null]],
    ['1.', '1.0.0', [1, 0, 0, null, null]],
    ['1.2', '1.2.0', [1, 2, 0, null, null]],
    ['01.002.0', '1.2.0', [1, 2, 0, null, null]],
    ['1.2.3+build.7', '1.2.3+build.7', [1, 2, 3, null, 'build.7']],
    ['9223372036854775807.0.0', '9223372036854775807.0.0', [9223372036854775807n, 0, 0, null, null]],
  ])('of version %s has version %s', async (sent, stored, parts) => {
    const { body: text, data } = await admin.post('/releases', body({ version: sent }), 201);
    expect(data.attributes.version).toBe(stored);
    const [major, minor, patch, prerelease, build] = parts;
    expect(text).toContain(
      `"semver":{"major":${major},"minor":${minor},"patch":${patch},"prerelease":${JSON.stringify(prerelease)},"build":${JSON.stringify(build)}}`,
    );
    await admin.get(`/releases/${encodeURIComponent(stored)}`, 200);
  });

  test.each([
    ['2023-01-02T03:04:05Z', '2023-01-02T03:04:05.000Z'],
    [1672628645, '2023-01-02T03:04:05.000Z'],
    ['1672628645', '2023-01-02T03:04:05.000Z'],
    [null, null],
    ['', null],
    ['soon', null],
  ])('backdated to %j is backdated to %j', async (sent, stored) => {
    const { data } = await admin.post('/releases', body({ backdated: sent }), 201);
    expect(data.attributes.backdated).toBe(stored);
    const before = await world.create('release', { product_id: product.id, version: '2.0.0', backdated_at: '2020-01-01T00:00:00Z' });
    const changed = await admin.patch(`/releases/${before.id}`, { data: { type: 'release', attributes: { backdated: sent } } }, 200);
    expect(changed.data.attributes.backdated).toBe(stored);
  });

  test('of any type name and with empty lists is taken', async () => {
    const sent = body(
      {},
      { product: { data: { type: 'product', id: product.id } }, package: { data: null }, constraints: { data: [] }, environment: { data: null } },
    );
    await admin.post('/releases', { data: { ...sent.data, type: 'release' } }, 201);
  });
});

describe('a new release is refused by its shape', () => {
  const attribute = (name: string) => `/data/attributes/${name}`;
  test.each<[string, Wire, string, string]>([
    ['no channel', { channel: undefined }, 'is missing', attribute('channel')],
    ['no version', { version: undefined }, 'is missing', attribute('version')],
    ['a null version', { version: null }, 'cannot be null', attribute('version')],
    ['a blank version', { version: '' }, 'cannot be blank', attribute('version')],
    ['a number for a version', { version: 1 }, 'type mismatch (received integer expected string)', attribute('version')],
    ['an unknown channel', { channel: 'nightly' }, 'is invalid', attribute('channel')],
    ['a status that only an action gives', { status: 'YANKED' }, 'is invalid', attribute('status')],
    ['an unknown status', { status: 'published' }, 'is invalid', attribute('status')],
    ['a blank description', { description: '' }, 'cannot be blank', attribute('description')],
    ['an unknown attribute', { filename: 'a.zip' }, 'unpermitted parameter', attribute('filename')],
    ['metadata that is too deep', { metadata: { a: { b: { c: { d: 1 } } } } }, 'maximum depth of 2 exceeded', attribute('metadata/a/b/c')],
  ])('%s', async (_, attributes, detail, pointer) => {
    const { errors } = await admin.post('/releases', body(attributes), 400);
    expect(errors).toEqual(badRequest(detail, pointer));
  });

  test('a version whose numbers cannot be stored, without saying where', async () => {
    const { errors } = await admin.post('/releases', body({ version: '9223372036854775808.0.0' }), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail: 'integer is too large' }]);
  });

  test('without relationships, without a product, with an entitlement that is none', async () => {
    const { data } = body();
    const { errors } = await admin.post('/releases', { data: { type: data.type, attributes: data.attributes } }, 400);
    expect(errors).toEqual(badRequest('is missing', '/data/relationships'));
    expect((await admin.post('/releases', body({}, { product: undefined }), 400)).errors).toEqual(badRequest('is missing', '/data/relationships/product'));
    const nested = { data: [{ type: 'constraints', relationships: { entitlement: { data: { type: 'entitlements', id: 'no' } } } }] };
    expect((await admin.post('/releases', body({}, { constraints: nested }), 400)).errors).toEqual(
      badRequest('type mismatch (received string expected UUID string)', '/data/relationships/constraints/data/0/relationships/entitlement/data/id'),
    );
  });

  test('with more than 20 constraints, before anybody is asked whether he may', async () => {
    const sales = await world.as('sales-agent');
    const { errors } = await sales.post('/releases', body({}, { constraints: links(...Array(21).fill(unknown)) }), 422);
    expect(errors).toEqual([{ title: 'Unprocessable entity', detail: 'too many records' }]);
  });
});

describe('a new release is refused by its rules', () => {
  test.each<[string, Wire, [string, string, string][]]>([
    ['a version that is none', { version: 'one' }, [['must be a valid version', 'VERSION_INVALID', 'attrs-version']]],
    ['a version with a v', { version: 'v1.0.0' }, [['must be a valid version', 'VERSION_INVALID', 'attrs-version']]],
    [
      'a prerelease among the stable',
      { version: '1.0.0-beta.1' },
      [['version does not match stable channel (expected x.y.z got 1.0.0-beta.1)', 'VERSION_CHANNEL_INVALID', 'attrs-version']],
    ],
    [
      'a final release among prereleases',
      { channel: 'rc', version: '1.0' },
      [['version does not match prerelease channel (expected x.y.z-rc.n got 1.0.0)', 'VERSION_CHANNEL_INVALID', 'attrs-version']],
    ],
    [
      'a prerelease of another channel',
      { channel: 'beta', version: '1.0.0-Beta.1' },
      [['version does not match prerelease channel (expected x.y.z-beta.n got 1.0.0-Beta.1)', 'VERSION_CHANNEL_INVALID', 'attrs-version']],
    ],
    [
      'no version among prereleases',
      { channel: 'dev', version: 'x' },
      [
        ['version does not match prerelease channel (expected x.y.z-dev.n got )', 'VERSION_CHANNEL_INVALID', 'attrs-version'],
        ['must be a valid version', 'VERSION_INVALID', 'attrs-version'],
      ],
    ],
    ['a reserved tag', { tag: 'actions' }, [['is reserved', 'TAG_NOT_ALLOWED', 'attrs-tag']]],
    ['a reserved tag', { tag: 'action' }, [['is reserved', 'TAG_NOT_ALLOWED', 'attrs-tag']]],
    ['a long tag', { tag: 'x'.repeat(256) }, [['is too long (maximum is 255 characters)', 'TAG_TOO_LONG', 'attrs-tag']]],
    ['a long name', { name: 'x'.repeat(256) }, [['is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'attrs-name']]],
    ['a long description', { description: 'x'.repeat(16385) }, [['is too long (maximum is 16384 characters)', 'DESCRIPTION_TOO_LONG', 'attrs-description']]],
    ['much metadata', { metadata: { a: 'x'.repeat(16384) } }, [['too large (exceeded limit of 16384 bytes)', 'METADATA_TOO_LONG', 'attrs-metadata']]],
    ['a future backdate', { backdated: '2999-01-01T00:00:00Z' }, [['must be in the past', 'BACKDATED_INVALID', 'attrs-backdated']]],
    [
      'everything at once, in order',
      { version: 'x', channel: 'rc', tag: 'action', name: 'x'.repeat(256), backdated: '2999-01-01T00:00:00Z', description: 'x'.repeat(16385) },
      [
        ['version does not match prerelease channel (expected x.y.z-rc.n got )', 'VERSION_CHANNEL_INVALID', 'attrs-version'],
        ['must be a valid version', 'VERSION_INVALID', 'attrs-version'],
        ['is reserved', 'TAG_NOT_ALLOWED', 'attrs-tag'],
        ['is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'attrs-name'],
        ['is too long (maximum is 16384 characters)', 'DESCRIPTION_TOO_LONG', 'attrs-description'],
        ['must be in the past', 'BACKDATED_INVALID', 'attrs-backdated'],
      ],
    ],
  ])('%s', async (_, attributes, expected) => {
    const { errors } = await admin.post('/releases', body(attributes), 422);
    expect(errors).toEqual(
      expected.map(([detail, code, place]) => ({
        title: 'Unprocessable resource',
        ...{ detail, code },
        source: { pointer: `/data/${place.replace('attrs-', 'attributes/')}` },
        links: { about: docs(place) },
      })),
    );
    expect(await world.emitted()).toEqual([]);
    // a save that fails leaves no channel behind
    expect(await world.count('channels')).toBe(0);
  });

  test.each(['2.0.0-alpha1 alpha', '1.0.0-beta beta', '1.0.0-dev+build.1 dev', '1.0.0-rc.1.2 rc', '1.0.0+a stable'])('not %s', async (text) => {
    const [version, channel] = text.split(' ');
    await admin.post('/releases', body({ version, channel }), 201);
  });

  test('an unknown product or package, and a package of another product', async () => {
    const foreign = await world.create('release_package', { product_id: (await world.create('product')).id });
    const told = async (relationships: Wire) =>
      (await admin.post('/releases', body({}, relationships), 422)).errors.map((e: Wire) => [e.detail, e.code, e.source.pointer]);
    expect(await told({ product: linkage('products', unknown) })).toEqual([['must exist', 'PRODUCT_NOT_FOUND', '/data/relationships/product']]);
    expect(await told({ package: linkage('packages', unknown) })).toEqual([['must exist', 'PACKAGE_NOT_FOUND', '/data/relationships/package']]);
    expect(await told({ package: linkage('packages', foreign) })).toEqual([
      ['package product must match release product', 'PACKAGE_NOT_ALLOWED', '/data/relationships/package'],
    ]);
  });

  test('constraints that are named twice, or of no entitlement, each for itself; nothing is made', async () => {
    const [twice, once] = [await world.create('entitlement'), await world.create('entitlement')];
    const { errors } = await admin.post('/releases', body({}, { constraints: links(twice, once, unknown, twice) }), 422);
    const at = (index: number) => `/data/relationships/constraints/data/${index}/relationships/entitlement`;
    expect(errors.map(({ detail, code, source, links: { about } }: Wire) => [detail, code, source.pointer, about])).toEqual([
      ['is duplicated', 'CONSTRAINTS_ENTITLEMENT_CONFLICT', at(0), docs('relationships-constraints')],
      ['must exist', 'CONSTRAINTS_ENTITLEMENT_NOT_FOUND', at(2), docs('relationships-constraints')],
      ['is duplicated', 'CONSTRAINTS_ENTITLEMENT_CONFLICT', at(3), docs('relationships-constraints')],
    ]);
    expect(await world.count('releases')).toBe(0);
  });
});

describe('a version and a tag are unique among the releases of a package, or of a product without one', () => {
  test('and free elsewhere', async () => {
    const [one, two] = [await world.create('release_package', { product_id: product.id }), await world.create('release_package', { product_id: product.id })];
    const places: [string, Wire][] = [
      ['the product', {}],
      ['a package', { package: linkage('packages', one) }],
      ['another package', { package: linkage('packages', two) }],
      ['another product', { product: linkage('products', await world.create('product')) }],
    ];
    for (const [, place] of places) await admin.post('/releases', body({ tag: 'latest' }, place), 201);
    for (const [, place] of places) {
      const { errors } = await admin.post('/releases', body({ tag: 'latest' }, place), 422);
      expect(errors.map(({ detail, code }: Wire) => [detail, code])).toEqual([
        ['version already exists', 'VERSION_TAKEN'],
        ['tag already exists', 'TAG_TAKEN'],
      ]);
    }
    await admin.post('/releases', body({ channel: 'beta', version: '1.0.0-beta' }), 201);
    await admin.post('/releases', body({ channel: 'beta', version: '1.0.0-beta.1' }), 201);
  });

  test('what collides only as it is stored is a conflict, and so is a second blank tag', async () => {
    await admin.post('/releases', body({ tag: '' }), 201);
    const { errors } = await admin.post('/releases', body({ version: '1.0' }), 409);
    expect(errors).toEqual([{ title: 'Conflict', detail: 'The request could not be completed because of a conflict' }]);
    await admin.post('/releases', body({ version: '2.0.0', tag: '' }), 409);
  });

  test('1.0 may repeat a version, and nobody may repeat one of 1.0', async () => {
    for (let n = 0; n < 2; n++) await admin.at('1.0').post('/releases', body(), 201);
    const { errors } = await admin.post('/releases', body(), 422);
    expect(errors).toMatchObject([{ code: 'VERSION_TAKEN' }]);
  });

  test('of 20 equal ones sent at once exactly one is taken', async () => {
    const answers = await inParallel(20, () => admin.post('/releases', body()));
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status)).difference(new Set([201, 409, 422])).size).toBe(0);
    expect(await world.count('releases')).toBe(1);
  });
});

describe('in environments', () => {
  test('a release gets the current one, else that of its product, and must fit its product and package', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const apart = (await world.as('environment', isolated)).in(isolated);
    const inside = await world.create('release_package', { product_id: product.id });
    const local = await world.create('release_package', { product_id: product.id, environment_id: shared.id });
    const { data } = await admin.in(shared).post('/releases', body({}, { package: linkage('packages', inside) }), 201);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
    const refused = async (client: Client, status: number, relationships: Wire = {}) =>
      (await client.post('/releases', body({ version: '2.0.0' }, relationships), status)).errors[0];
    expect(await refused(apart, 422)).toMatchObject({
      detail: 'must be compatible with product environment',
      ...{ code: 'ENVIRONMENT_NOT_ALLOWED', source: { pointer: '/data/relationships/environment' }, links: { about: docs('relationships-environment') } },
    });
    expect(await refused(admin, 422, { package: linkage('packages', local) })).toMatchObject({ detail: 'must be compatible with package environment' });
    expect(await refused(admin, 403, { environment: linkage('environments', shared) })).toMatchObject({ title: 'Access denied' });
    const entitlement = await world.create('entitlement', { environment_id: shared.id });
    expect(await refused(admin, 422, { constraints: links(entitlement) })).toMatchObject({
      detail: 'must be compatible with entitlement environment',
      source: { pointer: '/data/relationships/constraints/data/0/relationships/environment' },
    });
    await admin.get(`/releases/${data.id}`, 404);
    await admin.in(shared).patch(`/releases/${data.id}`, { data: { type: 'releases', attributes: {} } }, 200);
    const global = await world.create('release', { product_id: product.id });
    await admin.in(shared).get(`/releases/${global.id}`, 200);
    for (const action of ['publish', 'yank']) await admin.in(shared).post(`/releases/${global.id}/actions/${action}`, undefined, 403);
    await admin.in(shared).delete(`/releases/${global.id}`, undefined, 403);
    await apart.get(`/releases/${global.id}`, 404);
  });
});

describe('on a plan that costs nothing', () => {
  const detail =
    "Your tier's release limit of 10 has been reached for your account. Please upgrade to a paid tier and add a payment method at https://app.keygen.sh/billing.";
  const made = async (plan: Wire, count: number) => {
    world = await newWorld({ mode: 'multiplayer' });
    await world.server.update('account', String(world.account.id), { plan_id: (await world.create('plan', plan)).id });
    admin = await world.as('admin');
    product = await world.create('product');
    for (let n = 0; n < count; n++) await world.create('release', { product_id: product.id });
  };

  test('the eleventh release is one too many, also when several are sent at once, and told after all else', async () => {
    await made({ price: 0 }, 8);
    const answers = await inParallel(6, (n) => admin.post('/releases', body({ version: `2.0.${n}` })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422, 422, 422, 422]);
    const { errors } = await admin.post('/releases', body({ version: '3.0.0' }), 422);
    expect(errors).toMatchObject([
      { title: 'Unprocessable resource', detail, code: 'ACCOUNT_RELEASE_LIMIT_EXCEEDED', source: { pointer: '/data/relationships/account' } },
    ]);
    expect((await admin.post('/releases', body({ version: 'x' }), 422)).errors).toMatchObject([{ code: 'VERSION_INVALID' }]);
  });
  test('whoever pays has no limit', async () => {
    await made({ price: 100 }, 10);
    await admin.post('/releases', body({ version: '3.0.0' }), 201);
  });
});
