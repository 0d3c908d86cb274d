/** Deleting an artifact: it is gone for everybody at once, and its bytes and row as soon as the store does it (spec/distribution.md 8.4). */
import { and, eq } from '../kernel/database/drizzle.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Answer } from '../kernel/http/route.ts';
import { job } from '../kernel/jobs/job.ts';
import { lockOrRefuse, updateRow } from '../kernel/jsonapi/rows.ts';
import { artifactAccess as access } from './artifact.access.ts';
import { artifactDocument as document } from './artifact.document.ts';
import { type ArtifactRecord, artifactRecords as records } from './artifact.records.ts';
import { artifacts } from './artifact.table.ts';
import { objectKey } from './object-key.ts';

/** A store that fails is asked again for some days; until then the row keeps the filename taken. */
export const removeObject = job<{ accountId: string; artifactId: string }>({
  name: 'artifacts.remove',
  key: ({ artifactId }) => artifactId,
  retry: { limit: 60 },
  async run({ accountId, artifactId }, { services, database }) {
    const yanked = and(eq(artifacts.accountId, accountId), eq(artifacts.id, artifactId), eq(artifacts.status, 'YANKED'));
    const [artifact] = await database.drizzle.select().from(artifacts).where(yanked);
    if (!artifact) return;
    await services.storage.of(artifact.backend).remove(objectKey(artifact));
    await database.drizzle.delete(artifacts).where(yanked);
  },
});

/** @param found may be deleted by who asks */
export async function yank(found: ArtifactRecord, context: Context): Promise<Answer> {
  await context.change(async (change) => {
    const row = await lockOrRefuse(context, change, records, found);
    const changes = { status: 'YANKED', updatedAt: change.now };
    await updateRow(change, records, row, changes);
    await change.emit('artifact.deleted', { document, access, row: { ...row, ...changes } });
    await change.enqueue(removeObject, { accountId: row.accountId, artifactId: row.id });
  });
  return { status: 204 };
}
