/** JSON Schema out of what is declared anyway: parameters of requests, attributes of documents. Pure. */
import type { Param, ParamSpec } from '../kernel/http/params.ts';
import type { DocumentFacts } from '../kernel/http/route-facts.ts';

export type Schema = Record<string, unknown>;

const kinds: Record<ParamSpec['kind'], Schema> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  uuid: { type: 'string', format: 'uuid' },
  time: { type: ['string', 'integer'], format: 'date-time' },
  date: { type: 'string', format: 'date' },
  object: { type: 'object' },
  array: { type: 'array' },
  any: {},
};

const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] };

function withNull({ type, ...schema }: Schema): Schema {
  if (type === undefined) return schema;
  const types = Array.isArray(type) ? type : [type];
  return { ...schema, type: [...types, 'null'], ...(Array.isArray(schema.enum) && { enum: [...schema.enum, null] }) };
}

function lengthOf({ kind, length, blank }: ParamSpec): Schema {
  const [min, max] = kind === 'array' ? ['minItems', 'maxItems'] : ['minLength', 'maxLength'];
  const least = length?.min ?? (kind === 'string' && !blank ? 1 : undefined);
  return { ...(least !== undefined && { [min]: least }), ...(length?.max !== undefined && { [max]: length.max }) };
}

function membersOf({ kind, children, items, scalars }: ParamSpec): Schema {
  if (children) {
    const required = Object.entries(children).filter(([, { spec }]) => spec.required && spec.guards.length === 0);
    return {
      properties: Object.fromEntries(Object.entries(children).map(([name, child]) => [name, paramSchema(child)])),
      additionalProperties: false,
      ...(required.length > 0 && { required: required.map(([name]) => name) }),
    };
  }
  if (items) return { items: paramSchema(items) };
  if (kind === 'object') return { additionalProperties: scalars ? scalar : true };
  return kind === 'array' ? { items: scalars ? scalar : {} } : {};
}

/** The schema of a parameter of a request, with its members. */
export function paramSchema({ spec }: Param<unknown, boolean>): Schema {
  const schema: Schema = {
    ...kinds[spec.kind],
    ...(spec.oneOf ? { enum: [...spec.oneOf] } : lengthOf(spec)),
    ...membersOf(spec),
    ...(spec.description !== undefined && { description: spec.description }),
    ...(spec.secret && { writeOnly: true }),
  };
  return spec.nullable ? withNull(schema) : schema;
}

/** By the types of stored columns; what is computed may be anything. */
const columnKinds: Record<string, Schema> = {
  string: { type: 'string' },
  number: { type: 'number' },
  bigint: { type: 'integer' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date-time' },
  array: { type: 'array', items: {} },
};

const instants = new Set(['created', 'updated']);

function attributeSchema(name: string, columns: DocumentFacts['columns']): Schema {
  if (instants.has(name)) return { type: 'string', format: 'date-time' };
  if (name === 'metadata') return { type: 'object', additionalProperties: true };
  const column = columns[name];
  const schema = columnKinds[column?.dataType ?? ''] ?? {};
  return column && !column.notNull ? withNull(schema) : schema;
}

/** The schema of a resource as documents carry it (spec/http.md 7.2). */
export function resourceSchema({ type, attributes, relationships, columns, records }: DocumentFacts): Schema {
  return {
    type: 'object',
    title: records.noun,
    required: ['id', 'type', 'attributes'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      type: { const: type },
      attributes: { type: 'object', properties: Object.fromEntries(attributes.map((name) => [name, attributeSchema(name, columns)])) },
      relationships: { type: 'object', properties: Object.fromEntries(relationships.map((name) => [name, { $ref: '#/components/schemas/Relationship' }])) },
      links: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
      meta: { type: 'object', additionalProperties: true },
    },
  };
}

const identifier: Schema = {
  type: 'object',
  required: ['type', 'id'],
  properties: { type: { type: 'string' }, id: { type: 'string', format: 'uuid' } },
};

/** Shapes that all documents share (spec/http.md 7, 8, 9). */
export const commonSchemas: Record<string, Schema> = {
  Resource: {
    type: 'object',
    required: ['id', 'type'],
    properties: { id: { type: 'string' }, type: { type: 'string' }, attributes: { type: 'object' }, relationships: { type: 'object' } },
  },
  Relationship: {
    type: 'object',
    properties: {
      links: { type: 'object', properties: { related: { type: ['string', 'null'] } } },
      data: { oneOf: [identifier, { type: 'array', items: identifier }, { type: 'null' }] },
      meta: { type: 'object' },
    },
  },
  PageLinks: {
    type: 'object',
    description: 'Only on lists with `page[number]` or `page[cursor]`.',
    properties: {
      ...Object.fromEntries(['self', 'prev', 'next', 'first', 'last'].map((name) => [name, { type: ['string', 'null'] }])),
      meta: { type: 'object', properties: { pages: { type: 'integer' }, count: { type: 'integer' } } },
    },
  },
  Errors: {
    type: 'object',
    required: ['errors'],
    properties: {
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['title', 'detail'],
          properties: {
            title: { type: 'string' },
            detail: { type: 'string' },
            code: { type: 'string' },
            source: {
              type: 'object',
              properties: { pointer: { type: 'string' }, parameter: { type: 'string' }, header: { type: 'string' } },
            },
            links: { type: 'object', properties: { about: { type: 'string' }, redirect: { type: 'string' } } },
          },
        },
      },
      meta: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
    },
  },
};
