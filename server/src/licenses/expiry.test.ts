import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../test/vectors/durations.json' with { type: 'json' };
import { type ExpirationBasis, fileExpiry, fileTtl, initialExpiry, renewedExpiry, type TransferPolicy, transferConflict, transferredExpiry } from './expiry.ts';

const now = new Date('2024-01-31T12:00:00.000Z');
const month = 2_629_746;
const inAMonth = new Date('2024-02-29T12:00:00.000Z');
const past = new Date('2023-10-31T08:00:00.000Z');
const future = new Date('2024-03-31T08:00:00.000Z');

describe('the first expiry', () => {
  const bases: ExpirationBasis[] = ['FROM_CREATION', 'FROM_FIRST_VALIDATION', 'FROM_FIRST_ACTIVATION', 'FROM_FIRST_DOWNLOAD', 'FROM_FIRST_USE'];

  test.each(bases.flatMap((basis) => bases.map((event) => [basis, event] as const)))('with basis %s, on %s', (expirationBasis, event) => {
    expect(initialExpiry(null, { duration: month, expirationBasis }, event, now)).toEqual(expirationBasis === event ? inAMonth : null);
    expect(initialExpiry(past, { duration: month, expirationBasis }, event, now)).toBe(past);
    expect(initialExpiry(null, { duration: null, expirationBasis }, event, now)).toBeNull();
  });

  test('counts from creation when the basis is unset', () => {
    expect(initialExpiry(null, { duration: month, expirationBasis: null }, 'FROM_CREATION', now)).toEqual(inAMonth);
    expect(initialExpiry(null, { duration: month, expirationBasis: null }, 'FROM_FIRST_USE', now)).toBeNull();
  });

  test.each(vectors.cases)('is $end for $seconds s from $start', ({ start, seconds, end }) => {
    expect(initialExpiry(null, { duration: seconds, expirationBasis: null }, 'FROM_CREATION', new Date(start))?.toISOString()).toBe(end);
  });
});

describe('renewal', () => {
  test.each<[string | null, Date, string]>([
    ['FROM_EXPIRY', past, '2023-11-30T08:00:00.000Z'],
    ['FROM_EXPIRY', future, '2024-04-30T08:00:00.000Z'],
    [null, past, '2023-11-30T08:00:00.000Z'],
    ['FROM_NOW', past, '2024-02-29T12:00:00.000Z'],
    ['FROM_NOW', future, '2024-02-29T12:00:00.000Z'],
    ['FROM_NOW_IF_EXPIRED', past, '2024-02-29T12:00:00.000Z'],
    ['FROM_NOW_IF_EXPIRED', future, '2024-04-30T08:00:00.000Z'],
    ['FROM_NOW_IF_EXPIRED', now, '2024-02-29T12:00:00.000Z'],
  ])('%s of an expiry %s', (renewalBasis, expiry, expected) => {
    expect(renewedExpiry(expiry, { duration: month, renewalBasis }, now)).toEqual({ expiry: new Date(expected) });
  });

  test('is refused without duration, else without expiry', () => {
    expect(renewedExpiry(null, { duration: null, renewalBasis: null }, now)).toEqual({ refused: 'no duration' });
    expect(renewedExpiry(past, { duration: null, renewalBasis: null }, now)).toEqual({ refused: 'no duration' });
    expect(renewedExpiry(null, { duration: month, renewalBasis: null }, now)).toEqual({ refused: 'no expiry' });
  });

  test('never shortens a license that has not expired, unless it counts from now', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('FROM_EXPIRY', 'FROM_NOW_IF_EXPIRED'),
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 86_400, max: 2_147_483_647 }),
        (renewalBasis, left, duration) => {
          const expiry = new Date(now.getTime() + left * 1000);
          const renewal = renewedExpiry(expiry, { duration, renewalBasis }, now);
          expect('expiry' in renewal && renewal.expiry > expiry).toBe(true);
        },
      ),
    );
  });
});

describe('transfer', () => {
  test.each<[string | null, number | null, Date | null, Date | null]>([
    ['KEEP_EXPIRY', month, past, past],
    ['KEEP_EXPIRY', month, null, null],
    ['KEEP_EXPIRY', null, past, past],
    [null, month, past, past],
    ['RESET_EXPIRY', month, past, inAMonth],
    ['RESET_EXPIRY', month, null, inAMonth],
    ['RESET_EXPIRY', null, past, null],
  ])('%s, duration %s, expiry %s: %s', (transferStrategy, duration, expiry, expected) => {
    expect(transferredExpiry(expiry, { transferStrategy, duration }, now)).toEqual(expected);
  });

  const plain: TransferPolicy = {
    encrypted: false,
    usePool: false,
    scheme: null,
    machineUniquenessStrategy: 'UNIQUE_PER_LICENSE',
    componentUniquenessStrategy: 'UNIQUE_PER_MACHINE',
  };
  const detail = {
    encrypted: 'cannot change from an encrypted policy to an unencrypted policy (or vice-versa)',
    pool: 'cannot change from a pooled policy to an unpooled policy (or vice-versa)',
    scheme: 'cannot change to a policy with a different scheme',
    machine: 'cannot change to a policy with a more strict machine uniqueness strategy',
    component: 'cannot change to a policy with a more strict component uniqueness strategy',
  };
  const stricter = { machineUniquenessStrategy: 'UNIQUE_PER_ACCOUNT', componentUniquenessStrategy: 'UNIQUE_PER_ACCOUNT' };

  test.each<[string, Partial<TransferPolicy>, Partial<TransferPolicy>, string | undefined]>([
    ['equal policies', {}, {}, undefined],
    ['to an encrypted one, all else different', {}, { encrypted: true, usePool: true, scheme: 'ED25519_SIGN', ...stricter }, detail.encrypted],
    ['from an encrypted one', { encrypted: true }, {}, detail.encrypted],
    ['to a pooled one, all else different', {}, { usePool: true, scheme: 'ED25519_SIGN', ...stricter }, detail.pool],
    ['from a pooled one', { usePool: true }, {}, detail.pool],
    ['to a scheme', {}, { scheme: 'ED25519_SIGN', ...stricter }, detail.scheme],
    ['from a scheme', { scheme: 'ED25519_SIGN' }, {}, detail.scheme],
    ['to stricter machines', {}, stricter, detail.machine],
    [
      'to less strict machines, but stricter components',
      { machineUniquenessStrategy: 'UNIQUE_PER_POLICY' },
      { componentUniquenessStrategy: 'UNIQUE_PER_ACCOUNT' },
      undefined,
    ],
    ['to stricter components', {}, { componentUniquenessStrategy: 'UNIQUE_PER_LICENSE' }, detail.component],
    ['to less strict components', { componentUniquenessStrategy: 'UNIQUE_PER_LICENSE' }, {}, undefined],
    ['between unset and the defaults', { machineUniquenessStrategy: null, componentUniquenessStrategy: null }, {}, undefined],
  ])('%s', (_, from, to, expected) => expect(transferConflict({ ...plain, ...from }, { ...plain, ...to })).toBe(expected));

  test('strictness is ordered account, product, policy, license, machine', () => {
    const order = ['UNIQUE_PER_ACCOUNT', 'UNIQUE_PER_PRODUCT', 'UNIQUE_PER_POLICY', 'UNIQUE_PER_LICENSE', 'UNIQUE_PER_MACHINE'];
    fc.assert(
      fc.property(fc.nat(4), fc.nat(4), (from, to) => {
        const policy = (i: number) => ({ ...plain, componentUniquenessStrategy: order[i]! });
        expect(transferConflict(policy(from), policy(to)) === detail.component).toBe(to < from);
      }),
    );
  });
});

describe('files', () => {
  test('live a calendar month unless told otherwise', () => expect(fileExpiry(now, fileTtl.default)).toEqual(inAMonth));
  test('never expire without ttl', () => expect(fileExpiry(now, null)).toBeNull());
  test('may live for six years', () => expect(fileExpiry(now, 189_341_712)?.toISOString()).toBe('2030-01-31T12:00:00.000Z'));
});
