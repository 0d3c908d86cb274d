import { beforeEach, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
let license: Wire;
let machine: Wire;
beforeEach(async () => {
  world = await newWorld();
  license = await world.create('license', { policy_id: (await world.create('policy', { max_machines: null })).id });
  machine = await world.create('machine', { license_id: license.id });
});

const path = (kind: string) => (kind === 'license' ? `/licenses/${license.id}` : `/machines/${machine.id}`);
const refusal = 'You do not have permission to complete the request (read only lacks permission to perform action)';

// The order of spec/validation.md 1.2: what is sent, the right to check out, what is asked for, the right to read it, the record itself.
test.each([
  // sent by              query                                     body                                       status  detail
  ['read-only', '?ttl[]=1&include=nope', { meta: { foo: 1 } }, 400, 'failed to coerce array to integer'],
  ['read-only', '?ttl=1', { meta: { foo: 1 } }, 400, 'unpermitted parameter'],
  ['read-only', '?ttl=1&include=nope', { meta: { algorithm: 'nope' } }, 403, refusal],
  ['license', '?ttl=1&include=nope', { meta: { algorithm: 'nope' } }, 400, 'invalid includes'],
  ['license', '?ttl=1&include=%owner', { meta: { algorithm: 'nope' } }, 400, 'must be greater than or equal to 3600 (1 hour)'],
  ['license', '?include=%owner', { meta: { algorithm: 'nope' } }, 400, 'invalid encoding algorithm'],
  ['license', '?include=%owner', { meta: { algorithm: 'base64+nope' } }, 400, 'invalid signing algorithm'],
  ['license', '?include=%owner', {}, 403, refusal.replace('read only', 'license')],
  ['license', '', {}, 422, 'must be equal to 1 for non-floating policy'],
] as const)('%s with %s and %j: %d %s', async (role, query, body, status, detail) => {
  await world.server.update('license', license.id, { max_machines: 5 });
  const client = await (role === 'license' ? world.as('license', license) : world.as(role));
  const { errors } = await client.post(`${path('license')}/actions/check-out${query.replace('%', '')}`, body, status);
  expect(errors).toMatchObject([{ detail }]);
  if (status !== 422) {
    const onMachine = await client.post(`${path('machine')}/actions/check-out${query.replace('%', 'license.')}`, body, status);
    expect(onMachine.errors).toMatchObject([{ detail }]);
  }
  expect(await world.emitted()).toEqual([]);
  expect((await world.server.find('license', { id: license.id }))!.last_check_out_at).toBeNull();
});
