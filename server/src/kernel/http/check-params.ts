/** Checks a value against a schema in the phases of spec/http.md 5.2; the first failure ends it. */
import { parseUuid } from '../id.ts';
import { badParameter } from './errors.ts';
import { Float, type Json, jsonType } from './json.ts';
import { camelKey, snakeKey } from './keys.ts';
import type { Param, ParamSpec, Sender, Shape } from './params.ts';
import type { QueryValue } from './query.ts';
import { coercedBoolean, coercedInteger, commaList } from './query-readers.ts';
import { Impossible, parseTime } from './time.ts';

type Path = readonly (string | number)[];
type JsonObject = Record<string, unknown>;
type AnyParam = Param<unknown, boolean>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float) && !(value instanceof Date);
const isContainer = (value: unknown): boolean => isObject(value) || Array.isArray(value);

/** The type of a value as messages name it; what is absent counts as null. */
export const typeName = (value: unknown): string => jsonType((value ?? null) as Json);

const kindNames: Record<ParamSpec['kind'], string> = {
  string: 'string',
  integer: 'integer',
  boolean: 'boolean',
  uuid: 'UUID string',
  time: 'time',
  date: 'date',
  object: 'object',
  array: 'array',
  any: 'any',
};

/** Objects are called `hash` in this message, as existing clients know it. */
const coercedName = (value: unknown): string => (isObject(value) ? 'hash' : typeName(value));

function toTime(value: unknown): unknown {
  if (typeof value !== 'string' && typeName(value) !== 'integer') return undefined;
  try {
    return parseTime(value as string | number | bigint);
  } catch (error) {
    if (error instanceof Impossible) return undefined;
    throw error;
  }
}

function toInteger(value: unknown): unknown {
  if (typeof value === 'string') return coercedInteger(value);
  if (value instanceof Float) return value.value;
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'bigint' ? value : undefined;
}

function toDay(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '') return null;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? toTime(value) : undefined;
  return day instanceof Date ? value : undefined;
}

const toBoolean = (value: unknown): unknown => {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? coercedBoolean(String(value)) : undefined;
};

/** Phase 3 (spec/http.md 5.5): null is what blank comes to; undefined: it cannot be done. */
const coercions: Record<ParamSpec['kind'], (value: unknown) => unknown> = {
  time: toTime,
  date: toDay,
  integer: toInteger,
  boolean: toBoolean,
  array: (value) => (typeof value === 'string' || Array.isArray(value) ? commaList(value as QueryValue) : undefined),
  any: (value) => value,
  string: (value) => value,
  uuid: (value) => value,
  object: (value) => value,
};

/** Where a failure points: into the body (JSON pointer), or at a query parameter in bracket notation. */
export type Place = 'body' | 'query';

const sourceOf = (path: Path, place: Place) =>
  place === 'body'
    ? { pointer: `/${path.map((key) => (typeof key === 'number' ? key : camelKey(key))).join('/')}` }
    : {
        parameter: `${path[0] ?? ''}${path
          .slice(1)
          .map((key) => `[${key}]`)
          .join('')}`,
      };

/** A declared member: its name in the schema, and the key under which requests send it. */
type Member = readonly [name: string, key: string, param: AnyParam];

const members = new WeakMap<Shape, readonly Member[]>();

/** Those of a body's object: each phase asks for them, in every request. */
function bodyMembers(children: Shape): readonly Member[] {
  const known = members.get(children) ?? Object.entries(children).map(([name, child]): Member => [name, snakeKey(name), child]);
  members.set(children, known);
  return known;
}

class Check {
  readonly sender: Sender;
  readonly place: Place;

  constructor(sender: Sender, place: Place) {
    this.sender = sender;
    this.place = place;
  }

  fail(detail: string, path: Path): never {
    throw badParameter(detail, sourceOf(path, this.place));
  }

  permits = (param: AnyParam): boolean => param.spec.guards.every((guard) => guard(this.sender));

  /** In the order of the schema. Queries are lenient: names are taken as they are written, and guarded ones do not exist for those who may not send them. */
  members(children: Shape): readonly Member[] {
    if (this.place === 'body') return bodyMembers(children);
    return Object.entries(children).flatMap(([name, child]) => (this.permits(child) ? [[name, name, child]] : []));
  }

  /** Phase 1: top-down, in the order in which the client wrote the keys. */
  unknownKeys(param: AnyParam, value: unknown, path: Path): void {
    const { children, items } = param.spec;
    if (children && isObject(value)) {
      const known = new Map(this.members(children).map(([, key, child]) => [key, child]));
      for (const key of Object.keys(value)) {
        const child = known.get(key);
        if (child === undefined) this.fail('unpermitted parameter', [...path, key]);
        this.unknownKeys(child, value[key], [...path, key]);
      }
    } else if (items && Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.unknownKeys(items, item, [...path, index]);
    }
  }

  /** Phase 2: children before parents, in the order of the schema, whatever is there (null too). */
  guards(param: AnyParam, value: unknown, path: Path): void {
    const { children, items } = param.spec;
    if (children && isObject(value)) {
      for (const [, key, child] of this.members(children)) if (Object.hasOwn(value, key)) this.guards(child, value[key], [...path, key]);
    } else if (items && Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.guards(items, item, [...path, index]);
    }
    if (!this.permits(param)) this.fail('unpermitted parameter', path);
  }

  /** Phase 3, in the same order. @returns the value with what was coerced in place; the request's own stays as it was sent */
  coerce(param: AnyParam, value: unknown, path: Path): unknown {
    const { children, items, kind, coerced } = param.spec;
    if (children && isObject(value)) {
      const copy: JsonObject = { ...value };
      for (const [, key, child] of this.members(children)) if (Object.hasOwn(value, key)) copy[key] = this.coerce(child, value[key], [...path, key]);
      return copy;
    }
    const list = items && Array.isArray(value) ? value.map((item, index) => this.coerce(items, item, [...path, index])) : value;
    if (!coerced || list === null) return list;
    const to = coercions[kind](list);
    if (to === undefined) this.fail(`failed to coerce ${coercedName(value)} to ${kindNames[kind]}`, path);
    return to;
  }

  /** Phase 4: presence, type, blankness and constraints; for each object its children first, in the order of the schema, then itself. */
  shape(children: Shape, value: JsonObject, path: Path): void {
    for (const [, key, child] of this.members(children)) {
      if (Object.hasOwn(value, key)) this.value(child, value[key], [...path, key]);
      else if (child.spec.required && this.permits(child)) this.fail('is missing', [...path, key]);
    }
  }

  value(param: AnyParam, value: unknown, path: Path): void {
    const { spec } = param;
    if (value === null) {
      if (spec.required && !spec.nullable) this.fail('cannot be null', path);
      return;
    }
    if (spec.children && isObject(value)) this.shape(spec.children, value, path);
    if (spec.items && Array.isArray(value)) this.#items(spec.items, value, path);
    this.#type(spec, value, path);
    if (!spec.blank && !spec.children && !spec.items && isBlank(value)) this.fail('cannot be blank', path);
    if (spec.oneOf && !spec.oneOf.includes(value as string)) this.fail('is invalid', path);
    if (spec.length) this.#length(spec.length, value, path);
    if (spec.scalars) {
      const word = Array.isArray(value) ? 'array' : 'object';
      for (const [key, item] of Object.entries(value as JsonObject)) {
        if (isContainer(item)) this.fail(`unpermitted type (expected ${word} of scalar types)`, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    }
    if (spec.depth !== undefined) this.#depth(value, spec.depth, spec.depth, path);
  }

  #items(items: AnyParam, value: unknown[], path: Path): void {
    value.forEach((item, index) => {
      if (item === null && !items.spec.nullable) this.fail('cannot be null', [...path, index]);
      this.value(items, item, [...path, index]);
    });
  }

  #type(spec: ParamSpec, value: unknown, path: Path): void {
    const received = typeName(value);
    if (spec.kind === 'any' || (spec.kind === 'time' && value instanceof Date) || (spec.kind === 'date' && typeof value === 'string')) return;
    const expected = kindNames[spec.kind];
    const fits = spec.kind === 'uuid' ? typeof value === 'string' && parseUuid(value) !== undefined : received === expected;
    if (!fits) this.fail(`type mismatch (received ${received} expected ${expected})`, path);
  }

  #length(length: NonNullable<ParamSpec['length']>, value: unknown, path: Path): void {
    const size = Array.isArray(value) ? value.length : [...(value as string)].length;
    const { min, max, inclusive } = length;
    if ((min === undefined || size >= min) && (max === undefined || size <= max)) return;
    if (min !== undefined && max !== undefined) {
      const words = min === max ? `equal to ${min}` : `between ${min} and ${max}${inclusive ? ' (inclusive)' : ''}`;
      this.fail(`length must be ${words}`, path);
    }
    this.fail(min === undefined ? `length must be less than or equal to ${max}` : `length must be greater than or equal to ${min}`, path);
  }

  #depth(value: unknown, left: number, limit: number, path: Path): void {
    for (const [key, item] of Object.entries(value as JsonObject)) {
      if (!isContainer(item)) continue;
      const place = [...path, Array.isArray(value) ? Number(key) : key];
      if (left === 0) this.fail(`maximum depth of ${limit} exceeded`, place);
      this.#depth(item, left - 1, limit, place);
    }
  }

  /** Phase 5: what the handler gets: names in camel case, nulls that are not values dropped, aliases resolved. */
  result(param: AnyParam, value: unknown): unknown {
    const { children, items, kind } = param.spec;
    if (children && isObject(value)) {
      const result: JsonObject = {};
      for (const [name, key, child] of this.members(children)) {
        const sent = Object.hasOwn(value, key) ? value[key] : undefined;
        const item = sent ?? (child.spec.orEmpty ? {} : sent);
        if (item === undefined || (item === null && !child.spec.nullable)) continue;
        const target = child.spec.alias ?? name;
        if (child.spec.alias === undefined || !(target in result)) result[target] = this.result(child, item);
      }
      return result;
    }
    if (items && Array.isArray(value)) return value.map((item) => this.result(items, item));
    return kind === 'uuid' && typeof value === 'string' ? parseUuid(value) : value;
  }
}

function isBlank(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/**
 * What a request carries, checked and typed (spec/http.md 5).
 * @param value parsed JSON with keys in snake case, or a parsed query; it is not changed
 * @throws {ApiError} 400 with one error that points at the first fault
 */
export function checkParams<T>(param: Param<T, boolean>, value: unknown, sender: Sender, place: Place = 'body'): T {
  const check = new Check(sender, place);
  if (place === 'body') {
    check.unknownKeys(param, value, []);
    check.guards(param, value, []);
  }
  const coerced = check.coerce(param, value, []);
  check.value(param, coerced, []);
  return check.result(param, coerced) as T;
}
