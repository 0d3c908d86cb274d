import { beforeEach, expect, test } from 'vitest';
import { newWorld, type World } from '../../test/kit.ts';
import { defaultPermissions } from '../kernel/access/permissions.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

test('a license has what the API would give it', async () => {
  const environment = await world.create('environment');
  const group = await world.create('group');
  const owner = await world.create('user', { group_id: group.id });
  const policy = await world.create('policy', { environment_id: environment.id, duration: 86_400, require_check_in: true, protected: true });
  const license = await world.create('license', { policy_id: policy.id, owner_id: owner.id, created: '2024-01-31T08:00:00Z' });
  expect(license).toMatchObject({
    product_id: policy.product_id,
    environment_id: environment.id,
    group_id: group.id,
    protected: true,
    expiry: new Date('2024-02-01T08:00:00Z'),
    last_check_in_at: new Date('2024-01-31T08:00:00Z'),
    permissions: defaultPermissions.license,
  });
});

test('what is given counts, under the names of columns or of attributes', async () => {
  const policy = await world.create('policy', { duration: 86_400 });
  const at = '2024-01-31T08:00:00.000Z';
  const given = { policy_id: policy.id, expiry: null, max_users_override: 3, lastValidated: at, last_check_out: at, version: '1.0.0', key: 'given' };
  const license = await world.create('license', given);
  const instant = new Date(at);
  expect(license).toMatchObject({
    expiry: null,
    max_users: 3,
    last_validated_at: instant,
    last_check_out_at: instant,
    last_validated_version: '1.0.0',
    key: 'given',
  });
});

test('permissions are those of the account’s setting', async () => {
  await world.create('setting', { key: 'default_license_permissions', value: ['license.read'] });
  expect((await world.create('license')).permissions).toEqual(['license.read']);
});

test('attached users are counted, and a license moves with its product', async () => {
  const license = await world.create('license');
  for (let i = 0; i < 2; i++) await world.create('license_user', { license_id: license.id });
  expect((await world.server.find('license', { id: license.id }))!.users_count).toBe(2);
  const policy = await world.create('policy');
  expect(await world.server.update('license', license.id, { policy_id: policy.id })).toMatchObject({ product_id: policy.product_id, users_count: 2 });
});
