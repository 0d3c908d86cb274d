import { deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { and, eq, sql } from '../kernel/database/drizzle.ts';
import { job } from '../kernel/jobs/job.ts';
import { belowReleases } from './below-releases.ts';
import { releases } from './release.table.ts';

/** The releases of a deleted package go in the background (spec/distribution.md 15): `change.enqueue(removeReleasesOfPackage, { accountId, packageId })`. */
export const removeReleasesOfPackage = job<{ accountId: string; packageId: string }>({
  name: 'packages.remove-releases',
  key: ({ packageId }) => packageId,
  run({ accountId, packageId }, { database, signal }) {
    const own = eq(releases.packageId, packageId);
    const ids = sql`(select ${releases.id} from ${releases} where ${and(eq(releases.accountId, accountId), own)})`;
    return deleteInBatches(database, accountId, [...belowReleases(ids), [releases, own]], signal);
  },
});
