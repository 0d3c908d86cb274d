/** The columns and keys that tables are built of. Property names become snake case in the database (`casing`, in database.ts). */
import { bigint, customType, foreignKey, index, type PgColumn, type PgTable, primaryKey, type SQL, sql, timestamp, uniqueIndex, uuid } from './drizzle.ts';
import { exactJson } from './json.ts';

/** An instant in UTC with milliseconds; a Date in code. */
export const instant = () => timestamp({ precision: 3, withTimezone: true, mode: 'date' });
/** 64 bits, exact; a BigInt in code. */
export const int64 = () => bigint({ mode: 'bigint' });
/** Free-form JSON whose numbers are kept exactly. */
export const metadataColumn = () => exactJson().$type<Record<string, unknown>>().notNull().default(sql`'{}'`);
/** A text that sorts by its bytes, whatever the order of the database's language. */
export const byteOrdered = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });
/** A list of texts. */
export const textArray = customType<{ data: string[]; driverData: string[] }>({ dataType: () => 'text[]' });
/** Names of permissions; `{*}` is everything that the role allows. */
export const permissionsColumn = () => textArray().notNull();

/** What every row of an account has. */
export const accountColumns = () => ({
  id: uuid().notNull(),
  accountId: uuid().notNull(),
  createdAt: instant().notNull(),
  updatedAt: instant().notNull(),
});

/** The same for records that belong to an environment; null is the global one. */
export const scopedColumns = () => ({ ...accountColumns(), environmentId: uuid() });

interface AccountCells {
  id: PgColumn;
  accountId: PgColumn;
  createdAt: PgColumn;
}

/** Keys of an account's table: composite and led by `account_id`, so that a row cannot point into another tenant's data, and the order that lists have. */
export const accountKeys = (name: string, t: AccountCells) => [
  primaryKey({ name: `${name}_pkey`, columns: [t.accountId, t.id] }),
  index(`${name}_order`).on(t.accountId, t.createdAt, t.id),
];

/**
 * The same for scoped tables. The global environment has an index of its own: PostgreSQL does not see that `environment_id is null` leaves one value,
 * and would sort instead of walking the index.
 */
export const scopedKeys = (name: string, t: AccountCells & { environmentId: PgColumn }) => [
  primaryKey({ name: `${name}_pkey`, columns: [t.accountId, t.id] }),
  index(`${name}_order`).on(t.accountId, t.createdAt, t.id).where(sql`${t.environmentId} is null`),
  index(`${name}_order_in_environment`).on(t.accountId, t.environmentId, t.createdAt, t.id).where(sql`${t.environmentId} is not null`),
];

/** A reference inside the account. Only where the row may go at once with its parent: large families are cleared by a job (ARCHITECTURE.md). */
export const belongsTo = (name: string, t: AccountCells, column: PgColumn, parent: () => PgTable & AccountCells) =>
  foreignKey({ name, columns: [t.accountId, column], foreignColumns: [parent().accountId, parent().id] } as Parameters<typeof foreignKey>[0]).onDelete(
    'cascade',
  );

/** A reference inside the account to a row that stays for good. */
export const refersTo = (name: string, t: AccountCells, column: PgColumn, to: () => PgTable & AccountCells) =>
  foreignKey({ name, columns: [t.accountId, column], foreignColumns: [to().accountId, to().id] } as Parameters<typeof foreignKey>[0]).onDelete('restrict');

/** Unique within the account; `lower` compares without regard to case. */
export const uniqueInAccount = (name: string, t: AccountCells, ...columns: (PgColumn | SQL)[]) => uniqueIndex(name).on(t.accountId, ...(columns as PgColumn[]));
export const lower = (column: PgColumn): SQL => sql`lower(${column})`;

/** Index and comparison for texts that are too long for an index of their own. */
export const hashOf = (column: PgColumn): SQL => sql`md5(${column})`;
export const equalsHashed = (column: PgColumn, text: string): SQL => sql`(md5(${column}) = md5(${text}) and ${column} = ${text})`;
/** Equality, found through an index on the lower-case form. */
export const equalsThroughLower = (column: PgColumn, text: string): SQL => sql`(lower(${column}) = lower(${text}) and ${column} = ${text})`;

/** Membership in a list of ids that comes as one parameter, so that the text does not depend on its length. */
export const idIn = (column: PgColumn, ids: readonly string[]): SQL =>
  sql`${column} in (select value::uuid from json_array_elements_text(${JSON.stringify(ids)}::text::json))`;
