import { deleteInBatches } from '../kernel/database/delete-in-batches.ts';
import { eq } from '../kernel/database/drizzle.ts';
import { job } from '../kernel/jobs/job.ts';
import { artifactLinks } from './link.table.ts';

/** The links of a deleted release go in the background (spec/distribution.md 3.5). */
export const removeLinksOfRelease = job<{ accountId: string; releaseId: string }>({
  name: 'artifact-links.remove',
  key: ({ releaseId }) => releaseId,
  run: ({ accountId, releaseId }, { database, signal }) =>
    deleteInBatches(database, accountId, [[artifactLinks, eq(artifactLinks.releaseId, releaseId)]], signal),
});
