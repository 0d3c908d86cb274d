import { beforeAll, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';

const day = 86_400_000;
const now = new Date('2024-06-15T12:00:00.000Z');
const from = (milliseconds: number) => new Date(now.getTime() + milliseconds);

let world: World;
let client: Wire;
const ids: Record<string, string> = {};
const made: Record<string, Wire> = {};

/** Each license is there for some filter; all are told apart by name. */
beforeAll(async () => {
  world = await newWorld();
  world.server.clock.freeze(now);
  const add = async (name: string, attributes: object = {}) => {
    made[name] = await world.create('license', { name, ...attributes });
    ids[made[name].id] = name;
  };
  const old = { created_at: from(-100 * day) };
  await add('plain');
  await add('expired', { expiry: from(-day) });
  await add('long expired', { expiry: from(-40 * day) });
  await add('expiring', { expiry: from(2 * day) });
  await add('later', { expiry: from(20 * day) });
  await add('suspended', { suspended: true });
  await add('idle', old);
  await add('validated', { ...old, last_validated_at: from(-10 * day) });
  const banned = await world.create('user', { banned_at: from(-day) });
  await add('banned', { ...old, owner_id: banned.id });
  const owner = await world.create('user', { email: 'owner@example.com' });
  await add('owned', { owner_id: owner.id });
  await add('attached', { metadata: { external_id: '42', score: 0.5, flag: true, nothing: null, hardware: { cpu: 'x', cores: '64' }, ids: ['1', '2'] } });
  await world.create('license_user', { license_id: made.attached.id, user_id: owner.id });
  const group = await world.create('group');
  await add('grouped', { group_id: group.id, metadata: { external_id: 42, score: '0.5' } });
  await add('activated');
  for (let i = 0; i < 2; i++) await world.create('machine', { license_id: made.activated.id });
  const machine = await world.create('machine', { license_id: made.activated.id });
  Object.assign(made, { owner, group, machine });
  client = await world.as('admin');
});

const all = () => Object.values(ids);
const without = (...names: string[]) =>
  all()
    .filter((name) => !names.includes(name))
    .sort();

async function listed(query: string, as: Wire = client): Promise<string[]> {
  const { data } = await as.get(`/licenses?limit=100&${query}`, 200);
  return data.map(({ id }: Wire) => ids[id]).sort();
}

const assigned = ['attached', 'banned', 'owned'];

describe('lists narrowed by', () => {
  test.each<[string, string[]]>([
    ['status=banned', ['banned']],
    ['status=SUSPENDED', ['suspended']],
    ['status=Expired', ['expired', 'long expired']],
    ['status=EXPIRING', ['expiring']],
    ['status=INACTIVE', ['idle']],
    ['status=ACTIVE', ['activated', 'attached', 'expired', 'expiring', 'grouped', 'later', 'long expired', 'owned', 'plain', 'suspended', 'validated']],
    ['status=nonsense', []],
    ['suspended=true', ['suspended']],
    ['expiring=1', ['expiring']],
    ['expired=true', ['expired', 'long expired']],
    ['expires[within]=3d', ['expiring']],
    ['expires[in]=P13DT59M59S', ['expiring']],
    ['expires[in]=1814400', ['expiring', 'later']],
    ['expires[within]=1d&expires[in]=3d', []],
    ['expires[before]=2024-06-18', ['expiring']],
    [`expires[before]=${from(3 * day).getTime() / 1000}`, ['expiring']],
    ['expires[after]=2024-06-20', ['later']],
    ['expires[after]=2024-06-10', ['expiring', 'later']],
    ['expires[on]=2024-06-17', ['expiring']],
    ['expires[on]=2024-06-17T23:59:59Z', ['expiring']],
    ['expires[on]=9999-12-31', []],
    ['expires[on]=2024-06-14', ['expired']],
    ['expired[within]=2w', ['expired']],
    ['expired[in]=3w', ['expired']],
    ['expired[before]=2024-06-01', ['long expired']],
    ['expired[after]=2024-06-01', ['expired']],
    ['expired[on]=2024-06-14', ['expired']],
    ['expired[on]=2024-06-17', []],
    ['expired[nonsense]=1', ['expired', 'long expired']],
    ['activity[inside]=20d', ['activated', 'attached', 'expired', 'expiring', 'grouped', 'later', 'long expired', 'owned', 'plain', 'suspended', 'validated']],
    ['activity[outside]=31d', ['idle']],
    ['activity[before]=2024-06-01', ['banned', 'idle']],
    ['activity[after]=2024-06-10', ['activated', 'attached', 'expired', 'expiring', 'grouped', 'later', 'long expired', 'owned', 'plain', 'suspended']],
    ['assigned=true', assigned],
    ['unassigned=false', assigned],
    ['activated=true', ['activated']],
    ['activations[eq]=3', ['activated']],
    ['activations[gt]=3', []],
    ['activations[gte]=3', ['activated']],
    ['activations[lte]=99999999999999999999&suspended=1', ['suspended']],
    ['activations[lt]=1&activations[gte]=1', ['activated']],
    ['owner=owner@example.com', ['owned']],
    ['user=owner@example.com', ['attached', 'owned']],
    ['user=garbage', []],
    [`user=${encodeURIComponent("' or 1=1 --")}`, []],
    ['owner=OWNER@example.com', []],
    ['metadata[externalId]=42', ['attached', 'grouped']],
    ['metadata[external_id]=42&metadata[score]=0.5', ['attached', 'grouped']],
    ['metadata[flag]=true', ['attached']],
    ['metadata[nothing]=null', ['attached']],
    ['metadata[external_id]=4', []],
    ['metadata[hardware][cpu]=x', ['attached']],
    ['metadata[hardware][cores]=64', ['attached']],
    ['metadata[ids][]=2&metadata[ids][]=1', ['attached']],
    ['metadata[ids][]=3', []],
    ['product=nonsense', []],
    ['policy=5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10', []],
  ])('%s', async (query, expected) => expect(await listed(query)).toEqual(expected));

  test.each<[string, string[]]>([
    ['suspended=false', ['suspended']],
    ['suspended=off', ['suspended']],
    ['expiring=false', ['expiring']],
    ['expired=0', ['expired', 'long expired']],
    ['assigned=F', assigned],
    ['unassigned=yes', assigned],
    ['activated=false', ['activated']],
    ['activations[lt]=1', ['activated']],
  ])('%s: all but', async (query, excepted) => expect(await listed(query)).toEqual(without(...excepted)));

  test.each([
    'expires[before]=P30D',
    'expires[within]=soon',
    'expires[on]=2024-02-31',
    'expires[nonsense]=1',
    'expired[in]=x',
    'activity[nonsense]=1',
    'activity[before]=2d',
    'activations[nonsense]=1',
    'expires[in][x]=1',
  ])('%s: none', async (query) => expect(await listed(query)).toEqual([]));

  test.each([
    'expires=1',
    'expires[in]=',
    'expires[in][]=',
    'status=',
    'product[x]=1',
    'unknown=1',
    'activity[]=1',
    'activations[gt]=%20',
    'metadata=x',
    'metadata[flag]=',
    'metadata[ids][]=&metadata[hardware][cpu]=',
    'suspended[]=1',
    'expired[in]=',
  ])('%s: not at all', async (query) => expect(await listed(query)).toEqual(without()));

  test('what of an object is not blank', async () => {
    expect(await listed('metadata[flag]=&metadata[externalId]=42')).toEqual(['attached', 'grouped']);
    expect(await listed('expires[in]=&expires[before]=2024-06-18')).toEqual(['expiring']);
  });

  test('ids of what they belong to', async () => {
    expect(await listed(`product=${made.plain.product_id}`)).toEqual(['plain']);
    expect(await listed(`policy=${made.plain.policy_id}`)).toEqual(['plain']);
    expect(await listed(`group=${made.group.id}`)).toEqual(['grouped']);
    expect(await listed(`machine=${made.machine.id}`)).toEqual(['activated']);
    expect(await listed(`owner=${made.owner.id}`)).toEqual(['owned']);
    expect(await listed(`user=${made.owner.id}`)).toEqual(['attached', 'owned']);
    expect(await listed(`user=${made.owner.id}&policy=${made.owned.policy_id}`)).toEqual(['owned']);
  });

  test('a user, not for users', async () => {
    expect(await listed('user=garbage', await world.as('user', made.owner))).toEqual(['attached', 'owned']);
  });
});

describe('at their edges', () => {
  const edges: Record<string, number> = {
    past: -1,
    now: 0,
    soon: 1,
    day: day,
    'after a day': day + 1,
    within: 3 * day - 1,
    'three days': 3 * day,
    later: 3 * day + 1,
  };
  const ends = { morning: new Date('2024-06-15T00:00:00.000Z'), night: new Date('2024-06-15T23:59:59.999Z'), yesterday: from(-day), before: from(-day - 1) };
  const activity = { active: -90 * day, idle: -90 * day - 1 };
  let edge: World;
  let admin: Wire;
  const names: Record<string, string> = {};
  beforeAll(async () => {
    edge = await newWorld();
    edge.server.clock.freeze(now);
    const add = async (name: string, attributes: object) => {
      names[(await edge.create('license', { name, ...attributes })).id] = name;
    };
    for (const [name, offset] of Object.entries(edges)) await add(name, { expiry: from(offset) });
    for (const [name, expiry] of Object.entries(ends)) await add(name, { expiry });
    for (const [name, offset] of Object.entries(activity)) await add(name, { created_at: from(offset) });
    admin = await edge.as('admin');
  });

  test.each([
    ['expired=true', 'before|morning|past|yesterday'],
    ['expiring=true', 'after a day|day|night|soon|within'],
    ['expiring=false', 'active|before|idle|later|morning|past|yesterday'],
    ['status=expired', 'before|morning|past|yesterday'],
    ['status=expiring', 'after a day|day|night|soon|within'],
    ['status=inactive', 'idle'],
    ['expires[within]=1d', 'day|night|now|soon'],
    [`expires[before]=${from(day).toISOString()}`, 'day|night|now|soon'],
    [`expires[after]=${from(day).toISOString()}`, 'after a day|day|later|three days|within'],
    ['expires[on]=2024-06-15', 'morning|night|now|past|soon'],
    ['expired[within]=1d', 'morning|past|yesterday'],
    [`expired[before]=${from(-day).toISOString()}`, 'before|yesterday'],
    [`expired[after]=${from(-day).toISOString()}`, 'morning|past|yesterday'],
    ['expired[on]=2024-06-15', 'morning|past'],
    ['activity[outside]=90d', 'idle'],
    [`activity[before]=${from(-90 * day).toISOString()}`, 'idle'],
  ])('%s', async (query, expected) => {
    const { data } = await admin.get(`/licenses?limit=100&${query}`, 200);
    expect(data.map(({ id }: Wire) => names[id]).sort()).toEqual(expected.split('|'));
  });
});
