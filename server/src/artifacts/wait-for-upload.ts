/** Follows an artifact from its creation until its bytes are there (spec/distribution.md 8.3). */
import { engines } from '../engines/engine.table.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Change } from '../kernel/events/change.ts';
import { type JobContext, job, RetryAt } from '../kernel/jobs/job.ts';
import type { Found } from '../kernel/storage/store.ts';
import { packages } from '../packages/package.table.ts';
import { type ArtifactRecord, artifactRecords as records } from './artifact.records.ts';
import { background, moveOn } from './move-on.ts';
import { objectKey } from './object-key.ts';
import { processUpload } from './process-upload.ts';
import { arrivalOf, isProcessed } from './upload.states.ts';

interface Waited {
  accountId: string;
  artifactId: string;
  /** When the wait began, as ISO text. */
  enqueued: string;
}

async function engineOf(db: Db, { accountId, release: { packageId } }: ArtifactRecord): Promise<string | null> {
  if (packageId === null) return null;
  const [found] = await db
    .select({ key: engines.key })
    .from(packages)
    .innerJoin(engines, and(eq(engines.accountId, packages.accountId), eq(engines.id, packages.engineId)))
    .where(and(eq(packages.accountId, accountId), eq(packages.id, packageId)));
  return found?.key ?? null;
}

async function arrive(change: Change, artifact: ArtifactRecord, { length, type, etag }: Extract<Found, { state: 'present' }>): Promise<void> {
  const facts = { contentLength: BigInt(length), contentType: type, etag };
  if (!isProcessed(await engineOf(change.db, artifact), artifact.filetype?.key ?? null))
    return moveOn(change, artifact, 'WAITING', { ...facts, status: 'UPLOADED' }, ['artifact.upload.succeeded', 'artifact.uploaded']);
  await moveOn(change, artifact, 'WAITING', { ...facts, status: 'PROCESSING' }, ['artifact.upload.processing']);
  await change.enqueue(processUpload, { accountId: artifact.accountId, artifactId: artifact.id });
}

/** One look at the store. The next one keeps the instant at which the wait began, so that it ends an hour later whatever happens to processes meanwhile. */
export const waitForUpload = job<Waited>({
  name: 'artifacts.wait-for-upload',
  key: ({ artifactId }) => artifactId,
  concurrency: 20,
  async run({ accountId, artifactId, enqueued }: Waited, { now, services, database }: JobContext) {
    const { table } = records;
    const [artifact] = await records.find(database.drizzle, and(eq(table.accountId, accountId), eq(table.id, artifactId)));
    if (artifact?.status !== 'WAITING') return;
    const found = await services.storage.of(artifact.backend).head(objectKey(artifact));
    if (found.state === 'failing') services.logger.warn({ err: found.error, artifactId }, 'the storage refuses to tell of an upload');
    const arrival = arrivalOf(found, new Date(enqueued), now, artifact.backend === 'LOCAL');
    if (arrival.next === 'wait') throw new RetryAt(arrival.until);
    await services.change(background(accountId, now), (change) =>
      found.state === 'present' ? arrive(change, artifact, found) : moveOn(change, artifact, 'WAITING', { status: 'FAILED' }, ['artifact.upload.failed']),
    );
  },
});
