import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const body = (attributes = {}) => ({ data: { type: 'products', attributes: { name: 'Sketcher', ...attributes } } });

test('a new product shows every attribute and relation', async () => {
  const admin = await world.as('admin');
  const sent = { code: 'sketcher', url: 'https://sketcher.example.com', platforms: ['macOS', 'Linux'], metadata: { team: 'blue' } };
  const { data, headers } = await admin.post('/products', body(sent), 201);
  const { created, updated, ...attributes } = data.attributes;
  expect(created).toBe(updated);
  expect(attributes).toEqual({ name: 'Sketcher', distributionStrategy: 'LICENSED', permissions: [...defaultPermissions.product].sort(), ...sent });
  const self = `${world.base}/products/${data.id}`;
  expect(data.links).toEqual({ self });
  expect(headers.location).toBe(`https://localhost${self}`);
  const below = ['policies', 'licenses', 'machines', 'users', 'tokens', 'platforms', 'channels', 'releases', 'artifacts'];
  expect(data.relationships).toEqual({
    account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
    environment: { links: { related: null }, data: null },
    ...Object.fromEntries(below.map((name) => [name, { links: { related: `${self}/${name}` } }])),
  });
  expect(await world.emitted()).toEqual(['product.created']);
});

describe('refuses parameters', () => {
  test.each([
    [{ name: undefined }, 'is missing', 'name'],
    [{ name: '' }, 'cannot be blank', 'name'],
    [{ name: 1 }, 'type mismatch (received integer expected string)', 'name'],
    [{ platforms: 'macOS' }, 'type mismatch (received string expected array)', 'platforms'],
    [{ platforms: [1] }, 'type mismatch (received integer expected string)', 'platforms/0'],
    [{ url: '' }, 'cannot be blank', 'url'],
    [{ unpermitted_param: 1 }, 'unpermitted parameter', 'unpermittedParam'],
  ])('%j: %s', async (sent, detail, name) => {
    const { errors } = await (await world.as('admin')).post('/products', body(sent), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail, source: { pointer: `/data/attributes/${name}` } }]);
  });

  test.each(['sales-agent', 'support-agent', 'read-only', 'user'] as const)('permissions from a %s', async (role) => {
    const { errors } = await (await world.as(role)).post('/products', body({ permissions: [] }), 400);
    expect(errors).toMatchObject([{ detail: 'unpermitted parameter', source: { pointer: '/data/attributes/permissions' } }]);
  });
});

describe('refuses', () => {
  const protocol = ['must be a valid URL using one of the following protocols: https, http', 'URL_PROTOCOL_INVALID', 'url'];
  const host = ['must be a URL with a valid host', 'URL_HOST_INVALID', 'url'];
  test.each([
    [{ permissions: ['product.fly'] }, [['unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', 'permissions']]],
    [{ permissions: ['license.read', 'license.read'] }, [['unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', 'permissions']]],
    [{ permissions: ['product.create'] }, [['unsupported permissions', 'PERMISSIONS_NOT_ALLOWED', 'permissions']]],
    [{ code: 'action' }, [['is reserved', 'CODE_NOT_ALLOWED', 'code']]],
    [{ code: 'tAkEn' }, [['has already been taken', 'CODE_TAKEN', 'code']]],
    [{ code: 'x'.repeat(256) }, [['is too long (maximum is 255 characters)', 'CODE_TOO_LONG', 'code']]],
    [{ code: '01a213ee-2975-7000-83b3-dcb08785da4d' }, [['is invalid', 'CODE_INVALID', 'code']]],
    [{ name: 'x'.repeat(256) }, [['is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'name']]],
    [{ url: 'ftp://example.com' }, [protocol]],
    [{ url: 'file:///boom.sh' }, [protocol, host]],
    [{ url: '/var/www/index.html' }, [protocol, host]],
    [{ url: 'https://localhost' }, [host]],
    [{ url: 'https://127.0.0.1' }, [host]],
    [{ url: 'https://intranet/' }, [host]],
    [{ url: 'https://api.keygen.sh/x' }, [host]],
    [{ url: 'https://exa mple.com' }, [['must be a valid URL', 'URL_INVALID', 'url']]],
    [{ url: `https://example.com/${'x'.repeat(240)}` }, [['is too long (maximum is 255 characters)', 'URL_TOO_LONG', 'url']]],
    [{ distributionStrategy: 'FREE' }, [['unsupported distribution strategy', 'DISTRIBUTION_STRATEGY_NOT_ALLOWED', 'distributionStrategy']]],
    [
      { distributionStrategy: 'FREE', url: 'ftp://x', code: 'actions', name: 'x'.repeat(256) },
      [
        ['is reserved', 'CODE_NOT_ALLOWED', 'code'],
        ['is too long (maximum is 255 characters)', 'NAME_TOO_LONG', 'name'],
        protocol,
        host,
        ['unsupported distribution strategy', 'DISTRIBUTION_STRATEGY_NOT_ALLOWED', 'distributionStrategy'],
      ],
    ],
  ])('%j', async (sent, expected) => {
    const taken = await world.create('product', { code: 'Taken' });
    const admin = await world.as('admin');
    const { errors } = await admin.post('/products', body(sent), 422);
    const whole = expected.map(([detail, code, name]) => ({
      ...{ title: 'Unprocessable resource', detail, code, source: { pointer: `/data/attributes/${name}` } },
      links: { about: `https://keygen.sh/docs/api/products/#products-object-attrs-${name}` },
    }));
    expect(errors).toEqual(whole);
    const own = await world.create('product');
    const update = await admin.patch(`/products/${own.id}`, body({ name: 'x', ...sent }), 422);
    expect(update.errors).toEqual(whole);
    await admin.patch('/products/Taken', body({ code: 'TAKEN' }), 200);
    await admin.get(`/products/${taken.id}`, 200);
  });

  test('unknown permissions before authorization, those of others after it', async () => {
    const environment = await world.create('environment', { isolation_strategy: 'ISOLATED', permissions: [] });
    const client = (await world.as('environment', environment)).in(environment);
    await client.post('/products', body({ permissions: ['product.fly'] }), 422);
    await client.post('/products', body({ permissions: ['product.create'] }), 403);
  });
});

describe('an update', () => {
  test('changes what was sent, and logs the difference', async () => {
    const product = await world.create('product', { code: 'sketch', url: 'https://a.example.com', platforms: ['x'] });
    const admin = await world.as('admin');
    const sent = {
      name: null,
      code: null,
      url: null,
      platforms: null,
      distributionStrategy: null,
      permissions: ['release.read', 'license.read'],
      metadata: { a: 1 },
    };
    const { data } = await admin.put('/products/sketch', body(sent), 200);
    expect(data.attributes).toMatchObject({
      ...{ name: product.name, code: 'sketch', url: null, platforms: null, distributionStrategy: null },
      ...{ permissions: ['license.read', 'release.read'], metadata: { a: 1 } },
    });
    expect(await world.emitted()).toEqual(['product.updated']);
    const [log] = await world.server.sql('select metadata from event_logs');
    expect(log!.metadata).toMatchObject({ diff: { url: ['https://a.example.com', null] } });
  });

  test('takes every strategy and an empty list of platforms', async () => {
    const { id } = await world.create('product');
    const admin = await world.as('admin');
    for (const distributionStrategy of ['OPEN', 'CLOSED', 'LICENSED']) await admin.patch(`/products/${id}`, body({ distributionStrategy, platforms: [] }), 200);
    await admin.patch(`/products/${id}`, body({ permissions: ['*'] }), 200);
  });
});

test('a product is found by its code, as it is written', async () => {
  const product = await world.create('product', { code: 'Sketch' });
  const admin = await world.as('admin');
  for (const path of ['', '/policies', '/licenses', '/machines', '/users']) {
    await admin.get(`/products/Sketch${path}`, 200);
    await admin.get(`/products/sketch${path}`, 404);
    await admin.get(`/products/${product.id.replaceAll('-', '').toUpperCase()}${path}`, 200);
  }
});

test('of 50 equal codes sent at once exactly one is taken', async () => {
  const admin = await world.as('admin');
  const answers = await inParallel(50, () => admin.post('/products', body({ code: 'same' })));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.every(({ status }) => [201, 409, 422].includes(status))).toBe(true);
  expect(await world.count('products')).toBe(1);
});

describe('deletion', () => {
  test('takes everything of the product along in the background, and nothing else', async () => {
    const product = await world.create('product');
    const policies = [await world.create('policy', { product_id: product.id }), await world.create('policy', { product_id: product.id, use_pool: true })];
    const license = await world.create('license', { policy_id: policies[0]!.id });
    await world.create('machine', { license_id: license.id });
    await world.create('token', { bearer_type: 'license', bearer_id: license.id });
    await world.create('token', { bearer_type: 'product', bearer_id: product.id });
    await world.create('key', { policy_id: policies[1]!.id });
    await world.create('policy_entitlement', { policy_id: policies[0]!.id });
    await world.create('webhook_endpoint', { product_id: product.id });
    const kept = { endpoint: await world.create('webhook_endpoint'), machine: await world.create('machine'), key: await world.create('key') };
    const admin = await world.as('admin');
    const answer = await admin.delete(`/products/${product.id}`, undefined, 204);
    expect(answer.body).toBe('');
    await admin.get(`/products/${product.id}`, 404);
    expect(await world.server.sql('select id from webhook_endpoints')).toEqual([{ id: kept.endpoint.id }]);
    expect(await world.emitted()).toEqual(['product.deleted']);
    for (const [table, count] of Object.entries({ policies: 2, licenses: 1, machines: 1, keys: 1, policy_entitlements: 0, products: 2, entitlements: 1 }))
      expect(await world.count(table), table).toBe(count);
    expect(await world.server.sql(`select bearer_type from tokens`)).toEqual([{ bearer_type: 'user' }]);
    await admin.get(`/machines/${kept.machine.id}`);
  });

  test('of a large product goes in batches', async () => {
    const product = await world.create('product');
    const policy = await world.create('policy', { product_id: product.id });
    await world.server.sql(
      `insert into policies (id, account_id, created_at, updated_at, product_id, name)
       select gen_random_uuid(), account_id, created_at, updated_at, product_id, 'copy' from policies, generate_series(1, 150) where id = $1`,
      [policy.id],
    );
    await world.server.sql(
      `insert into licenses (id, account_id, created_at, updated_at, policy_id, product_id, key, permissions)
       select gen_random_uuid(), account_id, created_at, updated_at, id, product_id, gen_random_uuid()::text, '{}' from policies, generate_series(1, 1100) where id = $1`,
      [policy.id],
    );
    await (await world.as('admin')).delete(`/products/${product.id}`, undefined, 204);
    await world.server.jobs.run();
    for (const table of ['policies', 'licenses']) expect(await world.count(table), table).toBe(0);
  });
});
