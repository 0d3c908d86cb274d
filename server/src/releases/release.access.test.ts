/** Who sees and reads releases (spec/distribution.md 2); upgrades, constraints and packages have their own. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const refused = (reason: string) => `You do not have permission to complete the request (${reason})`;
const generic = refused('ensure the token or license is allowed to access all resources');
const day = 86_400_000;
const ago = (days: number): Date => new Date(world.server.clock.now().getTime() - days * day);

const productOf = (strategy: string | null, more = {}) => world.create('product', { distribution_strategy: strategy, ...more });
const releaseOf = (product: Wire, more = {}) => world.create('release', { product_id: product.id, status: 'PUBLISHED', ...more });
async function constrained(release: Wire) {
  const { entitlement_id } = await world.create('release_entitlement_constraint', { release_id: release.id });
  return entitlement_id;
}
const licenseOf = async (product: Wire, more: Wire = {}, policy: Wire = {}) =>
  world.create('license', { policy_id: (await world.create('policy', { product_id: product.id, ...policy })).id, ...more });
const versions = async (client: Client, path = '/releases') => (await client.get(path, 200)).data.map(({ attributes }: Wire) => attributes.version).sort();
const detailOf = async (client: Client, path: string, status: number) => (await client.get(path, status)).errors[0].detail;

describe('by what their product is distributed like', () => {
  test.each([
    // strategy, status, constrained, license, a license of another product, nobody
    ['LICENSED', 'PUBLISHED', false, 200, 404, 404],
    ['LICENSED', 'DRAFT', false, 404, 404, 404],
    ['LICENSED', 'YANKED', false, 404, 404, 404],
    ['LICENSED', 'PUBLISHED', true, 404, 404, 404],
    [null, 'PUBLISHED', false, 200, 404, 404],
    ['OPEN', 'PUBLISHED', false, 200, 200, 200],
    ['OPEN', 'DRAFT', false, 404, 404, 404],
    ['OPEN', 'YANKED', false, 404, 404, 404],
    ['OPEN', 'PUBLISHED', true, 404, 404, 404],
    ['CLOSED', 'PUBLISHED', false, 404, 404, 404],
  ] as const)('a %s product, %s, constrained: %j', async (strategy, status, asks, license, other, nobody) => {
    const product = await productOf(strategy);
    const release = await releaseOf(product, { status });
    if (asks) await constrained(release);
    const owner = await world.create('user');
    const own = await licenseOf(product, { owner_id: owner.id });
    const elsewhere = await world.create('license');
    const asked: [string, Client, number][] = [
      ['license', await world.as('license', own), license],
      ['owner', await world.as('user', owner), license],
      ['other license', await world.as('license', elsewhere), other],
      ['user without a license', await world.as('user'), other],
      ['nobody', world.anonymous(), nobody],
      ['product', await world.as('product', product), 200],
      ['other product', await world.as('product'), 404],
      ['admin', await world.as('admin'), 200],
      ['read-only', await world.as('read-only'), 200],
    ];
    for (const [who, client, expected] of asked) {
      expect([who, (await client.get(`/releases/${release.id}`)).status]).toEqual([who, expected]);
      expect([who, await versions(client)]).toEqual([who, expected === 200 ? [release.version] : []]);
    }
  });

  test('who has what a release of an open product asks for reads it, whoever else does not', async () => {
    const product = await productOf('OPEN');
    const release = await releaseOf(product);
    const entitlement_id = await constrained(release);
    const license = await licenseOf(product);
    await world.create('license_entitlement', { license_id: license.id, entitlement_id });
    await (await world.as('license', license)).get(`/releases/${release.id}`, 200);
    const attached = await world.create('license_user', { license_id: license.id });
    await (await world.as('user', (await world.server.find('user', { id: attached.user_id }))!)).get(`/releases/${release.id}`, 200);
    const elsewhere = await licenseOf(await productOf('LICENSED'));
    await world.create('license_entitlement', { license_id: elsewhere.id, entitlement_id });
    await (await world.as('license', elsewhere)).get(`/releases/${release.id}`, 404);
  });

  test('a constraint may be met by the policy, and all must be met', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const [first, second] = [await constrained(release), await constrained(release)];
    const license = await licenseOf(product);
    const client = await world.as('license', license);
    await world.create('policy_entitlement', { policy_id: license.policy_id, entitlement_id: first });
    await client.get(`/releases/${release.id}`, 404);
    await world.create('license_entitlement', { license_id: license.id, entitlement_id: second });
    await client.get(`/releases/${release.id}`, 200);
  });

  test('of 1.0.0 of two products a license gets the older one, or that of the product it names', async () => {
    const [own, open] = [await productOf('LICENSED'), await productOf('OPEN')];
    const older = await releaseOf(open, { version: '1.0.0', created_at: ago(2) });
    const newer = await releaseOf(own, { version: '1.0.0', created_at: ago(1) });
    const client = await world.as('license', await licenseOf(own));
    expect((await client.get('/releases/1.0.0', 200)).data.id).toBe(older.id);
    expect((await client.get(`/releases/1.0.0?product=${own.id}`, 200)).data.id).toBe(newer.id);
    await client.get(`/releases/1.0.0?product=${(await productOf('LICENSED')).id}`, 404);
  });
});

describe('by when a license expires', () => {
  test.each([
    // strategy, expired days ago, in the list
    ['REVOKE_ACCESS', 5, []],
    [null, 5, []],
    ['REVOKE_ACCESS', -1, ['1.0.0', '2.0.0', '3.0.0']],
    ['RESTRICT_ACCESS', 5, ['1.0.0', '3.0.0']],
    ['MAINTAIN_ACCESS', 5, ['1.0.0', '3.0.0']],
    ['ALLOW_ACCESS', 5, ['1.0.0', '2.0.0', '3.0.0']],
  ] as const)('%s, %i days ago: %j', async (expiration_strategy, days, expected) => {
    const product = await productOf('LICENSED');
    const made = [
      await releaseOf(product, { version: '1.0.0', created_at: ago(9) }),
      await releaseOf(product, { version: '2.0.0', created_at: ago(1) }),
      await releaseOf(product, { version: '3.0.0', created_at: ago(1), backdated_at: ago(8) }),
    ];
    const owner = await world.create('user');
    const license = await licenseOf(product, { expiry: ago(days), owner_id: owner.id }, { expiration_strategy });
    for (const client of [await world.as('license', license), await world.as('user', owner)]) {
      expect(await versions(client)).toEqual(expected);
      expect(await versions(client, `/products/${product.id}/releases`)).toEqual(expected);
      for (const { id, version } of made) await client.get(`/releases/${id}`, (expected as readonly string[]).includes(version) ? 200 : 404);
    }
  });

  test('an expired license still has what is open', async () => {
    const product = await productOf('LICENSED');
    await releaseOf(product);
    const open = await releaseOf(await productOf('OPEN'));
    const client = await world.as('license', await licenseOf(product, { expiry: ago(1) }, { expiration_strategy: 'REVOKE_ACCESS' }));
    expect(await versions(client)).toEqual([open.version]);
  });

  test('what was made before the expiry and backdated to after it is in sight, and refused', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product, { created_at: ago(9), backdated_at: ago(1) });
    const client = await world.as('license', await licenseOf(product, { expiry: ago(5) }, { expiration_strategy: 'RESTRICT_ACCESS' }));
    for (const path of [`/releases/${release.id}`, '/releases', `/products/${product.id}/releases`])
      expect(await detailOf(client, path, 403)).toBe(refused('license expiry falls outside of access window'));
  });
});

describe('by the state of a license', () => {
  test('a suspended one is refused what it sees, in lists too, and not what is open', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const license = await licenseOf(product, { suspended: true });
    const client = await world.as('license', license);
    for (const path of [`/releases/${release.id}`, '/releases', `/products/${product.id}/releases`, `/products/${product.id}/releases/${release.id}`])
      expect(await detailOf(client, path, 403)).toBe(refused('license is suspended'));
    expect(await versions(client, '/releases?status=DRAFT')).toEqual([]);
    await world.server.update('product', product.id, { distribution_strategy: 'OPEN' });
    expect(await versions(client)).toEqual([release.version]);
    await client.get(`/releases/${release.id}`, 200);
  });

  test('one of a banned user is refused', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const owner = await world.create('user');
    const license = await licenseOf(product, { owner_id: owner.id });
    const { user_id } = await world.create('license_user', { license_id: license.id });
    await world.server.update('user', owner.id, { banned_at: ago(1) });
    const client = await world.as('user', (await world.server.find('user', { id: user_id }))!);
    expect(await detailOf(client, `/releases/${release.id}`, 403)).toBe(refused('license is banned'));
  });

  test('of several licenses of a user one will do; when none does, the oldest tells why', async () => {
    const product = await productOf('LICENSED');
    const release = await releaseOf(product);
    const owner = await world.create('user');
    const window = { expiration_strategy: 'RESTRICT_ACCESS' };
    await licenseOf(product, { owner_id: owner.id, expiry: ago(-5), suspended: true, created_at: ago(3) }, window);
    const second = await licenseOf(product, { owner_id: owner.id, expiry: ago(9), created_at: ago(2) }, window);
    const client = await world.as('user', owner);
    expect(await detailOf(client, `/releases/${release.id}`, 403)).toBe(refused('license is suspended'));
    await world.server.update('license', second.id, { created_at: ago(4) });
    expect(await detailOf(client, '/releases', 403)).toBe(refused('license expiry falls outside of access window'));
    await licenseOf(product, { owner_id: owner.id });
    await client.get(`/releases/${release.id}`, 200);
    expect(await versions(client)).toEqual([release.version]);
  });
});

describe('the product of a release', () => {
  test('is for those who may read products, and customers of it', async () => {
    const product = await productOf('OPEN');
    const release = await releaseOf(product);
    const path = `/releases/${release.id}/product`;
    const owner = await world.create('user', { permissions: ['*'] });
    const own = await licenseOf(product, { owner_id: owner.id, permissions: ['*'] });
    await (await world.as('license', own)).get(path, 200);
    await (await world.as('user', owner)).get(path, 200);
    const plain = await world.as('license', await licenseOf(product));
    expect(await detailOf(plain, path, 403)).toBe(refused('license lacks permission to perform action'));
    const elsewhere = await world.as('license', await licenseOf(await productOf('LICENSED'), { permissions: ['*'] }));
    expect(await detailOf(elsewhere, path, 403)).toBe(generic);
    expect(await detailOf(await world.as('user', await world.create('user', { permissions: ['*'] })), path, 403)).toBe(generic);
    await world.anonymous().get(path, 401);
    await (await world.as('product')).get(path, 404);
  });
});

describe('releases of a product', () => {
  test('are for whoever finds the product there', async () => {
    const [licensed, open, closed] = [await productOf('LICENSED', { code: 'app' }), await productOf('OPEN'), await productOf('CLOSED')];
    for (const product of [licensed, open, closed]) await releaseOf(product);
    await releaseOf(licensed, { status: 'DRAFT' });
    const owner = await world.create('user');
    const license = await licenseOf(licensed, { owner_id: owner.id });
    const closedLicense = await licenseOf(closed, { owner_id: owner.id });
    const counts = async (client: Client) => {
      const answers = [];
      for (const { id } of [licensed, open, closed]) {
        const { status, data } = await client.get(`/products/${id}/releases`);
        answers.push(data ? data.length : status);
      }
      return answers;
    };
    expect(await counts(await world.as('admin'))).toEqual([2, 1, 1]);
    expect(await counts(await world.as('license', license))).toEqual([1, 1, 404]);
    expect(await counts(await world.as('license', closedLicense))).toEqual([404, 1, 404]);
    expect(await counts(await world.as('user', owner))).toEqual([1, 1, 0]);
    expect(await counts(await world.as('user'))).toEqual([404, 1, 404]);
    expect(await counts(await world.as('product', licensed))).toEqual([2, 404, 404]);
    expect(await counts(world.anonymous())).toEqual([401, 401, 401]);
    expect(await versions(await world.as('license', license), '/products/app/releases')).toHaveLength(1);
  });

  test('tell why one cannot be read where by itself it is not there', async () => {
    const [own, open] = [await productOf('LICENSED'), await productOf('OPEN')];
    const late = await releaseOf(own, { version: '2.0.0', tag: 'late', created_at: ago(1) });
    const draft = await releaseOf(own, { status: 'DRAFT' });
    const asking = await releaseOf(open);
    await constrained(asking);
    const lacking = await releaseOf(own, { created_at: ago(9) });
    await constrained(lacking);
    const client = await world.as('license', await licenseOf(own, { expiry: ago(5) }, { expiration_strategy: 'MAINTAIN_ACCESS' }));
    for (const name of [late.id, '2.0.0', 'late'])
      expect(await detailOf(client, `/products/${own.id}/releases/${name}`, 403)).toBe(refused('license expiry falls outside of access window'));
    await client.get(`/releases/${late.id}`, 404);
    expect(await detailOf(client, `/products/${own.id}/releases/${draft.id}`, 404)).toBe(`The requested release '${draft.id}' was not found`);
    expect(await detailOf(client, `/products/${own.id}/releases/${lacking.id}`, 403)).toBe(refused('license is missing entitlements'));
    expect(await detailOf(client, `/products/${open.id}/releases/${asking.id}`, 403)).toBe(generic);
    await client.get(`/products/${open.id}/releases/${late.id}`, 404);
    await (await world.as('admin')).get(`/products/${own.id}/releases/${draft.id}`, 200);
    const owner = await world.create('user');
    await licenseOf(await productOf('LICENSED'), { owner_id: owner.id });
    expect(await detailOf(await world.as('user', owner), `/products/${open.id}/releases/${asking.id}`, 403)).toBe(generic);
    const closed = await productOf('CLOSED');
    const hidden = await releaseOf(closed);
    await licenseOf(closed, { owner_id: owner.id });
    expect(await detailOf(await world.as('user', owner), `/products/${closed.id}/releases/${hidden.id}`, 403)).toBe(
      refused('release distribution strategy is closed'),
    );
  });
});

describe('writing', () => {
  const body = (product: Wire) => ({
    data: { type: 'releases', attributes: { channel: 'stable', version: '1.0.0' }, relationships: { product: { data: { type: 'products', id: product.id } } } },
  });
  test('a product writes its own releases, and no others', async () => {
    const [own, other] = [await productOf('LICENSED'), await productOf('LICENSED')];
    const client = await world.as('product', own);
    await client.post('/releases', body(own), 201);
    expect((await client.post('/releases', body(other), 403)).errors[0].detail).toBe(generic);
    expect((await client.post('/releases', body({ id: '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0' }), 403)).errors[0].detail).toBe(generic);
  });
  test('constraints that come with a release take a permission of their own', async () => {
    const [user, product] = [await world.create('user', { role: 'admin', permissions: ['release.create'] }), await productOf('LICENSED')];
    const client = await world.as('admin', user);
    const sent = body(product);
    const constraints = (data: Wire[]) => ({ data: { ...sent.data, relationships: { ...sent.data.relationships, constraints: { data } } } });
    const { errors } = await client.post('/releases', constraints([]), 403);
    expect(errors[0].detail).toBe(refused('admin lacks permission to perform action'));
    await client.post('/releases', sent, 201);
  });
  test('whoever sees a release and may not write it is refused, whoever does not see it is told that there is none', async () => {
    const product = await productOf('LICENSED');
    const [seen, draft] = [await releaseOf(product), await releaseOf(product, { status: 'DRAFT' })];
    const license = await world.as('license', await licenseOf(product));
    const sales = await world.as('sales-agent');
    for (const [{ id }, client, status] of [
      [seen, license, 403],
      [draft, license, 404],
      [draft, sales, 403],
      [seen, world.anonymous(), 401],
      [seen, await world.as('product'), 404],
    ] as const) {
      await client.patch(`/releases/${id}`, { data: { type: 'releases', attributes: {} } }, status);
      await client.delete(`/releases/${id}`, undefined, status);
      for (const action of ['publish', 'yank']) await client.post(`/releases/${id}/actions/${action}`, undefined, status);
    }
  });
});

describe('webhook endpoints of a product', () => {
  test('hear of its releases, and of those that are anybody’s', async () => {
    const [own, open, other] = [await productOf('LICENSED'), await productOf('OPEN'), await productOf('LICENSED')];
    await world.create('webhook_endpoint', { url: 'https://example.com/hook', product_id: own.id });
    const admin = await world.as('admin');
    const heard = async (release: Wire) => {
      const before = world.server.webhooks.sent.length;
      await admin.post(`/releases/${release.id}/actions/yank`, undefined, 200);
      await world.server.jobs.run();
      return world.server.webhooks.sent.length - before;
    };
    const asking = await releaseOf(open);
    await constrained(asking);
    expect(await heard(await releaseOf(own))).toBe(1);
    expect(await heard(await releaseOf(open))).toBe(1);
    expect(await heard(await releaseOf(other))).toBe(0);
    expect(await heard(asking)).toBe(0);
  });
});

test('credentials that are none are refused where none are needed', async () => {
  const release = await releaseOf(await productOf('OPEN'));
  const wrong = world.anonymous().with({ authorization: 'Bearer no' });
  for (const path of ['/releases', `/releases/${release.id}`, `/releases/${release.id}/package`, `/releases/${release.id}/upgrade`]) await wrong.get(path, 401);
  for (const path of ['product', 'entitlements', 'constraints']) await world.anonymous().get(`/releases/${release.id}/${path}`, 401);
});
