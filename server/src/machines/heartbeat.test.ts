import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as heartbeat from './heartbeat.ts';

const now = new Date('2024-05-01T12:00:00.000Z');
const window = 600_000;
const minute = 60_000;
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);

const policy: heartbeat.HeartbeatPolicy = { requireHeartbeat: true, heartbeatDuration: null, heartbeatCullStrategy: null, heartbeatResurrectionStrategy: null };
const optional = { ...policy, requireHeartbeat: false };
const pinged = (milliseconds: number, created = milliseconds) => ({ createdAt: ago(created), lastHeartbeatAt: ago(milliseconds) });
const silent = (created: number) => ({ createdAt: ago(created), lastHeartbeatAt: null });

describe('status', () => {
  test.each<[string, heartbeat.Heartbeat, heartbeat.HeartbeatPolicy, heartbeat.HeartbeatStatus]>([
    ['never pinged, not required, old', silent(100 * window), optional, 'NOT_STARTED'],
    ['never pinged, required, new', silent(0), policy, 'NOT_STARTED'],
    ['never pinged, required, at the end of the window', silent(window), policy, 'NOT_STARTED'],
    ['never pinged, required, past the window', silent(window + 1), policy, 'DEAD'],
    ['pinged now', pinged(0), policy, 'ALIVE'],
    ['pinged, at the end of the window', pinged(window), policy, 'ALIVE'],
    ['pinged, past the window', pinged(window + 1), policy, 'DEAD'],
    ['pinged, not required, at the end of the window', pinged(window), optional, 'ALIVE'],
    ['pinged, not required, past the window', pinged(window + 1), optional, 'DEAD'],
    ['pinged lately, created long ago', pinged(0, 100 * window), policy, 'ALIVE'],
    ['pinged, at the end of a window of 60 s', pinged(minute), { ...policy, heartbeatDuration: 60 }, 'ALIVE'],
    ['pinged, past a window of 60 s', pinged(minute + 1), { ...policy, heartbeatDuration: 60 }, 'DEAD'],
    ['pinged long ago, in the longest window', pinged(1e12), { ...policy, heartbeatDuration: 2_147_483_647 }, 'ALIVE'],
  ])('%s', (_, beat, policy, expected) => {
    expect(heartbeat.heartbeatStatus(beat, policy, now)).toBe(expected);
    expect(heartbeat.heartbeatStatus(beat, policy, now, true)).toBe('RESURRECTED');
  });

  test.each([
    [null, 600],
    [60, 60],
  ])('with duration %s the window is %d s', (heartbeatDuration, seconds) => {
    expect(heartbeat.heartbeatWindow({ heartbeatDuration })).toBe(seconds);
    expect(heartbeat.nextHeartbeat(pinged(0), { heartbeatDuration })).toEqual(ago(-seconds * 1000));
    expect(heartbeat.nextHeartbeat(silent(0), { heartbeatDuration })).toBeNull();
  });

  test.each<[heartbeat.Heartbeat, heartbeat.HeartbeatPolicy, boolean]>([
    [silent(0), optional, false],
    [silent(0), policy, true],
    [pinged(0), optional, true],
  ])('a heartbeat is required by the policy or once begun (%#)', (beat, policy, expected) => expect(heartbeat.requiresHeartbeat(beat, policy)).toBe(expected));

  test('a new machine starts alive or silent by the basis', () => {
    expect(heartbeat.firstHeartbeat({ heartbeatBasis: 'FROM_CREATION' }, now)).toBe(now);
    expect(heartbeat.firstHeartbeat({ heartbeatBasis: 'FROM_FIRST_PING' }, now)).toBeNull();
  });
});

const revivals: [string | null, number | undefined][] = [
  [null, undefined],
  ['NO_REVIVE', undefined],
  ['1_MINUTE_REVIVE', 1],
  ['2_MINUTE_REVIVE', 2],
  ['5_MINUTE_REVIVE', 5],
  ['10_MINUTE_REVIVE', 10],
  ['15_MINUTE_REVIVE', 15],
  ['ALWAYS_REVIVE', Number.POSITIVE_INFINITY],
];
const culls = [null, 'DEACTIVATE_DEAD', 'KEEP_DEAD'];

describe.each(revivals)('under %s', (heartbeatResurrectionStrategy, minutes) => {
  const rules = { ...policy, heartbeatResurrectionStrategy };
  const always = minutes === Number.POSITIVE_INFINITY;
  const edge = window + (minutes ?? 0) * minute;
  const deaths: [string, heartbeat.Heartbeat, boolean][] = [
    ['just died', pinged(window + 1), minutes !== undefined],
    ...(always || minutes === undefined
      ? []
      : ([
          ['at the end of revival', pinged(edge), true],
          ['past revival', pinged(edge + 1), false],
        ] as [string, heartbeat.Heartbeat, boolean][])),
    ['died long ago', pinged(100 * window), always],
    ['never pinged', silent(window + 1), always],
  ];

  test.each<[string, heartbeat.Heartbeat]>([
    ['alive', pinged(window)],
    ['not started', silent(window)],
  ])('a ping to a machine that is %s is a ping', (_, beat) => expect(heartbeat.pingOutcome(beat, rules, now)).toBe('ping'));

  test.each(deaths)('a ping to one that %s', (_, beat, revivable) => {
    expect(heartbeat.pingOutcome(beat, rules, now)).toBe(revivable ? 'resurrected' : 'dead');
  });

  describe.each(culls)('and %s', (heartbeatCullStrategy) => {
    test.each(deaths)('the monitor of one that %s', (_, beat, revivable) => {
      const next = always ? 'stop' : revivable ? 'wait' : heartbeatCullStrategy === 'KEEP_DEAD' ? 'stop' : 'delete';
      const rulesOfDeath = { ...rules, heartbeatCullStrategy };
      expect(heartbeat.fate({ ...beat, lastDeathEventSentAt: null }, rulesOfDeath, now)).toEqual({ next, announces: true });
      expect(heartbeat.fate({ ...beat, lastDeathEventSentAt: ago(1) }, rulesOfDeath, now)).toEqual({ next, announces: false });
    });

    test('one that came back is let go with a pong, one that need not beat without', () => {
      const rulesOfLife = { ...rules, heartbeatCullStrategy };
      expect(heartbeat.fate({ ...pinged(window), lastDeathEventSentAt: ago(1) }, rulesOfLife, now)).toEqual({ next: 'revived', announces: false });
      expect(heartbeat.fate({ ...silent(100 * window), lastDeathEventSentAt: null }, { ...rulesOfLife, requireHeartbeat: false }, now)).toEqual({
        next: 'released',
        announces: false,
      });
    });
  });
});

test('one that was reset while it was watched counts as dead', () => {
  expect(heartbeat.fate({ ...silent(0), lastDeathEventSentAt: null }, policy, now)).toEqual({ next: 'delete', announces: true });
});

test('status, sweep and ping agree on who is dead', () => {
  const elapsed = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(
      elapsed,
      fc.option(elapsed),
      fc.boolean(),
      fc.option(fc.integer({ min: 60, max: 1000 })),
      fc.constantFrom(...revivals.map(([name]) => name)),
      (created, last, requireHeartbeat, heartbeatDuration, heartbeatResurrectionStrategy) => {
        const beat = { createdAt: ago(created * 1000), lastHeartbeatAt: last === null ? null : ago(last * 1000) };
        const rules = { ...policy, requireHeartbeat, heartbeatDuration, heartbeatResurrectionStrategy };
        const before = heartbeat.deadBefore(rules, now);
        const swept = beat.lastHeartbeatAt ? beat.lastHeartbeatAt < before : requireHeartbeat && beat.createdAt < before;
        expect(heartbeat.heartbeatStatus(beat, rules, now) === 'DEAD').toBe(swept);
        expect(heartbeat.pingOutcome(beat, rules, now) !== 'ping').toBe(swept);
      },
    ),
  );
});
