/** Accounts, settings, environments, tokens, users, webhooks, logs (spec/auth.md 5.4, 11; spec/accounts.md 5, 6; spec/environments.md 1.2, 9; spec/users.md 2.1; spec/events.md 3.3, 4.2, 6.3, 7.4). */
import { doc, type Row, reasons, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

let count = 0;
const unique = (text: string): string => `${text}-${++count}`;

export const accounts: Row[] = [
  { ask: 'GET /', needs: ['account.read'], may: 'S5 E* P*', granted: 'U* L*' },
  { ask: 'PATCH /', needs: ['account.update'], may: 'A D', body: () => doc('accounts', { name: 'New' }) },
  { ask: 'DELETE /', needs: [], may: '', reasons: { 'E*': reasons.notionless } },

  { ask: 'GET /settings', needs: ['account.read'], may: 'A D', granted: '' },
  { ask: 'GET /settings/{setting}', needs: ['account.read'], may: 'A D' },
  {
    ask: 'POST /settings',
    needs: ['account.update'],
    may: 'A D',
    body: () => doc('settings', { key: 'default_license_permissions', value: ['license.read'] }),
    fresh: (make) => make.forget('settings', "key = 'default_license_permissions'"),
  },
  { ask: 'PATCH /settings/{setting}', needs: ['account.update'], may: 'A D', body: () => doc('settings', { value: ['license.read'] }) },
  {
    ask: 'DELETE /settings/{setting}',
    needs: ['account.update'],
    may: 'A D',
    fresh: async (make) => {
      await make.forget('settings', "key = 'default_license_permissions'");
      return { setting: await make.unscoped('setting', { key: 'default_license_permissions', value: ['license.read'] }) };
    },
  },
];

const asEnvironment = async (make: Maker): Promise<Scene> => ({ environment: await make.unscoped('environment') });

export const environments: Row[] = [
  { ask: 'GET /environments', needs: ['environment.read'], may: 'S5' },
  { ask: 'GET /environments/{environment}', needs: ['environment.read'], may: 'S5 E' },
  { ask: 'POST /environments', needs: ['environment.create'], may: 'A D', body: () => doc('environments', { name: 'New', code: unique('new') }) },
  {
    ask: 'PATCH /environments/{environment}',
    needs: ['environment.update'],
    may: 'A D',
    sees: 'SA SU RO E',
    body: () => doc('environments', { name: 'New' }),
  },
  { ask: 'DELETE /environments/{environment}', needs: ['environment.delete'], may: 'A D', sees: 'SA SU RO E', fresh: asEnvironment },

  { ask: 'GET /environments/{environment}/tokens', needs: ['token.read'], may: 'S5 E' },
  { ask: 'GET /environments/{environment}/tokens/{environmentToken}', needs: ['token.read'], may: 'S5 E' },
  { ask: 'POST /environments/{shared}/tokens', needs: ['environment.tokens.generate'], may: 'A D', sees: 'SA SU RO', shared: true },
  {
    // from the global environment
    ask: 'POST /environments/{environment}/tokens',
    needs: ['environment.tokens.generate'],
    may: '',
    sees: 'S5 E',
    reasons: { 'A D SA SU': reasons.record },
  },
];

const token = (of: string, kind: string) => ({
  fresh: async (make: Maker, scene: Scene) => ({ [`${of}Token`]: await make.token(kind, scene[of]) }),
});
const bearer = (type: string, name: string) => (scene: Scene) => doc('tokens', {}, { bearer: to(type, scene[name]) });

export const tokens: Row[] = [
  { ask: 'GET /me', needs: ['user.read'], may: 'all' },
  { ask: 'GET /profile', needs: ['user.read', 'admin.read'], may: 'all' },
  { ask: 'GET /tokens', needs: ['token.read'], may: 'all' },
  { ask: 'GET /tokens/{ownToken}', needs: ['token.read'], may: 'all', ownToken: true },
  { ask: 'GET /tokens/{ownerToken}', needs: ['token.read'], may: 'S5 E P owner' },
  { ask: 'GET /tokens/{licenseToken}', needs: ['token.read'], may: 'S5 E P L' },
  { ask: 'GET /tokens/{productToken}', needs: ['token.read'], may: 'S5 E P' },
  { ask: 'GET /tokens/{developerToken}', needs: ['token.read'], may: 'S5 E' },
  { ask: 'GET /tokens/{adminToken}', needs: ['token.read'], may: 'S5' },

  { ask: 'POST /tokens', needs: ['token.generate'], may: 'S5 E* U*' },
  // an environment may make tokens for any customer, but not in an environment that he is not in
  { ask: 'POST /tokens', needs: ['token.generate'], may: 'A D E P owner', also: { 422: 'E2' }, others: 403, body: bearer('users', 'owner') },
  { ask: 'POST /tokens', needs: ['token.generate'], may: 'P', body: bearer('licenses', 'license') },
  { ask: 'POST /tokens', needs: ['token.generate'], may: '', body: bearer('products', 'product') },
  { ask: 'POST /tokens', needs: ['token.generate'], may: 'E', body: bearer('environments', 'environment') },
  { ask: 'POST /tokens', needs: ['token.generate'], may: '', body: bearer('users', 'admin') },
  { ask: 'POST /tokens', needs: ['token.generate'], may: '', body: bearer('users', 'developer') },
  {
    ask: 'POST /tokens',
    needs: ['token.generate'],
    may: '',
    body: () => doc('tokens', {}, { bearer: to('users', { id: '5a1c7e0a-4b8a-4f57-8d6e-6d2a7a5d8e10' }) }),
  },

  { ask: 'PUT /tokens', needs: ['token.regenerate'], may: 'A D SA SU E* P* U* L*', ownToken: true },
  { ask: 'PUT /tokens/{ownToken}', needs: ['token.regenerate'], may: 'A D SA SU E* P* U* L*', sees: 'RO', ownToken: true },
  { ask: 'PUT /tokens/{ownerToken}', needs: ['token.regenerate'], may: 'A D E P owner', sees: 'SA SU RO' },
  { ask: 'PUT /tokens/{licenseToken}', needs: ['token.regenerate'], may: 'A D E P L', sees: 'SA SU RO' },
  { ask: 'PUT /tokens/{productToken}', needs: ['token.regenerate'], may: 'A D E P', sees: 'SA SU RO' },
  { ask: 'PUT /tokens/{developerToken}', needs: ['token.regenerate'], may: '', sees: 'S5 E' },
  { ask: 'PUT /tokens/{adminToken}', needs: ['token.regenerate'], may: '', sees: 'S5' },

  { ask: 'DELETE /tokens/{ownToken}', needs: ['token.revoke'], may: 'A D SA SU E* P* U* L*', sees: 'RO', ownToken: true },
  { ask: 'DELETE /tokens/{ownerToken}', needs: ['token.revoke'], may: 'A D E P owner', sees: 'SA SU RO', ...token('owner', 'user') },
  { ask: 'DELETE /tokens/{licenseToken}', needs: ['token.revoke'], may: 'A D E P L', sees: 'SA SU RO', ...token('license', 'license') },
  { ask: 'DELETE /tokens/{productToken}', needs: ['token.revoke'], may: 'A D E P', sees: 'SA SU RO', ...token('product', 'product') },
  { ask: 'DELETE /tokens/{developerToken}', needs: ['token.revoke'], may: 'A D E', sees: 'SA SU RO', ...token('developer', 'user') },
  { ask: 'DELETE /tokens/{adminToken}', needs: ['token.revoke'], may: 'A D', sees: 'SA SU RO', ...token('admin', 'user') },

  { ask: 'GET /users/{owner}/tokens', needs: ['token.read'], may: 'S5 E P* owner', sees: 'licensee operator L', granted: '' },
  { ask: 'GET /users/{owner}/tokens/{ownerToken}', needs: ['token.read'], may: 'S5 E P owner', sees: 'P2 licensee operator L' },
  { ask: 'POST /users/{owner}/tokens', needs: ['user.tokens.generate'], may: 'A D E P', sees: 'SA SU RO P2 owner licensee operator L', ok: 200 },
  { ask: 'POST /users/{admin}/tokens', needs: ['user.tokens.generate'], may: '', sees: 'S5 E' },
  { ask: 'GET /users/{admin}/tokens', needs: ['token.read'], may: 'S5', sees: 'E' },
  { ask: 'GET /products/{product}/tokens', needs: ['token.read'], may: 'S5 E P', sees: 'licensed L' },
  { ask: 'GET /products/{product}/tokens/{productToken}', needs: ['token.read'], may: 'S5 E P', sees: 'licensed L' },
  { ask: 'POST /products/{product}/tokens', needs: ['product.tokens.generate'], may: 'A D E', sees: 'SA SU RO P licensed L', ok: 200 },
  { ask: 'GET /licenses/{license}/tokens', needs: ['token.read'], may: 'S5 E P', sees: 'licensed L' },
  { ask: 'GET /licenses/{license}/tokens/{licenseToken}', needs: ['token.read'], may: 'S5 E P', sees: 'licensed L' },
  { ask: 'POST /licenses/{license}/tokens', needs: ['license.tokens.generate'], may: 'A D SA E P', sees: 'SU RO licensed L', ok: 200 },
];

/** A customer of the product alone. */
async function customer(make: Maker, scene: Scene): Promise<Scene> {
  const owner = await make.user();
  await make.create('license', { policy_id: scene.policy.id, owner_id: owner.id });
  return { owner };
}
const outranked = (role: string): string => `${role} lacks privileges to perform action on user`;
const outrankedStaff = { D: outranked('developer'), SA: outranked('sales agent'), SU: outranked('support agent') };
const newUser = (more: object = {}) => doc('users', { email: `${unique('new')}@example.com`, ...more });
const renamed = () => doc('users', { firstName: 'New' });
const passwords = () => ({ meta: { oldPassword: 'not it', newPassword: 'a new one' } });

export const users: Row[] = [
  { ask: 'GET /users', needs: ['user.read'], may: 'S5 E* P* U*', granted: 'L*' },
  {
    ask: 'GET /users?roles[]=admin',
    needs: ['user.read', 'admin.read'],
    may: 'S5 E2 P* U*',
    granted: 'L*',
    reasons: { L: 'license lacks permission to perform action' },
  },
  { ask: 'GET /users/{owner}', needs: ['user.read'], may: 'S5 E P* licensed', sees: 'L', granted: 'L' },
  { ask: 'GET /users/{developer}', needs: ['user.read'], may: 'S5', sees: 'E' },
  { ask: 'GET /users/{admin}', needs: ['user.read', 'admin.read'], may: 'S5', sees: 'E' },
  { ask: 'POST /users', needs: ['user.create'], may: 'A D SA E* P* N', body: () => newUser() },
  { ask: 'POST /users', needs: ['user.create', 'admin.create'], may: 'A', also: { 400: 'D SA SU RO E* P* U* L* N' }, body: () => newUser({ role: 'admin' }) },
  { ask: 'PATCH /users/{owner}', needs: ['user.update'], may: 'A D SA E P* owner', sees: 'SU RO licensee operator L', body: renamed },
  {
    ask: 'PATCH /users/{developer}',
    needs: ['user.update'],
    may: 'A D',
    sees: 'SA SU RO E',
    body: renamed,
    reasons: { SA: outrankedStaff.SA, SU: outrankedStaff.SU },
  },
  { ask: 'PATCH /users/{admin}', needs: ['user.update', 'admin.update'], may: 'A', sees: 'D SA SU RO E', body: renamed, reasons: outrankedStaff },
  {
    ask: 'DELETE /users/{owner}',
    needs: ['user.delete'],
    may: 'A D E P',
    sees: 'SA SU RO P2 licensed L',
    reasons: { P2: 'user cannot belong to another product' },
    fresh: customer,
  },
  {
    ask: 'DELETE /users/{admin}',
    needs: ['user.delete', 'admin.delete'],
    may: '',
    sees: 'D SA SU RO E',
    also: { 204: 'A' },
    reasons: outrankedStaff,
    ok: 204,
    fresh: async (make) => ({ admin: await make.create('user', { role: 'admin' }) }),
  },
  ...['ban', 'unban'].flatMap((action): Row[] => [
    { ask: `POST /users/{owner}/actions/${action}`, needs: [`user.${action}`], may: 'A D SA SU E P*', sees: 'RO licensed L', ok: 200, fresh: customer },
    { ask: `POST /users/{admin}/actions/${action}`, needs: [`user.${action}`], may: '', sees: 'S5 E', reasons: { 'A D SA SU E': 'must have a user role' } },
  ]),
  {
    // nobody knows the owner's password, and nobody but the owner gets as far as being told
    ask: 'POST /users/{owner}/actions/update-password',
    needs: ['user.password.update'],
    may: '',
    also: { 401: 'owner N X' },
    sees: 'S5 E P* licensee operator L',
    body: passwords,
  },
  { ask: 'GET /users/{owner}/group', needs: ['group.read'], may: 'S5 E P* owner', sees: 'licensee operator L' },
  {
    ask: 'PUT /users/{owner}/group',
    needs: ['user.group.update'],
    may: 'A D SA E P*',
    sees: 'SU RO licensed L',
    body: ({ group2 }) => to('groups', group2),
    fresh: customer,
  },
  { ask: 'GET /users/{owner}/licenses', needs: ['license.read'], may: 'S5 E P* owner', sees: 'licensee operator L' },
  { ask: 'GET /users/{owner}/licenses/{license}', needs: ['license.read'], may: 'S5 E P owner', sees: 'P2 licensee operator L' },
  { ask: 'GET /users/{owner}/machines', needs: ['machine.read'], may: 'S5 E P* owner', sees: 'licensee operator L' },
  { ask: 'GET /users/{owner}/machines/{machine}', needs: ['machine.read'], may: 'S5 E P owner', sees: 'P2 licensee operator L' },
  { ask: 'GET /users/{owner}/products', needs: ['product.read'], may: 'S5 E P*', sees: 'licensed L', granted: 'owner' },
  { ask: 'GET /users/{owner}/products/{product}', needs: ['product.read'], may: 'S5 E P', sees: 'P2 licensed L', granted: 'owner' },
];

const endpoint = (relationships?: object) => doc('webhook-endpoints', { url: 'https://hooks.example.com/' }, relationships);

export const hooksAndLogs: Row[] = [
  { ask: 'GET /webhook-endpoints', needs: ['webhook-endpoint.read'], may: 'A D RO E* P*' },
  { ask: 'GET /webhook-endpoints/{endpoint}', needs: ['webhook-endpoint.read'], may: 'A D RO E P', sees: 'SA SU' },
  { ask: 'GET /webhook-endpoints/{generalEndpoint}', needs: ['webhook-endpoint.read'], may: 'A D RO E', sees: 'SA SU' },
  { ask: 'POST /webhook-endpoints', needs: ['webhook-endpoint.create'], may: 'A D E* P*', body: () => endpoint() },
  {
    ask: 'POST /webhook-endpoints',
    needs: ['webhook-endpoint.create'],
    may: 'A D E P',
    also: { 422: 'E2' },
    body: ({ product }) => endpoint({ product: to('products', product) }),
  },
  { ask: 'POST /webhook-endpoints', needs: ['webhook-endpoint.create'], may: 'A D E*', body: () => endpoint({ product: { data: null } }) },
  { ask: 'PATCH /webhook-endpoints/{endpoint}', needs: ['webhook-endpoint.update'], may: 'A D E P', sees: 'SA SU RO', body: () => endpoint() },
  {
    ask: 'DELETE /webhook-endpoints/{endpoint}',
    needs: ['webhook-endpoint.delete'],
    may: 'A D E P',
    sees: 'SA SU RO',
    fresh: async (make, { product }) => ({ endpoint: await make.create('webhook_endpoint', { product_id: product.id }) }),
  },
  { ask: 'GET /webhook-events', needs: ['webhook-event.read'], may: 'A D RO E* P*' },
  { ask: 'GET /webhook-events/{webhookEvent}', needs: ['webhook-event.read'], may: 'A D RO E P', sees: 'SA SU' },
  { ask: 'GET /webhook-events/{generalWebhookEvent}', needs: ['webhook-event.read'], may: 'A D RO E', sees: 'SA SU' },
  { ask: 'POST /webhook-events/{webhookEvent}/actions/retry', needs: ['webhook-event.retry'], may: 'A D E', sees: 'SA SU RO P' },
  {
    ask: 'DELETE /webhook-events/{webhookEvent}',
    needs: ['webhook-event.delete'],
    may: 'A D E',
    sees: 'SA SU RO P',
    fresh: async (make, scene) => ({ webhookEvent: await make.create('webhook_event', { webhook_endpoint_id: scene.endpoint.id }) }),
  },
  ...['event', 'request'].flatMap((kind): Row[] => [
    { ask: `GET /${kind}-logs`, needs: [`${kind}-log.read`], may: 'A D RO E*' },
    { ask: `GET /${kind}-logs/{${kind}Log}`, needs: [`${kind}-log.read`], may: 'A D RO E', sees: 'SA SU' },
  ]),
];
