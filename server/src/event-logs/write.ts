/** The audit trail (spec/events.md 6): one log per event, written in batches. */
import { accounts } from '../accounts/account.table.ts';
import { idIn } from '../kernel/database/columns.ts';
import type { Db } from '../kernel/database/database.ts';
import { and, eq, isNotNull } from '../kernel/database/drizzle.ts';
import { insertMany } from '../kernel/database/insert-many.ts';
import type { OutboxEntry } from '../kernel/events/outbox.table.ts';
import type { Services } from '../kernel/services.ts';
import { plans } from '../plans/plan.table.ts';
import { eventLogs } from './event-log.table.ts';
import { goesAt } from './life.ts';

/** Seconds for which plans keep logs, by account; only where there are plans. */
async function kept(db: Db, entries: readonly OutboxEntry[], { config }: Services): Promise<Map<string, number | null>> {
  if (config.mode !== 'multiplayer') return new Map();
  const rows = await db
    .select({ id: accounts.id, seconds: plans.eventLogRetentionDuration })
    .from(accounts)
    .innerJoin(plans, eq(plans.id, accounts.planId))
    .where(and(idIn(accounts.id, [...new Set(entries.map(({ accountId }) => accountId))]), isNotNull(plans.eventLogRetentionDuration)));
  return new Map(rows.map(({ id, seconds }) => [id, seconds]));
}

/** Writes the logs of events, each with the id of its event, so that a second run would be refused instead of doubled. */
export async function writeEventLogs(db: Db, entries: readonly OutboxEntry[], services: Services): Promise<void> {
  const seconds = await kept(db, entries, services);
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
      expiresAt: goesAt(createdAt, seconds.get(accountId) ?? null, services.config),
    })),
  );
}
