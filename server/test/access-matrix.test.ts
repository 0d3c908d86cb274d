/** Who may do what with accounts, environments, tokens, users, webhooks and logs: every row of the pages' tables, asked by everybody (spec/auth.md 5.4, 9.2, 10, 11). */
import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../src/app.ts';
import { allowedPermissions, defaultPermissions } from '../src/kernel/access/permissions.ts';
import { roles } from '../src/kernel/access/roles.ts';
import { permissionsOf } from './access/permissions.ts';
import { type Stages, stagesOf, testRows } from './access/rows.ts';
import { accounts, everyRow } from './access/tables.ts';
import { newWorld } from './kit.ts';

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(await newWorld());
});

for (const [name, rows] of Object.entries(accounts)) describe(name, () => testRows(rows, () => stages));

test.each(roles)('what a %s may hold, and holds by default, is what the catalogue says', (role) => {
  expect([...allowedPermissions[role]].sort()).toEqual(permissionsOf(role, 'Da'));
  expect([...defaultPermissions[role]].sort()).toEqual(permissionsOf(role, 'D'));
});

test('every route that asks who is there has a row', () => {
  // updates answer to PUT as to PATCH
  const shapeOf = (method: string, path: string): string => {
    const shape = path
      .replace(/\?.*$/, '')
      .replace(/\{\w+\}|:\w+|\*/g, ':id')
      .replace(/\/$/, '');
    return `${method === 'PUT' ? 'PATCH' : method} ${shape}`;
  };
  const asked = new Set(everyRow.map(({ ask }) => shapeOf(ask.split(' ')[0]!, ask.split(' ')[1]!)));
  // short URLs run what the long ones do
  const served = routes
    .filter(({ auth, base }) => auth !== 'none' && base !== 'short')
    .flatMap(({ methods, path }) => methods.map((method) => shapeOf(method, path)));
  expect(served.filter((route) => !asked.has(route))).toEqual([]);
});
