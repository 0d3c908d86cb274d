/**
 * Attaching and detaching through join records (spec/licensing.md 2.9, 4.3, spec/licenses.md 10, spec/environments.md 8.1): `POST` and `DELETE /:id/<name>`.
 *
 *     attachable(on, 'entitlements', {
 *       can: { attach: 'entitlements.attach', detach: 'entitlements.detach' },      // lines made with `attaching(...)` of access.ts
 *       items: entitlementRecords,
 *       joins: { records: policyEntitlementRecords, document: policyEntitlementDocument, parent: 'policyId', item: 'entitlementId' },
 *       emits: 'policy.entitlements',                                              // + `.attached`, `.detached`
 *       log: (items) => ({ codes: items.map(({ code }) => code) }),
 *       absent: (id) => `cannot detach entitlement '${id}' (entitlement is not attached)`,
 *     });
 *
 * Both are all or nothing. The parent's row is locked and read again, so that `refuses` and `attached` can count on what stands in it.
 */
import type { Subject } from '../access/access.ts';
import { and, eq, inArray } from '../database/drizzle.ts';
import type { Records } from '../database/records.ts';
import type { Change } from '../events/change.ts';
import type { Context } from '../http/context.ts';
import { apiError, notFound, unprocessable } from '../http/errors.ts';
import { linkages, type Param } from '../http/params.ts';
import type { DocumentOf } from './document.ts';
import { type BaseRow, lockRow, newRow, type Routes } from './resource.ts';
import { type Failure, refuse } from './rules.ts';

/** The records that join parent and item, and their columns that name the two. */
interface Joins<Join extends BaseRow> {
  records: Records<Join>;
  document: DocumentOf<Join>;
  parent: keyof Join & string;
  item: keyof Join & string;
}

/** A body, and the ids that it names. */
interface Body {
  body: Param<unknown, boolean>;
  ids(input: never): string[];
}

interface AttachOptions<Parent extends BaseRow, Item extends BaseRow, Join extends BaseRow, Action extends string> {
  can: { attach: Action; detach: Action };
  items: Records<Item>;
  joins: Joins<Join>;
  /** `policy.entitlements`: the events' name without `.attached` and `.detached`. */
  emits: string;
  /** What the events' log keeps of the items. */
  log?(items: readonly Item[]): Record<string, unknown>;
  /** Any number of items, also none. */
  unbounded?: boolean;
  /** The body of attach and the ids of the items in it, where it is no list of the items' linkages. */
  attaches?: Body;
  /** Detach names the joins by their own ids instead of the items. */
  detaches?: 'joins';
  /** Reads once what decides about the whole list, and then tells why an item that is not attached yet cannot be; `index` is its place in the list. */
  refuses?(ids: readonly string[], parent: Parent, change: Change, context: Context): Promise<(item: Item, index: number) => Failure | undefined>;
  /** After the joins have been stored, or removed: counters, and what hangs on them. */
  attached?(joins: readonly Join[], parent: Parent, change: Change): Promise<void>;
  detached?(joins: readonly Join[], parent: Parent, change: Change): Promise<void>;
  /** Detail of the 422 for an id that is not attached. */
  absent(id: string): string;
  /** Ids that are attached in another way and stay (403): which of the list's, and the detail. */
  inherited?: { among(ids: readonly string[], parent: Parent, change: Change): Promise<readonly string[]>; detail(id: string): string };
}

const linkagesOf = (type: string, unbounded?: boolean): Body => ({
  body: linkages(type, unbounded),
  ids: ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id),
});

class Attachment<Parent extends BaseRow, Item extends BaseRow, Join extends BaseRow, Action extends string> {
  readonly #parents: Records<Parent>;
  readonly #options: AttachOptions<Parent, Item, Join, Action>;
  /** How errors name the item: `entitlement`. */
  readonly #relation: string;

  constructor(parents: Records<Parent>, options: AttachOptions<Parent, Item, Join, Action>) {
    this.#parents = parents;
    this.#options = options;
    this.#relation = options.joins.item.replace(/Id$/, '');
  }

  #find(db: Change['db'], accountId: string, ids: readonly string[], lock?: 'key share'): Promise<Item[]> {
    const { items } = this.#options;
    if (ids.length === 0) return Promise.resolve([]);
    return items.find(db, and(eq(items.table.accountId, accountId), inArray(items.table.id, [...ids])), { ...(lock && { lock }) });
  }

  /** Judged are the parent and the named records: items of the whole account (spec/licensing.md 0.4), joins of the parent. */
  async subject(parent: Parent, context: Context, ids: readonly string[], named?: 'joins'): Promise<Subject<never>> {
    const found = named ? this.#joinsOf(parent, ids, context.db, 'id') : this.#find(context.db, context.accountId, ids);
    const records = (await found) as never[];
    const above = { noun: this.#parents.noun, environmentId: parent.environmentId ?? null };
    return { records, parents: [above], judged: [parent], emptyListRefused: true };
  }

  async #locked(found: Parent, change: Change): Promise<Parent> {
    const parent = await lockRow(change, this.#parents, found);
    if (!parent) throw notFound(this.#parents.noun, found.id);
    return parent;
  }

  /** @param by the column whose values the ids are */
  #joinsOf(parent: Parent, ids: readonly string[], db: Change['db'], by: string): Promise<Join[]> {
    const { records, parent: parentColumn } = this.#options.joins;
    const columns = records.table as unknown as Record<string, typeof records.table.id>;
    if (ids.length === 0) return Promise.resolve([]);
    const own = and(eq(records.table.accountId, parent.accountId), eq(columns[parentColumn]!, parent.id), inArray(columns[by]!, [...ids]));
    return records.find(db, own, { order: 'asc' });
  }

  #itemOf(join: Join): string {
    return join[this.#options.joins.item] as string;
  }

  /** The first item that fails decides. */
  async #check(ids: readonly string[], items: ReadonlyMap<string, Item>, parent: Parent, change: Change, context: Context): Promise<void> {
    const { joins, refuses } = this.#options;
    const taken = new Set((await this.#joinsOf(parent, ids, change.db, joins.item)).map((join) => this.#itemOf(join)));
    const fail = (failure: Failure) => refuse([failure], joins.records.noun, joins.records.topic);
    const refusal = await refuses?.(ids, parent, change, context);
    const subject = `~${this.#relation}`;
    for (const [index, id] of ids.entries()) {
      const item = items.get(id);
      if (!item) return fail({ subject, kind: 'NOT_FOUND', detail: 'must exist' });
      if (taken.has(id)) return fail({ subject, kind: 'TAKEN', detail: 'already exists' });
      taken.add(id);
      const failure = refusal?.(item, index);
      if (failure) return fail(failure);
    }
  }

  async attach(found: Parent, context: Context, ids: readonly string[]): Promise<Join[]> {
    const { joins, emits, log, attached } = this.#options;
    return context.change(async (change) => {
      const parent = await this.#locked(found, change);
      const items = new Map((await this.#find(change.db, change.accountId, ids, 'key share')).map((item) => [item.id, item]));
      await this.#check(ids, items, parent, change, context);
      const rows = ids.map((id) => ({
        ...newRow(context, { parentEnvironmentId: parent.environmentId ?? null }),
        [joins.parent]: parent.id,
        [joins.item]: id,
      })) as unknown as Join[];
      if (rows.length > 0) await change.db.insert(joins.records.table).values(rows as never);
      await attached?.(rows, parent, change);
      const metadata = log?.(ids.map((id) => items.get(id)!));
      await change.emit(`${emits}.attached`, { document: joins.document, rows }, { ...(metadata && { log: metadata }) });
      return rows;
    });
  }

  async detach(found: Parent, context: Context, ids: readonly string[]): Promise<void> {
    const { joins, emits, log, detached, detaches } = this.#options;
    const by = detaches ? 'id' : joins.item;
    await context.change(async (change) => {
      const parent = await this.#locked(found, change);
      await this.#refuseInherited(ids, parent, change);
      const left = new Map((await this.#joinsOf(parent, ids, change.db, by)).map((join) => [join[by as keyof Join] as string, join]));
      const rows = ids.map((id, index) => this.#taken(left, id, index));
      const itemIds = rows.map((row) => this.#itemOf(row));
      const items = log ? new Map((await this.#find(change.db, change.accountId, itemIds)).map((item) => [item.id, item])) : undefined;
      const metadata = log?.(itemIds.map((id) => items!.get(id)!));
      await change.emit(`${emits}.detached`, { document: joins.document, rows }, { ...(metadata && { log: metadata }) });
      const { table } = joins.records;
      const gone = rows.map(({ id }) => id);
      if (gone.length > 0) await change.db.delete(table).where(and(eq(table.accountId, parent.accountId), inArray(table.id, gone)));
      await detached?.(rows, parent, change);
    });
  }

  async #refuseInherited(ids: readonly string[], parent: Parent, change: Change): Promise<void> {
    const { inherited } = this.#options;
    if (!inherited) return;
    const kept = await inherited.among(ids, parent, change);
    const index = ids.findIndex((id) => kept.includes(id));
    if (index >= 0) throw apiError('FORBIDDEN', { detail: inherited.detail(ids[index]!), source: { pointer: `/data/${index}` } });
  }

  /** Takes an id's join out of those that are left, so that an id named twice is missed the second time. */
  #taken(left: Map<string, Join>, id: string, index: number): Join {
    const join = left.get(id);
    if (!join) throw unprocessable(this.#options.absent(id), { pointer: `/data/${index}` });
    left.delete(id);
    return join;
  }
}

/** Adds the two routes `<name>.attach` and `<name>.detach`. */
export function attachable<Parent extends BaseRow, Action extends string, Item extends BaseRow, Join extends BaseRow>(
  on: Routes<Parent, Action>,
  name: string,
  options: AttachOptions<Parent, Item, Join, Action>,
): void {
  const { can, items, joins, unbounded, detaches } = options;
  const of = new Attachment(on.records, options);
  const attaching = options.attaches ?? linkagesOf(items.type, unbounded);
  const detaching = linkagesOf(detaches ? joins.records.type : items.type, unbounded);
  on.below(`${name}.attach`, `/${name}`, {
    summary: `Attach ${name}`,
    can: can.attach,
    method: 'POST',
    body: attaching.body,
    bodyFirst: true,
    answers: `${joins.records.type}[]`,
    document: joins.document,
    subject: (parent, context, input) => of.subject(parent, context, attaching.ids(input as never)),
    async run(parent, context, input) {
      const rows = await of.attach(parent, context, attaching.ids(input as never));
      return { status: 200, document: { data: rows.map((row) => joins.document.render(row, { now: context.now, context: 'response' })) } };
    },
  });
  on.below(`${name}.detach`, `/${name}`, {
    summary: `Detach ${name}`,
    can: can.detach,
    method: 'DELETE',
    body: detaching.body,
    bodyFirst: true,
    status: 204,
    subject: (parent, context, input) => of.subject(parent, context, detaching.ids(input as never), detaches),
    async run(parent, context, input) {
      await of.detach(parent, context, detaching.ids(input as never));
      return { status: 204 };
    },
  });
}
