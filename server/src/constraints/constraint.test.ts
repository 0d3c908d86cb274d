import { beforeEach, describe, expect, test } from 'vitest';
import { badRequest, type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let admin: Client;
let product: Wire;
let release: Wire;
let path: string;
beforeEach(async () => {
  world = await newWorld();
  admin = await world.as('admin');
  product = await world.create('product');
  release = await world.create('release', { product_id: product.id, status: 'PUBLISHED' });
  path = `/releases/${release.id}/constraints`;
});

const named = (...entitlements: Wire[]) => ({
  data: entitlements.map(({ id }) => ({ type: 'constraints', relationships: { entitlement: { data: { type: 'entitlements', id } } } })),
});
const ids = (...constraints: Wire[]) => ({ data: constraints.map(({ id }) => ({ type: 'constraint', id })) });
const unknown = { id: '0b1c2d3e-4f50-4612-9384-a5b6c7d8e9f0' };
const incompatible = "You do not have permission to complete the request (a record's environment is not compatible with the current environment)";

describe('constraints', () => {
  test('are attached, shown, listed and detached; both are told of with what they were', async () => {
    await world.create('webhook_endpoint', { url: 'https://example.com/hook' });
    const [one, two] = [await world.create('entitlement', { code: 'A' }), await world.create('entitlement', { code: 'B' })];
    const { data } = await admin.post(path, named(one, two), 200);
    const related = (type: string, id: string) => ({ links: { related: `${world.base}/${type}/${id}` }, data: { type, id } });
    expect(data).toHaveLength(2);
    const shown = {
      id: data[0].id,
      type: 'constraints',
      attributes: { created: expect.any(String), updated: expect.any(String) },
      relationships: {
        account: { links: { related: world.base }, data: { type: 'accounts', id: world.account.id } },
        environment: { links: { related: null }, data: null },
        entitlement: related('entitlements', one.id),
        release: related('releases', release.id),
      },
      links: { related: `${world.base}${path}/${data[0].id}` },
    };
    expect(data[0]).toEqual(shown);
    expect((await admin.get(`${path}/${data[0].id}`, 200)).data).toEqual(data[0]);
    expect((await admin.get(path, 200)).data.map(({ id }: Wire) => id).sort()).toEqual(data.map(({ id }: Wire) => id).sort());
    expect((await admin.get(`/releases/${release.id}/entitlements`, 200)).data.map(({ attributes }: Wire) => attributes.code).sort()).toEqual(['A', 'B']);
    await admin.delete(path, ids(data[0]), 204);
    expect((await admin.get(path, 200)).data).toEqual([data[1]]);
    expect(await world.count('entitlements')).toBe(2);
    expect(await world.emitted()).toEqual(['release.constraints.attached', 'release.constraints.detached']);
    const payloads = world.server.webhooks.sent.map((call) => JSON.parse(JSON.parse(call.body!).data.attributes.payload).data);
    expect(payloads).toEqual([data, [data[0]]]);
    const logs = await world.server.sql('select metadata, resource_type, resource_id from event_logs');
    expect(logs).toEqual(Array(2).fill({ metadata: {}, resource_type: 'releases', resource_id: release.id }));
  });

  test.each<[string, (own: Wire, other: Wire) => Wire, string, string]>([
    ['one that is there', (own) => named(own), 'already exists', 'ENTITLEMENT_TAKEN'],
    ['one that is named twice', (_, other) => named(other, other), 'already exists', 'ENTITLEMENT_TAKEN'],
    ['one of an unknown entitlement', (_, other) => named(other, unknown), 'must exist', 'ENTITLEMENT_NOT_FOUND'],
  ])('are attached all or none: not %s', async (_, sent, detail, code) => {
    const [own, other] = [await world.create('entitlement'), await world.create('entitlement')];
    await admin.post(path, named(own), 200);
    const { errors } = await admin.post(path, sent(own, other), 422);
    expect(errors).toMatchObject([{ title: 'Unprocessable resource', detail, code, source: { pointer: '/data/relationships/entitlement' } }]);
    expect(errors[0].links.about).toBe(
      'https://keygen.sh/docs/api/release-entitlement-constraints/#release-entitlement-constraints-object-relationships-entitlement',
    );
    expect(await world.count('constraints')).toBe(1);
  });

  test('are refused by their shape before anybody is asked whether he may', async () => {
    const entitlement = await world.create('entitlement');
    const sent = named(entitlement, entitlement);
    Object.assign(sent.data[1]!.relationships.entitlement.data, { bad: 1 });
    const sales = await world.as('sales-agent');
    expect((await sales.post(path, sent, 400)).errors).toEqual(badRequest('unpermitted parameter', '/data/1/relationships/entitlement/data/bad'));
    expect((await sales.post(path, { data: [{ type: 'constraints', id: unknown.id }] }, 400)).errors).toEqual(
      badRequest('unpermitted parameter', '/data/0/id'),
    );
    expect((await sales.delete(path, undefined, 400)).errors).toEqual(badRequest('is missing', '/data'));
    expect((await sales.delete(path, { data: [{ type: 'entitlements', id: entitlement.id }] }, 400)).errors).toEqual(badRequest('is invalid', '/data/0/type'));
    await sales.post(path, named(entitlement), 403);
    await sales.delete(path, ids(unknown), 403);
  });

  test('are detached all or none: the first that is not attached is named', async () => {
    const { data } = await admin.post(path, named(await world.create('entitlement')), 200);
    const foreign = await world.create('release_entitlement_constraint', { release_id: (await world.create('release', { product_id: product.id })).id });
    for (const [sent, index, id] of [
      [ids(data[0], foreign, unknown), 1, foreign.id],
      [ids(data[0], data[0]), 1, data[0].id],
      [ids(unknown), 0, unknown.id],
    ] as const) {
      const { errors } = await admin.delete(path, sent, 422);
      const detail = `cannot detach constraint '${id}' (constraint is not attached)`;
      expect(errors).toEqual([{ title: 'Unprocessable entity', detail, source: { pointer: `/data/${index}` } }]);
    }
    expect(await world.count('constraints')).toBe(2);
  });

  test('of 20 equal ones sent at once exactly one is attached', async () => {
    const entitlement = await world.create('entitlement');
    const answers = await inParallel(20, () => admin.post(path, named(entitlement)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await world.count('constraints')).toBe(1);
  });

  test('are not found by another release, nor are its entitlements', async () => {
    const { id, entitlement_id } = await world.create('release_entitlement_constraint', { release_id: release.id });
    const other = await world.create('release', { product_id: product.id });
    const { errors } = await admin.get(`/releases/${other.id}/constraints/${id}`, 404);
    expect(errors[0].detail).toBe(`The requested release entitlement constraint '${id}' was not found`);
    expect((await admin.get(`/releases/${other.id}/entitlements/${entitlement_id}`, 404)).errors[0].detail).toBe(
      `The requested entitlement '${entitlement_id}' was not found`,
    );
    await admin.get(`/releases/${release.id}/entitlements/${entitlement_id}`, 200);
    const { code } = (await world.server.find('entitlement', { id: entitlement_id }))!;
    await admin.get(`/releases/${release.id}/entitlements/${code}`, 404);
  });
});

test('a license reads the constraints that it meets, and has none to read where it lacks one', async () => {
  const policy = await world.create('policy', { product_id: product.id });
  const license = await world.create('license', { policy_id: policy.id });
  const { id, entitlement_id } = await world.create('release_entitlement_constraint', { release_id: release.id });
  const client = await world.as('license', license);
  const paths = [path, `${path}/${id}`, `/releases/${release.id}/entitlements`, `/releases/${release.id}/entitlements/${entitlement_id}`];
  for (const one of paths) await client.get(one, 404);
  await world.create('license_entitlement', { license_id: license.id, entitlement_id });
  for (const one of paths) await client.get(one, 200);
  await client.post(path, named(unknown), 403);
  await client.delete(path, ids({ id }), 403);
  const open = await world.create('release', { product_id: (await world.create('product', { distribution_strategy: 'OPEN' })).id, status: 'PUBLISHED' });
  await client.get(`/releases/${open.id}/constraints`, 403);
  await client.get(`/releases/${open.id}/entitlements`, 403);
});

describe('in environments', () => {
  test('a shared one attaches to a global release its own only, and detaches no others', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const [global, local] = [await world.create('entitlement'), await world.create('entitlement', { environment_id: shared.id })];
    const inside = admin.in(shared);
    expect((await inside.post(path, named(global), 403)).errors[0].detail).toBe(incompatible);
    expect((await inside.post(path, named(local, global), 403)).errors[0].detail).toBe(incompatible);
    const { data } = await inside.post(path, named(local), 200);
    expect(data[0].relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
    const outer = await world.create('release_entitlement_constraint', { release_id: release.id });
    expect((await inside.delete(path, ids(data[0], outer), 403)).errors[0].detail).toBe(incompatible);
    await inside.delete(path, ids(data[0]), 204);
    expect((await admin.post(path, named(local), 403)).errors[0].detail).toBe(incompatible);
    await admin.delete(path, ids(outer), 204);
  });

  test('a shared one attaches to a release of its own what is shared and what is global; an isolated one its own only', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const of = (environment: Wire, type: string) => world.create(type, { environment_id: environment.id });
    const global = await world.create('entitlement');
    const at = async (environment: Wire) =>
      `/releases/${(await world.create('release', { product_id: (await of(environment, 'product')).id, environment_id: environment.id })).id}/constraints`;
    await admin.in(shared).post(await at(shared), named(await of(shared, 'entitlement'), global), 200);
    const apart = await at(isolated);
    const inside = (await world.as('environment', isolated)).in(isolated);
    await inside.post(apart, named(await of(isolated, 'entitlement')), 200);
    expect((await inside.post(apart, named(global), 403)).errors[0].detail).toBe(incompatible);
  });
});
