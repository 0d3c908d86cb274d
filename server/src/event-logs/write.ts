/** The audit trail (spec/events.md 6): one log per event, written in batches. */
import type { Db } from '../kernel/database/database.ts';
import { insertMany } from '../kernel/database/insert-many.ts';
import type { OutboxEntry } from '../kernel/events/outbox.table.ts';
import type { Services } from '../kernel/services.ts';
import { eventLogs } from './event-log.table.ts';

/** Writes the logs of events, each with the id of its event, so that a second run would be refused instead of doubled. */
export async function writeEventLogs(db: Db, entries: readonly OutboxEntry[], { config }: Services): Promise<void> {
  const life = config.logRetentionDays * 86_400_000;
  await insertMany(
    db,
    eventLogs,
    entries.map(({ id, accountId, environmentId, event, resource, whodunnit, requestId, logMetadata, createdAt }) => ({
      id,
      accountId,
      environmentId,
      event,
      resourceType: resource?.type ?? null,
      resourceId: resource?.id ?? null,
      whodunnitType: whodunnit?.type ?? null,
      whodunnitId: whodunnit?.id ?? null,
      requestLogId: requestId,
      metadata: logMetadata,
      createdAt,
      updatedAt: createdAt,
      expiresAt: new Date(createdAt.getTime() + life),
    })),
  );
}
