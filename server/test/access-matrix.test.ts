/** Who may do what: every row of the pages' tables, asked by everybody (spec/auth.md 5.4, 9.2, 10, 11). */
import { beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../src/app.ts';
import { allowedPermissions, defaultPermissions } from '../src/kernel/access/permissions.ts';
import { roles } from '../src/kernel/access/roles.ts';
import * as accountRows from './access/account-rows.ts';
import { castOf, customers, customersOf } from './access/cast.ts';
import * as licenseRows from './access/license-rows.ts';
import * as licensingRows from './access/licensing-rows.ts';
import * as machineRows from './access/machine-rows.ts';
import { permissionsOf } from './access/permissions.ts';
import { type Row, type Stages, testRows } from './access/rows.ts';
import { type SceneOptions, sceneOf } from './access/scene.ts';
import { newWorld } from './kit.ts';

let stages: Stages;
// Rows share a world: who is refused changes nothing, and who is not uses records of his own.
beforeAll(async () => {
  const world = await newWorld();
  const permissions = ['*'];
  const stage = async (options: SceneOptions) => customersOf(world, await sceneOf(world, { permissions, ...options }), customers);
  stages = {
    world,
    everybody: await castOf(world),
    granted: await stage({}),
    licenseProtected: await stage({ license: true, policy: false }),
    policyProtected: await stage({ license: false, policy: true }),
    inherited: await stage({ license: null, policy: true }),
  };
});

const tables: Record<string, Row[]> = { ...accountRows, ...licensingRows, ...licenseRows, ...machineRows };
for (const [name, rows] of Object.entries(tables)) describe(name, () => testRows(rows, () => stages));

test.each(roles)('what a %s may hold, and holds by default, is what the catalogue says', (role) => {
  expect([...allowedPermissions[role]].sort()).toEqual(permissionsOf(role, 'Da'));
  expect([...defaultPermissions[role]].sort()).toEqual(permissionsOf(role, 'D'));
});

test('every route that asks who is there has a row', () => {
  const shapeOf = (path: string): string =>
    path
      .replace(/\?.*$/, '')
      .replace(/\{\w+\}|:\w+/g, ':id')
      .replace(/\/$/, '');
  const asked = new Set(
    Object.values(tables)
      .flat()
      .map(({ ask }) => shapeOf(ask.replace(/^(?:PUT|PATCH) /, 'PATCH '))),
  );
  const served = routes
    .filter(({ auth }) => auth !== 'none')
    .flatMap(({ methods, path }) => methods.map((method) => shapeOf(`${method === 'PUT' && methods.includes('PATCH') ? 'PATCH' : method} ${path}`)));
  expect(served.filter((route) => !asked.has(route.replace(/^PUT (?!\/tokens)/, 'PATCH ').replace(/^PUT \/tokens/, 'PATCH /tokens')))).toEqual([]);
});
