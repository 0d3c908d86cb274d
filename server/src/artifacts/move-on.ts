/** What background work makes of artifacts. */
import type { Change } from '../kernel/events/change.ts';
import { lockRow, updateRow } from '../kernel/jsonapi/rows.ts';
import { artifactAccess as access } from './artifact.access.ts';
import { artifactDocument as document } from './artifact.document.ts';
import { type ArtifactRecord, artifactRecords as records } from './artifact.records.ts';

/** A change that nobody asked for. */
export const background = (accountId: string, now: Date) => ({
  ...{ accountId, now },
  ...{ environment: null, bearer: null, token: null, requestId: null, requestResource: null },
});

/** Changes an artifact that is in a state, under its lock, and tells of it; does nothing when it is in another one by now. */
export async function moveOn(
  change: Change,
  artifact: { accountId: string; id: string },
  from: string,
  columns: Partial<ArtifactRecord>,
  events: readonly string[],
): Promise<void> {
  const row = await lockRow(change, records, artifact);
  if (row?.status !== from) return;
  const changes = { ...columns, updatedAt: change.now };
  await updateRow(change, records, row, changes);
  for (const event of events) await change.emit(event, { document, access, row: { ...row, ...changes } });
}
