/** What is said of each kind of route (resource.ts). */
import type { Access, Line, Subject } from '../access/access.ts';
import type { Records } from '../database/records.ts';
import type { Change } from '../events/change.ts';
import type { Context } from '../http/context.ts';
import type { Param } from '../http/params.ts';
import type { Answer, Method, QueryDoc, Route } from '../http/route.ts';
import type { DocumentOf } from './document.ts';
import type { Filters } from './list.ts';
import type { LookupOptions } from './lookup.ts';
import type { BaseRow } from './rows.ts';
import type { Rules } from './rules.ts';

/** The rooms of a resource that others may use: how its rows are found, shown and guarded. */
export interface Resource<Row extends BaseRow, Action extends string> {
  records: Records<Row>;
  document: DocumentOf<Row>;
  access: Access<Row, Action>;
  rules?: Rules<Row>;
}

/** What most routes have in common; each may say otherwise. */
export type RouteOptions = Partial<Pick<Route, 'media' | 'auth' | 'gated' | 'logged' | 'until' | 'summary' | 'base' | 'document' | 'query'>>;

/** Routes of a member say here how its path names it. */
export interface MemberOptions extends RouteOptions {
  find?: LookupOptions;
}

export interface ShowOptions<Action extends string> extends MemberOptions {
  can: Action;
  /** The lookup is prepared, which is only possible without options for it. */
  hot?: boolean;
}

export type Input<B> = B extends Param<infer T, boolean> ? T : undefined;

export interface ListOptions<Row, Action extends string> extends RouteOptions {
  can: Action;
  filters?: Filters;
  everyEnvironment?: boolean;
  uncounted?: boolean;
  /** Only for types. */
  row?: Row;
}

export interface CreateOptions<Row, Action extends string, B extends Param<unknown, boolean>> extends RouteOptions {
  can: Action;
  body: B;
  emits?: string;
  /** The unsaved record with what it belongs to: authorization and rules judge it. */
  draft(input: Input<B>, context: Context): Row | Promise<Row>;
  /** Runs in the transaction before the rules: locks what they count on, and reads again what may have changed since the draft. */
  lock?(row: Row, change: Change, input: Input<B>, context: Context): Promise<Row>;
  /** Runs in the transaction after the rules; stores the record. Left out: an insert of its columns. */
  store?(row: Row, change: Change, input: Input<B>, context: Context): Promise<Row>;
  status?: number;
  /** What is answered besides the record, when it is not 201 and where the record is. */
  answer?(row: Row, context: Context): Omit<Answer, 'document'>;
}

export interface UpdateOptions<Row, Action extends string, B extends Param<unknown, boolean>> extends MemberOptions {
  can: Action;
  body: B;
  emits?: string;
  /** Whether the event's log keeps what changed (spec/events.md 6.2). */
  diff?: boolean;
  /** What the update changes in the row; left out: the attributes as sent. */
  assign?(row: Row, input: Input<B>, context: Context, change: Change): Partial<Row> | Promise<Partial<Row>>;
  /** Locks what must be locked before the row itself. */
  lock?(row: Row, change: Change): Promise<unknown>;
  /** Keeps what hangs on the row, such as counters; runs once it is written. */
  after?(next: Row, before: Row, change: Change): Promise<void>;
}

export interface RemoveOptions<Row, Action extends string> extends MemberOptions {
  can: Action;
  emits?: string;
  /** What goes with the record; the row itself is deleted afterwards. */
  before?(row: Row, change: Change, context: Context): Promise<void>;
  /** Locks what must be locked before the row itself. */
  lock?(row: Row, change: Change): Promise<unknown>;
}

export interface ActionOptions<Row, Action extends string, B extends Param<unknown, boolean>> extends MemberOptions {
  can: Action;
  method?: Method;
  body?: B;
  /** Body (400) before permissions (403); the default is the other way round (spec/http.md 5.6). */
  bodyFirst?: boolean;
  answers?: string;
  status?: number;
  /** What is authorized when it is not the record itself: the new policy of a transfer, the records that are attached. Needs `bodyFirst` to see the body. */
  subject?(row: Row, context: Context, input: Input<B>): Subject<never> | Promise<Subject<never>>;
  run(row: Row, context: Context, input: Input<B>): Promise<Row | Answer>;
}

export interface ChildrenOptions<Row, Action extends string, Child extends BaseRow> extends MemberOptions {
  can: Action;
  /** Where showing one child has another line than listing them. */
  canShow?: Action;
  of: Pick<Resource<Child, string>, 'records' | 'document' | 'access'>;
  /** Which children are the parent's. */
  children(parent: Row, context: Context): LookupOptions['within'];
  filters?: Filters;
  /** How a path names a child, when not as its own resource does. `wholeAccount: false`: only what the bearer sees of the children can be shown. */
  child?: Pick<LookupOptions, 'by' | 'best' | 'qualifiers' | 'wholeAccount'>;
  /** The child's place in the path, when it is the rest of it. */
  childPath?: '/*';
  /** Answers a child that may be shown, where there is more to it. */
  showChild?: { run(child: Child, context: Context): Promise<Answer>; status: number; query: QueryDoc };
  /** A rule that each child must pass besides the parent's. */
  each?: Line<Child>['who'];
  /** A reason to refuse a child (`Line.unless`). */
  unless?: Line<Child>['unless'];
}

export interface RelatedOptions<Row, Action extends string, Other extends BaseRow> extends MemberOptions {
  can: Action;
  of: Pick<Resource<Other, string>, 'records' | 'document'>;
  id(row: Row): string | null;
  /** What an unset relation answers: `data: null`, or 404 before the permission check (spec/http.md 2.4). */
  whenUnset: 'null' | 'not found';
}

/** Where routes stand, when not at their type; and a member, when it is the rest of the path. */
export interface Place {
  path?: string;
  name?: string;
  member?: '/:id' | '/*';
}
