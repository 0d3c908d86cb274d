/** Accounts where there are plans and billing (spec/accounts.md 3, 4.4, 8.1). */
import { describe, expect, test } from 'vitest';
import { Client, newWorld, type Wire, type World } from '../../test/kit.ts';

const multiplayer = { mode: 'multiplayer' } as const;
const cloud = { mode: 'multiplayer', config: { cloud: true } } as const;

/** A world whose account is on a plan and has a billing record. */
async function subscribed(options: Parameters<typeof newWorld>[0], state = 'trialing'): Promise<{ world: World; plan: Wire; billing: Wire }> {
  const world = await newWorld(options);
  const plan = await world.create('plan', { price: 4900 });
  await world.server.update('account', String(world.account.id), { plan_id: plan.id });
  return { world, plan, billing: await world.create('billing', { state }) };
}
const shown = async (world: World): Promise<Wire> => (await (await world.as('admin')).get('', 200)).data;

test('the account shows its plan and its billing record, and webhooks do, too', async () => {
  const { world, plan, billing } = await subscribed(cloud);
  const expected = {
    billing: { links: { related: `${world.base}/billing` }, data: { type: 'billings', id: billing.id } },
    plan: { links: { related: `${world.base}/plan` }, data: { type: 'plans', id: plan.id } },
  };
  expect((await shown(world)).relationships).toMatchObject(expected);
  await world.create('webhook_endpoint', { url: 'https://hooks.example.com/', subscriptions: ['*'] });
  const { data } = await (await world.as('admin')).patch('', { data: { type: 'accounts', attributes: { name: 'New' } } }, 200);
  expect(data.relationships).toMatchObject(expected);
  expect(data.attributes.status).toBe('TRIALING');
  await world.server.jobs.run();
  const [event] = await world.server.sql('select payload from webhook_events');
  expect(JSON.parse(String(event!.payload)).data.relationships).toMatchObject(expected);
});

test('what an account does not have is left out', async () => {
  const world = await newWorld(cloud);
  const names = async () => Object.keys((await shown(world)).relationships).slice(0, 2);
  expect(await names()).toEqual(['settings', 'webhookEndpoints']);
  const billing = await world.create('billing');
  expect(await names()).toEqual(['billing', 'settings']);
  expect((await shown(world)).relationships.billing.data.id).toBe(billing.id);
});

test('self-hosted, plan and billing are not shown', async () => {
  for (const options of [{}, multiplayer, { config: { cloud: true } }]) {
    const { world } = await subscribed(options);
    expect(Object.keys((await shown(world)).relationships)).toEqual(expect.not.arrayContaining(['billing']));
    expect(Object.keys((await shown(world)).relationships)).toEqual(expect.not.arrayContaining(['plan']));
  }
});

test.each(['pending', 'trialing', 'subscribed', 'paused', 'canceling', 'canceled'])('the status of an account is that of its billing: %s', async (state) => {
  const { world } = await subscribed(cloud, state);
  expect((await shown(world)).attributes.status).toBe(state.toUpperCase());
});

test('an account has one billing record', async () => {
  const { world } = await subscribed(cloud);
  await expect(world.create('billing')).rejects.toThrow();
});

test('records have what a new one has, and keep what they are given', async () => {
  const world = await newWorld(cloud);
  const receipt = await world.create('receipt', { amount: 4900, paid: true });
  expect(receipt).toMatchObject({ amount: 4900, paid: true, account_id: world.account.id });
  const billing = await world.server.find('billing', { id: receipt.billing_id });
  expect(billing).toMatchObject({ state: 'pending', subscription_id: null, card_last4: null, account_id: world.account.id });
  const card = { card_expiry: '2040-05-01T00:00:00Z', card_brand: 'Visa', card_last4: '4242' };
  expect(await world.server.update('billing', String(billing!.id), card)).toMatchObject({ ...card, card_expiry: new Date(card.card_expiry) });
  const plan = await world.create('plan', { name: 'Std 1', max_storage: 2 ** 40, max_reqs: 50_000, private: true });
  expect(plan).toMatchObject({ name: 'Std 1', price: null, max_storage: 2 ** 40, max_reqs: 50_000, max_users: null, private: true });
});

describe('who signs up', () => {
  const body = (plan: string, admins: Wire[] = [{ type: 'users', attributes: { email: 'ada@acme.test' } }]) => ({
    data: { type: 'accounts', relationships: { plan: { data: { type: 'plans', id: plan } }, admins: { data: admins } } },
  });
  const nowhere = 'd3a5c6a2-3f31-44b3-9f0a-1f0e4b2c9a77';
  const unknown = { title: 'Unprocessable resource', detail: "can't be blank", code: 'PLAN_NOT_FOUND', source: { pointer: '/data/relationships/plan' } };

  test.each([false, true])('is on the plan that was chosen (private: %s)', async (isPrivate) => {
    const { server, create } = await newWorld(cloud);
    const { id } = await create('plan', { private: isPrivate });
    const { data } = await new Client(server, '', {}).post('/v1/accounts', body(id), 201);
    expect(data.relationships.plan.data).toEqual({ type: 'plans', id });
    expect(data.relationships.billing).toBeUndefined();
    expect(data.attributes.status).toBe('SUBSCRIBED');
    expect((await server.find('account', { id: data.id }))!.plan_id).toBe(id);
  });

  test('chooses one that exists', async () => {
    const { server } = await newWorld(cloud);
    const anybody = new Client(server, '', {});
    expect((await anybody.post('/v1/accounts', body(nowhere), 422)).errors).toMatchObject([unknown]);
    expect((await anybody.post('/v1/accounts', body(nowhere, []), 422)).errors).toMatchObject([{ code: 'USERS_TOO_SHORT' }, unknown]);
  });

  test('self-hosted, names any plan and is on none', async () => {
    const { server } = await newWorld(multiplayer);
    const { data } = await new Client(server, '', {}).post('/v1/accounts', body(nowhere), 201);
    expect((await server.find('account', { id: data.id }))!.plan_id).toBeNull();
  });
});
