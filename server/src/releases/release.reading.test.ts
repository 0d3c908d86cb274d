import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import { constraints } from '../constraints/constraint.table.ts';
import { sightOf, where } from '../kernel/access/access.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { type AccessedRelease, accessWindow, isAccessible, isOpen } from './accessible.ts';
import { type ReadingLicense, type ReadRelease, whyUnreadable } from './release.reading.ts';
import { releaseRecords } from './release.records.ts';
import { releaseSight, sightThroughRelease } from './release.sight.ts';
import { releases } from './release.table.ts';

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));
const now = day(10);

const release = (more: Partial<ReadRelease> & { strategy?: string | null } = {}): ReadRelease => {
  const { strategy = 'LICENSED', ...rest } = more;
  return { productId: 'P', createdAt: day(5), backdatedAt: null, constraints: [], product: { distributionStrategy: strategy }, ...rest };
};
const license = (more: Partial<ReadingLicense> = {}): ReadingLicense => ({
  ...{ productId: 'P', suspended: false, expiry: null, expirationStrategy: 'RESTRICT_ACCESS', ownerBannedAt: null, entitlements: [] },
  ...more,
});
const generic = 'ensure the token or license is allowed to access all resources';
const closed = 'release distribution strategy is closed';
const outside = 'license expiry falls outside of access window';
const missing = 'license is missing entitlements';

describe('reading a release', () => {
  test.each<[string, ReadRelease, ReadingLicense[], string | undefined]>([
    ['with a license in order', release(), [license()], undefined],
    ['with no license at all', release(), [], generic],
    ['with a license of another product', release(), [license({ productId: 'Q' })], generic],
    ['of an open product, with no license', release({ strategy: 'OPEN' }), [], undefined],
    ['of an open product, with a suspended license', release({ strategy: 'OPEN' }), [license({ suspended: true })], undefined],
    ['of an open product that asks for something, with no license', release({ strategy: 'OPEN', constraints: ['E'] }), [], generic],
    ['of an open product that asks for something, without it', release({ strategy: 'OPEN', constraints: ['E'] }), [license()], missing],
    ['of an open product that asks for something, with it', release({ strategy: 'OPEN', constraints: ['E'] }), [license({ entitlements: ['E'] })], undefined],
    ['of a closed product', release({ strategy: 'CLOSED' }), [license()], closed],
    ['of a closed product, with a suspended license', release({ strategy: 'CLOSED' }), [license({ suspended: true })], closed],
    ['of a product without a strategy', release({ strategy: null }), [license()], undefined],
    ['with a suspended license', release(), [license({ suspended: true, ownerBannedAt: day(1) })], 'license is suspended'],
    ['with a license of a banned user', release(), [license({ ownerBannedAt: day(1), expiry: day(1) })], 'license is banned'],
    ['with an expired license that revokes', release(), [license({ expiry: day(9), expirationStrategy: 'REVOKE_ACCESS' })], 'license is expired'],
    ['with an expired license of no strategy', release(), [license({ expiry: day(9), expirationStrategy: null })], 'license is expired'],
    ['with an unexpired license that revokes', release(), [license({ expiry: day(10), expirationStrategy: 'REVOKE_ACCESS' })], undefined],
    ['made before the expiry', release(), [license({ expiry: day(5) })], undefined],
    ['made after the expiry', release(), [license({ expiry: day(4) })], outside],
    ['made after the expiry, maintained', release(), [license({ expiry: day(4), expirationStrategy: 'MAINTAIN_ACCESS' })], outside],
    ['made after the expiry, allowed', release(), [license({ expiry: day(4), expirationStrategy: 'ALLOW_ACCESS' })], undefined],
    ['backdated to before the expiry', release({ backdatedAt: day(3) }), [license({ expiry: day(4) })], undefined],
    ['made before the expiry and backdated to after it', release({ createdAt: day(1), backdatedAt: day(3) }), [license({ expiry: day(2) })], outside],
    ['that asks for two things, with one', release({ constraints: ['E', 'F'] }), [license({ entitlements: ['E', 'G'] })], missing],
    ['that asks for two things, with both', release({ constraints: ['E', 'F'] }), [license({ entitlements: ['F', 'E'] })], undefined],
    ['with two licenses, of which the second is in order', release(), [license({ suspended: true }), license()], undefined],
    ['with two licenses out of order', release(), [license({ ownerBannedAt: day(1) }), license({ suspended: true })], 'license is banned'],
    ['with a foreign license first', release(), [license({ productId: 'Q', suspended: true }), license({ expiry: day(1) })], outside],
  ])('%s', (_, read, held, expected) => expect(whyUnreadable(read, held, now)).toBe(expected));
});

const pick = fc.nat({ max: 2 });
const maybeDay = fc.option(fc.integer({ min: 1, max: 12 }).map(day), { freq: 2 });
const scenes = fc.record({
  strategies: fc.array(fc.constantFrom('LICENSED', 'OPEN', 'CLOSED', null), { minLength: 3, maxLength: 3 }),
  policies: fc.array(fc.tuple(pick, fc.constantFrom('REVOKE_ACCESS', 'RESTRICT_ACCESS', 'MAINTAIN_ACCESS', 'ALLOW_ACCESS', null)), {
    minLength: 3,
    maxLength: 3,
  }),
  licenses: fc.array(fc.record({ policy: pick, expiry: maybeDay, holder: fc.constantFrom('owner', 'attached', 'nobody') }), { minLength: 1, maxLength: 4 }),
  releases: fc.array(
    fc.record({
      product: pick,
      status: fc.constantFrom('PUBLISHED', 'PUBLISHED', 'PUBLISHED', 'DRAFT', 'YANKED'),
      created: fc.integer({ min: 1, max: 12 }).map(day),
      backdated: maybeDay,
      asks: fc.uniqueArray(pick, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  policyHas: fc.uniqueArray(fc.tuple(pick, pick), { maxLength: 3, selector: String }),
  licenseHas: fc.uniqueArray(fc.tuple(pick, pick), { maxLength: 3, selector: String }),
});
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

describe('the visible set', () => {
  let world: World;
  beforeEach(async () => {
    world = await newWorld();
  });

  async function stage(scene: Scene) {
    const each = async <T>(list: readonly T[], make: (item: T, index: number) => Promise<Wire>) => {
      const made: Wire[] = [];
      for (const [index, item] of list.entries()) made.push(await make(item, index));
      return made;
    };
    const user = await world.create('user');
    const entitlements = await each([0, 1, 2], () => world.create('entitlement'));
    const products = await each(scene.strategies, (distribution_strategy) => world.create('product', { distribution_strategy }));
    const policies = await each(scene.policies, ([product, expiration_strategy]) =>
      world.create('policy', { product_id: products[product].id, expiration_strategy }),
    );
    const licenses = await each(scene.licenses, async ({ policy, expiry, holder }) => {
      const made = await world.create('license', { policy_id: policies[policy].id, expiry, ...(holder === 'owner' && { owner_id: user.id }) });
      if (holder === 'attached') await world.create('license_user', { license_id: made.id, user_id: user.id });
      return made;
    });
    for (const [policy, entitlement] of scene.policyHas)
      await world.create('policy_entitlement', { policy_id: policies[policy].id, entitlement_id: entitlements[entitlement].id });
    const held = scene.licenseHas.filter(([index]) => index < licenses.length);
    for (const [index, entitlement] of held)
      await world.create('license_entitlement', { license_id: licenses[index].id, entitlement_id: entitlements[entitlement].id });
    const made = await each(scene.releases, async ({ product, status, created, backdated, asks }, index) => {
      const row = await world.create('release', {
        product_id: products[product].id,
        status,
        created_at: created,
        backdated_at: backdated,
        version: `1.0.${index}`,
      });
      for (const entitlement of asks)
        await world.create('release_entitlement_constraint', { release_id: row.id, entitlement_id: entitlements[entitlement].id });
      return row;
    });
    return { user, entitlements, products, licenses, releases: made };
  }

  /** What each license may have, by the in-memory face. */
  function may(scene: Scene, index: number, at: number): boolean {
    const { policy, expiry } = scene.licenses[index]!;
    const [product, expirationStrategy] = scene.policies[policy]!;
    const found = scene.releases[at]!;
    const loaded = loadedOf(scene, at);
    if (found.status === 'PUBLISHED' && isOpen(loaded)) return true;
    const own = scene.licenseHas.filter(([license]) => license === index).map(([, entitlement]) => String(entitlement));
    const inherited = scene.policyHas.filter(([of]) => of === policy).map(([, entitlement]) => String(entitlement));
    const window = accessWindow({ expiry }, { expirationStrategy }, now);
    return found.product === product && isAccessible(loaded, { window, entitlements: new Set([...own, ...inherited]) });
  }
  const loadedOf = (scene: Scene, at: number): AccessedRelease => {
    const { product, status, created, backdated, asks } = scene.releases[at]!;
    return { status, createdAt: created, backdatedAt: backdated, constraints: asks.map(String), product: { distributionStrategy: scene.strategies[product]! } };
  };

  test('of a license, a user, a product and of nobody is what the tests of loaded releases say', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        await world.server.reset();
        const account = await world.server.create('account', { id: world.account.id });
        const { user, products, licenses, releases: made } = await stage(scene);
        const db = world.server.database.drizzle;
        const seenBy = async (bearer: Wire) => {
          const asker = { accountId: String(account.id), environment: null, bearer, token: null, db, now };
          const found = await releaseRecords.find(db, where(eq(releases.accountId, asker.accountId), sightOf(releaseSight, asker)), { order: 'asc' });
          const seen = found.map(({ id }) => made.findIndex((row) => row.id === id)).sort();
          // what hangs on a release is seen with it
          const below = where(eq(constraints.accountId, asker.accountId), sightOf(sightThroughRelease(constraints.releaseId), asker));
          const hanging = await db.selectDistinct({ id: constraints.releaseId }).from(constraints).where(below);
          const asking = seen.filter((at) => scene.releases[at]!.asks.length > 0);
          expect(hanging.map(({ id }) => id).sort()).toEqual(asking.map((at) => made[at].id).sort());
          return seen;
        };
        const expected = (sees: (at: number) => boolean) => made.map((_, at) => at).filter(sees);
        const published = (at: number) => scene.releases[at]!.status === 'PUBLISHED' && isOpen(loadedOf(scene, at));
        expect(await seenBy(null)).toEqual(expected(published));
        const row = async (type: string, id: string) => (await world.server.find(type, { id }))!;
        for (const [index, { id }] of licenses.entries()) {
          const bearer = { kind: 'license', role: 'license', id, productId: (await row('license', id)).product_id };
          expect(await seenBy(bearer)).toEqual(expected((at) => may(scene, index, at)));
        }
        const held = scene.licenses.flatMap(({ holder }, index) => (holder === 'nobody' ? [] : [index]));
        expect(await seenBy({ kind: 'user', role: 'user', id: user.id })).toEqual(
          expected((at) => published(at) || held.some((index) => may(scene, index, at))),
        );
        for (const [index, { id }] of products.entries())
          expect(await seenBy({ kind: 'product', role: 'product', id })).toEqual(expected((at) => scene.releases[at]!.product === index));
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
