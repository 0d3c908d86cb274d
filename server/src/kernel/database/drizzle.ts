/**
 * The query builder, all of it through here, and as CommonJS: of a package with modules Node reads the whole list of exports anew for each file, and Drizzle has
 * three hundred files and a list of 130 KB. That was a third of the time of a start, and half of the memory of a server.
 */
import { createRequire } from 'node:module';
import type * as Drizzle from 'drizzle-orm';
import type * as PgCore from 'drizzle-orm/pg-core';
import type * as OnPglite from 'drizzle-orm/pglite';
import type * as OnPostgres from 'drizzle-orm/postgres-js';

export type { ExtractTablesWithRelations, GetColumnData } from 'drizzle-orm';
export type { PgDatabase, PgQueryResultHKT, PgTable, PgTransaction } from 'drizzle-orm/pg-core';

const require = createRequire(import.meta.url);
const builder = require('drizzle-orm') as typeof Drizzle;
const core = require('drizzle-orm/pg-core') as typeof PgCore;

export const { Column, NoopLogger, Placeholder, SQL, Table, getTableColumns, getTableName, is, sql } = builder;
export const { and, asc, desc, eq, exists, gt, gte, inArray, isNotNull, isNull, lt, lte, ne, not, or } = builder;
export const { PgColumn, PgDialect, alias, check, customType, foreignKey, getTableConfig, index, pgTable, primaryKey, unionAll, unique, uniqueIndex } = core;
export const { bigint, boolean, doublePrecision, integer, jsonb, text, timestamp, uuid } = core;

export type Column = Drizzle.Column;
export type SQL<T = unknown> = Drizzle.SQL<T>;
export type PgColumn = PgCore.PgColumn;

export const onPostgres = (...args: Parameters<typeof OnPostgres.drizzle>) => (require('drizzle-orm/postgres-js') as typeof OnPostgres).drizzle(...args);
export const onPglite = (...args: Parameters<typeof OnPglite.drizzle>) => (require('drizzle-orm/pglite') as typeof OnPglite).drizzle(...args);
