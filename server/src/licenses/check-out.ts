/** License files and machine files: what may be asked for, and how they are made (spec/validation.md 11). */
import type { Permission } from '../kernel/access/permissions.ts';
import { certificate, defaultFileMethod, type FileKind, type FileMethod, parseFileAlgorithm } from '../kernel/crypto/certificate.ts';
import { and, eq, type PgTable, type SQL, sql } from '../kernel/database/drizzle.ts';
import type { AccountCells, Records } from '../kernel/database/records.ts';
import { checkParams } from '../kernel/http/check-params.ts';
import type { Context } from '../kernel/http/context.ts';
import { ApiError } from '../kernel/http/errors.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { boolean, integer, metaBody, object, scalars, string } from '../kernel/http/params.ts';
import { uuid } from '../kernel/id.ts';
import { type Job, job } from '../kernel/jobs/job.ts';
import { accountPath, type Document, type DocumentOf, linked, type ResourceObject } from '../kernel/jsonapi/document.ts';
import { fileExpiry, fileTtl } from './expiry.ts';

const algorithm = string.nullable().allowBlank().describe('`<encoding>+<signing>`, such as `aes-256-gcm+ed25519`.');
const ttl = integer.coerce().nullable().describe('Seconds that the file is good for, at least 3600; null is for ever.');

const queryShape = object({ encrypt: boolean.coerce(), algorithm, ttl, include: scalars.coerce() });
export const checkOutBody = metaBody({ encrypt: boolean, algorithm, ttl, include: scalars }, false);
export const checkOutQuery = {
  encrypt: 'Whether the file is encrypted with the license key.',
  algorithm: algorithm.spec.description!,
  ttl: 'Seconds that the file is good for, at least 3600; empty is for ever.',
  include: 'What to embed, separated by commas.',
};

interface Parameters {
  encrypt?: boolean;
  algorithm?: string | null;
  ttl?: number | bigint | null;
  include?: readonly unknown[];
}

/** Both places are read, and what the body has wins. @throws {ApiError} 400 */
export function checkOutParameters(context: Context): Parameters {
  const query: Parameters = checkParams(queryShape, context.query, context.sender, 'query');
  if (context.method === 'GET') return query;
  const { meta = {} } = checkParams(checkOutBody, context.body, context.sender);
  return { ...query, ...(meta as Parameters) };
}

const refuse = (parameter: string, kind: string, detail: string): never => {
  throw new ApiError(400, [{ title: 'Bad request', detail, code: `CHECKOUT_${kind}_INVALID`, source: { parameter } }]);
};

/** What a file is asked to be. */
export interface Order {
  includes: string[];
  ttl: number | bigint | null;
  method: FileMethod;
}

/** Aliases go, and their targets come last; nothing twice (spec/validation.md 11.2). */
function resolved(names: readonly string[], aliases: Readonly<Record<string, string>>): string[] {
  const aliased = names.filter((name) => Object.hasOwn(aliases, name)).map((name) => aliases[name]!);
  return [...new Set([...names.filter((name) => !Object.hasOwn(aliases, name)), ...aliased])];
}

/** @param scheme of the license's policy @throws {ApiError} 400 for the first of includes, ttl, encoding and signing algorithm that is wrong */
export function orderOf(parameters: Parameters, offer: { includes: object; aliases: Readonly<Record<string, string>> }, scheme: string | null): Order {
  const includes = resolved((parameters.include ?? []).map(String), offer.aliases);
  if (!includes.every((name) => Object.hasOwn(offer.includes, name))) refuse('include', 'INCLUDE', 'invalid includes');
  const seconds = parameters.ttl === undefined ? fileTtl.default : parameters.ttl;
  if (seconds !== null && seconds < fileTtl.minimum) refuse('ttl', 'TTL', 'must be greater than or equal to 3600 (1 hour)');
  const { algorithm: named } = parameters;
  const method = named?.trim() ? parseFileAlgorithm(named) : defaultFileMethod(scheme, parameters.encrypt ?? false);
  return { includes, ttl: seconds, method: 'detail' in method ? refuse('algorithm', 'ALGORITHM', method.detail) : method };
}

interface BaseRow {
  id: string;
  accountId: string;
  createdAt: Date;
  updatedAt: Date;
}
type Find = <Row extends BaseRow>(of: { records: Records<Row>; document: DocumentOf<Row> }, where: SQL | undefined) => Promise<ResourceObject[]>;

/** Something that a file can embed. */
export interface Include<Row> {
  permission: Permission;
  /** The embedded resource whose relation it is; left out: that of the file itself. */
  parent?: string;
  /** To-many relations get linkage when they are embedded. */
  many?: boolean;
  find(row: Row, find: Find): Promise<ResourceObject[]>;
}
export type Includes<Row> = Readonly<Record<string, Include<Row>>>;

/** Embeds each resource once, in the order of the includes, a parent before what hangs on it. */
async function embedded<Row extends BaseRow>(
  context: Context,
  row: Row,
  root: ResourceObject,
  includes: Includes<Row>,
  names: readonly string[],
): Promise<ResourceObject[]> {
  const view = { now: context.now, context: 'response' as const };
  const find: Find = async ({ records, document }, where) => {
    const { table } = records;
    const found = await records.find(context.db, and(eq(table.accountId, row.accountId), where), { order: 'asc' });
    return found.map((item) => document.render(item, view));
  };
  const known = new Map<string, ResourceObject>();
  const byName = new Map<string, ResourceObject[]>();
  for (const name of names.flatMap((name) => [includes[name]!.parent ?? name, name])) {
    if (byName.has(name)) continue;
    const { parent, many, find: own } = includes[name]!;
    const resources = (await own(row, find)).map((resource) => known.get(`${resource.type} ${resource.id}`) ?? resource);
    for (const resource of resources) known.set(`${resource.type} ${resource.id}`, resource);
    byName.set(name, resources);
    const holder = parent === undefined ? root : byName.get(parent)![0]!;
    const relation = holder.relationships![name.split('.').at(-1)!]!;
    if (many) relation.data = resources.map(({ type, id }) => ({ type, id }));
  }
  return [...known.values()];
}

/** A kind of file: of what it is made, and what it needs of that. */
export interface File<Row> {
  kind: FileKind;
  document: DocumentOf<Row>;
  includes: Includes<Row>;
  /** Opens encrypted files (spec/validation.md 12). */
  secret(row: Row): string;
  /** Relationships of the file besides account and environment: type and id. */
  of(row: Row): Readonly<Record<string, [type: string, id: string]>>;
}

/** Makes a file as its resource; the certificate is among the attributes (spec/validation.md 11.4, 11.7). */
export async function makeFile<Row extends BaseRow>(context: Context, file: File<Row>, row: Row, { includes, ttl, method }: Order): Promise<ResourceObject> {
  const { now, account, services, environment } = context;
  const data = file.document.render(row, { now, context: 'response' });
  const included = await embedded(context, row, data, file.includes, includes);
  const dates = { issued: now.toISOString(), expiry: fileExpiry(now, ttl === null ? null : Number(ttl))?.toISOString() ?? null, ttl };
  const payload: Document = { data, ...(included.length > 0 && { included }), meta: dates };
  services.versions.data(payload, context.version);
  const content = { kind: file.kind, payload: stringifyJson(payload), algorithm: method, secret: file.secret(row) };
  const paths = { account: accountPath(account.id), self: '' };
  const relations = Object.entries(file.of(row)).map(([name, [type, id]]) => [name, linked<Row>(type, () => id)(row, paths)] as const);
  return {
    id: uuid(),
    type: `${file.kind}-files`,
    attributes: {
      certificate: await certificate(content, account.keys),
      algorithm: method.name,
      includes,
      ttl,
      expiry: dates.expiry,
      issued: dates.issued,
    },
    relationships: {
      account: { links: { related: paths.account }, data: { type: 'accounts', id: account.id } },
      environment: linked<Row>('environments', () => environment?.id ?? null)(row, paths),
      ...Object.fromEntries(relations),
    },
  };
}

interface CheckedOut {
  accountId: string;
  id: string;
  at: string;
}

/** Writes the time of a check-out down; of several the last one stays, whatever order they come in. */
export const checkedOutJob = (name: string, table: PgTable & AccountCells & { lastCheckOutAt: AccountCells['createdAt'] }): Job<CheckedOut> =>
  job<CheckedOut>({
    name,
    run: async ({ accountId, id, at }, { database }) => {
      const columns = { lastCheckOutAt: sql`greatest(${table.lastCheckOutAt}, ${at}::timestamptz)`, updatedAt: sql`${at}::timestamptz` };
      await database.drizzle
        .update(table)
        .set(columns as never)
        .where(and(eq(table.accountId, accountId), eq(table.id, id)));
    },
  });
