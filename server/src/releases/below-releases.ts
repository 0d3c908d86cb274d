import { artifacts } from '../artifacts/artifact.table.ts';
import { artifactLinks } from '../artifacts/link.table.ts';
import { constraints } from '../constraints/constraint.table.ts';
import type { Doomed } from '../kernel/database/delete-in-batches.ts';
import { type SQL, sql } from '../kernel/database/drizzle.ts';

/** All that goes with releases, for `deleteInBatches`; the releases themselves come afterwards. @param ids of the releases, in parentheses */
export const belowReleases = (ids: SQL): Doomed[] => [
  [artifacts, sql`${artifacts.releaseId} in ${ids}`],
  [artifactLinks, sql`${artifactLinks.releaseId} in ${ids}`],
  [constraints, sql`${constraints.releaseId} in ${ids}`],
];
