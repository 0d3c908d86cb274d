/** Entitlements, groups, keys, policies, products (spec/auth.md 11; spec/licensing.md 1.4, 1.7, 2.5, 2.9, 3, 4, 5). */
import { doc, type Row, reasons, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

let count = 0;
const unique = (text: string): string => `${text}-${++count}`;

export const entitlements: Row[] = [
  { ask: 'GET /entitlements', needs: ['entitlement.read'], may: 'all' },
  { ask: 'GET /entitlements/{entitlement}', needs: ['entitlement.read'], may: 'S5 E P* licensed L' },
  { ask: 'GET /entitlements/{inherited}', needs: ['entitlement.read'], may: 'S5 E P* licensed L' },
  { ask: 'GET /entitlements/{entitlement2}', needs: ['entitlement.read'], may: 'S5 E P* L2' },
  { ask: 'POST /entitlements', needs: ['entitlement.create'], may: 'A D E*', body: () => doc('entitlements', { name: 'New', code: unique('new') }) },
  {
    ask: 'PATCH /entitlements/{entitlement}',
    needs: ['entitlement.update'],
    may: 'A D E',
    sees: 'SA SU RO P* licensed L',
    body: () => doc('entitlements', { name: 'New' }),
  },
  {
    ask: 'DELETE /entitlements/{entitlement}',
    needs: ['entitlement.delete'],
    may: 'A D E',
    sees: 'SA SU RO P* licensed L',
    fresh: async (make, scene) => ({ entitlement: await make.entitlement(scene) }),
  },
];

const elsewhere = { E2: reasons.record };
async function ownedGroup(make: Maker, { groupOwner }: Scene): Promise<Scene> {
  const group = await make.create('group');
  await make.create('group_owner', { group_id: group.id, user_id: groupOwner.id });
  return { group };
}

/** A group itself is looked up in the whole account: whoever has nothing to do with it is refused, not told that there is none. */
export const groups: Row[] = [
  { ask: 'GET /groups', needs: ['group.read'], may: 'all' },
  { ask: 'GET /groups/{group}', needs: ['group.read'], may: 'S5 E P* member groupOwner L', others: 403, reasons: elsewhere },
  { ask: 'POST /groups', needs: ['group.create'], may: 'A D E* P*', body: () => doc('groups', { name: 'New' }) },
  { ask: 'PATCH /groups/{group}', needs: ['group.update'], may: 'A D E P*', others: 403, reasons: elsewhere, body: () => doc('groups', { name: 'New' }) },
  { ask: 'DELETE /groups/{group}', needs: ['group.delete'], may: 'A D E P*', others: 403, reasons: elsewhere, fresh: ownedGroup },
  { ask: 'GET /groups/{group}/owners', needs: ['group.owners.read'], may: 'S5 E P* member groupOwner L' },
  { ask: 'GET /groups/{group}/owners/{groupOwnership}', needs: ['group.owners.read'], may: 'S5 E P* member groupOwner L' },
  {
    ask: 'POST /groups/{group}/owners',
    needs: ['group.owners.attach'],
    may: 'A D E P*',
    sees: 'SA SU RO member groupOwner L',
    ok: 200,
    body: ({ stranger }) => ({ data: [{ type: 'users', id: stranger.id }] }),
    fresh: ownedGroup,
  },
  {
    ask: 'DELETE /groups/{group}/owners',
    needs: ['group.owners.detach'],
    may: 'A D E P*',
    sees: 'SA SU RO member groupOwner L',
    body: ({ groupOwner }) => ({ data: [{ type: 'users', id: groupOwner.id }] }),
    fresh: ownedGroup,
  },
  { ask: 'GET /groups/{group}/users', needs: ['group.users.read'], may: 'S5 E P* groupOwner', sees: 'member L' },
  { ask: 'GET /groups/{group}/users/{member}', needs: ['group.users.read'], may: 'S5 E P* groupOwner', sees: 'member L' },
  { ask: 'GET /groups/{group}/licenses', needs: ['group.licenses.read'], may: 'S5 E P* groupOwner', sees: 'member L' },
  { ask: 'GET /groups/{group}/licenses/{license}', needs: ['group.licenses.read'], may: 'S5 E P groupOwner', sees: 'P2 member L' },
  { ask: 'GET /groups/{group}/machines', needs: ['group.machines.read'], may: 'S5 E P* groupOwner', sees: 'member L' },
  { ask: 'GET /groups/{group}/machines/{machine}', needs: ['group.machines.read'], may: 'S5 E P groupOwner', sees: 'P2 member L' },
];

const pooledKey = async (make: Maker, { pooled }: Scene): Promise<Scene> => ({ key: await make.create('key', { policy_id: pooled.id }) });

export const keys: Row[] = [
  { ask: 'GET /keys', needs: ['key.read'], may: 'S5 E* P*' },
  { ask: 'GET /keys/{key}', needs: ['key.read'], may: 'S5 E P' },
  {
    ask: 'POST /keys',
    needs: ['key.create'],
    may: 'A D E P',
    also: { 422: 'E2' },
    body: ({ pooled }) => doc('keys', { key: unique('A-NEW-KEY') }, { policy: to('policies', pooled) }),
  },
  { ask: 'PATCH /keys/{key}', needs: ['key.update'], may: 'A D E P', sees: 'SA SU RO', body: () => doc('keys', { key: unique('A-NEW-KEY') }) },
  { ask: 'DELETE /keys/{key}', needs: ['key.delete'], may: 'A D E P', sees: 'SA SU RO', fresh: pooledKey },
  { ask: 'GET /keys/{key}/policy', needs: ['policy.read'], may: 'S5 E P' },
  { ask: 'GET /keys/{key}/product', needs: ['product.read'], may: 'S5 E P' },
];

const below = { may: 'S5 E P', sees: 'licensed L' };
const named = (type: string) => () => doc(type, { name: 'New' });
const listed =
  (...entitlementNames: string[]) =>
  (scene: Scene) => ({ data: entitlementNames.map((name) => ({ type: 'entitlements', id: scene[name].id })) });

export const policies: Row[] = [
  { ask: 'GET /policies', needs: ['policy.read'], may: 'S5 E* P*', granted: 'U* L*' },
  { ask: 'GET /policies/{policy}', needs: ['policy.read'], may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' },
  {
    ask: 'POST /policies',
    needs: ['policy.create'],
    may: 'A D SA E P',
    also: { 422: 'E2' },
    body: ({ product }) => doc('policies', { name: 'New' }, { product: to('products', product) }),
  },
  { ask: 'PATCH /policies/{policy}', needs: ['policy.update'], may: 'A D SA E P', sees: 'SU RO licensed L', body: named('policies') },
  {
    ask: 'DELETE /policies/{policy}',
    needs: ['policy.delete'],
    may: 'A D E P',
    sees: 'SA SU RO licensed L',
    fresh: async (make, scene) => ({ policy: await make.policy(scene) }),
  },
  { ask: 'GET /policies/{policy}/product', needs: ['product.read'], ...below },
  { ask: 'GET /policies/{policy}/licenses', needs: ['license.read'], ...below },
  { ask: 'GET /policies/{policy}/licenses/{license}', needs: ['license.read'], ...below },
  { ask: 'GET /policies/{policy}/entitlements', needs: ['entitlement.read'], ...below },
  { ask: 'GET /policies/{policy}/entitlements/{inherited}', needs: ['entitlement.read'], ...below },
  {
    ask: 'POST /policies/{policy}/entitlements',
    needs: ['policy.entitlements.attach'],
    may: 'A D SA E P',
    sees: 'SU RO licensed L',
    ok: 200,
    body: listed('loose'),
    fresh: async (make) => ({ loose: await make.create('entitlement') }),
  },
  {
    ask: 'DELETE /policies/{policy}/entitlements',
    needs: ['policy.entitlements.detach'],
    may: 'A D SA E P',
    sees: 'SU RO licensed L',
    body: listed('inherited'),
    fresh: async (make, scene) => ({ inherited: await make.inherited(scene) }),
  },
  { ask: 'GET /policies/{policy}/pool', needs: ['key.read'], ...below },
  { ask: 'GET /policies/{pooled}/pool/{key}', needs: ['key.read'], may: 'S5 E P' },
  { ask: 'DELETE /policies/{pooled}/pool', needs: ['policy.pool.pop'], may: 'A D E P', sees: 'SA SU RO', ok: 200, fresh: pooledKey },
  { ask: 'DELETE /policies/{policy}/pool', needs: ['policy.pool.pop'], may: '', sees: 'SA SU RO licensed L', also: { 422: 'A D E P' } },
];

export const products: Row[] = [
  { ask: 'GET /products', needs: ['product.read'], may: 'S5 E*', granted: 'U* L*' },
  { ask: 'GET /products/{product}', needs: ['product.read'], may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' },
  { ask: 'POST /products', needs: ['product.create'], may: 'A D E*', body: named('products') },
  { ask: 'PATCH /products/{product}', needs: ['product.update'], may: 'A D E P', sees: 'SA SU RO licensed L', body: named('products') },
  {
    ask: 'DELETE /products/{product}',
    needs: ['product.delete'],
    may: 'A D E',
    sees: 'SA SU RO P licensed L',
    fresh: async (make) => ({ product: await make.create('product') }),
  },
  { ask: 'GET /products/{product}/policies', needs: ['policy.read'], ...below },
  { ask: 'GET /products/{product}/policies/{policy}', needs: ['policy.read'], ...below },
  { ask: 'GET /products/{product}/licenses', needs: ['license.read'], ...below },
  { ask: 'GET /products/{product}/licenses/{license}', needs: ['license.read'], ...below },
  { ask: 'GET /products/{product}/machines', needs: ['machine.read'], ...below },
  { ask: 'GET /products/{product}/machines/{machine}', needs: ['machine.read'], ...below },
  { ask: 'GET /products/{product}/users', needs: ['user.read'], ...below },
  { ask: 'GET /products/{product}/users/{owner}', needs: ['user.read'], ...below },
];
