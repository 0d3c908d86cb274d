import { instant } from '../database/columns.ts';
import { index, pgTable, text, uuid } from '../database/drizzle.ts';
import { exactJson } from '../database/json.ts';

/** Whom or what an entry names. */
export interface Reference {
  type: string;
  id: string;
}

/** What happened, as it is written by the transaction of the change and read by the relay (relay.ts). */
export interface OutboxEntry {
  id: string;
  accountId: string;
  environmentId: string | null;
  event: string;
  /** Wire types and ids (`licenses`); null for lists and where the path addresses nothing. */
  resource: Reference | null;
  whodunnit: Reference | null;
  requestId: string | null;
  /** The record whose payload it is: what expiries are notified of (spec/events.md 1.2). */
  subject: Reference | null;
  logMetadata: Record<string, unknown>;
  /** The endpoints that hear of it, and what they hear; none when there are no such endpoints. */
  endpointIds: string[];
  payload: string | null;
  createdAt: Date;
}

export const outbox = pgTable(
  'outbox',
  {
    id: uuid().primaryKey(),
    accountId: uuid().notNull(),
    createdAt: instant().notNull(),
    entry: exactJson().$type<Omit<OutboxEntry, 'id' | 'accountId' | 'createdAt'>>().notNull(),
    event: text().notNull(),
  },
  (t) => [index('outbox_order').on(t.id)],
);
