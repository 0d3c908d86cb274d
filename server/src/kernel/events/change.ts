/** A change: the transaction, the events that it causes and the jobs that it starts. Only it can emit and enqueue, so neither is ever without the other. */
import type { Access } from '../access/access.ts';
import type { Db } from '../database/database.ts';
import { insertMany } from '../database/insert-many.ts';
import { stringifyJson } from '../http/json.ts';
import { camelKeys } from '../http/keys.ts';
import { uuid } from '../id.ts';
import type { Enqueueable, EnqueueOptions } from '../jobs/entry.ts';
import type { DocumentOf, ResourceObject } from '../jsonapi/document.ts';
import type { Cause } from './cause.ts';
import { type OutboxEntry, outbox, type Reference } from './outbox.table.ts';

/** What an event is about. A list's rows have no reader among products (spec/events.md 1.3). */
export type Payload<Row> = { document: DocumentOf<Row>; access?: Access<Row, 'show'> } & (
  | { row: Row; rows?: undefined }
  | { rows: readonly Row[]; row?: undefined }
);

export interface EmitOptions {
  meta?: Record<string, unknown>;
  /** `metadata` of the event log. */
  log?: Record<string, unknown>;
  /** What the log names as resource when it is not the payload, such as the request's. */
  resource?: Reference;
}

/** Chooses the webhook endpoints that hear of an event (spec/events.md 1.1); the webhook endpoints' resource provides it. */
export type Audience = <Row>(
  db: Db,
  event: { name: string; accountId: string; environmentId: string | null },
  payload: Payload<Row>,
  now: Date,
) => Promise<string[]>;

export interface ChangeServices {
  audience: Audience;
  /** One that reads an account's endpoints once, for many events at a time. */
  rememberingAudience: () => Audience;
  enqueue<P>(db: Db, job: Enqueueable<P>, payload: P, options?: EnqueueOptions): Promise<void>;
}

interface MaybeScoped {
  id: string;
  environmentId?: string | null;
}

export class Change {
  readonly db: Db;
  readonly cause: Cause;
  readonly #services: ChangeServices;

  constructor(db: Db, cause: Cause, services: ChangeServices) {
    this.db = db;
    this.cause = cause;
    this.#services = services;
  }

  get now(): Date {
    return this.cause.now;
  }

  get accountId(): string {
    return this.cause.accountId;
  }

  /** Writes an event to the outbox. The payload is rendered now, at the newest version: what happens to the record later does not show (spec/events.md 1). */
  async emit<Row extends MaybeScoped>(event: string, payload: Payload<Row>, options: EmitOptions = {}): Promise<void> {
    const entry = await outboxEntry(this.db, this.cause, this.#services.audience, event, payload, options);
    await insertMany(this.db, outbox, [outboxRow(entry)]);
  }

  /** The same event of any number of records, with one statement. */
  async emitMany<Row extends MaybeScoped>(event: string, payloads: readonly Payload<Row>[]): Promise<void> {
    const audience = this.#services.rememberingAudience();
    const entries: OutboxEntry[] = [];
    for (const payload of payloads) entries.push(await outboxEntry(this.db, this.cause, audience, event, payload, {}));
    await insertMany(this.db, outbox, entries.map(outboxRow));
  }

  enqueue<P>(job: Enqueueable<P>, payload: P, options?: EnqueueOptions): Promise<void> {
    return this.#services.enqueue(this.db, job, payload, options);
  }
}

const outboxRow = ({ id, accountId, createdAt, ...entry }: OutboxEntry) => ({ id, accountId, createdAt, entry, event: entry.event });

/** An event as the relay wants it, for changes (written with them) and for batches of events without a change (validations). */
export async function outboxEntry<Row extends MaybeScoped>(
  db: Db,
  cause: Cause,
  audience: Audience,
  name: string,
  payload: Payload<Row>,
  options: EmitOptions & { id?: string },
): Promise<OutboxEntry> {
  const { accountId, now, bearer } = cause;
  const environmentId = cause.environment?.id ?? payload.row?.environmentId ?? null;
  const endpointIds = await audience(db, { name, accountId, environmentId }, payload, now);
  const subject = payload.row ? { type: payload.document.type, id: payload.row.id } : null;
  return {
    id: options.id ?? uuid(),
    accountId,
    environmentId,
    event: name,
    resource: options.resource ?? cause.requestResource ?? subject,
    whodunnit: bearer && { type: `${bearer.kind}s`, id: bearer.id },
    requestId: cause.requestId,
    subject,
    logMetadata: options.log ?? {},
    endpointIds,
    payload: endpointIds.length > 0 ? rendered(payload, now, options.meta) : null,
    createdAt: now,
  };
}

function rendered<Row>({ document, row, rows }: Payload<Row>, now: Date, meta: Record<string, unknown> | undefined): string {
  const render = (record: Row): ResourceObject => document.render(record, { now, context: 'webhook' });
  const data = rows ? rows.map(render) : render(row as Row);
  return stringifyJson({ data, ...(meta && Object.keys(meta).length > 0 && { meta: shallowCamel(meta) }) });
}

/** First-level keys in camel case, values as they are. */
const shallowCamel = (meta: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(meta).map(([key, value]) => [Object.keys(camelKeys({ [key]: 0 }) as object)[0]!, value]));
