/** Rows of any resource: made, stored, locked. */
import { and, eq } from '../database/drizzle.ts';
import { insertMany } from '../database/insert-many.ts';
import type { Records } from '../database/records.ts';
import type { Change } from '../events/change.ts';
import type { Context } from '../http/context.ts';
import { notFound } from '../http/errors.ts';
import { uuid } from '../id.ts';

export interface BaseRow {
  id: string;
  accountId: string;
  environmentId?: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** A fresh row's own columns (spec/environments.md 6.2). @param environment what the body names: undefined when it names none; null is the global one */
export const newRow = (
  context: Context,
  given: { id?: string | undefined; environmentId?: string | null | undefined; parentEnvironmentId?: string | null },
) => ({
  id: given.id ?? uuid(),
  accountId: context.accountId,
  environmentId: given.environmentId !== undefined ? given.environmentId : (context.environment?.id ?? given.parentEnvironmentId ?? null),
  createdAt: context.now,
  updatedAt: context.now,
});

/** The id in a to-one relationship of a body: undefined when it was not sent. */
export const idOf = (relationship: { data: { id: string } | null } | null | undefined): string | null | undefined =>
  relationship ? (relationship.data?.id ?? null) : undefined;

/** Inserts a row's own columns; joined and computed members are left aside. */
export async function insertRow<Row extends BaseRow>(change: Change, records: Records<Row>, row: Row): Promise<void> {
  await insertMany(change.db, records.table, [row as never]);
}

/** Updates columns of a row. */
export async function updateRow<Row extends BaseRow>(change: Change, records: Records<Row>, row: Row, columns: Partial<Row>): Promise<void> {
  const { table } = records;
  await change.db
    .update(table)
    .set(columns as never)
    .where(and(eq(table.accountId, row.accountId), eq(table.id, row.id)));
}

export async function deleteRow<Row extends BaseRow>(change: Change, records: Records<Row>, row: Row): Promise<void> {
  const { table } = records;
  await change.db.delete(table).where(and(eq(table.accountId, row.accountId), eq(table.id, row.id)));
}

/** Locks a row for the rest of the transaction and reads it again. @returns undefined when it is gone */
export async function lockRow<Row extends BaseRow>(
  change: Change,
  records: Records<Row>,
  row: Pick<Row, 'id' | 'accountId'>,
  { noWait = false } = {},
): Promise<Row | undefined> {
  const { table } = records;
  const [locked] = await records.find(change.db, and(eq(table.accountId, row.accountId), eq(table.id, row.id)), { lock: 'update', noWait });
  return locked;
}

/** The same for the record that a path names. @throws {ApiError} 404 when it has gone since it was found */
export async function lockOrRefuse<Row extends BaseRow>(context: Context, change: Change, records: Records<Row>, row: Row): Promise<Row> {
  const locked = await lockRow(change, records, row);
  if (!locked) throw notFound(records.noun, context.params.id ?? context.params['*']);
  return locked;
}
