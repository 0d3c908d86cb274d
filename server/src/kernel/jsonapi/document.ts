/** Wire shapes: pure functions of rows that are already loaded (spec/http.md 7). */
import { getTableColumns } from '../database/drizzle.ts';
import type { Records } from '../database/records.ts';
import type { Json } from '../http/json.ts';
import { camelKeys } from '../http/keys.ts';
import { shapeOf } from '../shape.ts';

export interface Identifier {
  type: string;
  id: string;
}

export interface Relationship {
  links?: { related: string | null };
  data?: Identifier | null | Identifier[];
  meta?: Record<string, unknown>;
}

export interface ResourceObject {
  id: string;
  type: string;
  attributes: Record<string, unknown>;
  relationships?: Record<string, Relationship>;
  links?: Record<string, string | null>;
  meta?: Record<string, unknown>;
  /** What only version changes need to know; the registry takes it away before anybody sees it. */
  older?: Record<string, unknown>;
}

/** A whole document as handlers give it and versions rewrite it, before it becomes text. */
export interface Document {
  data: ResourceObject | ResourceObject[] | null;
  included?: ResourceObject[];
  links?: Record<string, unknown>;
  meta?: Record<string, unknown>;
}

/** What a document may depend on besides the row. */
export interface View {
  now: Date;
  /** `webhook`: never one-time secrets (spec/events.md 1.4). */
  context: 'response' | 'webhook';
}

interface BaseRow {
  id: string;
  accountId: string;
  environmentId?: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export type RelationshipOf<Row> = (row: Row, path: Paths) => Relationship;

/** Paths that links carry: always with the account's UUID. */
export interface Paths {
  account: string;
  /** Of the row itself. */
  self: string;
}

interface Definition<Row> {
  /** Names of columns that are shown under their own name, and functions for the others; in wire order. An `undefined` is left out. */
  attributes: Record<string, keyof Row | ((row: Row, view: View) => unknown)>;
  relationships?: Record<string, RelationshipOf<Row>>;
  /** The row's own path below the account; left out: `/<type>/<id>`. */
  path?: (row: Row) => string;
  /** `related` instead of `self` for resources that stand for a relation (spec/http.md 7.2). */
  link?: 'self' | 'related';
  /** Links besides; an `undefined` is left out. */
  links?: (row: Row, paths: Paths) => Record<string, string | undefined>;
  meta?: (row: Row) => Record<string, unknown> | undefined;
  /** Facts that are shown by older versions only, for their version changes. */
  older?: (row: Row) => Record<string, unknown>;
  timestamps?: boolean;
}

export interface DocumentOf<Row> {
  type: string;
  records: Records<Row>;
  attributes: readonly string[];
  relationships: readonly string[];
  /** The stored columns that attributes show as they are. */
  columns: Readonly<Record<string, { dataType: string; notNull: boolean }>>;
  render(row: Row, view: View): ResourceObject;
}

export const accountPath = (accountId: string): string => `/v1/accounts/${accountId}`;

/** To-one with linkage: `data` and a link below the row's own path; null when unset, the link stays. */
export const one =
  <Row>(type: string, id: (row: Row) => string | null, below: string): RelationshipOf<Row> =>
  (row, paths) => {
    const target = id(row);
    return { links: { related: `${paths.self}/${below}` }, data: target === null ? null : { type, id: target } };
  };

/** To-one that links to the target's own path, as those of join records do; null link when unset. */
export const linked =
  <Row>(type: string, id: (row: Row) => string | null): RelationshipOf<Row> =>
  (row, paths) => {
    const target = id(row);
    return target === null
      ? { links: { related: null }, data: null }
      : { links: { related: `${paths.account}/${type}/${target}` }, data: { type, id: target } };
  };

/** To-many: a link, in some cases with figures. */
export const many =
  <Row>(below: string, meta?: (row: Row) => Record<string, unknown>): RelationshipOf<Row> =>
  (row, paths) => ({ links: { related: `${paths.self}/${below}` }, ...(meta && { meta: meta(row) }) });

/** A 64-bit integer as JSON has it: exact, and a plain number where that is exact (the writer of BigInts is slower). */
export const wireInteger = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const wireValue = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : typeof value === 'bigint' ? wireInteger(value) : value);

/**
 * The wire shape of a resource. `account`, `environment` (of scoped tables), `metadata` in camel case, `created`, `updated` and the link come by themselves.
 */
export function document<Row extends BaseRow>(records: Records<Row>, definition: Definition<Row>): DocumentOf<Row> {
  const { type, scoped } = records;
  const attributes = Object.entries(definition.attributes).map(([name, source]): [string, (row: Row, view: View) => unknown] => [
    name,
    typeof source === 'function' ? source : name === 'metadata' ? (row) => camelKeys((row[source] ?? {}) as Json) : (row) => row[source],
  ]);
  const relationships = Object.entries(definition.relationships ?? {});
  const link = definition.link ?? 'self';
  const timestamps = definition.timestamps ?? true;

  const attributeNames = [...attributes.map(([name]) => name), ...(timestamps ? ['created', 'updated'] : [])];
  const relationshipNames = ['account', ...(scoped ? ['environment'] : []), ...relationships.map(([name]) => name)];
  const shapes = { attributes: shapeOf<unknown>(attributeNames), relationships: shapeOf<Relationship>(relationshipNames) };

  return {
    type,
    records,
    attributes: attributeNames,
    columns: columnsOf(records, definition.attributes),
    relationships: relationshipNames,
    render(row, view) {
      const account = accountPath(row.accountId);
      const paths: Paths = { account, self: `${account}${definition.path ? definition.path(row) : `/${type}/${row.id}`}` };
      // A member that stays undefined is none in JSON.
      const shown = { ...shapes.attributes };
      for (const [name, value] of attributes) shown[name] = wireValue(value(row, view));
      if (timestamps) {
        shown.created = row.createdAt.toISOString();
        shown.updated = row.updatedAt.toISOString();
      }
      const relations = { ...shapes.relationships };
      const resource: ResourceObject = { id: row.id, type, attributes: shown, relationships: relations };
      relations.account = { links: { related: account }, data: { type: 'accounts', id: row.accountId } };
      if (scoped) relations.environment = linked<Row>('environments', (r) => r.environmentId ?? null)(row, paths);
      for (const [name, relation] of relationships) relations[name] = relation(row, paths);
      resource.links = { [link]: paths.self };
      for (const [name, target] of Object.entries(definition.links?.(row, paths) ?? {})) if (target !== undefined) resource.links[name] = target;
      const meta = definition.meta?.(row);
      if (meta && Object.keys(meta).length > 0) resource.meta = meta;
      if (definition.older) resource.older = definition.older(row);
      return resource;
    },
  };
}

function columnsOf<Row>(records: Records<Row>, attributes: Definition<Row>['attributes']): DocumentOf<Row>['columns'] {
  const columns = getTableColumns(records.table) as Record<string, { dataType: string; notNull: boolean }>;
  const shown = Object.entries(attributes).flatMap(([name, source]) => (typeof source === 'string' && columns[source] ? [[name, columns[source]]] : []));
  return Object.fromEntries(shown);
}
