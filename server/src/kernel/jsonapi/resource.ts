/** Routes of a resource, a line each: what it demands (rule, schema), what it emits, and the function that does it. */
import { authorize, type Line } from '../access/access.ts';
import { and, eq, getTableColumns } from '../database/drizzle.ts';
import type { Records } from '../database/records.ts';
import type { EmitOptions } from '../events/change.ts';
import { difference } from '../events/difference.ts';
import { checkParams } from '../http/check-params.ts';
import type { Context } from '../http/context.ts';
import { notFound } from '../http/errors.ts';
import type { Param } from '../http/params.ts';
import type { Answer, Method, QueryDoc, Route } from '../http/route.ts';
import { oncePerDb } from '../services.ts';
import type { Document } from './document.ts';
import { type Filters, list, pagination } from './list.ts';
import { type LookupOptions, lookup } from './lookup.ts';
import { PreparedLookup } from './prepared-lookup.ts';
import type {
  ActionOptions,
  ChildrenOptions,
  CreateOptions,
  Input,
  ListOptions,
  Place,
  RelatedOptions,
  RemoveOptions,
  Resource,
  RouteOptions,
  ShowOptions,
  UpdateOptions,
} from './route-options.ts';
import { type BaseRow, deleteRow, insertRow, lockOrRefuse, updateRow } from './rows.ts';
import { validate } from './rules.ts';

export type { Resource, RouteOptions } from './route-options.ts';
export { type BaseRow, deleteRow, idOf, insertRow, lockRow, newRow, updateRow } from './rows.ts';

/** How the path names a member, or a child. */
const nameOf = ({ params }: Context, name: 'id' | 'member'): string => params[name] ?? params['*'] ?? '';
const view = (context: Context) => ({ now: context.now, context: 'response' as const });
/** The documentation of filters, and of qualifiers. */
const docsOf = (filters: Filters): QueryDoc => Object.fromEntries(Object.keys(filters).map((name) => [name, `Narrows the list by ${name}.`]));
const qualified = (find?: LookupOptions) =>
  find?.qualifiers && { query: Object.fromEntries(Object.keys(find.qualifiers).map((name) => [name, `Tells records of the same name apart by ${name}.`])) };
const isAnswer = (value: object): value is Answer => 'status' in value && typeof value.status === 'number' && !('accountId' in value);

/** The builder that a resource's routes are written with. */
export class Routes<Row extends BaseRow, Action extends string> {
  readonly routes: Route[] = [];
  readonly #resource: Resource<Row, Action>;
  readonly #path: string;
  readonly #name: string;
  readonly #member: string;

  constructor(resource: Resource<Row, Action>, { path = `/${resource.records.type}`, name = resource.records.type, member = '/:id' }: Place = {}) {
    this.#resource = resource;
    this.#path = path;
    this.#name = name;
    this.#member = member;
  }

  get records(): Records<Row> {
    return this.#resource.records;
  }

  #line(action: Action): Line<Row> {
    return this.#resource.access.may[action];
  }

  /** Adds a route as it is. `name` and `path` are below the resource's. */
  route(name: string, methods: Method | readonly Method[], path: string, options: RouteOptions & Pick<Route, 'run'> & Partial<Route>): void {
    const list = typeof methods === 'string' ? [methods] : methods;
    const { document } = this.#resource;
    const defaults = { base: 'account', media: 'A', auth: 'required', gated: true, logged: true, status: 200, summary: name, document } as const;
    this.routes.push({ ...defaults, ...options, name: `${this.#name}.${name}`, methods: list, path: `${this.#path}${path}` });
  }

  #ofMember(context: Context, find?: LookupOptions): Promise<Row> {
    return this.#noted(context, lookup(context, this.#resource, nameOf(context, 'id'), find));
  }

  async #noted(context: Context, found: Promise<Row>): Promise<Row> {
    const row = await found;
    context.requestResource = { type: this.#resource.records.type, id: row.id };
    return row;
  }

  #authorize(context: Context, action: Action, row: Row): Promise<void> {
    return authorize(context, this.#line(action), { record: row, unscoped: !this.#resource.records.scoped });
  }

  #show(context: Context, row: Row): Document {
    return { data: this.#resource.document.render(row, view(context)) };
  }

  list(options: ListOptions<Row, Action>): void {
    const { records, document, access } = this.#resource;
    const { can, filters = {}, query, everyEnvironment = false, uncounted = false, ...route } = options;
    const docs = query ?? docsOf(filters);
    const of = { records, document, access, line: this.#line(can), filters, everyEnvironment, uncounted };
    this.route('list', 'GET', '', {
      summary: `List ${records.noun}s`,
      query: docs,
      answers: `${records.type}[]`,
      ...route,
      run: async (context) => ({ status: 200, document: await list(context, of) }),
    });
  }

  show({ can, find, hot = false, ...route }: ShowOptions<Action>): void {
    const { records } = this.#resource;
    const prepared = hot ? oncePerDb(() => new PreparedLookup(this.#resource)) : undefined;
    this.route('show', 'GET', this.#member, {
      summary: `Show a ${records.noun}`,
      answers: records.type,
      ...qualified(find),
      ...route,
      run: async (context) => {
        const row = prepared ? await this.#noted(context, prepared(context.db).find(context, nameOf(context, 'id'))) : await this.#ofMember(context, find);
        await this.#authorize(context, can, row);
        return { status: 200, document: this.#show(context, row) };
      },
    });
  }

  create<B extends Param<unknown, boolean>>({ can, body, emits, draft, lock, store, answer, ...route }: CreateOptions<Row, Action, B>): void {
    const { records, document, access, rules } = this.#resource;
    this.route('create', 'POST', '', {
      summary: `Create a ${records.noun}`,
      answers: records.type,
      status: 201,
      body,
      ...route,
      run: async (context) => {
        const input = checkParams(body, context.body, context.sender) as Input<B>;
        const drafted = await draft(input, context);
        await this.#authorize(context, can, drafted);
        const row = await context.change(async (change) => {
          const unsaved = lock ? await lock(drafted, change, input, context) : drafted;
          if (rules) await validate(rules, unsaved, { db: change.db, now: context.now, changed: 'created', config: context.services.config });
          const saved = store ? await store(unsaved, change, input, context) : unsaved;
          if (!store) await insertRow(change, records, saved);
          if (emits) await change.emit(emits, { document, access: access as never, row: saved });
          return saved;
        });
        const answered = answer?.(row, context) ?? { status: 201, headers: { location: this.#location(context, row) } };
        return { ...answered, document: this.#show(context, row) };
      },
    });
  }

  #location(context: Context, row: Row): string {
    return `${context.services.config.baseUrl}/v1/accounts/${row.accountId}${this.#path}/${row.id}`;
  }

  update<B extends Param<unknown, boolean>>({ can, body, emits, diff, assign, lock, after, find, ...route }: UpdateOptions<Row, Action, B>): void {
    const { records, document, access, rules } = this.#resource;
    this.route('update', ['PATCH', 'PUT'], this.#member, {
      summary: `Update a ${records.noun}`,
      answers: records.type,
      ...qualified(find),
      body,
      ...route,
      run: async (context) => {
        const found = await this.#ofMember(context, find);
        await this.#authorize(context, can, found);
        const input = checkParams(body, context.body, context.sender) as Input<B>;
        const updated = await context.change(async (change) => {
          await lock?.(found, change);
          const row = await lockOrRefuse(context, change, records, found);
          const changes = assign ? await assign(row, input, context, change) : attributesOf<Row>(input);
          const next: Row = { ...row, ...changes, updatedAt: context.now };
          const changed = new Set(Object.keys(changes));
          if (rules) await validate(rules, next, { db: change.db, now: context.now, changed, config: context.services.config });
          await updateRow(change, records, row, { ...changes, updatedAt: context.now });
          await after?.(next, row, change);
          const log: EmitOptions = diff ? { log: { diff: difference(row, next, columnsOf(records)) } } : {};
          if (emits) await change.emit(emits, { document, access: access as never, row: next }, log);
          return next;
        });
        return { status: 200, document: this.#show(context, updated) };
      },
    });
  }

  remove({ can, emits, before, lock, find, ...route }: RemoveOptions<Row, Action>): void {
    const { records, document, access } = this.#resource;
    this.route('delete', 'DELETE', this.#member, {
      summary: `Delete a ${records.noun}`,
      status: 204,
      ...qualified(find),
      ...route,
      run: async (context) => {
        const found = await this.#ofMember(context, find);
        await this.#authorize(context, can, found);
        await context.change(async (change) => {
          await lock?.(found, change);
          const row = await lockOrRefuse(context, change, records, found);
          if (emits) await change.emit(emits, { document, access: access as never, row });
          await before?.(row, change, context);
          await deleteRow(change, records, row);
        });
        return { status: 204 };
      },
    });
  }

  /** `/:id/actions/<name>`: acts on a record and answers it, or what `run` answers. */
  action<B extends Param<unknown, boolean> = never>(name: string, options: ActionOptions<Row, Action, B>): void {
    this.below(`actions.${name}`, `/actions/${name}`, { method: 'POST', ...options });
  }

  /** Any path below a member, such as a relationship's. */
  below<B extends Param<unknown, boolean> = never>(name: string, path: string, options: ActionOptions<Row, Action, B> & { methods?: readonly Method[] }): void {
    const { can, method, methods, body, bodyFirst, subject, run, find, ...route } = options;
    const read = (context: Context) => (body ? checkParams(body, context.body, context.sender) : undefined) as Input<B>;
    this.route(name, methods ?? method ?? 'GET', `/:id${path}`, {
      answers: this.#resource.records.type,
      ...(body && { body }),
      ...route,
      run: async (context) => {
        const row = await this.#ofMember(context, find);
        const early = bodyFirst ? read(context) : undefined;
        if (subject) await authorize(context, this.#line(can) as Line<never>, await subject(row, context, early as Input<B>));
        else await this.#authorize(context, can, row);
        const result = await run(row, context, (bodyFirst ? early : read(context)) as Input<B>);
        return isAnswer(result) ? result : { status: 200, document: this.#show(context, result) };
      },
    });
  }

  /** `/:id/<name>` and `/:id/<name>/:member`: the children of a record. */
  children<Child extends BaseRow>(name: string, options: ChildrenOptions<Row, Action, Child>): void {
    const { can, canShow = can, of, children, filters = {}, query, child = {}, childPath = '/:member', showChild, each, unless, find, ...route } = options;
    const { noun, scoped } = this.#resource.records;
    const above = (parent: Row) => (scoped ? [{ noun, environmentId: parent.environmentId ?? null }] : []);
    const lineOf = (action: Action) => ({ ...this.#line(action), ...(unless && { unless }) }) as unknown as Line<Child>;
    const docs = query ?? docsOf(filters);
    this.route(`${name}.list`, 'GET', `/:id/${name}`, {
      summary: `List the ${of.records.noun}s of a ${noun}`,
      query: docs,
      answers: `${of.records.type}[]`,
      document: of.document,
      ...route,
      run: async (context) => {
        const parent = await this.#ofMember(context, find);
        pagination(context);
        const within = children(parent, context);
        const line = lineOf(can);
        const listed = await list(context, { ...of, line, filters, within, parents: above(parent), judged: [parent], ...(each && { each }) });
        return { status: 200, document: listed };
      },
    });
    this.route(`${name}.show`, 'GET', `/:id/${name}${childPath}`, {
      summary: `Show a ${of.records.noun} of a ${noun}`,
      answers: of.records.type,
      document: of.document,
      ...(showChild && { status: showChild.status, query: { ...docsOf(child.qualifiers ?? {}), ...showChild.query } }),
      ...route,
      run: async (context) => {
        const parent = await this.#ofMember(context, find);
        const item = await lookup(context, of, nameOf(context, 'member'), { wholeAccount: true, ...child, within: children(parent, context) });
        const line = lineOf(canShow);
        await authorize(context, line, { record: item, parents: above(parent), judged: [parent], unscoped: !of.records.scoped });
        if (each) await authorize(context, { ...line, who: each }, { record: item, unscoped: !of.records.scoped });
        if (showChild) return showChild.run(item, context);
        return { status: 200, document: { data: of.document.render(item, view(context)) } };
      },
    });
  }

  /** `GET /:id/<name>`: the record that a to-one relationship names. */
  related<Other extends BaseRow>(name: string, { can, of, id, whenUnset, find, ...route }: RelatedOptions<Row, Action, Other>): void {
    const { noun } = this.#resource.records;
    this.route(`${name}.show`, 'GET', `/:id/${name}`, {
      summary: `Show the ${name} of a ${noun}`,
      answers: of.records.type,
      document: of.document,
      ...route,
      run: async (context) => {
        const row = await this.#ofMember(context, find);
        const other = await this.#other(context, of.records, id(row), whenUnset);
        const line = this.#line(can) as unknown as Line<Other>;
        await authorize(context, line, { record: other, parents: [{ noun, environmentId: row.environmentId ?? null }], judged: [row] });
        return { status: 200, document: { data: other && of.document.render(other, view(context)) } };
      },
    });
  }

  async #other<Other extends BaseRow>(context: Context, records: Records<Other>, id: string | null, whenUnset: 'null' | 'not found'): Promise<Other | null> {
    const { table } = records;
    const [other] = id === null ? [] : await records.find(context.db, and(eq(table.accountId, context.accountId), eq(table.id, id)));
    if (!other && whenUnset === 'not found') throw notFound(records.noun);
    return other ?? null;
  }
}

const columnsOf = <Row>(records: Records<Row>): string[] => Object.keys(getTableColumns(records.table));

const attributesOf = <Row>(input: unknown): Partial<Row> => (input as { data: { attributes?: Partial<Row> } }).data.attributes ?? {};

/** A resource's routes. */
export function resource<Row extends BaseRow, Action extends string>(
  definition: Resource<Row, Action>,
  declare: (on: Routes<Row, Action>) => void,
  at?: Place,
): Route[] {
  const on = new Routes(definition, at);
  declare(on);
  return on.routes;
}
