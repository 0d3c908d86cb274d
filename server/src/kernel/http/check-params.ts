/** Checks a value against a schema in the phases of spec/http.md 5.2; the first failure ends it. */
import { parseUuid } from '../id.ts';
import { badParameter } from './errors.ts';
import { Float } from './json.ts';
import { camelKey, snakeKey } from './keys.ts';
import type { Param, ParamSpec, Sender, Shape } from './params.ts';
import { Impossible, parseTime } from './time.ts';

type Path = readonly (string | number)[];
type JsonObject = Record<string, unknown>;
type AnyParam = Param<unknown, boolean>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float);
const isContainer = (value: unknown): boolean => isObject(value) || Array.isArray(value);

/** The type of a value as messages name it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'integer';
  if (value instanceof Float) return 'float';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return typeof value === 'object' ? 'object' : typeof value;
}

const kindNames: Record<ParamSpec['kind'], string> = {
  string: 'string',
  integer: 'integer',
  boolean: 'boolean',
  uuid: 'UUID string',
  time: 'time',
  object: 'object',
  array: 'array',
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

  /** Phase 1: top-down, in the order in which the client wrote the keys. */
  unknownKeys(param: AnyParam, value: unknown, path: Path): void {
    const { children, items } = param.spec;
    if (children && isObject(value)) {
      const known = new Map(Object.keys(children).map((name) => [snakeKey(name), name]));
      for (const key of Object.keys(value)) {
        const name = known.get(key);
        if (name === undefined) this.fail('unpermitted parameter', [...path, key]);
        this.unknownKeys(children[name]!, value[key], [...path, key]);
      }
    } else if (items && Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.unknownKeys(items, item, [...path, index]);
    }
  }

  /** Phases 2 and 3, and 4 for what is there: children before parents, in the order of the schema. */
  visit(param: AnyParam, value: unknown, path: Path, at: (param: AnyParam, value: unknown, path: Path) => void): void {
    const { children, items } = param.spec;
    if (children && isObject(value)) {
      for (const [name, child] of Object.entries(children)) {
        const key = snakeKey(name);
        if (Object.hasOwn(value, key)) this.visit(child, value[key], [...path, key], at);
      }
    } else if (items && Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.visit(items, item, [...path, index], at);
    }
    at(param, value, path);
  }

  guards(param: AnyParam, path: Path): void {
    if (param.spec.guards.some((guard) => !guard(this.sender))) this.fail('unpermitted parameter', path);
  }

  /** Phase 3: coerced values are replaced where they stand. */
  coerce(param: AnyParam, holder: JsonObject | unknown[], key: string | number, path: Path): void {
    const container = holder as Record<string | number, unknown>;
    const value = container[key];
    const { children, items, kind, coerced } = param.spec;
    if (children && isObject(value)) {
      for (const [name, child] of Object.entries(children)) {
        const childKey = snakeKey(name);
        if (Object.hasOwn(value, childKey)) this.coerce(child, value, childKey, [...path, childKey]);
      }
    } else if (items && Array.isArray(value)) {
      for (const index of value.keys()) this.coerce(items, value, index, [...path, index]);
    }
    if (!coerced || value === null || value === undefined) return;
    container[key] = kind === 'time' ? this.#time(value, path) : this.#integer(value, path);
  }

  #time(value: unknown, path: Path): Date | null {
    if (typeof value !== 'string' && typeName(value) !== 'integer') this.#uncoercible(value, 'time', path);
    try {
      return parseTime(value as string | number | bigint);
    } catch (error) {
      if (error instanceof Impossible) return this.#uncoercible(value, 'time', path);
      throw error;
    }
  }

  #integer(value: unknown, path: Path): unknown {
    if (typeof value === 'string') {
      if (value.trim() === '') return null;
      const digits = /^\s*[+-]?\d+/.exec(value)?.[0];
      return digits === undefined ? 0 : Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits.trim());
    }
    if (typeName(value) === 'integer') return value;
    if (typeof value === 'number') return Math.trunc(value);
    if (value instanceof Float) return value.value;
    return this.#uncoercible(value, 'integer', path);
  }

  /** Objects are called `hash` in this message, as existing clients know it. */
  #uncoercible(value: unknown, to: string, path: Path): never {
    const received = typeName(value);
    return this.fail(`failed to coerce ${received === 'object' ? 'hash' : received} to ${to}`, path);
  }

  /** Phase 4: presence, type, blankness and constraints; for each object its children first, in the order of the schema, then itself. */
  shape(children: Shape, value: JsonObject, path: Path): void {
    for (const [name, child] of Object.entries(children)) {
      const key = snakeKey(name);
      const permitted = child.spec.guards.every((guard) => guard(this.sender));
      if (!Object.hasOwn(value, key)) {
        if (child.spec.required && permitted) this.fail('is missing', [...path, key]);
      } else this.value(child, value[key], [...path, key]);
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
    if (!spec.blank && !spec.children && isBlank(value) && !(spec.items && Array.isArray(value) && spec.length)) this.fail('cannot be blank', path);
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
    if (spec.kind === 'time' && value instanceof Date) return;
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
      for (const [name, child] of Object.entries(children)) {
        const item = value[snakeKey(name)] ?? (child.spec.orEmpty ? {} : value[snakeKey(name)]);
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
 * @param value parsed JSON with keys in snake case; coerced values are replaced in it
 * @throws {ApiError} 400 with one error that points at the first fault
 */
export function checkParams<T>(param: Param<T, boolean>, value: unknown, sender: Sender, place: Place = 'body'): T {
  const check = new Check(sender, place);
  check.unknownKeys(param, value, []);
  check.visit(param, value, [], (p, _, path) => check.guards(p, path));
  check.coerce(param, { root: value }, 'root', []);
  check.value(param, value, []);
  return check.result(param, value) as T;
}
