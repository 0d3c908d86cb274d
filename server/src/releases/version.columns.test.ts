import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import { uuid } from '../kernel/id.ts';
import { type Release, releases } from './release.table.ts';
import { highestFirst, versionColumns } from './version.columns.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from './version.ts';

const part = fc.option(fc.oneof(fc.constantFrom('beta', 'Beta', 'alpha.beta', 'rc.1', 'beta.2', 'beta.11', '1', '-'), fc.stringMatching(/^[0-9a-bA.-]{1,5}$/)));
const number = fc.oneof(fc.bigInt(0n, 1n), fc.bigInt(0n, 2n ** 63n - 1n));
const versions = fc
  .uniqueArray(fc.record({ major: number, minor: fc.bigInt(0n, 1n), patch: fc.bigInt(0n, 1n), prerelease: part, build: part }), {
    minLength: 30,
    maxLength: 60,
    selector: formatVersion,
  })
  .map((all) => all.filter((version) => parseVersion(formatVersion(version)) !== 'too large'));

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

test('the database orders releases as versions compare', async () => {
  await world.create('release');
  const db = world.server.database.drizzle;
  const [row] = (await db.select().from(releases)) as [Release];
  const check = async (all: Version[]) => {
    const productId = uuid();
    await db.insert(releases).values(all.map((version) => ({ ...row, ...versionColumns(version), id: uuid(), productId })));
    const found = await db
      .select({ version: releases.version })
      .from(releases)
      .where(and(eq(releases.accountId, row.accountId), eq(releases.productId, productId)))
      .orderBy(highestFirst);
    expect(found).toHaveLength(all.length);
    const sorted = found.map(({ version }) => parseVersion(version) as Version);
    for (const [index, lower] of sorted.slice(1).entries()) {
      const higher = sorted[index]!;
      expect(compareVersions(higher, lower), `${formatVersion(higher)} before ${formatVersion(lower)}`).toBeGreaterThanOrEqual(0);
    }
  };
  await fc.assert(fc.asyncProperty(versions, check), { numRuns: 10 });
});
