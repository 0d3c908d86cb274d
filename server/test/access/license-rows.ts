/** Licenses and what is done with them (spec/auth.md 10.7, 11; spec/licenses.md 3, 10; spec/validation.md 2). */
import { doc, type Row, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

const anew = (attributes: object = {}) => ({
  fresh: async (make: Maker, scene: Scene): Promise<Scene> => ({ license: await make.license(scene, { ...attributes }) }),
});
const related = 'S5 E P licensed L';
const priv = 'A D SA E P';
const notPriv = 'SU RO licensed L';
const users = (name: string) => (scene: Scene) => ({ data: [{ type: 'users', id: scene[name].id }] });
const entitled = (name: string) => (scene: Scene) => ({ data: [{ type: 'entitlements', id: scene[name].id }] });

export const licenses: Row[] = [
  { ask: 'GET /licenses', needs: ['license.read'], may: 'S5 E* P* U*' },
  { ask: 'GET /licenses/{license}', needs: ['license.read'], may: related },
  {
    ask: 'POST /licenses',
    needs: ['license.create'],
    may: 'A D SA E P owner',
    also: { 422: 'E2' },
    policyProtected: 'owner',
    body: ({ policy, owner }) => doc('licenses', {}, { policy: to('policies', policy), owner: to('users', owner) }),
  },
  {
    ask: 'POST /licenses',
    needs: ['license.create'],
    may: priv,
    also: { 422: 'E2' },
    body: ({ policy }) => doc('licenses', {}, { policy: to('policies', policy) }),
  },
  {
    ask: 'PATCH /licenses/{license}',
    needs: ['license.update'],
    may: 'A D SA SU E P',
    sees: 'RO licensed L',
    granted: '',
    body: () => doc('licenses', { name: 'New' }),
  },
  {
    ask: 'DELETE /licenses/{license}',
    needs: ['license.delete'],
    may: 'A D SA E P owner',
    sees: 'SU RO licensee operator L',
    policyProtected: 'owner',
    ...anew(),
  },
];

export const relationships: Row[] = [
  { ask: 'GET /licenses/{license}/product', needs: ['product.read'], may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' },
  { ask: 'GET /licenses/{license}/policy', needs: ['policy.read'], may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' },
  {
    // to another policy of the product, which is as protected as the old one
    ask: 'PUT /licenses/{license}/policy',
    needs: ['license.policy.update'],
    may: 'A D SA E P owner',
    sees: 'SU RO licensee operator L',
    licenseProtected: 'owner',
    policyProtected: 'owner',
    body: ({ nextPolicy }) => to('policies', nextPolicy),
    ...anew(),
  },
  {
    ask: 'PUT /licenses/{license}/policy',
    needs: ['license.policy.update'],
    may: 'A D SA E owner',
    sees: 'SU RO P licensee operator L',
    body: ({ policy2 }) => to('policies', policy2),
    ...anew(),
  },
  { ask: 'GET /licenses/{license}/group', needs: ['group.read'], may: related },
  { ask: 'PUT /licenses/{license}/group', needs: ['license.group.update'], may: priv, sees: notPriv, body: ({ group2 }) => to('groups', group2), ...anew() },
  { ask: 'GET /licenses/{license}/owner', needs: ['user.read'], may: 'S5 E P licensed', sees: 'L', granted: 'L' },
  { ask: 'PUT /licenses/{license}/owner', needs: ['license.owner.update'], may: priv, sees: notPriv, body: ({ stranger }) => to('users', stranger), ...anew() },
  { ask: 'GET /licenses/{license}/user', needs: ['user.read'], may: 'S5 E P owner', sees: 'licensee operator L', granted: 'L' },
  { ask: 'PUT /licenses/{license}/user', needs: ['license.user.update'], may: priv, sees: notPriv, body: ({ stranger }) => to('users', stranger), ...anew() },
  { ask: 'GET /licenses/{license}/users', needs: ['user.read'], may: 'S5 E P licensed', sees: 'L', granted: 'L' },
  { ask: 'GET /licenses/{license}/users/{owner}', needs: ['user.read'], may: 'S5 E P licensed', sees: 'L', granted: 'L' },
  {
    ask: 'POST /licenses/{license}/users',
    needs: ['license.users.attach'],
    may: 'A D SA SU E P',
    sees: 'RO licensed L',
    granted: 'owner',
    licenseProtected: 'owner',
    ok: 200,
    body: users('stranger'),
    ...anew(),
  },
  {
    ask: 'DELETE /licenses/{license}/users',
    needs: ['license.users.detach'],
    may: 'A D SA SU E P',
    sees: 'RO licensed L',
    granted: 'owner',
    licenseProtected: 'owner',
    body: users('licensee'),
    ...anew(),
  },
  { ask: 'GET /licenses/{license}/entitlements', needs: ['entitlement.read'], may: related },
  { ask: 'GET /licenses/{license}/entitlements/{entitlement}', needs: ['entitlement.read'], may: related },
  { ask: 'GET /licenses/{license}/entitlements/{inherited}', needs: ['entitlement.read'], may: related },
  {
    ask: 'POST /licenses/{license}/entitlements',
    needs: ['license.entitlements.attach'],
    may: priv,
    sees: notPriv,
    ok: 200,
    body: entitled('loose'),
    fresh: async (make) => ({ loose: await make.create('entitlement') }),
  },
  {
    ask: 'DELETE /licenses/{license}/entitlements',
    needs: ['license.entitlements.detach'],
    may: priv,
    sees: notPriv,
    body: entitled('entitlement'),
    fresh: async (make, scene) => ({ entitlement: await make.entitlement(scene) }),
  },
  { ask: 'GET /licenses/{license}/machines', needs: ['machine.read'], may: related },
  { ask: 'GET /licenses/{license}/machines/{machine}', needs: ['machine.read'], may: related },
];

const known = ({ license }: Scene) => ({ meta: { key: license.key } });
const unknown = () => ({ meta: { key: 'nobody has this key' } });
const license = 'POST /licenses/{license}/actions';
const including = (include: string, permission: string, more: Partial<Row>): Row => ({
  ask: `${license}/check-out?include=${include}`,
  needs: ['license.check-out', 'license.read', permission],
  may: 'A D SA SU E P licensed L',
  sees: 'RO',
  ok: 200,
  ...more,
});
const without = { may: 'A D SA SU E P', sees: 'RO licensed L', granted: 'licensed L' };

export const actions: Row[] = [
  { ask: 'GET /licenses/{license}/actions/validate', needs: ['license.validate'], may: related },
  { ask: `${license}/validate`, needs: ['license.validate'], may: related, ok: 200 },
  // another environment's key is one that does not exist
  { ask: 'POST /licenses/actions/validate-key', needs: ['license.validate'], may: `${related} E2 N`, ok: 200, body: known },
  { ask: 'POST /licenses/actions/validate-key', needs: [], may: 'all N', ok: 200, body: unknown },
  { ask: `${license}/check-in`, needs: ['license.check-in'], may: 'A D SA SU E P owner L', sees: 'RO licensee operator', licenseProtected: 'owner', ok: 200 },
  {
    ask: `${license}/renew`,
    needs: ['license.renew'],
    may: 'A D SA E P owner',
    sees: 'SU RO licensee operator L',
    policyProtected: 'owner',
    ok: 200,
    ...anew(),
  },
  { ask: `${license}/suspend`, needs: ['license.suspend'], may: 'A D SA SU E P', sees: 'RO licensed L', granted: '', ok: 200, ...anew() },
  { ask: `${license}/reinstate`, needs: ['license.reinstate'], may: 'A D SA SU E P', sees: 'RO licensed L', ok: 200, ...anew({ suspended: true }) },
  {
    ask: `${license}/increment-usage`,
    needs: ['license.usage.increment'],
    may: 'A D SA SU E P owner L',
    sees: 'RO licensee operator',
    licenseProtected: 'owner',
    ok: 200,
  },
  { ask: `${license}/decrement-usage`, needs: ['license.usage.decrement'], may: 'A D SA SU E P', sees: 'RO licensed L', ok: 200, ...anew() },
  { ask: `${license}/reset-usage`, needs: ['license.usage.reset'], may: 'A D SA SU E P', sees: 'RO licensed L', ok: 200, ...anew() },
  {
    ask: 'DELETE /licenses/{license}/actions/revoke',
    needs: ['license.revoke'],
    may: 'A D SA E P owner',
    sees: 'SU RO licensee operator L',
    policyProtected: 'owner',
    ...anew(),
  },
  ...['GET', 'POST'].map(
    (method): Row => ({
      ask: `${method} /licenses/{license}/actions/check-out`,
      needs: ['license.check-out', 'license.read'],
      may: 'A D SA SU E P licensed L',
      sees: 'RO',
      licenseProtected: 'licensed',
      ok: 200,
    }),
  ),
  including('entitlements', 'entitlement.read', {}),
  including('group', 'group.read', {}),
  including('owner', 'user.read', { may: 'A D SA SU E P licensed', sees: 'RO L', granted: 'L' }),
  including('users', 'user.read', { may: 'A D SA SU E P licensed', sees: 'RO L', granted: 'L' }),
  including('product', 'product.read', without),
  including('policy', 'policy.read', without),
  // products and customers can never be given this one
  including('environment', 'environment.read', { may: 'A D SA SU E', sees: 'RO P licensed L' }),
];
