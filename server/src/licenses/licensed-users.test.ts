import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { uuid } from '../kernel/id.ts';
import { type License, licenses, licenseUsers } from './license.table.ts';
import { licensedUsers, licensedUsersOf, withAttached } from './licensed-users.ts';

const now = new Date('2030-06-01T12:00:00.000Z');
const daysAgo = (days: number, milliseconds = 0): Date => new Date(now.getTime() - days * 86_400_000 + milliseconds);
/** Around the end of the 90 days, to the millisecond. */
const instants = [daysAgo(0), daysAgo(89), daysAgo(90), daysAgo(90, -1), daysAgo(400)];
const people = 5;
/** The others are banned. */
const good = 3;

const instant = fc.constantFrom(...instants);
const maybe = fc.option(instant, { freq: 2 });
const person = fc.nat({ max: people - 1 });
const sketch = fc
  .record({
    createdAt: fc.constantFrom(...instants.slice(1)),
    lastValidatedAt: maybe,
    lastCheckInAt: maybe,
    lastCheckOutAt: maybe,
    suspended: fc.boolean(),
    expiry: fc.option(fc.constantFrom(daysAgo(1), daysAgo(-1))),
    owner: fc.option(person),
    users: fc.uniqueArray(person, { maxLength: 3 }),
  })
  .map(({ owner, users, ...rest }) => ({ ...rest, owner, users: users.filter((user) => user !== owner) }));
const sketches = fc.array(sketch, { maxLength: 6 });
type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

/** Licenses as plain data. */
const plain = (given: readonly Sketch[], ids: readonly string[]) =>
  given.map(({ owner, users, ...life }) => ({
    ...life,
    ownerId: owner === null ? null : ids[owner]!,
    owner: owner === null ? null : { bannedAt: owner < good ? null : daysAgo(1) },
    userIds: users.map((user) => ids[user]!),
    usersCount: users.length,
  }));

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

/** Instead of all licenses of the account. @param templates what they are like otherwise */
async function store(all: ReturnType<typeof plain>, templates: readonly License[]): Promise<void> {
  const { drizzle } = world.server.database;
  const [{ accountId }] = templates as [License];
  await drizzle.delete(licenseUsers).where(eq(licenseUsers.accountId, accountId));
  await drizzle.delete(licenses).where(eq(licenses.accountId, accountId));
  const rows = all.map(({ owner: _, userIds, ...license }, index) => ({
    ...templates[index % templates.length]!,
    ...license,
    id: uuid(),
    key: `key ${index}`,
    userIds,
  }));
  const joins = rows.flatMap(({ id, userIds }) => userIds.map((userId) => ({ id: uuid(), accountId, licenseId: id, userId, createdAt: now, updatedAt: now })));
  if (rows.length > 0) await drizzle.insert(licenses).values(rows);
  if (joins.length > 0) await drizzle.insert(licenseUsers).values(joins);
}

test('the statement counts what the rule counts, in any environment, and knows who is counted', async () => {
  const { drizzle } = world.server.database;
  const id = String(world.account.id);
  const ids: string[] = [];
  for (let person = 0; person < people; person++) ids.push((await world.create('user', { banned_at: person < good ? null : daysAgo(1) })).id);
  await world.create('license');
  await world.create('license', { policy_id: (await world.create('policy', { environment_id: (await world.create('environment')).id })).id });
  const templates = await drizzle.select().from(licenses);
  await world.server.create('license', { account_id: (await world.server.create('account')).id });
  const own = { createdAt: now, lastValidatedAt: null, lastCheckInAt: null, lastCheckOutAt: null, suspended: false, expiry: null, owner: null, userIds: [] };
  await fc.assert(
    fc.asyncProperty(sketches, async (given) => {
      const all = plain(given, ids);
      await store(all, templates);
      const { count, known } = await licensedUsers(drizzle, id, now, ids);
      expect(count).toBe(licensedUsersOf(all, now));
      // who is counted adds nothing with one more license, and who is not adds one
      for (const ownerId of ids) expect(licensedUsersOf([...all, { ...own, ownerId }], now)).toBe(count + (known.has(ownerId) ? 0 : 1));
    }),
    { numRuns: 50 },
  );
});

test('attaching users to a license brings the count to what it is afterwards', () => {
  const ids = Array.from({ length: people }, (_, index) => `user ${index}`);
  fc.assert(
    fc.property(sketches, fc.nat(), fc.uniqueArray(person), (given, which, guests) => {
      const all = plain(given, ids);
      const license = all[which % (all.length || 1)];
      fc.pre(license !== undefined);
      const added = guests.map((guest) => ids[guest]!).filter((id) => id !== license.ownerId && !license.userIds.includes(id));
      const own = { ...license, ownerId: null, owner: null, createdAt: now, userIds: [] as string[] };
      const count = licensedUsersOf(all, now);
      const known = new Set(ids.filter((ownerId) => licensedUsersOf([...all, { ...own, ownerId }], now) === count));
      const after = all.map((other) => (other === license ? { ...other, userIds: [...other.userIds, ...added] } : other));
      expect(withAttached({ count, known }, license, added, now)).toBe(licensedUsersOf(after, now));
    }),
  );
});
