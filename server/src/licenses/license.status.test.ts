import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as status from './license.status.ts';

const now = new Date('2024-03-31T12:00:00.000Z');
const day = 86_400_000;
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);
const ahead = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const fresh: status.LicenseLife = {
  suspended: false,
  expiry: null,
  createdAt: ago(day),
  lastValidatedAt: null,
  lastCheckInAt: null,
  lastCheckOutAt: null,
  owner: null,
};
const old = { ...fresh, createdAt: ago(91 * day) };
const banned = { owner: { bannedAt: ago(1) } };

describe('status', () => {
  test.each<[string, status.LicenseLife, status.LicenseStatus]>([
    ['new', fresh, 'ACTIVE'],
    ['with an owner in good standing', { ...fresh, owner: { bannedAt: null } }, 'ACTIVE'],
    ['of a banned owner, suspended and expired', { ...fresh, ...banned, suspended: true, expiry: ago(1) }, 'BANNED'],
    ['suspended and expired', { ...fresh, suspended: true, expiry: ago(1) }, 'SUSPENDED'],
    ['expired a millisecond ago', { ...fresh, expiry: ago(1) }, 'EXPIRED'],
    ['expiring at this instant', { ...fresh, expiry: now }, 'ACTIVE'],
    ['expiring in a millisecond', { ...fresh, expiry: ahead(1) }, 'EXPIRING'],
    ['expiring just within three days', { ...fresh, expiry: ahead(3 * day - 1) }, 'EXPIRING'],
    ['expiring in three days', { ...fresh, expiry: ahead(3 * day) }, 'ACTIVE'],
    ['expiring and idle', { ...old, expiry: ahead(day) }, 'EXPIRING'],
    ['created 90 days ago', { ...fresh, createdAt: ago(90 * day) }, 'ACTIVE'],
    ['created more than 90 days ago', { ...fresh, createdAt: ago(90 * day + 1) }, 'INACTIVE'],
    ['old, validated lately', { ...old, lastValidatedAt: ago(90 * day) }, 'ACTIVE'],
    ['old, checked in lately', { ...old, lastCheckInAt: ago(90 * day) }, 'ACTIVE'],
    ['old, checked out lately', { ...old, lastCheckOutAt: ago(90 * day) }, 'ACTIVE'],
    ['old, all long ago', { ...old, lastValidatedAt: ago(91 * day), lastCheckInAt: ago(91 * day), lastCheckOutAt: ago(91 * day) }, 'INACTIVE'],
  ])('a license %s', (_, license, expected) => expect(status.licenseStatus(license, now)).toBe(expected));

  test.each([
    ['REVOKE_ACCESS', true, false],
    [null, true, false],
    ['RESTRICT_ACCESS', false, false],
    ['MAINTAIN_ACCESS', false, true],
    ['ALLOW_ACCESS', false, true],
  ])('%s revokes access: %s, keeps an expired license valid: %s', (expirationStrategy, revokes, stays) => {
    expect([status.revokesAccess({ expirationStrategy }), status.staysValid({ expirationStrategy })]).toEqual([revokes, stays]);
  });
});

describe('check-ins', () => {
  const monthly: status.CheckInPolicy = { requireCheckIn: true, checkInInterval: 'month', checkInIntervalCount: 1 };
  const leapDay = new Date('2024-02-29T12:00:00.000Z');

  test.each<[string, Date | null, status.CheckInPolicy, string | null, boolean]>([
    ['due a month after the last', leapDay, monthly, '2024-03-29T12:00:00.000Z', false],
    ['overdue once now minus a month, clamped to the end of February, is past it', new Date(leapDay.getTime() - 1), monthly, '2024-03-29T11:59:59.999Z', true],
    ['not needed before the first', null, monthly, null, false],
    ['not required', ago(400 * day), { ...monthly, requireCheckIn: false }, null, false],
    ['without interval', ago(400 * day), { ...monthly, checkInInterval: null }, null, false],
    ['without interval count', ago(400 * day), { ...monthly, checkInIntervalCount: null }, null, false],
    ['due every 2 weeks, at the boundary', ago(14 * day), { ...monthly, checkInInterval: 'week', checkInIntervalCount: 2 }, now.toISOString(), false],
    ['due every 2 weeks, past the boundary', ago(14 * day + 1), { ...monthly, checkInInterval: 'week', checkInIntervalCount: 2 }, ago(1).toISOString(), true],
  ])('a check-in is %s', (_, lastCheckInAt, policy, next, overdue) => {
    expect(status.nextCheckIn({ lastCheckInAt }, policy)?.toISOString() ?? null).toBe(next);
    expect(status.isOverdue({ lastCheckInAt }, policy, now)).toBe(overdue);
  });
});

describe('limits', () => {
  const none: status.Limits = { maxMachines: null, maxProcesses: null, maxUsers: null, maxCores: null, maxMemory: null, maxDisk: null, maxUses: null };
  const policy: status.Limits = { maxMachines: 5, maxProcesses: 6, maxUsers: 7, maxCores: 8, maxMemory: 9n, maxDisk: 10n, maxUses: 0 };
  const override: status.Limits = { maxMachines: 3, maxProcesses: 600, maxUsers: 1, maxCores: 2, maxMemory: 1n << 62n, maxDisk: 1n, maxUses: 4 };
  const zero: status.Limits = { maxMachines: 0, maxProcesses: 0, maxUsers: 0, maxCores: 0, maxMemory: 0n, maxDisk: 0n, maxUses: 0 };

  test.each([
    ['an override beats the policy in both directions', override, policy, override],
    ['no override leaves the policy', none, policy, policy],
    ['an override of 0 is none', zero, policy, policy],
    ['an override limits an unlimited policy', override, none, override],
    ['nothing set is no limit', zero, none, none],
  ])('%s', (_, license, policy, expected) => expect(status.effectiveLimits(license, policy)).toEqual(expected));

  test('a banned owner and the status agree', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.option(fc.date({ noInvalidDate: true })), (isBanned, suspended, expiry) => {
        const license = { ...fresh, suspended, expiry, ...(isBanned && banned) };
        expect(status.licenseStatus(license, now) === 'BANNED').toBe(isBanned);
      }),
    );
  });
});
