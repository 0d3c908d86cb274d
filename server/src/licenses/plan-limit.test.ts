/** spec/licenses.md 4.5 over the wire. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Attributes, type Client, inParallel, newWorld, type Wire, type World } from '../../test/kit.ts';
import { NoopLogger } from '../kernel/database/drizzle.ts';

const day = 86_400_000;
const multiplayer = { mode: 'multiplayer' } as const;
const free = { price: 0 };
const priced = { price: 4900 };
const trial = { state: 'trialing' };
const card = { card_brand: 'Visa', card_last4: '4242', card_expiry: '2040-05-01T00:00:00.000Z' };

let world: World;
let admin: Client;
let policy: Wire;

async function enter(options: Parameters<typeof newWorld>[0] = multiplayer): Promise<void> {
  world = await newWorld(options);
  admin = await world.as('admin');
  policy = await world.create('policy');
}
beforeEach(() => enter());

/** Puts the account on a plan, and gives it a billing record. */
async function subscribe(plan: Attributes, billing?: Attributes): Promise<Wire> {
  const made = await world.create('plan', plan);
  await world.server.update('account', String(world.account.id), { plan_id: made.id });
  if (billing) await world.create('billing', billing);
  return made;
}

const body = (attributes: object = {}, relationships: object = {}) => ({
  data: { type: 'licenses', attributes, relationships: { policy: { data: { type: 'policies', id: policy.id } }, ...relationships } },
});
const ownedBy = (user: Wire) => body({}, { owner: { data: { type: 'users', id: user.id } } });
const post = (expected: number, sent = body()) => admin.post('/licenses', sent, expected);
const users = (...records: Wire[]) => ({ data: records.map(({ id }) => ({ type: 'users', id })) });
const attach = (license: Wire, expected: number, ...records: Wire[]) => admin.post(`/licenses/${license.id}/users`, users(...records), expected);
const fresh = (count: number) => inParallel(count, () => world.create('user'));

const full = (limit: string, noun = 'licenses') => [
  {
    title: 'Unprocessable resource',
    detail: `Your tier's active licensed user limit of ${limit} has been reached for your account. Please upgrade to a paid tier and add a payment method at https://app.keygen.sh/billing.`,
    code: 'ACCOUNT_ALU_LIMIT_EXCEEDED',
    source: { pointer: '/data/relationships/account' },
    links: { about: `https://keygen.sh/docs/api/${noun}/#${noun}-object-relationships-account` },
  },
];

describe('who is limited, and by what', () => {
  test.each([
    // the account                                       plan                                          billing                          status
    ['on a free plan', { ...free, max_licenses: 2 }, undefined, 402],
    ['on a plan without a price', { price: null, max_licenses: 2 }, undefined, 402],
    ['on a free plan that has a maximum of users only', { ...free, max_users: 2 }, undefined, 402],
    ['on a free plan whose maximum of licenses is above that of users', { ...free, max_licenses: 4, max_users: 2 }, undefined, 201],
    ['on a free plan without a maximum', free, undefined, 201],
    ['on a free plan, subscribed and with a card', { ...free, max_licenses: 2 }, { state: 'subscribed', ...card }, 402],
    ['in a trial without a card', { ...priced, max_licenses: 2 }, trial, 402],
    ['in a trial with half a card', { ...priced, max_licenses: 2 }, { ...trial, ...card, card_expiry: null }, 402],
    ['in a trial with a card', { ...priced, max_licenses: 2 }, { ...trial, ...card }, 201],
    ['subscribed, without a card', { ...priced, max_licenses: 2 }, { state: 'subscribed' }, 201],
    ['on a priced plan without billing', { ...priced, max_licenses: 2 }, undefined, 201],
  ])('an account %s', async (_, plan, billing, status) => {
    await subscribe(plan, billing);
    const license = await world.create('license', { policy_id: policy.id });
    await world.create('license', { policy_id: policy.id });
    const { errors } = await post(status);
    const attached = await attach(license, status === 402 ? 402 : 200, await world.create('user'));
    if (status === 402) expect([errors, attached.errors]).toEqual([full('2'), full('2')]);
    expect(await world.count('licenses')).toBe(status === 402 ? 2 : 3);
    expect(await world.count('license_users')).toBe(status === 402 ? 0 : 1);
    expect(await world.emitted()).toEqual(status === 402 ? [] : ['license.created', 'license.users.attached']);
  });

  test('an account without a plan is not limited', async () => {
    await world.create('billing', trial);
    await post(201);
  });

  test('nobody in singleplayer', async () => {
    await enter({});
    await subscribe({ ...free, max_licenses: 0 }, trial);
    const { data } = await post(201);
    await attach(data, 200, await world.create('user'));
  });

  test('whatever is changed of plan and billing holds at once', async () => {
    const plan = await subscribe({ ...free, max_licenses: 0 });
    await post(402);
    await world.server.update('plan', plan.id, { max_licenses: 1 });
    await post(201);
    await post(402);
    await world.server.update('plan', plan.id, { price: 1 });
    await post(201);
    const { id } = await world.create('billing', trial);
    await post(402);
    await world.server.update('billing', id, card);
    await post(201);
  });

  test('another account’s licenses do not count', async () => {
    await subscribe({ ...free, max_licenses: 1 });
    await world.server.create('license', { account_id: (await world.server.create('account')).id });
    await post(201);
  });

  test('licenses of all environments count, and creations in all are refused', async () => {
    await subscribe({ ...free, max_licenses: 1 });
    const environment = await world.create('environment', { code: 'isolated' });
    const inside = (await world.as('environment', environment)).in('isolated');
    policy = await world.create('policy', { environment_id: environment.id });
    await inside.post('/licenses', body(), 201);
    await inside.post('/licenses', body(), 402);
    policy = await world.create('policy');
    await post(402);
  });
});

test('numbers from 1,000 on have separators', async () => {
  await subscribe({ ...free, max_licenses: 1234 });
  const license = await world.create('license', { policy_id: policy.id });
  const { id: _, key: __, ...columns } = Object.fromEntries(Object.keys((await world.server.find('license', { id: license.id }))!).map((name) => [name, name]));
  const names = Object.keys(columns).join(', ');
  await world.server.sql(
    `insert into licenses (id, key, ${names}) select gen_random_uuid(), 'K' || n, ${names} from licenses, generate_series(1, 1233) n where id = '${license.id}'`,
  );
  expect((await post(402)).errors).toEqual(full('1,234'));
});

describe('what counts', () => {
  beforeEach(() => subscribe({ ...free, max_licenses: 2 }));

  test('each license without users', async () => {
    await post(201);
    await post(201);
    expect((await post(402)).errors).toEqual(full('2'));
  });

  test('a user once, whether he owns licenses or is attached to them', async () => {
    const [ada, bob] = await fresh(2);
    for (let n = 0; n < 3; n++) await post(201, ownedBy(ada));
    const { data } = await post(201, ownedBy(ada));
    await attach(data, 200, bob);
    await post(402, ownedBy(ada));
    await post(402, ownedBy(await world.create('user')));
  });

  test.each([
    ['created 90 days ago', 0, {}, 402],
    ['created before', -1, {}, 201],
    ['validated 90 days ago', -1, { last_validated_at: 0 }, 402],
    ['validated before', -1, { last_validated_at: -1 }, 201],
    ['checked in 90 days ago', -1, { last_check_in_at: 0 }, 402],
    ['checked in before', -1, { last_check_in_at: -1 }, 201],
    ['checked out 90 days ago', -1, { last_check_out_at: 0 }, 402],
    ['checked out before', -1, { last_check_out_at: -1 }, 201],
    ['suspended and expired', 0, { suspended: true, expiry: 0 }, 402],
  ])('licenses that were %s: %d', async (_, created, attributes: Attributes, status) => {
    world.server.clock.freeze('2030-06-01T00:00:00.000Z');
    const at = (offset: number) => new Date(world.server.clock.now().getTime() - 90 * day + offset);
    const instants = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, typeof value === 'number' ? at(value) : value]));
    for (let n = 0; n < 2; n++) await world.create('license', { policy_id: policy.id, created_at: at(created), expiry: null, ...instants });
    await post(status);
  });

  test('not the licenses of banned users, but banned users of others’ licenses', async () => {
    const banned = await world.create('user', { banned_at: '2020-01-01T00:00:00.000Z' });
    const license = await world.create('license', { owner_id: banned.id });
    for (let n = 0; n < 2; n++) await world.create('license_user', { license_id: license.id });
    await post(201);
    const other = await world.create('license', { owner_id: (await world.create('user')).id });
    await world.create('license_user', { license_id: other.id, user_id: banned.id });
    await post(402);
  });
});

describe('a creation at the limit', () => {
  beforeEach(() => subscribe({ ...free, max_licenses: 0 }));

  test('hears of all else that is wrong first', async () => {
    const { errors } = await post(422, body({ name: 'n'.repeat(1025), key: 'actions' }));
    expect(errors.map(({ code }: Wire) => code)).toEqual(['KEY_NOT_ALLOWED', 'NAME_TOO_LONG']);
    await admin.post('/licenses', { data: { type: 'licenses' } }, 400);
    await (await world.as('read-only')).post('/licenses', body(), 403);
  });

  test('hears of it before its key is made', async () => {
    policy = await world.create('policy', { use_pool: true });
    await post(402);
    policy = await world.create('policy', { scheme: 'RSA_2048_JWT_RS256' });
    await post(402, body({ key: 'no claims' }));
  });

  test('takes no key out of a pool', async () => {
    policy = await world.create('policy', { use_pool: true });
    await world.create('key', { policy_id: policy.id });
    await post(402);
    expect(await world.count('keys')).toBe(1);
  });

  test('is refused to whoever creates', async () => {
    const user = await world.create('user');
    const client = await world.as('user', user);
    expect((await client.post('/licenses', ownedBy(user), 402)).errors).toEqual(full('0'));
    const product = await world.server.find('product', { id: policy.product_id });
    await (await world.as('product', product)).post('/licenses', body(), 402);
  });
});

describe('attached users', () => {
  const limit = (max_licenses: number) => subscribe({ ...free, max_licenses });

  test('are judged one after the other, with those before them attached', async () => {
    await limit(3);
    const license = await world.create('license', { owner_id: (await world.create('user')).id });
    const [one, two, three] = await fresh(3);
    expect((await attach(license, 402, one, two, three)).errors).toEqual(full('3'));
    expect(await world.count('license_users')).toBe(0);
    await attach(license, 200, one, two);
    await attach(license, 402, three);
  });

  test('the first to fail is told, for whatever reason', async () => {
    await limit(2);
    const license = await world.create('license', { owner_id: (await world.create('user')).id, max_users: 3 });
    const [one, two, three] = await fresh(3);
    const nobody = { id: '5c9a1c2e-22c8-4a3f-9a6d-2d8f6c1b7e10' };
    const codes = async (...records: Wire[]) => (await admin.post(`/licenses/${license.id}/users`, users(...records))).errors.map(({ code }: Wire) => code);
    expect(await codes(one, nobody, two)).toEqual(['USER_NOT_FOUND']);
    expect(await codes(one, one)).toEqual(['USER_TAKEN']);
    expect(await codes(one, { id: license.owner_id })).toEqual(['USER_CONFLICT']);
    expect(await codes(one, two, nobody)).toEqual(['ACCOUNT_ALU_LIMIT_EXCEEDED']);
    await world.server.update('license', license.id, { max_users: 1 });
    expect(await codes(three)).toEqual(['USER_LIMIT_EXCEEDED']);
  });

  test('a license without users gives its place to the first', async () => {
    await limit(2);
    const license = await world.create('license');
    await attach(license, 200, ...(await fresh(2)));
    await attach(license, 402, await world.create('user'));
  });

  test('users who are counted already take no further place', async () => {
    await limit(3);
    const license = await world.create('license', { owner_id: (await world.create('user')).id });
    const known = await world.create('user');
    await world.create('license', { owner_id: known.id });
    await attach(license, 200, known, await world.create('user'));
    await attach(await world.create('license', { owner_id: license.owner_id }), 402, known);
  });

  test('of a license that does not count take none', async () => {
    await limit(2);
    const license = await world.create('license', { created_at: '2020-01-01T00:00:00.000Z' });
    await world.create('license');
    await attach(license, 200, ...(await fresh(3)));
    await world.create('license');
    await attach(license, 402, await world.create('user'));
  });

  test('owners are changed without a look at the limit', async () => {
    await limit(1);
    const license = await world.create('license');
    const [one] = await fresh(1);
    await admin.put(`/licenses/${license.id}/owner`, { data: { type: 'users', id: one.id } }, 200);
  });
});

describe('at once', () => {
  test('of 50 creations as many succeed as there is room for', async () => {
    await subscribe({ ...free, max_licenses: 7 });
    const answers = await inParallel(50, () => admin.post('/licenses', body()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(43);
    expect(await world.count('licenses')).toBe(7);
  });

  test('creations and users attached to different licenses share what room there is', async () => {
    await subscribe({ ...free, max_licenses: 9 });
    const owners = await fresh(4);
    const owned = await Promise.all(owners.map((owner) => world.create('license', { owner_id: owner.id })));
    const guests = await fresh(20);
    const answers = await inParallel(40, (n) =>
      n % 2 ? admin.post('/licenses', body()) : admin.post(`/licenses/${owned[n % 4]!.id}/users`, users(guests[n / 2])),
    );
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(35);
    expect((await world.count('license_users')) + (await world.count('licenses'))).toBe(4 + 5);
  });
});

describe('who is not limited', () => {
  /** The statements of a request, when it is not the first of its kind. */
  async function statementsOf(send: () => Promise<unknown>): Promise<string[]> {
    await send();
    await world.server.jobs.run();
    const statements: string[] = [];
    const logged = vi.spyOn(NoopLogger.prototype, 'logQuery').mockImplementation((...[text]: unknown[]) => void statements.push(String(text)));
    try {
      await send();
    } finally {
      logged.mockRestore();
    }
    return statements;
  }
  const creation = () => statementsOf(() => post(201));
  const attachment = async () => {
    const [license, ...guests] = [await world.create('license'), ...(await fresh(2))];
    return statementsOf(() => attach(license, 200, guests.pop()!));
  };

  test('pays no statement for it', async () => {
    const without = [await creation(), await attachment()];
    await subscribe({ ...priced, max_licenses: 0 }, { state: 'subscribed' });
    expect([await creation(), await attachment()]).toEqual(without);
    expect(without.flat().filter((text) => /"(accounts|plans|billings)"/.test(text))).toEqual([]);
  });
});
