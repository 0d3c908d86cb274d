import { createPublicKey, verify } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { badRequest, newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let license: Wire;
let machine: Wire;
const now = '2024-10-16T14:52:48.123Z';
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(now);
  license = await world.create('license', { policy_id: (await world.create('policy', { duration: 86_400 })).id, owner_id: (await world.create('user')).id });
  machine = await world.create('machine', { license_id: license.id });
});

const path = () => `/machines/${machine.id}/actions/generate-offline-proof`;

/** The dataset of a proof, verified with nothing but Node and the account's published key. */
async function datasetOf(proof: string): Promise<Wire> {
  const { data } = await (await world.as('admin')).get('', 200);
  const [signed, signature] = proof.split('.');
  const rsa = createPublicKey(Buffer.from(data.meta.publicKey, 'base64').toString());
  expect(verify('sha256', Buffer.from(signed!), rsa, Buffer.from(signature!, 'base64url'))).toBe(true);
  expect(signed!.startsWith('proof/')).toBe(true);
  return JSON.parse(Buffer.from(signed!.slice(6), 'base64url').toString());
}

test('a proof says what there is to say, in its order', async () => {
  const { data, meta } = await (await world.as('license', license)).post(path(), undefined, 200);
  expect([data.type, data.id]).toEqual(['machines', machine.id]);
  expect(Object.keys(meta)).toEqual(['proof']);
  const dataset = await datasetOf(meta.proof);
  expect(JSON.stringify(dataset)).toBe(
    JSON.stringify({
      account: { id: world.account.id },
      product: { id: license.product_id },
      policy: { id: license.policy_id, duration: 86_400 },
      license: { id: license.id, key: license.key, expiry: '2024-10-17T14:52:48.123Z' },
      machine: { id: machine.id, fingerprint: machine.fingerprint, created: now },
      ts: '2024-10-16 14:52:48 UTC',
    }),
  );
  expect(await world.emitted()).toEqual(['machine.proofs.generated']);
});

test('a proof says what it is told, with names in snake case, and webhooks hear of it', async () => {
  await world.create('webhook_endpoint');
  const { meta } = await (await world.as('admin')).post(path(), { meta: { dataset: { machineId: 'a', n: 1.5, big: true, nothing: null } } }, 200);
  expect(await datasetOf(meta.proof)).toEqual({ machine_id: 'a', n: 1.5, big: true, nothing: null });
  await world.server.jobs.run();
  const [event] = (await world.server.sql('select payload from webhook_events')) as Wire[];
  const payload = typeof event.payload === 'string' ? JSON.parse(event.payload) : event.payload;
  expect(payload.meta).toEqual(meta);
});

test.each<[unknown, string, string]>([
  [{ meta: {} }, 'is missing', '/meta/dataset'],
  [{ meta: { dataset: null } }, 'cannot be null', '/meta/dataset'],
  [{ meta: { dataset: {} } }, 'cannot be blank', '/meta/dataset'],
  [{ meta: { dataset: [] } }, 'type mismatch (received array expected object)', '/meta/dataset'],
  [{ meta: { dataset: { aB: [1] } } }, 'unpermitted type (expected object of scalar types)', '/meta/dataset/aB'],
  [{ meta: { dataset: { a: {} } } }, 'unpermitted type (expected object of scalar types)', '/meta/dataset/a'],
  [{ meta: { colour: 1 } }, 'unpermitted parameter', '/meta/colour'],
  [{ data: {} }, 'unpermitted parameter', '/data'],
])('%j: %s at %s', async (body, detail, pointer) => {
  expect((await (await world.as('admin')).post(path(), body, 400)).errors).toEqual(badRequest(detail, pointer));
  expect(await world.emitted()).toEqual([]);
});

test('users and licenses choose nothing, once they have passed who they are', async () => {
  const body = { meta: { dataset: { a: 1 } } };
  const refused = badRequest('unpermitted parameter', '/meta');
  expect((await (await world.as('license', license)).post(path(), body, 400)).errors).toEqual(refused);
  expect((await (await world.as('user', { id: license.owner_id })).post(path(), { meta: null }, 400)).errors).toEqual(refused);
  await (await world.as('support-agent')).post(path(), body, 403);
  await (await world.as('product', { id: license.product_id })).post(path(), body, 200);
  await (await world.as('license')).post(path(), body, 404);
});

test.each(['1.5', '1.8'])('the machine is that of version %s', async (version) => {
  const { data } = await (await world.as('admin')).at(version).post(path(), undefined, 200);
  expect(Object.keys(data.relationships).includes('user')).toBe(version === '1.5');
  expect(Object.keys(data.relationships).includes('owner')).toBe(version !== '1.5');
});
