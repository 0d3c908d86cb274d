/** The one pager: every list of the server goes through here (spec/http.md 8). */
import { type Access, authorize, inEnvironment, type Line, type Parent, sightOf, where } from '../access/access.ts';
import { eq, type SQL } from '../database/drizzle.ts';
import type { Records } from '../database/records.ts';
import type { Context } from '../http/context.ts';
import { badParameter } from '../http/errors.ts';
import { type Found, type Page, paginationLinks, parsePagination } from '../http/pagination.ts';
import type { QueryValue } from '../http/query.ts';
import type { Document, DocumentOf } from './document.ts';

/** A filter turns a query parameter into a WHERE; undefined: not given, or of another shape, so ignored; false: nothing fits. */
export interface Filter {
  (value: QueryValue, context: Context): SQL | undefined | false;
  /** What narrows the list when the parameter is absent. */
  unlessGiven?: SQL;
  /** What narrows it when the parameter is blank, where that does not count as absent. */
  whenBlank?: SQL;
}
export type Filters = Record<string, Filter>;

export interface ListOf<Row> {
  records: Records<Row>;
  document: DocumentOf<Row>;
  access: Access<Row, string>;
  line: Line<Row>;
  filters?: Filters;
  /** What narrows the list besides filters, sight and environment: the parent. */
  within?: SQL;
  parents?: readonly Parent[];
  /** What the line's role rule is asked about, when that is not each record: the parent. */
  judged?: readonly unknown[];
  /** What each record must pass besides. */
  each?: Line<Row>['who'];
  /** Environment lists show all, whichever is current (spec/environments.md 13). */
  everyEnvironment?: boolean;
  /** Lists of logs and webhook events are not counted (spec/http.md 8.4). */
  uncounted?: boolean;
}

/** @throws {ApiError} 400 for a page, limit or order that is none */
export function pagination(context: Context): Page {
  const page = parsePagination(context.query, context.services.config.listOrder);
  if ('detail' in page) throw badParameter(page.detail, { parameter: page.parameter });
  return page;
}

/** The WHERE of what a bearer may see of a kind of record, here and now (spec/auth.md 10.4). */
export function seen<Row>(
  context: Context,
  { records, access, everyEnvironment }: Pick<ListOf<Row>, 'records' | 'access' | 'everyEnvironment'>,
): SQL | undefined {
  const { table } = records;
  return where(
    eq(table.accountId, context.accountId),
    table.environmentId && !everyEnvironment ? inEnvironment(table.environmentId, context.environment) : undefined,
    sightOf(access.visible, context),
  );
}

/** What a request's query narrows a set to, one part for each filter. */
export function filtered(context: Context, filters: Filters = {}): (SQL | undefined | false)[] {
  return Object.entries(filters).map(([name, filter]) => {
    const value = context.query[name];
    if (value === undefined) return filter.unlessGiven;
    return typeof value === 'string' && value.trim() === '' ? filter.whenBlank : filter(value, context);
  });
}

/**
 * A page of records. One query for the rows, one for the cursor's row or the count where the kind of page asks for it.
 * @throws {ApiError} 400 for pagination parameters, then 403
 */
export async function list<Row extends { id: string; createdAt: Date }>(context: Context, of: ListOf<Row>): Promise<Document> {
  const page = pagination(context);
  const set = where(seen(context, of), of.within, ...filtered(context, of.filters));
  const { rows, found } = await pageOf(context, of, page, set);
  const subject = { records: rows, unscoped: !of.records.scoped, ...(of.parents && { parents: of.parents }), ...(of.judged && { judged: of.judged }) };
  await authorize(context, of.line, subject);
  if (of.each) await authorize(context, { ...of.line, who: of.each }, { records: rows, unscoped: !of.records.scoped });
  const links = found && paginationLinks(context.target.path, context.query, page, found);
  const view = { now: context.now, context: 'response' as const };
  return { data: rows.map((row) => of.document.render(row, view)), ...(links && { links: { ...links } }) };
}

async function pageOf<Row extends { id: string; createdAt: Date }>(
  context: Context,
  of: ListOf<Row>,
  page: Page,
  set: SQL | undefined,
): Promise<{ rows: Row[]; found?: Found }> {
  const { db } = context;
  const { records } = of;
  const { order, size } = page;
  if (page.kind === 'limit') return { rows: await records.find(db, set, { order, limit: size }) };
  if (page.kind === 'offset') {
    const find = records.find(db, set, { order, limit: size, offset: (page.number - 1) * size });
    if (!of.uncounted) {
      const [rows, count] = await Promise.all([find, records.count(db, set)]);
      return { rows, found: { count } };
    }
    const rows = await find;
    return { rows, found: { returned: rows.length } };
  }
  let rest = set;
  if (page.cursor !== null) {
    const [last] = await records.find(db, where(set, eq(records.table.id, page.cursor)), { limit: 1 });
    if (!last) return { rows: [], found: { next: null } };
    rest = where(set, records.after(last, order));
  }
  const rows = await records.find(db, rest, { order, limit: size + 1 });
  const more = rows.length > size;
  if (more) rows.length = size;
  return { rows, found: { next: more ? rows.at(-1)!.id : null } };
}
