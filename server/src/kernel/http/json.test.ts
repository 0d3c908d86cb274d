import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Float, type Json, jsonType, parseJson, stringifyJson } from './json.ts';
import { maximumDepth, parseTolerant } from './json-tolerant.ts';
import { WireError } from './wire-error.ts';

const parse = (text: string | Buffer) => parseJson(Buffer.from(text as string));
const refusal = expect.objectContaining({ name: 'WireError', code: 'JSON_INVALID' });

describe('JSON syntax that is taken (spec/http.md 4.1)', () => {
  test.each<[string, string, Json]>([
    ['block comment before a value', '{"a": /*x*/null}', { a: null }],
    ['block comment over a member', '{"a": 1/*, "b": 2*/}', { a: 1 }],
    ['block comment that holds quotes and stars', '/** "*" **/{"a":1}', { a: 1 }],
    ['line comment', '{"a": 1 // one\n}', { a: 1 }],
    ['comment behind the value', '{"a":1} // end', { a: 1 }],
    ['what looks like a comment in a text', '{"a":"/*x*/ //"}', { a: '/*x*/ //' }],
    ['line feed in a text', '{"key": "{\n  \\"id\\": 1\n}"}', { key: '{\n  "id": 1\n}' }],
    ['tab and other controls in a text', '{"a":"\t\u0001\u0000"}', { a: '\t\u0001\u0000' }],
    ['unknown escape in a key', '{"role\\x0d": 1, "ro\\le": 2}', { rolex0d: 1, role: 2 }],
    ['unknown escape of a letter beyond the BMP', '{"a":"\\😀"}', { a: '😀' }],
    ['known escapes', '{"a\\l":"\\b\\f\\n\\r\\t\\/\\\\\\"\\u00e9"}', { al: '\b\f\n\r\t/\\"é' }],
    ['surrogate pair', '{"a":"\\ud83d\\uDE00"}', { a: '😀' }],
    ['duplicate key', '{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
    ['duplicate key beside a comment', '{"a":1,/**/"a":3}', { a: 3 }],
    ['list at the top', '[1,2]', { data: [1, 2] }],
    ['scalar at the top', '"x"', { data: 'x' }],
    ['null at the top', 'null', { data: null }],
    ['float at the top', '1.0', { data: new Float(1) }],
    ['escaped NUL', '{"a":"\\u0000"}', { a: '\u0000' }],
    ['empty body', '', {}],
    ['empty containers', '{"a":{},"b":[]/**/}', { a: {}, b: [] }],
  ])('accepts: %s', (_, text, expected) => {
    expect(parse(text)).toStrictEqual(expected);
  });
});

describe('JSON syntax that is refused (spec/http.md 4.1)', () => {
  test.each([
    ['comment that swallows the value', '{"a": /*, "b": 1 */ }'],
    ['comment without an end', '{"a":1} /*'],
    ['lone slash', '{"a":1} /'],
    ['lone high surrogate', '{"a":"\\ud888"}'],
    ['lone low surrogate', '{"a":"\\udc00"}'],
    ['high surrogate before another letter', '{"a":"\\ud888x"}'],
    ['high surrogate before another escape', '{"a":"\\ud888\\u0041"}'],
    ['high surrogate before a malformed escape', '{"a":"\\ud888\\udc0"}'],
    ['lone surrogate in a key', '{"\\ud888":1}'],
    ['malformed \\u escape', '{"a":"\\u12"}'],
    ['single-quoted key', "{'a':1}"],
    ['single-quoted text', '{"a":\'b\'}'],
    ['unquoted key', '{a:1}'],
    ['comma behind the last member', '{"a":1,}'],
    ['comma behind the last item', '[1,]'],
    ['comma behind the last member and a comment', '{"a":1, /* "b": 2 */ }'],
    ['missing brace', '{"a":1'],
    ['missing bracket', '{"a":[1}'],
    ['missing colon', '{"a" 1}'],
    ['missing value', '{"a":}'],
    ['text without an end', '{"a":"b'],
    ['backslash at the end', '{"a":"b\\'],
    ['text behind the value', '{"a":1}='],
    ['second value', '{}{}'],
    ['white space alone', ' '],
    ['comment alone', '/**/'],
    ['leading zero', '{"a":01}'],
    ['plus sign', '{"a":+1}'],
    ['point without digits', '{"a":1.}'],
    ['NaN', '{"a":NaN}'],
    ['word in capitals', '{"a":True}'],
    ['word with a tail', '{"a":nullx}'],
    ['float that no double holds', '{"a":1e400}'],
    ['byte order mark', '\ufeff{}'],
    ['Windows-1252 bytes', Buffer.from('{"a":"caf\u00e9"}', 'latin1')],
    ['bad bytes in a comment', Buffer.from('{"a":1/*\u00e9*/}', 'latin1')],
  ])('refuses: %s', (_, text) => {
    expect(() => parse(text)).toThrow(refusal);
  });
});

describe('numbers (spec/http.md 4.1)', () => {
  test.each<[string, Json, string]>([
    ['1', 1, 'integer'],
    ['-12', -12, 'integer'],
    ['9007199254740991', 9007199254740991, 'integer'],
    ['9007199254740993', 9007199254740993n, 'integer'],
    ['46116860184273879031', 46116860184273879031n, 'integer'],
    ['-46116860184273879031', -46116860184273879031n, 'integer'],
    ['1.0', new Float(1), 'float'],
    ['-0.0', new Float(-0), 'float'],
    ['1e3', new Float(1000), 'float'],
    ['1E+2', new Float(100), 'float'],
    ['0.5', 0.5, 'float'],
    ['125e-2', 1.25, 'float'],
  ])('%s is kept as it is meant', (text, expected, type) => {
    for (const body of [`{"a":${text}}`, `{"a":[${text}]}`, `{"a": [0,${text}]}`, `{"a":\n${text}/**/}`])
      expect([parse(body).a].flat().at(-1)).toStrictEqual(expected);
    expect(jsonType(expected)).toBe(type);
  });

  test('an absurdly long integer is refused, not converted in quadratic time', () => {
    expect(parse(`{"a":${'9'.repeat(20_000)}}`).a).toBeTypeOf('bigint');
    expect(() => parse(`{"a":${'9'.repeat(3_000_000)}}`)).toThrow(refusal);
  });
});

test.each<[Json, string]>([
  [null, 'null'],
  [[], 'array'],
  [{}, 'object'],
  ['', 'string'],
  [false, 'boolean'],
])('the type of %j is called %s', (value, type) => {
  expect(jsonType(value)).toBe(type);
});

describe('hostile bodies', () => {
  const nest = (levels: number, open: string, close: string, inner = '') => open.repeat(levels) + inner + close.repeat(levels);

  test.each([
    ['lists', '[', ']', ''],
    ['objects', '{"a":', '}', '1'],
    ['lists with a comment', '[', ']', '/**/'],
  ])('%s nest to the limit and no further', (_, open, close, inner) => {
    expect(() => parse(nest(maximumDepth, open, close, inner))).not.toThrow();
    expect(() => parse(nest(maximumDepth + 1, open, close, inner))).toThrow(refusal);
    expect(() => parse(nest(200_000, open, close, inner))).toThrow(refusal);
    expect(() => parse(open.repeat(200_000))).toThrow(refusal);
  });

  test('brackets in texts are no nesting', () => {
    const text = `\\"${'[{'.repeat(2000)}\\\\`;
    expect(parse(`{"a":"${text}"}`).a).toBe(`"${'[{'.repeat(2000)}\\`);
  });

  test.each(['{"__proto__":{"admin":true}}', '{"__proto__":{"admin":true}/**/}'])('__proto__ is an ordinary key in %s', (text) => {
    const body = parse(text);
    expect(Object.keys(body)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect('admin' in body).toBe(false);
  });
});

describe('writing', () => {
  test.each([
    [{ a: 46116860184273879031n, b: [-1n] }, '{"a":46116860184273879031,"b":[-1]}'],
    [{ a: new Float(1), b: 1n }, '{"a":1.0,"b":1}'],
    [new Float(1e21), '1e+21'],
    [{ a: 1.5, b: 'x', c: undefined }, '{"a":1.5,"b":"x"}'],
  ])('writes %o exactly', (value, text) => {
    expect(stringifyJson(value)).toBe(text);
  });

  test('a circle is a TypeError, with BigInts too', () => {
    const circle: { [key: string]: unknown } = { n: 1n };
    circle.self = circle;
    expect(() => stringifyJson(circle)).toThrow(TypeError);
  });
});

const plain = (value: Json): unknown => {
  if (value instanceof Float) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) : value;
};

describe('properties', () => {
  test('the native and the tolerant parser agree on any valid JSON', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'grapheme' }), fc.constantFrom(0, 2), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(plain(parseTolerant(spaced))).toEqual(JSON.parse(spaced));
        expect(plain(parseJson(Buffer.from(`{"x":${spaced}}`)).x!)).toEqual(JSON.parse(spaced));
      }),
    );
  });

  test('what is written is read back as the same values', () => {
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.bigInt().map((n) => (n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n)),
        fc.integer().map((n) => new Float(n)),
        fc.constantFrom<Json>(null, true, false, 0.1, -2.5e-7),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        expect(parseJson(Buffer.from(stringifyJson({ value })))).toEqual({ value });
      }),
    );
  });

  test('whatever comes, only WireError is thrown', () => {
    const fragments = fc.constantFrom(...'{}[]":,1-. \\\n\u0000', '\\u', 'd83d', '/*', '*/', '//', 'e5', 'null');
    const bytes = fc.oneof(
      fc.uint8Array().map((array) => Buffer.from(array)),
      fc.array(fragments, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        try {
          parseJson(body);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
