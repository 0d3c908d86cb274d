/** The schema engine: what a request may carry, declared once for checking (check-params.ts), for types, and for the OpenAPI document. */
import type { Role } from '../access/roles.ts';

/** Who sends, as far as the permitted parameters depend on it (spec/http.md 5.2, phase 2). */
export interface Sender {
  role: Role | 'anonymous';
  version: string;
}

export type ParamKind = 'string' | 'integer' | 'boolean' | 'uuid' | 'time' | 'date' | 'object' | 'array' | 'any';

export interface ParamSpec {
  kind: ParamKind;
  required: boolean;
  nullable: boolean;
  blank: boolean;
  guards: readonly ((sender: Sender) => boolean)[];
  /** Other spellings of the value are taken too, as for a query's texts (spec/http.md 5.5). */
  coerced: boolean;
  oneOf?: readonly string[];
  length?: { min?: number; max?: number; inclusive?: boolean };
  /** Free-form containers: how deep containers may be nested below this one. */
  depth?: number;
  scalars: boolean;
  /** The name under which the value is handed on, when the wire has another name for it. */
  alias?: string;
  children?: Shape;
  items?: Param<unknown, boolean>;
  /** Never in logs; see the masking of request logs. */
  /** Absent objects are handed on as empty ones. */
  orEmpty: boolean;
  secret: boolean;
  description?: string;
}

export type Shape = { readonly [name: string]: Param<unknown, boolean> };

/** A parameter. Immutable: each method gives a changed copy. `T` is what a handler gets, `R` whether it is always there. */
export class Param<out T, out R extends boolean = false> {
  declare readonly value: T;
  declare readonly always: R;
  readonly spec: ParamSpec;

  constructor(spec: Partial<ParamSpec> & { kind: ParamKind }) {
    this.spec = { required: false, nullable: false, blank: false, guards: [], coerced: false, scalars: false, orEmpty: false, secret: false, ...spec };
  }

  #with<U, S extends boolean>(change: Partial<ParamSpec>): Param<U, S> {
    return new Param<U, S>({ ...this.spec, ...change });
  }

  /** Must be sent, and not as null unless it is nullable. */
  required(): Param<T, true> {
    return this.#with({ required: true });
  }
  /** Null is a value. Without this, null is an error (required) or as if not sent (optional). */
  nullable(): Param<T | null, R> {
    return this.#with({ nullable: true });
  }
  /** `""`, white space, `[]` and `{}` are values. */
  allowBlank(): Param<T, R> {
    return this.#with({ blank: true });
  }
  /** Only such senders may name it; to others it is an unknown parameter. */
  only(guard: (sender: Sender) => boolean): Param<T, false> {
    return this.#with({ guards: [...this.spec.guards, guard] });
  }
  oneOf<const V extends string>(values: readonly V[]): Param<V | Extract<T, null>, R> {
    return this.#with({ oneOf: values });
  }
  /** Lengths of texts and lists, ends included. `inclusive` is the wording that attach and detach lists have. */
  length(min: number | undefined, max: number | undefined, inclusive = false): Param<T, R> {
    return this.#with({ length: { ...(min !== undefined && { min }), ...(max !== undefined && { max }), inclusive } });
  }
  as(alias: string): Param<T, R> {
    return this.#with({ alias });
  }
  /** What is absent is handed on as an empty object, so that its optional members can be read. */
  orEmpty(): Param<T, true> {
    return this.#with({ orEmpty: true });
  }
  coerce(): Param<T, R> {
    return this.#with({ coerced: true });
  }
  secret(): Param<T, R> {
    return this.#with({ secret: true });
  }
  describe(description: string): Param<T, R> {
    return this.#with({ description });
  }
}

type Value<P> = P extends Param<infer T, boolean> ? T : never;
type RequiredKeys<S extends Shape> = { [K in keyof S]: S[K] extends Param<unknown, true> ? K : never }[keyof S];
/** What a handler gets for a shape: required names always, the others when sent. */
export type Values<S extends Shape> = { [K in RequiredKeys<S>]: Value<S[K]> } & { [K in Exclude<keyof S, RequiredKeys<S>>]?: Value<S[K]> };

export const string = new Param<string>({ kind: 'string' });
/** Whole numbers of any size; beyond 2^53 they come as BigInt, so compare before you compute. */
export const integer = new Param<number>({ kind: 'integer' });
export const boolean = new Param<boolean>({ kind: 'boolean' });
export const uuidParam = new Param<string>({ kind: 'uuid' });
/** Any JSON value. */
export const anything = new Param<unknown>({ kind: 'any' });
/** An instant, coerced (spec/http.md 5.5): blank and unrecognisable texts are null. */
export const time = new Param<Date>({ kind: 'time', coerced: true });
/** A day of a query, `YYYY-MM-DD`, coerced: blank is null. */
export const date = new Param<string>({ kind: 'date', coerced: true });
/** Free-form JSON object with keys in snake case; containers nest two levels below it (spec/http.md 7.4). */
export const metadata = new Param<Record<string, unknown>>({ kind: 'object', depth: 2, blank: true });

export const object = <const S extends Shape>(children: S): Param<Values<S>> => new Param({ kind: 'object', children });
export const array = <T>(items: Param<T, boolean>): Param<T[]> => new Param({ kind: 'array', items: items as Param<unknown, boolean> });
/** A list of texts, numbers, booleans and nulls. */
export const scalars = new Param<(string | number | boolean | null)[]>({ kind: 'array', scalars: true, blank: true });

/** `policies` → `policy`. Only for wire types. */
export const singularOf = (type: string): string =>
  type.endsWith('ies') ? `${type.slice(0, -3)}y` : /(?:ss|ch)es$/.test(type) ? type.slice(0, -2) : type.slice(0, -1);

/** The names that `type` may have for a resource: singular and plural, and for compounds their other spellings (spec/http.md 4.3). */
export function typeNames(type: string): string[] {
  const names = [singularOf(type), type];
  if (!type.includes('-')) return names;
  const camel = names.map((name) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
  return [...names, ...camel, ...names.map((name) => name.replaceAll('-', '_'))];
}

export interface Linkage {
  type: string;
  id: string;
}

const linkageOf = (types: readonly string[]) => object({ type: string.oneOf(types.flatMap(typeNames)).required(), id: uuidParam.required() }) as Param<Linkage>;

/** A to-one relationship of a create body: `{ data: { type, id } }`. */
export const toOne = (...types: string[]): Param<{ data: Linkage }> => object({ data: linkageOf(types).required() });
/** The same, where `data: null` is a value. */
export const toOneOrNone = (...types: string[]): Param<{ data: Linkage | null }> => object({ data: linkageOf(types).nullable().required() });
export const environmentRelationship = toOneOrNone('environments');

/** `{ data: { type, id } }` at the top: the body of a relationship's update. */
export const linkage = (...types: string[]) => object({ data: linkageOf(types).required() }).required();
export const linkageOrNone = (...types: string[]) => object({ data: linkageOf(types).nullable().required() }).required();
/** The body of attach and detach; 1 to 100 items unless `unbounded`. */
export const linkages = (type: string, unbounded = false) => {
  const list = array(linkageOf([type]));
  return object({ data: (unbounded ? list.allowBlank() : list.length(1, 100, true)).required() }).required();
};

/** A resource body: `data: { type, id?, attributes, relationships }`, and `meta` where one is declared. */
export function body<const A extends Shape, const S extends Shape = Record<never, never>, const M extends Shape = Record<never, never>>(
  type: string,
  parts: {
    attributes: A;
    relationships?: S;
    meta?: Param<unknown, boolean>;
    /** `ignored`: any string (updates); a param: it may be chosen. Absent: not permitted. */
    id?: 'ignored' | Param<unknown, boolean>;
    attributesRequired?: boolean;
    relationshipsRequired?: boolean;
    dataRequired?: boolean;
  },
): Param<ResourceBody<A, S, M>, true> {
  const required = (param: Param<unknown, boolean>, is: boolean) => (is ? param.required() : param.orEmpty());
  const data = object({
    type: string.oneOf(typeNames(type)).required(),
    ...(parts.id && { id: parts.id === 'ignored' ? string.allowBlank() : parts.id }),
    attributes: required(object(parts.attributes), parts.attributesRequired ?? true),
    ...(parts.relationships && { relationships: required(object(parts.relationships), parts.relationshipsRequired ?? false) }),
  });
  const whole = object({ data: required(data, parts.dataRequired ?? true), ...(parts.meta && { meta: parts.meta }) });
  return whole.required() as unknown as Param<ResourceBody<A, S, M>, true>;
}

/** `attributes` and `relationships` are empty objects when they were not sent. */
export interface ResourceBody<A extends Shape, S extends Shape, M extends Shape> {
  data: { type: string; id?: string; attributes: Values<A>; relationships: Values<S> };
  meta?: Values<M>;
}

/** The body of an action: `meta: {...}`. */
export const metaBody = <const S extends Shape>(shape: S, required = true) => {
  const meta = object(shape);
  return object({ meta: required ? meta.required() : meta }).required();
};
