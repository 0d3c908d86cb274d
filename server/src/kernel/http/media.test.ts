import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyKind, type DefaultFormat, isElectronUpload, type MediaClass, negotiate } from './media.ts';
import { WireError } from './wire-error.ts';

const jsonApi = 'application/vnd.api+json; charset=utf-8';
const json = 'application/json; charset=utf-8';
const html = 'text/html; charset=utf-8';
const text = 'text/plain; charset=utf-8';
const refusal = expect.objectContaining({ name: 'WireError', code: 'MIME_TYPE_INVALID' });

describe('response types of API routes (spec/http.md 3.1, 3.2)', () => {
  test.each<[string | undefined, string]>([
    [undefined, jsonApi],
    ['', jsonApi],
    ['*/*', jsonApi],
    ['*', jsonApi],
    ['application/octet-stream', jsonApi],
    ['application/json', json],
    ['application/json, text/plain, */*', json],
    ['*/*, application/json, text/plain', json],
    ['text/plain, application/vnd.api+json, application/json', jsonApi],
    ['text/plain, application/json, application/html', json],
    ['*/*; q=0.5, application/xml', jsonApi],
    ['application/vnd.api+json', jsonApi],
    ['application/vnd.keygen+json, application/json', jsonApi],
    ['text/x-json', json],
    ['application/jsonrequest', json],
    ['APPLICATION/JSON', json],
    ['application/*', json],
    ['application/json; q=0.1, application/vnd.api+json; q=0.9', jsonApi],
    ['application/json;q=0.9,application/vnd.api+json;q=0.9', json],
    ['application/vnd.api+json; profile="https://example.com/a b"', jsonApi],
    ['application/json,,', json],
    ['text/plain, application/json', json],
  ])('Accept: %s', (accept, contentType) => {
    expect(negotiate(accept, undefined, 'GET', 'A')).toEqual({ contentType, format: 'json' });
  });

  test.each([
    'text/html',
    'text/plain',
    'text/*',
    'application/xml',
    'text/plain, text/html',
    'foo',
    'application/json, foo',
    'a/b/c',
    'constructor',
    '/',
    'application/ json',
  ])('Accept: %s is refused', (accept) => {
    expect(() => negotiate(accept, undefined, 'GET', 'A')).toThrow(refusal);
  });

  test('only class A serves octet streams', () => {
    expect(negotiate('application/octet-stream', undefined, 'GET', 'A').contentType).toBe(jsonApi);
    expect(() => negotiate('application/octet-stream', undefined, 'GET', 'B')).toThrow(refusal);
  });

  test.each(['application/xml', 'text/html', 'text/plain', '*', 'foo', 'application/octet-stream'])('class any takes %s', (accept) => {
    expect(negotiate(accept, 'foo', 'GET', 'any').contentType).toBe(jsonApi);
  });
});

describe('response types without Accept (spec/http.md 3.1 rule 5)', () => {
  test.each<[string, string | undefined, string]>([
    ['POST', undefined, json],
    ['POST', ' ', json],
    ['POST', 'text/plain', json],
    ['DELETE', 'application/x-www-form-urlencoded; charset=utf-8', json],
    ['PATCH', 'application/json; charset=utf-8', json],
    ['POST', 'application/vnd.api+json; charset=utf-8', jsonApi],
    ['POST', 'application/vnd.keygen+json', jsonApi],
    ['POST', 'application/octet-stream', jsonApi],
    ['GET', undefined, jsonApi],
    ['GET', 'application/json', json],
  ])('without Accept, %s of %s is answered by its own type (3.1 rule 5)', (method, own, contentType) => {
    expect(negotiate(undefined, own, method, 'A').contentType).toBe(contentType);
    expect(negotiate(' ', own, method, 'A').contentType).toBe(contentType);
  });

  test.each([
    ['POST', 'application/xml'],
    ['GET', 'text/plain'],
    ['GET', 'vnd.api+xml'],
  ])('without Accept, %s of %s is refused', (method, own) => {
    expect(() => negotiate(undefined, own, method, 'A')).toThrow(refusal);
  });
});

describe('other classes and defaults (spec/engines.md 2.3)', () => {
  test('a default of plain JSON yields to a client that names JSON:API', () => {
    expect(negotiate('*/*', undefined, 'GET', 'A', 'json').contentType).toBe(json);
    expect(negotiate('application/vnd.api+json', undefined, 'GET', 'A', 'json').contentType).toBe(jsonApi);
  });

  const pip = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01';
  const npm = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';
  test.each<[MediaClass, DefaultFormat, string | undefined, string | null]>([
    ['html', 'html', undefined, html],
    ['html', 'html', pip, html],
    ['html', 'html', 'text/*', html],
    ['html', 'html', 'application/json', null],
    ['text', 'text', '*/*', text],
    ['text', 'text', 'text/html', null],
    ['json', 'json', npm, json],
    ['json', 'json', 'application/*', json],
    ['json', 'json', 'text/html', null],
    ['json-or-binary', 'json', 'application/octet-stream', json],
    ['any', 'json', 'text/html', json],
    ['any', 'jsonapi', 'application/json', json],
  ])('%s with default %s, Accept: %s', (mediaClass, byDefault, accept, contentType) => {
    const ask = () => negotiate(accept, undefined, 'GET', mediaClass, byDefault);
    if (contentType === null) expect(ask).toThrow(refusal);
    else expect(ask().contentType).toBe(contentType);
  });

  test.each<[string | undefined, string, string]>([
    [undefined, html, 'html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', html, 'html'],
    ['text/plain', text, 'text'],
    ['*/*', jsonApi, 'json'],
    ['application/json, text/html', json, 'json'],
    ['application/vnd.api+json', jsonApi, 'json'],
    ['foo', jsonApi, 'json'],
  ])('a path without route, Accept: %s (3.3)', (accept, contentType, format) => {
    expect(negotiate(accept, 'application/json', 'POST', 'unmatched')).toEqual({ contentType, format });
  });
});

describe('request types (spec/http.md 3.4)', () => {
  test.each([undefined, '', '  ', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain;charset=UTF-8'])(
    '%s is parsed',
    (type) => {
      expect(bodyKind(type)).toBe('json');
    },
  );
  test.each([
    'application/json',
    'Application/JSON ; charset=utf-8',
    'text/x-json',
    'application/jsonrequest',
    'application/vnd.api+json',
    'application/vnd.keygen+json',
  ])('%s is parsed', (type) => {
    expect(bodyKind(type)).toBe('json');
  });
  test.each(['application/xml', 'application/octet-stream', 'image/png; x=y'])('%s is not parsed', (type) => {
    expect(bodyKind(type)).toBe('none');
  });
  test.each(['vnd.api+xml', 'a/b/c', '/', ';charset=utf-8', 'application/', 'applic ation/json'])('%s is refused', (type) => {
    expect(() => bodyKind(type)).toThrow(refusal);
  });

  test.each([
    ['PUT', '/v1/releases/x/artifact', 'electron-builder', true],
    ['PUT', '/v1/releases/x/artifact', 'electron-builder/22', true],
    ['POST', '/v1/releases/x/artifact', 'electron-builder', false],
    ['PUT', '/v1/releases/x/artifacts', 'electron-builder', false],
    ['PUT', '/v1/releases/x/artifact', 'my electron-builder', false],
    ['PUT', '/v1/releases/x/artifact', undefined, false],
  ])('%s %s by %s is an electron upload: %s', (method, path, agent, expected) => {
    expect(isElectronUpload(method, path, agent)).toBe(expected);
  });
});

test('whatever headers come, only WireError is thrown', () => {
  const header = fc.option(
    fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('a', '/', '*', ',', ';', 'q=', '0.5', ' ', 'json')).map((parts) => parts.join('')),
    ),
    { nil: undefined },
  );
  fc.assert(
    fc.property(header, header, fc.constantFrom('GET', 'POST'), fc.constantFrom<MediaClass>('A', 'any', 'unmatched'), (accept, own, method, mediaClass) => {
      for (const run of [() => negotiate(accept, own, method, mediaClass), () => bodyKind(own)]) {
        try {
          run();
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }),
  );
});
