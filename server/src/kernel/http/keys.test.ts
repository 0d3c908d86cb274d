import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Float, parseJson } from './json.ts';
import { camelKey, camelKeys, snakeKey, snakeKeys } from './keys.ts';
import { memoise } from './memo.ts';

describe('keys inside (spec/http.md 4.2)', () => {
  test.each([
    ...['firstName', 'FirstName', 'first_name', 'first-name', 'first name', 'FIRST_NAME', '__first__name__', 'first::name'].map((key) => [key, 'first_name']),
    ['HTTPServer', 'http_server'],
    ['myHTTPServer2Go', 'my_http_server2_go'],
    ['ROLE', 'role'],
    ['RoLe', 'ro_le'],
    ['rolex0d', 'rolex0d'],
    ['example key 4', 'example_key_4'],
    ['ExampleKey2', 'example_key2'],
    ['foo-bar', 'foo_bar'],
    ['user.id', 'user_id'],
    ['number=', 'number'],
    ['Café Crème', 'cafe_creme'],
    ['cafe\u0301', 'cafe'],
    ['Straße', 'strasse'],
    ['ŁódźØreÆon', 'lodzøreæon'.replace('ø', 'o').replace('æ', 'ae')],
    ['tiếng', 'tieng'],
    ['a日本b', 'a_b'],
    ['日本', ''],
    ['__proto__', 'proto'],
    ['', ''],
  ])('%s becomes %s', (key, expected) => {
    expect(snakeKey(key)).toBe(expected);
  });

  test('a normalised key stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(snakeKey(snakeKey(key))).toBe(snakeKey(key));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('keys outside (spec/http.md 4.2)', () => {
  test.each([
    ['max_machines', 'maxMachines'],
    ['example_key_1', 'exampleKey1'],
    ['ro_le', 'roLe'],
    ['unpermitted_param', 'unpermittedParam'],
    ['role', 'role'],
    ['maxMachines', 'maxMachines'],
    ['Foo_BAR', 'fooBar'],
    ['', ''],
  ])('%s becomes %s', (key, expected) => {
    expect(camelKey(key)).toBe(expected);
  });
});

describe('whole documents', () => {
  test('keys change at every depth, values never, and of equal keys the last one sent wins', () => {
    const body = parseJson(Buffer.from('{"data":{"firstName":"firstName","list":[{"HTTPServer":1.0}],"first_name":"B","big":46116860184273879031}}'));
    expect(snakeKeys(body)).toStrictEqual({ data: { first_name: 'B', list: [{ http_server: new Float(1) }], big: 46116860184273879031n } });
  });

  test('the order in which the client wrote the keys is kept', () => {
    expect(Object.keys(snakeKeys({ zeta: 1, alphaBeta: 2, mid: 3 }))).toEqual(['zeta', 'alpha_beta', 'mid']);
  });

  test('metadata is written in camel case at every depth', () => {
    expect(camelKeys({ example_key_4: { team_lead: [{ a_b: null }] }, n: new Float(2) })).toStrictEqual({
      exampleKey4: { teamLead: [{ aB: null }] },
      n: new Float(2),
    });
  });

  test('a stored __proto__ changes no prototype', () => {
    const result = camelKeys(parseJson(Buffer.from('{"__proto__":{"admin":true}}')));
    expect('admin' in result).toBe(false);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});

test('a memo forgets when it is full, keeps no long texts, and is right throughout', () => {
  let calls = 0;
  const length = memoise((text) => {
    calls += 1;
    return text.length;
  }, 2);
  expect(['a', 'a', 'bb', 'ccc', 'a'].map(length)).toEqual([1, 1, 2, 3, 1]);
  expect(calls).toBe(4);
  expect([length('x'.repeat(999)), length('x'.repeat(999)), calls]).toEqual([999, 999, 6]);
});
