import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkParams } from './check-params.ts';
import { ApiError } from './errors.ts';
import { Float, parseJson } from './json.ts';
import { snakeKeys } from './keys.ts';
import {
  array,
  body,
  boolean,
  date,
  integer,
  linkage,
  linkageOrNone,
  linkages,
  metaBody,
  metadata,
  object,
  type Param,
  scalars,
  string,
  time,
  toOneOrNone,
  uuidParam,
} from './params.ts';
import { parseQuery } from './query.ts';

const admin = { role: 'admin', version: '1.8' } as const;
const user = { role: 'user', version: '1.0' } as const;
const id = '01a213ee-2975-7000-83b3-dcb08785da4d';

type Schema = Param<unknown, boolean>;
const sent = (json: unknown) => snakeKeys(parseJson(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))));

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const [{ title, detail, code, source }] = error.errors as [(typeof error.errors)[0]];
    expect([error.status, title, code, error.errors.length]).toEqual([400, 'Bad request', undefined, 1]);
    return `${detail} at ${source!.pointer ?? source!.parameter}`;
  }
}
const check = (schema: Schema, json: unknown, sender: typeof admin | typeof user = admin) => outcome(() => checkParams(schema, sent(json), sender));
const ask = (schema: Schema, query: string, sender: typeof admin | typeof user = admin) =>
  outcome(() => checkParams(schema, parseQuery(query), sender, 'query'));

const product = body('products', {
  id: 'ignored',
  attributes: {
    name: string.required(),
    code: string,
    url: string.nullable(),
    note: string.allowBlank(),
    maxMachines: integer,
    strict: boolean,
    strategy: string.oneOf(['OPEN', 'CLOSED']),
    tags: scalars,
    platforms: array(string),
    metadata,
    secret: string.only(({ role }) => role === 'admin'),
    old: string.only(({ version }) => version <= '1.1').as('code'),
    expiry: time.nullable(),
    pin: string.length(4, 6),
    long: string.length(3, undefined),
    short: string.length(undefined, 3),
    exact: string.length(2, 2),
    owner: uuidParam,
    colours: object({ first: string.required(), second: string }),
  },
  relationships: { group: toOneOrNone('groups') },
});
const of = (attributes: unknown, more: object = {}) => ({ data: { type: 'products', attributes, ...more } });
const named = (attributes: object) => of({ name: 'Rocket', ...attributes });

describe('a body is refused', () => {
  test.each([
    // presence
    [{}, 'is missing at /data'],
    [{ data: {} }, 'is missing at /data/type'],
    [{ data: { type: 'products' } }, 'is missing at /data/attributes'],
    [of({}), 'is missing at /data/attributes/name'],
    [{ data: null }, 'cannot be null at /data'],
    [of(null), 'cannot be null at /data/attributes'],
    [of({ name: null }), 'cannot be null at /data/attributes/name'],
    [named({ colours: {} }), 'is missing at /data/attributes/colours/first'],
    // types
    [{ data: 1 }, 'type mismatch (received integer expected object) at /data'],
    [{ data: [] }, 'type mismatch (received array expected object) at /data'],
    [of('{}'), 'type mismatch (received string expected object) at /data/attributes'],
    [of({ name: 1 }), 'type mismatch (received integer expected string) at /data/attributes/name'],
    [of({ name: 1.5 }), 'type mismatch (received float expected string) at /data/attributes/name'],
    ['{"data":{"type":"products","attributes":{"name":1.0}}}', 'type mismatch (received float expected string) at /data/attributes/name'],
    [of({ name: true }), 'type mismatch (received boolean expected string) at /data/attributes/name'],
    [of({ name: [] }), 'type mismatch (received array expected string) at /data/attributes/name'],
    [of({ name: {} }), 'type mismatch (received object expected string) at /data/attributes/name'],
    [named({ maxMachines: { foo: 'bar' } }), 'type mismatch (received object expected integer) at /data/attributes/maxMachines'],
    [named({ maxMachines: '1' }), 'type mismatch (received string expected integer) at /data/attributes/maxMachines'],
    [
      '{"data":{"type":"products","attributes":{"name":"a","max_machines":1e3}}}',
      'type mismatch (received float expected integer) at /data/attributes/maxMachines',
    ],
    [named({ strict: 'true' }), 'type mismatch (received string expected boolean) at /data/attributes/strict'],
    [named({ strict: 1 }), 'type mismatch (received integer expected boolean) at /data/attributes/strict'],
    [named({ owner: 'x' }), 'type mismatch (received string expected UUID string) at /data/attributes/owner'],
    [named({ owner: `${id}\n` }), 'type mismatch (received string expected UUID string) at /data/attributes/owner'],
    [named({ owner: 7 }), 'type mismatch (received integer expected UUID string) at /data/attributes/owner'],
    [named({ metadata: [] }), 'type mismatch (received array expected object) at /data/attributes/metadata'],
    [named({ platforms: 'a' }), 'type mismatch (received string expected array) at /data/attributes/platforms'],
    [named({ platforms: ['a', 1] }), 'type mismatch (received integer expected string) at /data/attributes/platforms/1'],
    // unknown keys, in the client's spelling made camel case, in the client's order, before anything else
    [of({ unpermitted_param: 1 }), 'unpermitted parameter at /data/attributes/unpermittedParam'],
    [of({ RoLe: 1 }), 'unpermitted parameter at /data/attributes/roLe'],
    [of({ zebra: 1, ape: 2 }), 'unpermitted parameter at /data/attributes/zebra'],
    [{ data: { attributes: { x: 1 } }, jsonapi: {} }, 'unpermitted parameter at /data/attributes/x'],
    [{ jsonapi: {}, data: { attributes: { x: 1 } } }, 'unpermitted parameter at /jsonapi'],
    [{ account_id: id }, 'unpermitted parameter at /accountId'],
    [{ data: { links: {} } }, 'unpermitted parameter at /data/links'],
    [{ data: { relationships: { group: { meta: 1 } } } }, 'unpermitted parameter at /data/relationships/group/meta'],
    [{ data: { relationships: { group: { data: { type: 'groups', id, email: 'x' } } } } }, 'unpermitted parameter at /data/relationships/group/data/email'],
    // blanks
    [of({ name: '' }), 'cannot be blank at /data/attributes/name'],
    [of({ name: ' \t\n' }), 'cannot be blank at /data/attributes/name'],
    [named({ url: '' }), 'cannot be blank at /data/attributes/url'],
    [named({ platforms: [' '] }), 'cannot be blank at /data/attributes/platforms/0'],
    [named({ platforms: ['a', null] }), 'cannot be null at /data/attributes/platforms/1'],
    // constraints
    [{ data: { type: 'users', attributes: { name: 'a' } } }, 'is invalid at /data/type'],
    [{ data: { type: '', attributes: {} } }, 'cannot be blank at /data/type'],
    [named({ strategy: 'open' }), 'is invalid at /data/attributes/strategy'],
    [named({ pin: '123' }), 'length must be between 4 and 6 at /data/attributes/pin'],
    [named({ long: 'ab' }), 'length must be greater than or equal to 3 at /data/attributes/long'],
    [named({ short: 'abcd' }), 'length must be less than or equal to 3 at /data/attributes/short'],
    [named({ exact: 'abc' }), 'length must be equal to 2 at /data/attributes/exact'],
    [named({ tags: [1, [2]] }), 'unpermitted type (expected array of scalar types) at /data/attributes/tags/1'],
    [named({ metadata: { object: { nested: [['deep']] } } }), 'maximum depth of 2 exceeded at /data/attributes/metadata/object/nested/0'],
    [named({ metadata: { a: { b: { c: {} } }, z: [[[[]]]] } }), 'maximum depth of 2 exceeded at /data/attributes/metadata/a/b/c'],
    [named({ expiry: '2024-02-31' }), 'failed to coerce string to time at /data/attributes/expiry'],
    [named({ expiry: true }), 'failed to coerce boolean to time at /data/attributes/expiry'],
    [named({ expiry: 1.5 }), 'failed to coerce float to time at /data/attributes/expiry'],
    [named({ expiry: [] }), 'failed to coerce array to time at /data/attributes/expiry'],
    [named({ expiry: {} }), 'failed to coerce hash to time at /data/attributes/expiry'],
    // the phases: unknown before guards before coercion before presence
    [of({ secret: 1, expiry: true, x: 1 }), 'unpermitted parameter at /data/attributes/x'],
    [of({ expiry: true, old: null }), 'unpermitted parameter at /data/attributes/old'],
    [of({ expiry: true }), 'failed to coerce boolean to time at /data/attributes/expiry'],
    // children in the order of the schema, each before its parent
    [{ data: { attributes: { code: 1 } } }, 'is missing at /data/type'],
    [named({ owner: 1, code: 1 }), 'type mismatch (received integer expected string) at /data/attributes/code'],
    [{ data: { type: 'products', attributes: { name: 'a' }, relationships: { group: {} } } }, 'is missing at /data/relationships/group/data'],
    [
      { data: { type: 'products', attributes: { name: 'a' }, relationships: { group: { data: { type: 'users', id } } } } },
      'is invalid at /data/relationships/group/data/type',
    ],
  ])('%j: %s', (json, expected) => expect(check(product, json)).toBe(expected));

  test('where a sender may not name a parameter, even as null, and is not told that it is missing', () => {
    const schema = metaBody({ secret: string.required().only(({ role }) => role === 'admin'), name: string });
    expect(check(schema, { meta: { secret: null } }, user)).toBe('unpermitted parameter at /meta/secret');
    expect(check(schema, { meta: {} }, admin)).toBe('is missing at /meta/secret');
    expect(check(schema, { meta: { name: 'a' } }, user)).toEqual({ meta: { name: 'a' } });
  });
});

describe('a body is accepted', () => {
  test.each([
    [{ name: 'a' }, { name: 'a' }],
    [
      { name: 'a', code: null, url: null, maxMachines: null },
      { name: 'a', url: null },
    ],
    [
      { name: 'a', note: '' },
      { name: 'a', note: '' },
    ],
    [
      { name: 'a', strict: false, maxMachines: 0 },
      { name: 'a', strict: false, maxMachines: 0 },
    ],
    [
      { NAME: 'a', 'max machines': 3 },
      { name: 'a', maxMachines: 3 },
    ],
    [
      { name: 'a', tags: [1, null, 'x', true] },
      { name: 'a', tags: [1, null, 'x', true] },
    ],
    [
      { name: 'a', tags: [], platforms: [] },
      { name: 'a', tags: [], platforms: [] },
    ],
    [
      { name: 'a', metadata: {} },
      { name: 'a', metadata: {} },
    ],
    [
      { name: 'a', metadata: { aB: { c: { d: 1 } } } },
      { name: 'a', metadata: { a_b: { c: { d: 1 } } } },
    ],
    [
      { name: 'a', owner: id.replaceAll('-', '').toUpperCase() },
      { name: 'a', owner: id },
    ],
    [
      { name: 'a', expiry: '' },
      { name: 'a', expiry: null },
    ],
    [
      { name: 'a', expiry: 'whenever' },
      { name: 'a', expiry: null },
    ],
    [
      { name: 'a', expiry: '2024-02-29' },
      { name: 'a', expiry: new Date('2024-02-29T00:00:00Z') },
    ],
    [
      { name: 'a', expiry: 0 },
      { name: 'a', expiry: new Date(0) },
    ],
    [
      { name: 'a', expiry: '86400' },
      { name: 'a', expiry: new Date(86_400_000) },
    ],
    [
      { name: 'a', pin: '1234' },
      { name: 'a', pin: '1234' },
    ],
  ])('%j', (attributes, expected) => expect(check(product, of(attributes))).toEqual({ data: { type: 'products', attributes: expected, relationships: {} } }));

  test.each(['product', 'products'])('with the type %s', (type) =>
    expect(check(product, { data: { type, attributes: { name: 'a' } } })).toMatchObject({ data: { type } }),
  );
  test('with any id where it is ignored', () => expect(check(product, of({ name: 'a' }, { id: '' }))).toMatchObject({ data: { id: '' } }));
  test('and an alias gives way to the name itself', () => {
    expect(check(product, named({ old: 'x' }), { ...admin, version: '1.1' } as never)).toMatchObject({ data: { attributes: { code: 'x' } } });
    expect(check(product, named({ old: 'x', code: 'y' }), { ...admin, version: '1.1' } as never)).toMatchObject({ data: { attributes: { code: 'y' } } });
  });
  test('and stays as it was sent: what is coerced is a copy', () => {
    const value = sent(named({ expiry: '2024-01-01' }));
    checkParams(product, value, admin);
    expect(value).toEqual(sent(named({ expiry: '2024-01-01' })));
  });
  test('with an integer of any size, exactly', () => {
    const schema = metaBody({ nonce: integer });
    expect(check(schema, '{"meta":{"nonce":46116860184273879031}}')).toEqual({ meta: { nonce: 46116860184273879031n } });
  });
});

describe('linkages', () => {
  test.each([
    [linkage('users'), { data: null }, 'cannot be null at /data'],
    [linkage('users'), { data: { type: 'user', id } }, { data: { type: 'user', id } }],
    [linkage('users'), { data: { type: 'user' } }, 'is missing at /data/id'],
    [linkage('users'), { data: { id } }, 'is missing at /data/type'],
    [linkageOrNone('users'), { data: null }, { data: null }],
    [linkageOrNone('users'), {}, 'is missing at /data'],
    [linkages('users'), { data: [] }, 'length must be between 1 and 100 (inclusive) at /data'],
    [linkages('users'), { data: Array.from({ length: 101 }, () => ({ type: 'users', id })) }, 'length must be between 1 and 100 (inclusive) at /data'],
    [linkages('users'), { data: [{ type: 'users', id }] }, { data: [{ type: 'users', id }] }],
    [
      linkages('users'),
      {
        data: [
          { type: 'users', id },
          { type: 'x', id },
        ],
      },
      'is invalid at /data/1/type',
    ],
    [linkages('users'), { data: [null] }, 'cannot be null at /data/0'],
    [linkages('users', true), { data: [] }, { data: [] }],
    [linkages('users'), {}, 'is missing at /data'],
    [linkages('users'), { data: { type: 'users', id } }, 'type mismatch (received object expected array) at /data'],
    [linkages('users'), [{ type: 'users', id }], { data: [{ type: 'users', id }] }],
  ] as [Schema, unknown, unknown][])('%#: %j gives %j', (schema, json, expected) => expect(check(schema, json)).toEqual(expected));
});

describe('a query', () => {
  const schema = object({
    version: string.required(),
    ttl: integer.coerce(),
    encrypt: boolean.coerce(),
    include: array(string).coerce(),
    date: object({ start: date.required(), end: date.required() }),
    hidden: string.only(({ role }) => role === 'admin'),
  });
  test.each([
    ['', 'is missing at version'],
    ['version=', 'cannot be blank at version'],
    ['version[]=1', 'type mismatch (received array expected string) at version'],
    ['version=1&unknown[x]=1&Version=2', { version: '1' }],
    ['version=1&ttl=3600abc&encrypt=yes', { version: '1', ttl: 3600, encrypt: true }],
    ['version=1&ttl=abc&encrypt=on', { version: '1', ttl: 0, encrypt: false }],
    ['version=1&ttl=', { version: '1' }],
    ['version=1&ttl[]=1', 'failed to coerce array to integer at ttl'],
    ['version=1&include=a,%20b,,c', { version: '1', include: ['a', 'b', 'c'] }],
    ['version=1&include[]=a&include[]=b', { version: '1', include: ['a', 'b'] }],
    ['version=1&include[x]=a', 'failed to coerce hash to array at include'],
    ['version=1&date[start]=2024-01-01', 'is missing at date[end]'],
    ['version=1&date[start]=2024-01-01&date[end]=2024-1-1', 'failed to coerce string to date at date[end]'],
    ['version=1&date[start]=2024-01-01&date[end]=2024-02-30', 'failed to coerce string to date at date[end]'],
    ['version=1&date[start]=2024-01-01&date[end]=2024-01-31', { version: '1', date: { start: '2024-01-01', end: '2024-01-31' } }],
    ['version=1&hidden=x', { version: '1', hidden: 'x' }],
  ])('%s gives %j', (query, expected) => expect(ask(schema, query)).toEqual(expected));
  test('drops silently what its sender may not name', () => expect(ask(schema, 'version=1&hidden=x', user)).toEqual({ version: '1' }));
});

describe('a text is coerced to an integer or a boolean', () => {
  test.each([
    ['1', true],
    ['true', true],
    ['TRUE', true],
    ['t', true],
    ['T', true],
    ['yes', true],
    ['YES', true],
    ['y', true],
    ['Y', true],
    ['on', false],
    ['True', false],
    ['0', false],
  ])('%s: %j', (text, expected) => expect(ask(object({ flag: boolean.coerce() }), `flag=${text}`)).toEqual({ flag: expected }));
  test.each([
    ['{"meta":{"ttl":"7d"}}', { meta: { ttl: 7 } }],
    ['{"meta":{"ttl":-7}}', { meta: { ttl: -7 } }],
    ['{"meta":{"ttl":1.9}}', { meta: { ttl: 1 } }],
    ['{"meta":{"ttl":""}}', { meta: { ttl: null } }],
    ['{"meta":{"ttl":null}}', { meta: { ttl: null } }],
    ['{"meta":{"ttl":true}}', 'failed to coerce boolean to integer at /meta/ttl'],
    ['{"meta":{"ttl":[]}}', 'failed to coerce array to integer at /meta/ttl'],
    ['{"meta":{"ttl":{}}}', 'failed to coerce hash to integer at /meta/ttl'],
  ])('%s', (json, expected) => expect(check(metaBody({ ttl: integer.coerce().nullable() }), json)).toEqual(expected));
});

test('whatever is sent, the answer is a value or one error of the documented form', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const result = check(product, JSON.stringify(json));
      expect(['string', 'object']).toContain(typeof result);
    }),
    { numRuns: 300 },
  );
});

test('a float keeps its kind in free-form values', () => {
  expect(check(product, '{"data":{"type":"products","attributes":{"name":"a","metadata":{"score":1.0}}}}')).toMatchObject({
    data: { attributes: { metadata: { score: new Float(1) } } },
  });
});
