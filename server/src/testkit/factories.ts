/** Makes, changes and finds records for tests, from tables and the resources' factories. */
import { accountsChanged } from '../accounts/current-account.ts';
import type { App } from '../app.ts';
import type { Keyring } from '../kernel/crypto/sealing.ts';
import { and, eq, getTableColumns, getTableName, isNull, type PgColumn, type PgTable, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { JsonObject } from '../kernel/http/json.ts';
import { camelKey, snakeKey, snakeKeys } from '../kernel/http/keys.ts';
import { singularOf } from '../kernel/http/params.ts';
import { parseTime } from '../kernel/http/time.ts';
import { uuid } from '../kernel/id.ts';
import type { Attributes, Factory, FactoryContext } from './factory.ts';
import type { TestStorage } from './storage.ts';

const columnOf = (table: PgTable, name: string): PgColumn | undefined => getTableColumns(table)[camelKey(name)] as PgColumn | undefined;

/** Relations that are not called as what they are to. */
const relationTypes: Record<string, readonly string[]> = {
  owner: ['user'],
  bearer: ['user', 'product', 'license', 'environment'],
  package: ['release_package'],
};

/** Tables that servers remember accounts from. */
const known = new Set(['accounts', 'plans', 'billings']);

export class Factories {
  readonly #factories: ReadonlyMap<string, Factory>;
  readonly #app: App;
  readonly #ring: Keyring;
  readonly #storage: Pick<TestStorage, 'put'>;
  #sequence = 0;

  constructor(app: App, ring: Keyring, factories: readonly Factory[], storage: Pick<TestStorage, 'put'>) {
    this.#app = app;
    this.#ring = ring;
    this.#storage = storage;
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
      store: (key, bytes) => this.#storage.put(key, bytes, clock.now()),
      find: (type, where) => this.find(type, where),
      create: (type, attributes) => this.create(type, attributes),
    };
  }

  /** Names of columns, and values as they are stored. An instant goes by its wire name too: `last_check_in` is `last_check_in_at`. */
  #given(factory: Factory, attributes: Attributes): Attributes {
    const columnNamed = (given: string): string => {
      const name = snakeKey(given);
      const alias = factory.aliases?.[name];
      if (alias !== undefined) return alias;
      return !columnOf(factory.table, name) && columnOf(factory.table, `${name}_at`) ? `${name}_at` : name;
    };
    const given = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [columnNamed(name), value]));
    return factory.canonical?.(given) ?? given;
  }

  /** The same for what is to be stored, where what is undefined counts as not given. */
  #written(factory: Factory, attributes: Attributes): Attributes {
    return this.#given(factory, Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)));
  }

  #columns(factory: Factory, attributes: Attributes): Record<string, unknown> {
    const entries = Object.entries(attributes).map(([name, value]) => {
      const column = columnOf(factory.table, name);
      if (!column) throw new TypeError(`a ${factory.type} has no ${name}`);
      return [camelKey(name), columnValue(column, value)] as const;
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  /** The types that the record which a column names may be of, as far as they are ours. */
  #typesNamed(column: string, given: Attributes): string[] {
    const relation = /^(.+)_id$/.exec(column)?.[1];
    if (relation === undefined || relation === 'account') return [];
    const type = given[`${relation}_type`];
    const names = type === undefined ? (relationTypes[relation] ?? [relation]) : [String(type), snakeKey(singularOf(String(type)))];
    return names.filter((name) => this.#factories.has(name));
  }

  /** The records that given relations name. */
  async #related(given: Attributes): Promise<Attributes[]> {
    const named = Object.entries(given).flatMap(([column, id]) =>
      typeof id === 'string' ? this.#typesNamed(column, given).map((type) => this.find(type, { id })) : [],
    );
    return (await Promise.all(named)).filter((row) => row !== undefined);
  }

  /** Where a record and its made parents are that is given relations, but neither its environment nor the parent that it would have it from. */
  async #environmentRelated({ parents = {}, table }: Factory, given: Attributes): Promise<Attributes> {
    const [first = ''] = Object.keys(parents);
    if (!columnOf(table, 'environment_id') || given[first] !== undefined || given.environment_id !== undefined) return {};
    const found = (await this.#related(given)).find((related) => related.environment_id);
    return found ? { environment_id: found.environment_id } : {};
  }

  /** The account of a new record: the given one, that of a given relation, else the oldest there is, else a new one. */
  async #accountId(given: Attributes): Promise<string> {
    for (const related of await this.#related(given)) if (related.account_id) return String(related.account_id);
    const [oldest] = await this.#app.services.database.rows('select id from accounts order by created_at, id limit 1');
    return String((oldest ?? (await this.create('account', {}))).id);
  }

  /** Columns of what a record stands below: a machine that is given a policy has a license of that policy. */
  #above({ parents = {} }: Factory): string[] {
    return Object.entries(parents).flatMap(([column, type]) => [column, ...this.#above(this.#factory(type))]);
  }

  async #parents(factory: Factory, given: Attributes): Promise<Attributes> {
    const made: Attributes = {};
    for (const [column, type] of Object.entries(factory.parents ?? {})) {
      if (given[column] !== undefined) continue;
      const passed = ['account_id', 'environment_id', ...this.#above(this.#factory(type))].filter((name) => given[name] !== undefined);
      const attributes = { ...factory.parentAttributes?.[column], ...Object.fromEntries(passed.map((name) => [name, given[name]])) };
      made[column] = (await this.create(type, attributes)).id;
    }
    return made;
  }

  /** The environment of the first parent. */
  async #environment({ parents = {}, table }: Factory, given: Attributes): Promise<Attributes> {
    const [column, type] = Object.entries(parents)[0] ?? [];
    if (!columnOf(table, 'environment_id') || column === undefined || type === undefined || given.environment_id !== undefined) return {};
    return { environment_id: (await this.find(type, { id: given[column] }))?.environment_id };
  }

  /** @param type singular, in snake case. @returns the stored row, and what the database holds only as a digest or sealed */
  async create(type: string, attributes: Attributes = {}): Promise<Attributes> {
    const factory = this.#factory(type);
    const context = this.#context();
    const given = this.#written(factory, attributes);
    const ownerless = columnOf(factory.table, 'account_id') === undefined;
    const placed = { ...given, ...(await this.#environmentRelated(factory, given)) };
    const owned = ownerless ? placed : { ...placed, account_id: given.account_id ?? (await this.#accountId(given)) };
    const below = { ...(await this.#parents(factory, owned)), ...owned };
    const inherited = new Set(this.#above(factory).filter((name) => columnOf(factory.table, name) === undefined));
    const own = Object.fromEntries(Object.entries(below).filter(([name]) => !inherited.has(name)));
    const withParents: Attributes = { ...(await this.#environment(factory, own)), ...own };
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
    const given = this.#written(factory, attributes);
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
    if (!known.has(getTableName(factory.table))) return;
    this.#app.accounts.forget();
    await this.#app.services.database.notify(this.#app.services.database.drizzle, accountsChanged, '');
  }
}

function instantOf(value: unknown): Date {
  const instant = value instanceof Date ? value : parseTime(value as string);
  if (instant === null || Number.isNaN(instant.getTime())) throw new TypeError(`${value} is no instant`);
  return instant;
}

function columnValue(column: PgColumn, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (column.dataType === 'date') return instantOf(value);
  if (column.dataType === 'bigint') return BigInt(value as string);
  // what clients say is kept with its keys normalised (spec/http.md 7.4); logs are written in the wire's spelling
  if (column.name === 'metadata' && getTableName(column.table) !== 'event_logs') return snakeKeys(value as JsonObject);
  return value;
}
