import { describe, expect, test } from 'vitest';
import { routes, versionChanges } from '../../app.ts';
import { ApiError } from '../http/errors.ts';
import type { Document, ResourceObject } from '../jsonapi/document.ts';
import { rename, type VersionChange, versionChange } from './change.ts';
import { Versions } from './registry.ts';
import { apiVersions, currentVersion } from './supported.ts';

/** Not a structured clone: what stands in two places is two things afterwards. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const unseen = ({ older: _, ...resource }: ResourceObject): ResourceObject => resource;
const foreign: ResourceObject = { id: 'F', type: 'foreigners', attributes: { name: 'a' }, relationships: { owner: { data: null } } };

describe('every change of a version', () => {
  const changes = new Versions(versionChanges).changes;
  const withExample = changes.flatMap((change) => (change.example ? [[change.name, change, change.example] as const] : []));
  const routeOf = (change: VersionChange) => (change.on === 'all' ? 'any' : routes.find(({ name }) => names(change, name))!.name);

  test.each(changes.map((change) => [change.name, change] as const))('%s is named, placed and told in one sentence', (name, change) => {
    expect(name).toMatch(/^1\.\d-[a-z0-9-]+$/);
    expect(name.startsWith(`${change.until}-`)).toBe(true);
    expect(apiVersions).toContain(change.until);
    expect(change.until < currentVersion).toBe(true);
    expect(change.says).toMatch(/^[A-Z`].*\.$/);
    expect(change.row).toBeGreaterThan(0);
    if (change.resources || change.everyResource) expect(change.example, 'an example that is its test').toBeDefined();
    expect(changes.filter((other) => other.row === change.row && other.until === change.until)).toHaveLength(1);
  });

  test.each(withExample)(
    '%s does what its example shows: single, in a list, in `included`, and to no other type',
    (_, change, [before, after, included = after]) => {
      const alone = new Versions([change]);
      const elsewhere = (then: ResourceObject) => (change.single ? unseen(before) : then);
      const inDocument = (
        make: (resource: ResourceObject, other: ResourceObject) => Document,
        then: ResourceObject[] = [elsewhere(after), elsewhere(included)],
      ): void => {
        for (const apply of [
          (document: Document) => alone.response(document, routeOf(change), change.until),
          ...(change.responsesOnly ? [] : [(document: Document) => alone.data(document, change.until)]),
        ]) {
          const document = copy(make(before, before));
          apply(document);
          expect(document).toEqual(make(then[0]!, then[1]!));
        }
      };
      inDocument((resource) => ({ data: resource }), [after, included]);
      inDocument((resource) => ({ data: [resource, resource] }));
      inDocument((_resource, other) => ({ data: null, included: [other] }));
      if (change.everyResource) return;
      inDocument((resource, other) => ({ data: [foreign, resource, foreign], included: [foreign, other] }));
      const stranger = { ...copy(before), type: 'foreigners' };
      const document: Document = { data: copy(stranger) };
      alone.response(document, routeOf(change), change.until);
      expect(document.data).toEqual(unseen(stranger));
    },
  );

  test.each(withExample)('%s leaves newer versions alone', (_, change, [before]) => {
    const newer = apiVersions.filter((version) => version > change.until);
    const expected = unseen(before);
    for (const version of newer) {
      const document: Document = { data: copy(before) };
      new Versions([change]).response(document, routeOf(change), version);
      expect(document.data).toEqual(expected);
    }
  });

  test('names only routes that there are', () => expect(() => new Versions(versionChanges).checkRoutes(routes.map(({ name }) => name))).not.toThrow());
});

/** Whether a change is one of a route, asked of the registry: it has no other face. */
function names(change: VersionChange, route: string): boolean {
  try {
    new Versions([{ ...change, on: (change.on as readonly string[]).slice() }]).checkRoutes([route]);
    return true;
  } catch {
    return (change.on as readonly string[]).some((pattern) => {
      try {
        new Versions([{ ...change, on: [pattern] }]).checkRoutes([route]);
        return true;
      } catch {
        return false;
      }
    });
  }
}

describe('the registry', () => {
  const renaming = (until: string, row: number, from: string, to: string, more: Partial<VersionChange> = {}) =>
    versionChange({
      name: `${until}-${to}`,
      until,
      row,
      says: 'A name.',
      on: ['things.{list,show}', 'things.actions.*'],
      resources: { things: ({ attributes }) => rename(attributes, from, to) },
      ...more,
    });
  const thing = (): Document => ({ data: { id: 'T', type: 'things', attributes: { a: 1, z: 2 } } });
  const changes = [renaming('1.2', 2, 'c', 'd'), renaming('1.5', 9, 'b', 'c'), renaming('1.5', 3, 'a', 'b')];

  test.each([
    ['1.8', 'things.show', ['a', 'z']],
    ['1.6', 'things.show', ['a', 'z']],
    ['1.5', 'things.show', ['c', 'z']],
    ['1.3', 'things.list', ['c', 'z']],
    ['1.2', 'things.actions.run', ['d', 'z']],
    ['1.0', 'things.actions.run', ['d', 'z']],
    ['1.0', 'things.actions.run.deeper', ['a', 'z']],
    ['1.0', 'things.create', ['a', 'z']],
    ['1.0', 'other.things.show', ['a', 'z']],
  ])('at %s %s shows %j: newest first, then in the order of the rows, members in their places', (version, route, expected) => {
    const document = thing();
    new Versions(changes).response(document, route, version);
    expect(Object.keys((document.data as ResourceObject).attributes)).toEqual(expected);
  });

  test.each([
    ['1.5', undefined, ['c', 'z']],
    ['1.2', undefined, ['d', 'z']],
    ['1.2', '1.5', ['a', 'z']],
    ['1.8', undefined, ['a', 'z']],
  ])('data at %s, from %j, is changed by type alone: %j', (version, from, expected) => {
    const document = thing();
    new Versions([...changes, renaming('1.5', 1, 'a', 'never', { responsesOnly: true })]).data(document, version, from);
    const shown = Object.keys((document.data as ResourceObject).attributes);
    expect(shown).toEqual(from === '1.5' ? ['a', 'z'] : expected);
  });

  test('a pattern that names no route stops the start', () => {
    expect(() => new Versions([renaming('1.5', 1, 'a', 'b')]).checkRoutes(['things.list'])).toThrow(/1\.5-b names no route/);
  });

  test('errors are rewritten at their status, on their routes, up to their version', () => {
    const change = versionChange({
      name: '1.5-old-code',
      until: '1.5',
      row: 4,
      says: 'A code.',
      on: ['things.create'],
      errors: { status: 422, rewrite: (error) => Object.assign(error, { code: 'OLD' }) },
    });
    const codeOf = (status: number, route: string, version: string) => {
      const error = new ApiError(status, [{ title: 't', detail: 'd', code: 'NEW' }]);
      new Versions([change]).errors(error, route, version);
      return error.errors[0]!.code;
    };
    expect([
      codeOf(422, 'things.create', '1.5'),
      codeOf(400, 'things.create', '1.5'),
      codeOf(422, 'things.update', '1.5'),
      codeOf(422, 'things.create', '1.6'),
    ]).toEqual(['OLD', 'NEW', 'NEW', 'NEW']);
  });

  test('meta and headers are rewritten too', () => {
    const change = versionChange({
      ...{ name: '1.1-constant', until: '1.1', row: 12, says: 'A name.', on: 'all' as const },
      meta: (meta) => rename(meta, 'code', 'constant'),
      headers: { 'Keygen-Account': 'Keygen-Account-Id' },
    });
    const document: Document = { data: null, meta: { code: 'VALID' } };
    const headers = { 'Keygen-Account': 'A', Other: 'B' };
    const versions = new Versions([change]);
    versions.response(document, 'any', '1.1');
    versions.headers(headers, '1.2');
    expect(headers).toEqual({ 'Keygen-Account': 'A', Other: 'B' });
    versions.headers(headers, '1.1');
    expect([document.meta, headers]).toEqual([{ constant: 'VALID' }, { 'Keygen-Account-Id': 'A', Other: 'B' }]);
  });
});
