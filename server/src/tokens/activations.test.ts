import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

async function licenseWith(attributes: object) {
  const policy = await world.create('policy', { floating: true, max_machines: 100 });
  const license = await world.create('license', { policy_id: policy.id });
  const token = await world.create('token', { bearer_type: 'license', bearer_id: license.id, ...attributes });
  return { license, token, client: world.anonymous().with({ authorization: `Bearer ${token.secret}` }) };
}

const machine = (license: Wire, fingerprint: string) => ({
  data: { type: 'machines', attributes: { fingerprint }, relationships: { license: { data: { type: 'licenses', id: license.id } } } },
});
const counters = async (token: Wire) => {
  const { activations, deactivations } = (await world.server.find('token', { id: token.id }))!;
  return [activations, deactivations];
};

test('machines that a token activates and deactivates are counted', async () => {
  const { license, token, client } = await licenseWith({});
  const { data } = await client.post('/machines', machine(license, 'a'), 201);
  expect(await counters(token)).toEqual([1, 0]);
  await client.post('/machines', machine(license, 'a'), 422);
  expect(await counters(token)).toEqual([1, 0]);
  await client.delete(`/machines/${data.id}`, undefined, 204);
  expect(await counters(token)).toEqual([1, 1]);
});

describe('beyond its limit a token', () => {
  test('activates nothing', async () => {
    const { license, token, client } = await licenseWith({ max_activations: 1 });
    await client.post('/machines', machine(license, 'a'), 201);
    const { errors } = await client.post('/machines', machine(license, 'b'), 422);
    expect(errors).toEqual([
      {
        title: 'Unprocessable resource',
        detail: 'exceeds maximum allowed (1)',
        code: 'ACTIVATIONS_LIMIT_EXCEEDED',
        source: { pointer: '/data/attributes/activations' },
        links: { about: 'https://keygen.sh/docs/api/tokens/#tokens-object-attrs-activations' },
      },
    ]);
    expect(await world.count('machines')).toBe(1);
    expect(await counters(token)).toEqual([1, 0]);
  });

  test('deactivates nothing', async () => {
    const { license, token, client } = await licenseWith({ max_deactivations: 0 });
    const { id } = await world.create('machine', { license_id: license.id });
    const { errors } = await client.delete(`/machines/${id}`, undefined, 422);
    expect(errors).toMatchObject([{ code: 'DEACTIVATIONS_LIMIT_EXCEEDED', source: { pointer: '/data/attributes/deactivations' } }]);
    expect(await world.count('machines')).toBe(1);
    expect(await counters(token)).toEqual([0, 0]);
  });

  test('counts no further than a counter can', async () => {
    const { license, client } = await licenseWith({ activations: 2_147_483_647 });
    const { errors } = await client.post('/machines', machine(license, 'a'), 400);
    expect(errors).toEqual([{ title: 'Bad request', detail: 'integer is too large', source: { pointer: '/data/attributes/activations' } }]);
    expect(await world.count('machines')).toBe(0);
  });
});

test('other bearers are not counted', async () => {
  const { license, token } = await licenseWith({ max_activations: 0, max_deactivations: 0 });
  const admin = await world.as('admin');
  const { data } = await admin.post('/machines', machine(license, 'a'), 201);
  await admin.delete(`/machines/${data.id}`, undefined, 204);
  expect(await counters(token)).toEqual([0, 0]);
});

test('of activations sent at once as many succeed as the limit allows, and those that lose the race are told so', async () => {
  const { license, token, client } = await licenseWith({ max_activations: 3 });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => client.post('/machines', machine(license, `m${index}`))));
  const made = answers.filter(({ status }) => status === 201).length;
  expect(made).toBeGreaterThanOrEqual(1);
  expect(made).toBeLessThanOrEqual(3);
  expect(await counters(token)).toEqual([made, 0]);
  for (const { errors } of answers.filter(({ status }) => status === 409))
    expect(errors[0]).toMatchObject({
      title: 'Conflict',
      detail: 'failed to increment due to another conflicting activation',
      source: { pointer: '/data/attributes/activations' },
    });
});
