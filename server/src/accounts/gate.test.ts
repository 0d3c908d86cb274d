import { beforeEach, describe, expect, test } from 'vitest';
import { type Attributes, newWorld, type Wire, type World } from '../../test/kit.ts';
import { routes } from '../app.ts';
import type { SubscriptionState } from '../kernel/services.ts';
import { dailyLimit, isActive } from './gate.ts';

const plan = (price: number | null, maxReqs: number | null) => ({ price, maxReqs, maxLicenses: null, maxUsers: null, requestLogRetentionDuration: null });
const billing = (state: SubscriptionState, hasCard = false) => ({ state, hasCard });

test.each<[SubscriptionState, boolean]>([
  ['pending', true],
  ['trialing', true],
  ['subscribed', true],
  ['canceling', true],
  ['paused', false],
  ['canceled', false],
])('%s is active: %s', (state, active) => {
  expect(isActive({ plan: null, billing: billing(state) })).toBe(active);
});

test.each([
  // on                                 plan               billing                           limit
  ['nothing', null, null, null],
  ['a trial without a card', plan(1900, 9), billing('trialing'), 2500],
  ['a trial without a card of a free plan', plan(0, 9), billing('trialing'), 2500],
  ['a trial without a card of no plan', null, billing('trialing'), 2500],
  ['a trial with a card', plan(1900, 9), billing('trialing', true), null],
  ['a free plan', plan(0, 9), billing('subscribed'), 9],
  ['a free plan, without a subscription', plan(null, 9), null, 9],
  ['a free plan without a limit', plan(0, null), billing('subscribed'), null],
  ['a paid plan', plan(1900, 9), billing('subscribed'), null],
])('on %s', (_, of, subscription, limit) => {
  expect(dailyLimit({ plan: of, billing: subscription })).toBe(limit);
});

let world: World;
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze('2026-03-31T12:00:00.000Z');
});

const inactive = { title: 'Account does not have an active subscription', detail: 'must have an active subscription to access this resource' };
const reached = (limit: string) => ({
  title: 'Daily API request limit reached',
  detail: `Daily API request limit of ${limit} has been reached for your account. Please add a payment method at https://app.keygen.sh/billing to continue. This limit will reset at 2026-04-01 00:00:00 UTC.`,
});
const onPlan = async (attributes: Attributes, subscription?: Attributes): Promise<void> => {
  const { id } = await world.create('plan', attributes);
  await world.server.update('account', String(world.account.id), { plan_id: id });
  if (subscription) await world.create('billing', subscription);
};

describe('an account without an active subscription', () => {
  test.each(['paused', 'canceled'])('that is %s is refused before it is asked who comes', async (state) => {
    await onPlan({ price: 1900 }, { state });
    for (const client of [world.anonymous(), world.anonymous().with({ authorization: 'Bearer nobody' }), await world.as('admin')]) {
      const { errors } = await client.get('/licenses', 403);
      expect(errors).toEqual([inactive]);
    }
    await (await world.as('admin')).get('/me', 200);
  });

  test('is refused by every route but those by which it may come back', () => {
    const open = routes.filter(({ base, gated }) => (base === 'account' || base === 'itself') && !gated).map(({ name }) => name);
    expect(new Set(open)).toEqual(
      new Set([
        ...['accounts.show', 'accounts.update', 'accounts.delete', 'settings.list', 'settings.show', 'settings.create', 'settings.update', 'settings.delete'],
        ...['me', 'profile', 'tokens.show', 'tokens.create', 'tokens.delete'],
        ...['users.show', 'users.update', 'users.actions.ban', 'users.actions.unban', 'users.actions.update-password'],
      ]),
    );
  });
});

describe('the limit of a day', () => {
  test.each([
    // plan                       billing                                                                             count  status  limit
    [{ price: 1900 }, { state: 'trialing' }, 2501, 402, '2,500'],
    [{ price: 1900 }, { state: 'trialing' }, 2500, 200, ''],
    [{ price: 0, max_reqs: 10 }, { state: 'subscribed' }, 11, 402, '10'],
    [{ price: 0, max_reqs: 10 }, { state: 'subscribed' }, 10, 200, ''],
    [{ price: 0 }, { state: 'subscribed' }, 1_000_000, 200, ''],
    [{ price: 1900, max_reqs: 10 }, { state: 'subscribed' }, 1_000_000, 200, ''],
    [{ price: 1900 }, { state: 'trialing', card_expiry: '2028-05-01T00:00:00.000Z', card_brand: 'Visa', card_last4: '4242' }, 2501, 200, ''],
  ])('on %j, %j, after %d requests: %d', async (of, subscription, count, status, limit) => {
    await onPlan(of, subscription);
    await world.server.requestCount.set(String(world.account.id), count);
    const { errors } = await (await world.as('admin')).get('/licenses', status);
    expect(errors).toEqual(status === 402 ? [reached(limit)] : undefined);
  });

  test('counts every request, also those that fail, and is new the next day', async () => {
    await onPlan({ price: 0, max_reqs: 3 });
    await world.anonymous().get('/licenses', 401);
    const admin = await world.as('admin');
    await admin.get('/licenses/nothing', 404);
    await admin.get('/me', 200);
    await admin.get('/licenses', 200);
    expect((await admin.get('/licenses', 402)).errors).toEqual([reached('3')]);
    await world.server.jobs.run();
    await admin.get('/licenses', 402);
    await admin.get('/me', 200);
    const [row] = await world.server.sql('select day, count from request_counts');
    await world.server.jobs.run();
    expect(row).toMatchObject({ day: '2026-03-31' });
    world.server.clock.travel(12 * 3_600_000);
    await admin.get('/licenses', 200);
    await world.server.jobs.run();
    world.server.clock.travel(86_400_000);
    await world.server.jobs.cron('request-counts.prune');
    await world.server.jobs.run();
    expect((await world.server.sql('select day, count from request_counts order by day')) as Wire[]).toEqual([{ day: '2026-04-01', count: 1 }]);
  });

  test('neither counts nor holds the dashboard', async () => {
    await onPlan({ price: 0, max_reqs: 0 });
    const admin = await world.as('admin');
    for (const origin of ['https://app.keygen.sh', 'https://dist.keygen.sh', 'https://portal.localhost']) await admin.with({ origin }).get('/licenses', 200);
    await admin.with({ origin: 'https://example.com' }).get('/licenses', 200);
    await admin.with({ origin: 'https://example.com' }).get('/licenses', 402);
    await admin.with({ origin: 'https://app.keygen.sh' }).get('/licenses', 200);
  });

  test('nobody counts the requests of accounts without a plan', async () => {
    await (await world.as('admin')).get('/licenses', 200);
    await world.server.jobs.run();
    expect(await world.count('request_counts')).toBe(0);
  });
});
