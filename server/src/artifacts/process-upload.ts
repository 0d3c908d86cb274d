/** Packages that are read once their bytes are there (spec/distribution.md 8.3). */
import { job } from '../kernel/jobs/job.ts';
import { background, moveOn } from './move-on.ts';

/** Does nothing unless the artifact is being processed. There is nothing yet that engines want to know of their packages. */
export const processUpload = job<{ accountId: string; artifactId: string }>({
  name: 'artifacts.process',
  key: ({ artifactId }) => artifactId,
  run: ({ accountId, artifactId }, { services, now }) =>
    services.change(background(accountId, now), (change) =>
      moveOn(change, { accountId, id: artifactId }, 'PROCESSING', { status: 'UPLOADED' }, ['artifact.upload.succeeded']),
    ),
});
