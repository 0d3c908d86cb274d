/** Machines, components, processes (spec/auth.md 11; spec/machines.md 1.4, 7, 9.2, 10.2; spec/validation.md 2). */
import { doc, type Row, to } from './rows.ts';
import type { Maker, Scene } from './scene.ts';

let count = 0;
const unique = (text: string): string => `${text}-${++count}`;

const anew = { fresh: async (make: Maker, scene: Scene): Promise<Scene> => ({ machine: await make.machine(scene) }) };
const related = 'S5 E P licensed L';
const machine = (more: object = {}) => ({
  body: (scene: Scene) =>
    doc(
      'machines',
      { fingerprint: unique('new-fingerprint') },
      { license: to('licenses', scene.license), ...Object.fromEntries(Object.entries(more).map(([name, of]) => [name, of(scene)])) },
    ),
});
const priv = 'A D SA E P';
const notPriv = 'SU RO licensed L';
const action = 'POST /machines/{machine}/actions';
const granted = { may: 'S5 E P', sees: 'licensed L', granted: 'licensed L' };

export const machines: Row[] = [
  { ask: 'GET /machines', needs: ['machine.read'], may: 'all' },
  { ask: 'GET /machines/{machine}', needs: ['machine.read'], may: related },
  { ask: 'POST /machines', needs: ['machine.create'], may: 'A D SA E P owner L', also: { 422: 'E2' }, licenseProtected: 'owner', ...machine() },
  {
    ask: 'POST /machines',
    needs: ['machine.create'],
    may: 'A D SA E P owner operator L',
    also: { 422: 'E2' },
    licenseProtected: 'owner operator',
    ...machine({ owner: ({ operator }: Scene) => to('users', operator) }),
  },
  {
    ask: 'POST /machines',
    needs: ['machine.create', 'component.create'],
    may: 'A D SA E P owner L',
    also: { 422: 'E2' },
    ...machine({ components: () => ({ data: [] }) }),
  },
  {
    ask: 'PATCH /machines/{machine}',
    needs: ['machine.update'],
    may: 'A D SA SU E P owner operator L',
    sees: 'RO licensee',
    licenseProtected: 'owner operator L',
    body: () => doc('machines', { name: 'New' }),
  },
  {
    ask: 'DELETE /machines/{machine}',
    needs: ['machine.delete'],
    may: 'A D SA E P owner operator L',
    sees: 'SU RO licensee',
    licenseProtected: 'owner operator',
    ...anew,
  },
  ...['ping', 'ping-heartbeat'].map(
    (name): Row => ({
      ask: `${action}/${name}`,
      needs: ['machine.heartbeat.ping'],
      may: 'A D E P owner operator L',
      sees: 'SA SU RO licensee',
      licenseProtected: 'owner operator',
      ok: 200,
    }),
  ),
  ...['reset', 'reset-heartbeat'].map(
    (name): Row => ({ ask: `${action}/${name}`, needs: ['machine.heartbeat.reset'], may: priv, sees: notPriv, granted: '', ok: 200 }),
  ),
  ...['GET', 'POST'].map(
    (method): Row => ({
      ask: `${method} /machines/{machine}/actions/check-out`,
      needs: ['machine.check-out', 'machine.read'],
      may: 'A D SA SU E P licensed L',
      sees: 'RO',
      licenseProtected: 'licensed',
      ok: 200,
    }),
  ),
  ...(
    [
      ['license', 'license.read', 'A D SA SU E P licensed L', 'RO', ''],
      ['license.entitlements', 'entitlement.read', 'A D SA SU E P licensed L', 'RO', ''],
      ['license.owner', 'user.read', 'A D SA SU E P licensed', 'RO L', 'L'],
      ['license.users', 'user.read', 'A D SA SU E P licensed', 'RO L', 'L'],
      ['owner', 'user.read', 'A D SA SU E P licensed', 'RO L', 'L'],
      ['license.product', 'product.read', 'A D SA SU E P', 'RO licensed L', 'licensed L'],
      ['license.policy', 'policy.read', 'A D SA SU E P', 'RO licensed L', 'licensed L'],
      ['environment', 'environment.read', 'A D SA SU E', 'RO P licensed L', ''],
      ['components', 'component.read', 'A D SA SU E P licensed L', 'RO', ''],
      ['group', 'group.read', 'A D SA SU E P licensed L', 'RO', ''],
    ] as const
  ).map(
    ([include, permission, may, sees, also]): Row => ({
      ask: `${action}/check-out?include=${include}`,
      needs: ['machine.check-out', 'machine.read', permission],
      may,
      sees,
      granted: also,
      ok: 200,
    }),
  ),
  {
    ask: `${action}/generate-offline-proof`,
    needs: ['machine.proofs.generate'],
    may: 'A D SA E P owner L',
    sees: 'SU RO licensee operator',
    licenseProtected: 'owner',
    ok: 200,
  },
  { ask: 'GET /machines/{machine}/product', needs: ['product.read'], ...granted },
  { ask: 'GET /machines/{machine}/license', needs: ['license.read'], may: related },
  { ask: 'GET /machines/{machine}/group', needs: ['group.read'], may: related },
  { ask: 'PUT /machines/{machine}/group', needs: ['machine.group.update'], may: priv, sees: notPriv, body: ({ group2 }) => to('groups', group2), ...anew },
  { ask: 'GET /machines/{machine}/owner', needs: ['user.read'], may: 'S5 E P licensed', sees: 'L', granted: 'L' },
  { ask: 'PUT /machines/{machine}/owner', needs: ['machine.owner.update'], may: priv, sees: notPriv, body: ({ licensee }) => to('users', licensee), ...anew },
  { ask: 'GET /machines/{machine}/user', needs: ['user.read'], may: 'S5 E P owner', sees: 'licensee operator L', granted: 'L' },
  { ask: 'GET /machines/{machine}/components', needs: ['component.read'], may: related },
  { ask: 'GET /machines/{machine}/components/{component}', needs: ['component.read'], may: related },
  { ask: 'GET /machines/{machine}/processes', needs: ['process.read'], may: related },
  { ask: 'GET /machines/{machine}/processes/{process}', needs: ['process.read'], may: related },
];

/** Components and processes are alike. */
const onMachine = (name: 'component' | 'process', plural: string, attributes: () => object): Row[] => [
  { ask: `GET /${plural}`, needs: [`${name}.read`], may: 'all' },
  { ask: `GET /${plural}/{${name}}`, needs: [`${name}.read`], may: related },
  {
    ask: `POST /${plural}`,
    needs: [`${name}.create`],
    may: 'A D SA E P owner operator L',
    also: { 422: 'E2' },
    licenseProtected: 'owner operator',
    body: (scene) => doc(plural, attributes(), { machine: to('machines', scene.machine) }),
  },
  {
    ask: `PATCH /${plural}/{${name}}`,
    needs: [`${name}.update`],
    may: 'A D SA SU E P owner operator L',
    sees: 'RO licensee',
    licenseProtected: 'owner operator',
    body: () => doc(plural, name === 'component' ? { name: 'New' } : {}),
  },
  {
    ask: `DELETE /${plural}/{${name}}`,
    needs: [`${name}.delete`],
    may: 'A D SA E P owner operator L',
    sees: 'SU RO licensee',
    licenseProtected: 'owner operator',
    fresh: async (make, scene) => ({ [name]: await make.create(`machine_${name}`, { machine_id: scene.machine.id }) }),
  },
  { ask: `GET /${plural}/{${name}}/product`, needs: ['product.read'], ...granted },
  { ask: `GET /${plural}/{${name}}/license`, needs: ['license.read'], may: related },
  { ask: `GET /${plural}/{${name}}/machine`, needs: ['machine.read'], may: related },
];

export const components = onMachine('component', 'components', () => ({ fingerprint: unique('new-component'), name: 'New' }));
export const processes: Row[] = [
  ...onMachine('process', 'processes', () => ({ pid: unique('new-pid') })),
  {
    ask: 'POST /processes/{process}/actions/ping',
    needs: ['process.heartbeat.ping'],
    may: 'A D E P owner operator L',
    sees: 'SA SU RO licensee',
    licenseProtected: 'owner operator',
    ok: 200,
  },
];
