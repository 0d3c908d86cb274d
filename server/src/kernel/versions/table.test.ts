/** The routes of every version change, as spec/http.md 13.4 lists them: no more and no fewer. */
import { expect, test } from 'vitest';
import { routes, versionChanges } from '../../app.ts';
import { ApiError } from '../http/errors.ts';
import type { Document } from '../jsonapi/document.ts';
import type { VersionChange } from './change.ts';
import { Versions } from './registry.ts';

const lists =
  (...parents: string[]) =>
  (type: string) =>
    parents.flatMap((parent) => [`GET /${parent}/:id/${type}`, `GET /${parent}/:id/${type}/:member`]);
const crud = (type: string) => [`GET /${type}`, `GET /${type}/:id`, `POST /${type}`, `PATCH /${type}/:id`];
const actions = (type: string, ...names: string[]) => names.map((name) => `POST /${type}/:id/actions/${name}`);

const policies = [...crud('policies'), ...lists('products')('policies'), 'GET /licenses/:id/policy'];
const validations = ['GET /licenses/:id/actions/validate', 'POST /licenses/:id/actions/validate', 'POST /licenses/actions/validate-key'];

const releases = [...crud('releases'), ...lists('products')('releases')];
const artifacts = [
  ...['GET /artifacts', 'GET /artifacts/*', 'POST /artifacts', 'PATCH /artifacts/*'],
  ...['GET /products/:id/artifacts', 'GET /products/:id/artifacts/*', 'GET /releases/:id/artifacts', 'GET /releases/:id/artifacts/:member'],
];

const rows: Record<number, string[] | 'all'> = {
  1: ['POST /tokens'],
  2: policies,
  3: [
    ...crud('licenses'),
    ...lists('products', 'policies', 'users', 'groups')('licenses'),
    ...validations,
    ...actions('licenses', 'increment-usage', 'decrement-usage', 'reset-usage', 'check-in', 'renew', 'suspend', 'reinstate'),
    'PATCH /licenses/:id/user',
    ...['machines', 'components', 'processes'].map((type) => `GET /${type}/:id/license`),
  ],
  4: ['POST /licenses', 'PATCH /licenses/:id', 'PATCH /licenses/:id/user'],
  5: [
    ...crud('machines'),
    ...lists('licenses', 'products', 'users', 'groups')('machines'),
    ...actions('machines', 'ping', 'ping-heartbeat', 'generate-offline-proof'),
    'PATCH /machines/:id/group',
    ...['components', 'processes'].map((type) => `GET /${type}/:id/machine`),
  ],
  6: 'all',
  7: policies,
  8: policies,
  9: 'all',
  10: ['POST /machines'],
  11: validations,
  12: validations,
  13: [...policies, 'GET /keys/:id/policy'],
  14: releases,
  15: releases,
  16: releases,
  18: artifacts,
  19: artifacts,
};

function nameOf({ methods, path }: { methods: readonly string[]; path: string }): string {
  return `${methods.includes('PATCH') ? 'PATCH' : methods[0]} ${path}`;
}

/** What an answer of the route looks like to a version that knows the change. */
function seen(change: VersionChange, route: string): string {
  const versions = new Versions([change]);
  const data = change.example ? structuredClone(change.example[0]) : null;
  const document: Document = { data, meta: { valid: true, code: 'TOO_MANY_MACHINES' } };
  versions.response(document, route, change.until);
  const codes = ['EMAIL_REQUIRED', 'OWNER_NOT_FOUND'];
  const error = new ApiError(
    change.errors?.status ?? 500,
    codes.map((code) => ({ title: 't', detail: 'd', code })),
  );
  versions.errors(error, route, change.until);
  return JSON.stringify([document, error.errors]);
}

test.each(versionChanges.map((change) => [change.row, change.name, change] as const))('row %d, %s', (row, _, change) => {
  const expected = rows[row];
  expect(change.on === 'all').toBe(expected === 'all');
  if (expected === 'all') return;
  const untouched = seen(change, 'no such route');
  // Short URLs answer as others do, and are in no row.
  const touched = routes.filter(({ name, base }) => base !== 'short' && seen(change, name) !== untouched).map(nameOf);
  expect(touched.toSorted()).toEqual(expected!.toSorted());
});

test('every row of what is built is there', () => {
  expect(versionChanges.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual(Object.keys(rows).map(Number));
});
