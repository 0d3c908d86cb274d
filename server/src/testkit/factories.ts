/** Makes, changes and finds records for tests, from tables and the resources' factories. */
import { and, eq, getTableColumns, getTableName, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { accountsChanged } from '../accounts/current-account.ts';
import type { App } from '../app.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import { camelKey, snakeKey } from '../kernel/http/keys.ts';
import { parseTime } from '../kernel/http/time.ts';
import { uuid } from '../kernel/id.ts';
import type { Attributes, Factory, FactoryContext } from './factory.ts';

const columnOf = (table: PgTable, name: string): PgColumn | undefined => getTableColumns(table)[camelKey(name)] as PgColumn | undefined;

export class Factories {
  readonly #factories: ReadonlyMap<string, Factory>;
  readonly #app: App;
  readonly #ring: Keyring;
  #sequence = 0;

  constructor(app: App, ring: Keyring, factories: readonly Factory[]) {
    this.#app = app;
    this.#ring = ring;
    this.#factories = new Map(factories.map((factory) => [factory.type, factory]));
  }

  #factory(type: string): Factory {
    const found = this.#factories.get(type);
    if (!found) throw new TypeError(`no factory makes a ${type}; there are: ${[...this.#factories.keys()].join(', ')}`);
    return found;
  }

  #context(): FactoryContext {
    const { database, clock } = this.#app.services;
    return {
      db: database.drizzle,
      ring: this.#ring,
      now: clock.now(),
      sequence: ++this.#sequence,
      account: (id) => this.#app.accounts.byName(id),
      find: (type, where) => this.find(type, where),
      create: (type, attributes) => this.create(type, attributes),
    };
  }

  /** Canonical names, and values as columns take them. */
  #given(factory: Factory, attributes: Attributes): Attributes {
    const aliases: Record<string, string> = { created: 'created_at', updated: 'updated_at', ...factory.aliases };
    return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [aliases[snakeKey(name)] ?? snakeKey(name), value]));
  }

  #columns(factory: Factory, attributes: Attributes): Record<string, unknown> {
    const entries = Object.entries(attributes).map(([name, value]) => {
      const column = columnOf(factory.table, name);
      if (!column) throw new TypeError(`a ${factory.type} has no ${name}`);
      return [camelKey(name), columnValue(column, value)] as const;
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  /** The account of a new record: the given one, that of a given parent, else the oldest there is, else a new one. */
  async #accountId(factory: Factory, given: Attributes): Promise<string> {
    for (const [column, type] of Object.entries(factory.parents ?? {})) {
      const id = given[column];
      const parent = typeof id === 'string' ? await this.find(type, { id }) : undefined;
      if (parent?.account_id) return String(parent.account_id);
    }
    const [oldest] = await this.#app.services.database.rows('select id from accounts order by created_at, id limit 1');
    return String((oldest ?? (await this.create('account', {}))).id);
  }

  async #parents(factory: Factory, given: Attributes): Promise<Attributes> {
    const made: Attributes = {};
    for (const [column, type] of Object.entries(factory.parents ?? {})) {
      if (given[column] !== undefined) continue;
      const environment = given.environment_id === undefined ? {} : { environment_id: given.environment_id };
      made[column] = (await this.create(type, { account_id: given.account_id, ...environment })).id;
    }
    return made;
  }

  /** @param type singular, in snake case. @returns the stored row, and what the database holds only as a digest or sealed */
  async create(type: string, attributes: Attributes = {}): Promise<Attributes> {
    const factory = this.#factory(type);
    const context = this.#context();
    const given = this.#given(factory, attributes);
    const isAccount = columnOf(factory.table, 'account_id') === undefined;
    const owned = isAccount ? given : { ...given, account_id: given.account_id ?? (await this.#accountId(factory, given)) };
    const withParents = { ...(await this.#parents(factory, owned)), ...owned };
    const defaults = { ...(await factory.defaults?.(context, withParents)) };
    const whole: Attributes = { id: uuid(), created_at: context.now, ...defaults, ...withParents };
    whole.updated_at ??= whole.created_at;
    const { columns, plain } = (await factory.prepare?.(context, whole, 'create')) ?? { columns: whole, plain: undefined };
    await context.db.insert(factory.table).values(this.#columns(factory, columns) as never);
    const row = (await this.find(type, { id: columns.id, ...(columns.account_id !== undefined && { account_id: columns.account_id }) }))!;
    await factory.after?.(context, row, undefined);
    await this.#changed(factory);
    return { ...((await this.find(type, { id: row.id })) ?? row), ...plain };
  }

  async update(type: string, id: string, attributes: Attributes): Promise<Attributes | undefined> {
    const factory = this.#factory(type);
    const context = this.#context();
    const before = await this.find(type, { id });
    if (!before) throw new TypeError(`there is no ${type} ${id}`);
    const given = this.#given(factory, attributes);
    const { columns, plain } = (await factory.prepare?.(context, { ...given, id, account_id: before.account_id }, 'update')) ?? {
      columns: given,
      plain: undefined,
    };
    const { id: _, account_id: __, ...changes } = columns;
    const where = eq(columnOf(factory.table, 'id')!, id);
    if (Object.keys(changes).length > 0)
      await context.db
        .update(factory.table)
        .set(this.#columns(factory, changes) as never)
        .where(where);
    const row = (await this.find(type, { id }))!;
    await factory.after?.(context, row, before);
    await this.#changed(factory);
    return { ...(await this.find(type, { id })), ...plain };
  }

  /** The oldest stored row that fits, columns in snake case; undefined if there is none. */
  async find(type: string, where: Attributes = {}): Promise<Attributes | undefined> {
    const { table, ...factory } = this.#factory(type);
    const conditions = Object.entries(this.#given({ ...factory, table }, where)).map(([name, value]): SQL => {
      const column = columnOf(table, name);
      if (!column) throw new TypeError(`a ${type} has no ${name}`);
      return value === null ? isNull(column) : eq(column, columnValue(column, value));
    });
    const query = sql`select * from ${table}${conditions.length > 0 ? sql` where ${and(...conditions)}` : sql``} order by ${columnOf(table, 'created_at')!}, ${columnOf(table, 'id')!} limit 1`;
    const { sql: text, params } = this.#dialect(query);
    const [row] = await this.#app.services.database.rows(text, params);
    return row;
  }

  #dialect(query: SQL): { sql: string; params: unknown[] } {
    const { drizzle } = this.#app.services.database;
    return (drizzle as unknown as { dialect: { sqlToQuery(query: SQL): { sql: string; params: unknown[] } } }).dialect.sqlToQuery(query);
  }

  async #changed(factory: Factory): Promise<void> {
    if (getTableName(factory.table) !== 'accounts') return;
    this.#app.accounts.forget();
    await this.#app.services.database.notify(this.#app.services.database.drizzle, accountsChanged, '');
  }
}

function columnValue(column: PgColumn, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (column.dataType === 'date' && !(value instanceof Date)) return parseTime(value as string);
  if (column.dataType === 'bigint') return BigInt(value as string);
  return value;
}
