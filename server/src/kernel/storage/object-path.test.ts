import { join, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectPath } from './object-path.ts';

const [account, release] = ['4a5bc0de-0000-4000-8000-000000000001', 'e2f1a7c4-2f6d-4b0b-9f57-5d1d3a9b7c11'];
const prefix = `artifacts/${account}/${release}/`;

test('an object is a file of its release, whatever it is called', () => {
  const odd = fc.constantFrom('..', '.', '/', '\\', '\0', '%2F', '%2e%2e', 'C:', '//', '../../../etc/passwd', '/etc/passwd', 'con', 'a'.repeat(300), '\n', 'é');
  const names = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.array(odd, { minLength: 1 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(names, (name) => {
      const path = objectPath(`${prefix}${name}`)!;
      expect(path.slice(0, 2)).toEqual([account, release]);
      expect(path[2]).toMatch(/^[0-9a-f]{32}-[A-Za-z0-9._-]{0,100}$/);
      expect(join('/root', ...path).split(sep)).toEqual(['', 'root', ...path]);
    }),
  );
});

test('two objects are two files, also where names differ in case, or one is as a directory of the other', () => {
  const names = ['app', 'App', 'app/x', 'x/app', 'x/../app', 'app/', './app', 'a', '%61'];
  const files = names.map((name) => objectPath(`${prefix}${name}`)![2].toLowerCase());
  expect(new Set(files).size).toBe(names.length);
});

test.each([
  '',
  'artifacts',
  prefix,
  `artifacts/${account}/../${release}/x`,
  `artifacts/../${account}/x/y`,
  `/artifacts/${account}/${release}/x`,
  `x${prefix}x`,
])('nothing is called %j', (key) => expect(objectPath(key)).toBeUndefined());

test('people can read which file is which', () => expect(objectPath(`${prefix}mac/Night ingale.dmg`)![2]).toMatch(/-Night_ingale\.dmg$/));
