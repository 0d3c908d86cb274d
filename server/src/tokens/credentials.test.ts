import { describe, expect, test } from 'vitest';
import { parseQuery } from '../kernel/http/query.ts';
import { credentialsOf, schemeOf } from './credentials.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const quotedInLines = `Basic "${Buffer.from('ada@example.com:a long correct horse')
  .toString('base64')
  .replace(/(.{8})/g, '$1\n')}"`;
const token = (secret: string) => ({ kind: 'token', secret });
const license = (key: string) => ({ kind: 'license', key });
const none = { kind: 'none' };

const at = (authorization: string | undefined, query = '', signIn = false) => credentialsOf({ authorization, query: parseQuery(query), signIn });

describe('exactly one credential is chosen', () => {
  test.each([
    ['Bearer abc', '', token('abc')],
    ['bEARER abc', '', token('abc')],
    ['Token abc', '', token('abc')],
    ['Bearer "abc"', '', token('abc')],
    ['Token token="abc"', '', token('abc')],
    ['Bearer token=abc', '', token('abc')],
    ['Token token="abc", nonce="x"', '', token('abc')],
    ['Token token=abc;x', '', token('abc')],
    ['Token token=abc\tx', '', token('abc')],
    ['Bearer', '', none],
    ['Bearer ""', '', none],
    ['Bearer ', 'token=xyz', none],
    ['License a key with: everything', '', license('a key with: everything')],
    ['license KEY', '', license('KEY')],
    ['License', 'auth=license:other', none],
    [basic('license:the:key'), '', license('the:key')],
    [basic('license:'), '', none],
    [basic('license'), '', token('license')],
    [basic('token:abc'), '', token('abc')],
    [basic('token:'), '', none],
    [basic('abc:ignored'), '', token('abc')],
    [basic('abc:'), '', token('abc')],
    [basic('abc'), '', token('abc')],
    [basic(':abc'), '', none],
    [basic(''), '', none],
    ['Basic !?*', '', none],
    [basic('ada@example.com:secret'), '', token('ada@example.com')],
    [basic('a').replace(/=+$/, ''), '', token('a')],
    ['Digest abc', 'token=xyz', token('xyz')],
    [undefined, 'token=xyz', token('xyz')],
    [undefined, 'auth=xyz', token('xyz')],
    [undefined, 'auth=abc&token=xyz', token('xyz')],
    [undefined, 'auth=abc&token=', token('abc')],
    [undefined, 'auth=license:a:b', license('a:b')],
    [undefined, 'auth=token:abc', token('abc')],
    [undefined, 'token=abc:def', token('abc')],
    [undefined, 'token=%20', none],
    [undefined, 'token[]=abc', none],
    ['Bearer abc', 'token=xyz', token('abc')],
    [Buffer.from([0x42, 0x65, 0x61, 0x72, 0x65, 0x72, 0x20, 0xff]).toString('latin1'), '', { kind: 'garbled' }],
    [`Basic ${Buffer.from([0x61, 0xff, 0x3a]).toString('base64')}`, '', { kind: 'garbled' }],
  ])('%j with ?%s: %j', (authorization, query, expected) => {
    expect(at(authorization, query)).toEqual(expected);
  });
});

describe('on a sign-in', () => {
  test.each([
    [basic('ada@example.com:se:cret'), { kind: 'password', email: 'ada@example.com', password: 'se:cret' }],
    [basic('ada@example.com:'), { kind: 'password', email: 'ada@example.com', password: '' }],
    [quotedInLines, { kind: 'password', email: 'ada@example.com', password: 'a long correct horse' }],
    [basic('ada@example.com'), token('ada@example.com')],
    [basic('ada:secret'), token('ada')],
    [basic('license:key@x'), license('key@x')],
  ])('%j: %j', (authorization, expected) => {
    expect(at(authorization, '', true)).toEqual(expected);
  });
});

test.each([
  ['bearer x', 'Bearer'],
  ['DIGEST x', 'Digest'],
  ['', null],
  [undefined, null],
])('the scheme of %j is answered as %j', (authorization, scheme) => {
  expect(schemeOf(authorization)).toBe(scheme);
});
