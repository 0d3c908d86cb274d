import { beforeEach, describe, expect, test } from 'vitest';
import { inParallel, newWorld, type World } from '../../test/kit.ts';
import { packageKey } from '../packages/package.key.ts';
import { platforms } from '../platforms/platform.table.ts';
import { dimensionId } from './dimension.id.ts';
import { filetypeKey, platformKey } from './dimension.key.ts';

test.each([
  ['macOS', 'macos', 'macos'],
  [' M1 ', 'm1', 'm1'],
  ['.AppImage', '.appimage', 'appimage'],
  [' .tar.gz', '.tar.gz', 'tar.gz'],
  ['.', '.', null],
  [' ', null, null],
  ['', null, null],
  [null, null, null],
])('%j is stored as the platform %j and the filetype %j', (text, platform, filetype) => {
  expect([platformKey(text), filetypeKey(text)]).toEqual([platform, filetype]);
});

test.each([
  ['a_test.key', 'pypi', 'a-test-key'],
  ['A-._b', 'pypi', 'A-b'],
  ['a_test.key', 'npm', 'a_test.key'],
  ['a_test.key', null, 'a_test.key'],
])('the key %j of a package of %j is stored as %j', (key, engine, stored) => {
  expect(packageKey(key, engine)).toBe(stored);
});

describe('a row', () => {
  let world: World;
  beforeEach(async () => {
    world = await newWorld();
  });
  const idOf = (key: string, accountId = String(world.account.id)) =>
    dimensionId(world.server.database.drizzle, platforms, accountId, key, world.server.clock.now());

  test('those who name the same key at once get one row, each account its own', async () => {
    const ids = await inParallel(8, () => idOf('linux'));
    expect(new Set(ids).size).toBe(1);
    const other = await world.create('account');
    expect(await idOf('linux', String(other.id))).not.toBe(ids[0]);
    expect(await idOf('Linux')).not.toBe(ids[0]);
    expect(await world.server.sql('select key, name from platforms where account_id = $1 order by key', [world.account.id])).toEqual([
      { key: 'Linux', name: null },
      { key: 'linux', name: null },
    ]);
  });

  test('a key may be as long as a text', async () => {
    const key = Array.from({ length: 20_000 }, (_, n) => n.toString(36)).join('');
    expect(await idOf(key)).toBe(await idOf(key));
  });

  test('a failed save leaves no row behind', async () => {
    const { drizzle } = world.server.database;
    const save = drizzle.transaction(async (tx) => {
      await dimensionId(tx, platforms, String(world.account.id), 'beos', world.server.clock.now());
      throw new TypeError('unsaved');
    });
    await expect(save).rejects.toThrow('unsaved');
    expect(await world.count('platforms')).toBe(0);
  });
});
