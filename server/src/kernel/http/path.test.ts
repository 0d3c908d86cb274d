import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget, suffixAccept } from './path.ts';
import { WireError } from './wire-error.ts';

describe('slashes (spec/http.md 2.1 rule 1)', () => {
  test.each([
    ['/v1/me', '/v1/me'],
    ['/v1/me/', '/v1/me'],
    ['//v1///me//', '/v1/me'],
    ['/v1/', '/v1'],
    ['/v1/artifacts/', '/v1/artifacts'],
    ['/v1/engines/', '/v1/engines'],
    ['/v1/engines/pypi/', '/v1/engines/pypi'],
    ['/v1/products/x/engines/a//b', '/v1/products/x/engines/a/b'],
    ['/v1/machines/a%2F%2Fb/', '/v1/machines/a%2F%2Fb'],
  ])('%s is routed as %s', (target, route) => {
    expect(parseTarget(target)).toMatchObject({ route, suffix: undefined });
  });

  test.each([
    ['/v1/artifacts/dir//file.tar.gz', '/v1/artifacts/dir//file.tar.gz'],
    ['/v1/accounts/acme//products/x/artifacts/dir//file.tar.gz', '/v1/accounts/acme/products/x/artifacts/dir//file.tar.gz'],
    ['/v1/accounts/acme/artifacts/latest/install.sh/', '/v1/accounts/acme/artifacts/latest/install.sh/'],
    ['/v1//accounts//acme//artifacts//a//b', '/v1/accounts/acme/artifacts/a//b'],
    ['/v1/engines/pypi/simple/', '/v1/engines/pypi/simple/'],
    ['/v1/accounts/acme/engines/rubygems/specs.4.8.gz', '/v1/accounts/acme/engines/rubygems/specs.4.8.gz'],
    ['/', '/'],
    ['//acme//simple/', '//acme//simple/'],
    ['/-/analytics/gauges/events/license.created', '/-/analytics/gauges/events/license.created'],
    ['/v10/me.xml/', '/v10/me.xml/'],
    ['/app/assets/a.b.js', '/app/assets/a.b.js'],
    ['*', '*'],
  ])('%s keeps its end', (target, route) => {
    expect(parseTarget(target)).toMatchObject({ route, suffix: undefined });
  });
});

describe('suffixes (spec/http.md 2.1 rule 2)', () => {
  test.each([
    ['/v1/me.json', '/v1/me', 'json'],
    ['/v1/me.jsonapi/', '/v1/me', 'jsonapi'],
    ['/v1/licenses.json', '/v1/licenses', 'json'],
    ['/v1/artifacts.json', '/v1/artifacts', 'json'],
    ['/v1/accounts/acme.json', '/v1/accounts/acme', 'json'],
    ['/v1/accounts/acme/policies/x.xml', '/v1/accounts/acme/policies/x', 'xml'],
    ['/v1/accounts/machines/products/x.json', '/v1/accounts/machines/products/x', 'json'],
    ['/v1/users/a.b/products/x.json', '/v1/users/a.b/products/x', 'json'],
    ['/v1/licenses/machines/policy.json', '/v1/licenses/machines/policy', 'json'],
    ['/v1/licenses/a.b/actions/validate.json', '/v1/licenses/a.b/actions/validate', 'json'],
    ['/v1/tokens/x.foo.json', '/v1/tokens/x', 'foo.json'],
    ['/v1/tokens/x.', '/v1/tokens/x', ''],
  ])('%s is routed as %s with %s', (target, route, suffix) => {
    expect(parseTarget(target)).toMatchObject({ route, suffix });
  });

  test.each(['machines', 'users', 'licenses', 'releases', 'packages', 'engines', 'artifacts'])('members of %s may have dots', (collection) => {
    for (const base of ['/v1', '/v1/accounts/acme', '/v1/products/a.b']) {
      const path = `${base}/${collection}/1.2.3.json`;
      expect(parseTarget(path)).toMatchObject({ route: path, suffix: undefined });
    }
  });

  test.each([
    [undefined, undefined],
    ['json', 'application/json'],
    ['jsonapi', 'application/vnd.api+json'],
  ])('the suffix %s asks for %s', (suffix, type) => {
    expect(suffixAccept(suffix)).toBe(type);
  });

  test.each(['xml', 'JSON', '', 'foo.json', 'constructor'])('the suffix "%s" is refused', (suffix) => {
    expect(() => suffixAccept(suffix)).toThrow(expect.objectContaining({ name: 'WireError', code: 'MIME_TYPE_INVALID' }));
  });
});

describe('parts and refusals (spec/http.md 8.6, 9.3, 12.2)', () => {
  test.each([
    ['/v1//me/?a[b]=%2f&c', '/v1//me/?a[b]=%2f&c', '/v1//me/', 'a[b]=%2f&c'],
    ['/v1/me', '/v1/me', '/v1/me', ''],
    ['/v1/me?', '/v1/me?', '/v1/me', ''],
    ['', '/', '/', ''],
    ['http://api.example.com/v1/me?x=1', '/v1/me?x=1', '/v1/me', 'x=1'],
    ['http://api.example.com?x=1', '/?x=1', '/', 'x=1'],
    ['/v1/machines/a%0Ab%00', '/v1/machines/a%0Ab%00', '/v1/machines/a%0Ab%00', ''],
    ['/v1/licenses?a=%4', '/v1/licenses?a=%4', '/v1/licenses', 'a=%4'],
  ])('%s', (target, raw, path, query) => {
    expect(parseTarget(target)).toMatchObject({ raw, path, query });
  });

  test.each([
    ['/v1/licenses/a b', 'URI_INVALID'],
    ['/v1/licenses/a|b', 'URI_INVALID'],
    ['/v1/licenses/{id}', 'URI_INVALID'],
    ['/v1/licenses/\u00c3\u00a9', 'URI_INVALID'],
    ['/v1/licenses?name="x"', 'URI_INVALID'],
    ['/v1/licenses/a#b', 'URI_INVALID'],
    ['/v1/licenses/%4', 'URI_INVALID'],
    ['/v1/licenses/%zz', 'URI_INVALID'],
    ['/v1/licenses/%ff', 'ENCODING_INVALID'],
    ['/v1/artifacts/%C3', 'ENCODING_INVALID'],
    ['/app/%ff', 'ENCODING_INVALID'],
  ])('%s is %s', (target, code) => {
    expect(() => parseTarget(target)).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });

  test('whatever comes, only WireError is thrown, and a route is routed to itself', () => {
    const fragments = fc.constantFrom('/', '/v1', '/accounts', '/acme', '/artifacts', '/engines', '/machines', '/x', '.json', '.', '%', '%41', '%ff', '?', ' ');
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
        try {
          const { route } = parseTarget(parts.join(''));
          expect(parseTarget(route).route).toBe(route);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
