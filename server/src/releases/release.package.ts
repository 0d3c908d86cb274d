/** Moves a release to another package (spec/distribution.md 6.4). */
import type { Subject } from '../kernel/access/access.ts';
import { getTableColumns } from '../kernel/database/drizzle.ts';
import { difference } from '../kernel/events/difference.ts';
import type { Context } from '../kernel/http/context.ts';
import { lockOrRefuse, updateRow } from '../kernel/jsonapi/rows.ts';
import { validate } from '../kernel/jsonapi/rules.ts';
import type { PackageRecord } from '../packages/package.records.ts';
import { packageOf } from './package-of.ts';
import { releaseAccess as access } from './release.access.ts';
import { releaseDocument as document } from './release.document.ts';
import { type ReleaseRecord, releaseRecords as records } from './release.records.ts';
import { releaseRules } from './release.rules.ts';

interface Target {
  data: { id: string } | null;
}

/** The new package is what is authorized (spec/environments.md 8.2); none, or an unknown one, is no record. */
export async function packageSubject(release: ReleaseRecord, { db, accountId }: Context, { data }: Target): Promise<Subject<never>> {
  const nextPackage = await packageOf(db, accountId, data?.id ?? null);
  return {
    record: nextPackage as never,
    parents: [{ noun: records.noun, environmentId: release.environmentId }],
    judged: [{ ...release, nextPackage }],
  };
}

/** An unknown package is none. @returns the package that the release is now in @throws {ApiError} 422 */
export function changePackage(found: ReleaseRecord, context: Context, { data }: Target): Promise<PackageRecord | null> {
  return context.change(async (change) => {
    const { db, accountId, now } = change;
    const release = await lockOrRefuse(context, change, records, found);
    const nextPackage = await packageOf(db, accountId, data?.id ?? null);
    const next = { ...release, packageId: nextPackage?.id ?? null, nextPackage, updatedAt: now };
    const changed = new Set(next.packageId === release.packageId ? [] : ['packageId']);
    await validate(releaseRules, next, { db, now, changed });
    await updateRow(change, records, release, { packageId: next.packageId, updatedAt: now });
    await change.emit(
      'release.package.updated',
      { document, access, row: next },
      { log: { diff: difference(release, next, Object.keys(getTableColumns(records.table))) } },
    );
    return nextPackage;
  });
}
