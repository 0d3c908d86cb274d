import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Float, stringifyJson } from '../http/json.ts';
import { isSensitive, mask, maskedJson } from './masking.ts';

describe('masks', () => {
  test.each<[object, object]>([
    [{ password: 'supersecretpassword' }, { password: 's...d' }],
    [{ otp: 123456 }, { otp: '1...6' }],
    [{ token: [null, 'abcdefghij'] }, { token: [null, 'a...j'] }],
    [{ auth: { apiKey: 'topsecretapikey12345' } }, { auth: { apiKey: 'tops...2345' } }],
    [{ secret: '' }, { secret: '...' }],
    [{ secret: 'x' }, { secret: '...' }],
    [{ secret: 'xy' }, { secret: 'x...y' }],
    [{ secret: 'a'.repeat(19) }, { secret: 'a...a' }],
    [{ secret: 'ü'.repeat(20) }, { secret: 'üüüü...üüüü' }],
    [
      { privateThing: true, keyless: false, salt: null },
      { privateThing: true, keyless: false, salt: null },
    ],
    [{ encrypted: { a: { b: 'cd' } } }, { encrypted: { a: { b: 'c...d' } } }],
    [{ data: [{ key: 'ABCDEF', name: 'x' }] }, { data: [{ key: 'A...F', name: 'x' }] }],
    [{ list: [[{ key: 'ABCDEF' }]] }, { list: [[{ key: 'ABCDEF' }]] }],
    [
      { key: new Float(1), name: new Float(2) },
      { key: '1...0', name: new Float(2) },
    ],
    [{ authenticationStrategy: 'TOKEN' }, { authenticationStrategy: 'T...N' }],
    [{ relationships: { tokens: { links: { related: '/v1/accounts/acme/x' } } } }, { relationships: { tokens: { links: { related: '/...x' } } } }],
  ])('%j', (given, masked) => {
    expect(mask(given)).toEqual(masked);
  });

  test.each(['passw', 'digest', 'priv', 'key', 'token', 'secret', 'crypt', 'salt', 'certificate', 'otp', 'redirect', 'cvv', 'cvc', 'ssn', 'auth'])(
    'what is called after %s',
    (word) => {
      expect(isSensitive(`x${word.toUpperCase()}y`)).toBe(true);
    },
  );

  test('no sensitive text of three characters or more survives, at any depth of objects and lists of objects', () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.record({ token: fc.constant('verysecretvalue') }),
        fc.record({ a: tie('node') }),
        fc.array(tie('object'), { maxLength: 3 }),
      ),
      object: fc.record({ a: tie('node') }),
    })).object;
    fc.assert(fc.property(tree, (value) => !JSON.stringify(mask(value)).includes('verysecretvalue')));
  });

  test('in the text of a value what masking the value would', () => {
    const key = fc.constantFrom('key', 'token', 'name', 'keys', 'a');
    const leaf = fc.oneof(
      fc.constantFrom('abc', '...', '"key":"abc"', 1, 12, null, true, 5n, undefined),
      fc.string(),
      fc.constant(new Float(2)),
      fc.constant(new Date(0)),
    );
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(key, tie('node'), { maxKeys: 4 })),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, node, { maxKeys: 5 }), (value) => {
        expect(maskedJson(value, stringifyJson(value))).toBe(stringifyJson(mask(value)));
      }),
      { numRuns: 2000 },
    );
  });
});
