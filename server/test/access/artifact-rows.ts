/** Artifacts (spec/auth.md 11; spec/distribution.md 2, 7.3, 13). Their release asks for an entitlement, so without credentials nobody sees them. */
import { doc, type Row, to } from './rows.ts';

let count = 0;
const needs = ['artifact.read'];
const may = 'S5 E P licensed L';
const writers = { may: 'A D E P', sees: 'SA SU RO licensed L' };
const open = { also: { 404: 'N' } };

export const artifacts: Row[] = [
  { ask: 'GET /artifacts', needs, may: 'all N' },
  { ask: 'GET /artifacts/{artifact}', needs, may, ok: 303, ...open },
  {
    ask: 'POST /artifacts',
    needs: ['artifact.create'],
    may: 'A D E P',
    ok: 307,
    also: { 422: 'E2' },
    body: ({ release }) => doc('artifacts', { filename: `new-${++count}` }, { release: to('releases', release) }),
  },
  { ask: 'PATCH /artifacts/{artifact}', needs: ['artifact.update'], ...writers, body: () => doc('artifacts', { filesize: 1 }) },
  {
    ask: 'DELETE /artifacts/{artifact}',
    needs: ['artifact.delete'],
    ...writers,
    fresh: async (make, { release }) => ({ artifact: await make.artifact(release) }),
  },
  { ask: 'GET /releases/{release}/artifacts', needs, may, ...open },
  { ask: 'GET /releases/{release}/artifacts/{artifact}', needs, may, ok: 303, ...open },
  { ask: 'GET /products/{product}/artifacts', needs, may },
  { ask: 'GET /products/{product}/artifacts/{artifact}', needs, may, ok: 303 },
];
