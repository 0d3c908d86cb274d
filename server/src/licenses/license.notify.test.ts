import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import { checkInNotice, expiryNotice } from './license.notices.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = new Date('2024-03-31T12:00:00.000Z');
const from = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const nothingSent = {
  expiry: null,
  lastCheckInAt: null,
  lastExpirationEventSentAt: null,
  lastExpiringSoonEventSentAt: null,
  lastCheckInEventSentAt: null,
  lastCheckInSoonEventSentAt: null,
};

describe('what an expiry calls for', () => {
  test.each([
    ['12 h and a millisecond ago', -12 * hour - 1, {}, undefined],
    ['12 h ago', -12 * hour, {}, 'license.expired'],
    ['a millisecond ago', -1, {}, 'license.expired'],
    ['now', 0, {}, 'license.expiring-soon'],
    ['just within three days', 3 * day - 1, {}, 'license.expiring-soon'],
    ['in three days', 3 * day, {}, undefined],
    ['a millisecond ago, told of 24 h ago', -1, { lastExpirationEventSentAt: from(-day) }, undefined],
    ['a millisecond ago, told of before that', -1, { lastExpirationEventSentAt: from(-day - 1) }, 'license.expired'],
    ['a millisecond ago, told of as soon', -1, { lastExpiringSoonEventSentAt: from(-hour) }, 'license.expired'],
    ['in a day, told of an hour ago', day, { lastExpiringSoonEventSentAt: from(-hour) }, undefined],
  ])('%s', (_, offset, sent, event) => expect(expiryNotice({ ...nothingSent, ...sent, expiry: from(offset) }, now)?.event).toBe(event));

  test('none: nothing', () => expect(expiryNotice(nothingSent, now)).toBeUndefined());
});

describe('what a check-in calls for', () => {
  const monthly = { requireCheckIn: true, checkInInterval: 'month', checkInIntervalCount: 1 };
  const at = (text: string) => new Date(text);
  test.each([
    // the next one is clamped to the end of the month
    ['due at this hour', '2024-02-29T12:00:00.000Z', {}, monthly, undefined],
    ['due now', '2024-02-29T12:00:00.000Z', {}, { ...monthly, checkInInterval: 'day', checkInIntervalCount: 31 }, 'license.check-in-required-soon'],
    ['12 h overdue', '2024-03-30T00:00:00.000Z', {}, { ...monthly, checkInInterval: 'day' }, 'license.check-in-overdue'],
    ['overdue for longer', '2024-03-29T23:59:59.999Z', {}, { ...monthly, checkInInterval: 'day' }, undefined],
    ['soon', '2024-03-02T12:00:00.000Z', {}, monthly, 'license.check-in-required-soon'],
    ['not soon', '2024-03-03T12:00:00.000Z', {}, monthly, undefined],
    ['soon, told of', '2024-03-02T12:00:00.000Z', { lastCheckInSoonEventSentAt: from(-hour) }, monthly, undefined],
    ['soon, expired', '2024-03-02T12:00:00.000Z', { expiry: from(-1) }, monthly, undefined],
    ['soon, not required', '2024-03-02T12:00:00.000Z', {}, { ...monthly, requireCheckIn: false }, undefined],
  ])('%s', (_, lastCheckIn, sent, policy, event) =>
    expect(checkInNotice({ ...nothingSent, ...sent, lastCheckInAt: at(lastCheckIn) }, policy, now)?.event).toBe(event),
  );
});

let world: World;
beforeEach(async () => {
  world = await newWorld();
  world.server.clock.freeze(now);
});

const run = async (name: string) => {
  await world.server.jobs.cron(name);
  return (await world.emitted()).sort();
};

describe('the schedules', () => {
  test('tell of expiries, each once a day', async () => {
    await world.create('license', { expiry: from(-hour) });
    await world.create('license', { expiry: from(-13 * hour) });
    await world.create('license', { expiry: from(2 * day), suspended: true });
    await world.create('license', { expiry: from(4 * day) });
    await world.create('license');
    const other = await world.server.create('account');
    await world.server.create('license', { account_id: other.id, expiry: from(-hour) });
    expect(await run('licenses.expirations')).toEqual(['license.expired', 'license.expiring-soon']);
    expect(await run('licenses.expirations')).toEqual(['license.expired', 'license.expiring-soon']);
    const [elsewhere] = await world.server.sql('select count(*)::int as count from event_logs where account_id = $1', [other.id]);
    expect(elsewhere!.count).toBe(1);
    world.server.clock.travel(day + 1);
    expect(await run('licenses.expirations')).toEqual(['license.expired', 'license.expiring-soon', 'license.expiring-soon', 'license.expiring-soon']);
  });

  test('tell of check-ins, of the license as it is', async () => {
    await world.create('webhook_endpoint', { subscriptions: ['license.check-in-overdue'] });
    const policy = await world.create('policy', { require_check_in: true, check_in_interval: 'week', check_in_interval_count: 2 });
    const of = (offset: number, attributes = {}) => world.create('license', { policy_id: policy.id, last_check_in_at: from(offset - 14 * day), ...attributes });
    const overdue = await of(-hour);
    await of(-13 * hour);
    await of(2 * day);
    await of(2 * day, { expiry: from(-1) });
    await of(4 * day);
    await of(0, { last_check_in_at: null });
    await world.create('license', { last_check_in_at: from(-14 * day) });
    for (let i = 0; i < 2; i++) expect(await run('licenses.check-ins')).toEqual(['license.check-in-overdue', 'license.check-in-required-soon']);
    const [event] = await world.server.sql('select payload from webhook_events');
    expect(JSON.parse(String(event!.payload)).data).toMatchObject({ type: 'licenses', id: overdue.id });
    const [log] = await world.server.sql(`select whodunnit_id, request_log_id, resource_id from event_logs where event = 'license.check-in-overdue'`);
    expect(log).toEqual({ whodunnit_id: null, request_log_id: null, resource_id: overdue.id });
  });

  test('go on to the next batch', async () => {
    const first = await world.create('license', { expiry: from(-hour) });
    await world.server.sql(
      `insert into licenses (id, account_id, created_at, updated_at, policy_id, product_id, key, expiry, permissions)
       select gen_random_uuid(), account_id, created_at, updated_at, policy_id, product_id, 'KEY-' || n, expiry, permissions
       from licenses, generate_series(1, 450) n where id = $1`,
      [first.id],
    );
    expect(await run('licenses.expirations')).toHaveLength(451);
  });
});
