/** What must hold of a record: ordered rules, all failures reported (spec/http.md 10). */
import type { KernelConfig } from '../config.ts';
import type { Db } from '../database/database.ts';
import type { Records } from '../database/records.ts';
import { ApiError, type ErrorObject } from '../http/errors.ts';
import { Float, stringifyJson } from '../http/json.ts';
import { camelKey } from '../http/keys.ts';

/** What a rule may look at besides the record. */
export interface Facts {
  db: Db;
  now: Date;
  /** Creating, or the names (camel case) of what an update changed. */
  changed: 'created' | ReadonlySet<string>;
  /** For rules about the server's own names; requests always give it. */
  config?: Pick<KernelConfig, 'host' | 'extraHosts' | 'portalOrigin' | 'names'>;
}

/** Attribute (`maxMachines`), relationship (`~policy`), `id`, or '' for the whole record. */
type Subject = string;
type Failing<Row> = (record: Row, facts: Facts) => boolean | Promise<boolean>;

/** One failed validation, before it is written out. */
export interface Failure {
  subject: Subject;
  detail: string;
  kind: string;
}

/** `[subject, detail, KIND, fails]`; the detail may depend on the record. `fails` may ask the database. */
export type Rule<Row> = readonly [Subject, string | ((record: Row) => string), string, Failing<Row>];
type Found = Failure | readonly Failure[] | undefined;
/** A rule that says itself what failed, for those whose detail is found on the way, and for records that come with others. */
export type OpenRule<Row> = (record: Row, facts: Facts) => Found | Promise<Found>;

export interface Rules<Row> {
  rules: readonly (Rule<Row> | OpenRule<Row>)[];
  noun: string;
  topic: string;
}

export const rules = <Row>(records: Pick<Records<Row>, 'noun' | 'topic'>, list: readonly (Rule<Row> | OpenRule<Row>)[]): Rules<Row> => ({
  rules: list,
  noun: records.noun,
  topic: records.topic,
});

const upperSnake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[ -]/g, '_')
    .toUpperCase();

/** Pointer, code and documentation of a failure (spec/http.md 10.1, 10.2, 10.4). Dotted subjects are nested: `components.0.fingerprint`, `~` marks relationships. */
export function validationError(failure: Failure, noun: string, topic: string): ErrorObject {
  const parts = failure.subject.split('.').filter(Boolean);
  const names = parts.map((part) => part.replace('~', '')).filter((part) => !/^\d+$/.test(part));
  const derived = `${names.length > 0 ? names.map(upperSnake).join('_') : upperSnake(noun)}_${failure.kind}`;
  const code = derived === 'USERS_LIMIT_EXCEEDED' ? 'USER_LIMIT_EXCEEDED' : derived;
  const pointer = parts.reduce((path, part, index) => {
    if (part === 'id') return `${path}/id`;
    if (/^\d+$/.test(part)) return `${path}/data/${part}`;
    if (part.startsWith('~')) return `${path}/relationships/${camelKey(part.slice(1))}`;
    return `${path}${index > 0 && !/\/data\/\d+$/.test(path) ? '/data' : ''}/attributes/${camelKey(part)}`;
  }, '/data');
  return { title: 'Unprocessable resource', detail: failure.detail, code, source: { pointer }, about: aboutOf(topic, pointer) };
}

function aboutOf(topic: string, pointer: string): string {
  const related = /\/relationships\/([^/]+)/.exec(pointer)?.[1];
  const attribute = /\/attributes\/([^/]+)/.exec(pointer)?.[1];
  const suffix = related ? `-relationships-${related}` : attribute ? `-attrs-${attribute}` : '';
  return `${topic}/#${topic}-object${suffix}`;
}

/** Runs rules in order. @returns all failures, those with the same code and pointer merged into the first */
export async function failuresOf<Row>(list: readonly (Rule<Row> | OpenRule<Row>)[], record: Row, facts: Facts): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const rule of list) {
    if (typeof rule === 'function') {
      failures.push(...[(await rule(record, facts)) ?? []].flat());
      continue;
    }
    const [subject, detail, kind, fails] = rule;
    const failed = fails(record, facts);
    if (failed instanceof Promise ? await failed : failed) failures.push({ subject, kind, detail: typeof detail === 'function' ? detail(record) : detail });
  }
  return grouped(failures);
}

/** In the order in which the subjects first failed; the same kind of failure of a subject is told once. */
function grouped(failures: readonly Failure[]): Failure[] {
  const bySubject = Map.groupBy(failures, ({ subject }) => subject);
  return [...bySubject.values()].flatMap((group) => group.filter(({ kind }, index) => group.findIndex((other) => other.kind === kind) === index));
}

/** @throws {ApiError} 422 (402 for a plan's limit) with every failure */
export function refuse(failures: readonly Failure[], noun: string, topic: string): void {
  if (failures.length === 0) return;
  const errors = failures.map((failure) => validationError(failure, noun, topic));
  throw new ApiError(errors.some((error) => error.code === 'ACCOUNT_ALU_LIMIT_EXCEEDED') ? 402 : 422, errors);
}

/** Checks a record against its rules. @throws {ApiError} 422 */
export async function validate<Row>(list: Rules<Row>, record: Row, facts: Facts): Promise<void> {
  refuse(await failuresOf(list.rules, record, facts), list.noun, list.topic);
}

/** Length in characters, as limits count. */
export const longer = (text: string | null | undefined, limit: number): boolean => text !== null && text !== undefined && [...text].length > limit;
export const shorter = (text: string | null | undefined, limit: number): boolean => text !== null && text !== undefined && [...text].length < limit;
/** Words that paths need for themselves (spec/http.md 2.1). */
export const reserved = (text: string | null | undefined): boolean => text === 'actions' || text === 'action';

export const tooLong = (limit: number): string => `is too long (maximum is ${limit} character${limit === 1 ? '' : 's'})`;
export const tooShort = (limit: number): string => `is too short (minimum is ${limit} character${limit === 1 ? '' : 's'})`;

/** Whether an attribute or relation is new or changed, for rules that leave old values alone. */
export const touches = (facts: Facts, name: string): boolean => facts.changed === 'created' || facts.changed.has(name);

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Float);
const depthOf = (value: unknown): number => (isContainer(value) ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0);
const keysOf = (value: unknown): number => {
  if (!isContainer(value)) return 0;
  const inner = Object.values(value).reduce((sum: number, item) => sum + keysOf(item), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
};

/** The limits of metadata (spec/http.md 7.4): the first that fails. They hold at every write (spec/licenses.md 5, spec/machines.md 4). */
export const metadataRule: OpenRule<{ metadata: Record<string, unknown> }> = ({ metadata }) => {
  const too = (detail: string): Failure => ({ subject: 'metadata', kind: 'TOO_LONG', detail });
  if (Buffer.byteLength(stringifyJson(metadata)) > 16384) return too('too large (exceeded limit of 16384 bytes)');
  if (depthOf(metadata) > 4) return too('too many items (exceeded limit of 4 items)');
  return keysOf(metadata) > 64 ? too('too many keys (exceeded limit of 64 keys)') : undefined;
};
