/** Who asks in access matrices, by the names that their rows use. */
import { defaultPermissions } from '../../src/kernel/access/permissions.ts';
import type { Role } from '../../src/kernel/access/roles.ts';
import { type Attributes, type Client, serverWith, type Wire, type World } from '../kit.ts';
import { type Maker, type Scene, sceneOf } from './scene.ts';

/** Roles by the abbreviations of spec/auth.md 0. P2, L2: another product and its license. E2: an environment that the records are not in. X: an admin of another account. */
const roleOf: Record<string, Role | 'anonymous'> = {
  A: 'admin',
  D: 'developer',
  SA: 'sales-agent',
  SU: 'support-agent',
  RO: 'read-only',
  E: 'environment',
  E2: 'environment',
  P: 'product',
  P2: 'product',
  owner: 'user',
  licensee: 'user',
  operator: 'user',
  groupOwner: 'user',
  member: 'user',
  stranger: 'user',
  L: 'license',
  L2: 'license',
  N: 'anonymous',
  X: 'admin',
};
/** Everybody, in the order of the pages' tables. The operator is attached to the license and owns the machine. */
export const everybody = Object.keys(roleOf);
export const customers = ['owner', 'licensee', 'operator', 'groupOwner', 'member', 'stranger', 'L', 'L2'];

const groups: Record<string, string> = {
  S5: 'A D SA SU RO',
  'E*': 'E E2',
  'P*': 'P P2',
  'U*': 'owner licensee operator groupOwner member stranger',
  licensed: 'owner licensee operator',
  'L*': 'L L2',
  all: 'A D SA SU RO E E2 P P2 owner licensee operator groupOwner member stranger L L2',
};
export const rolesName = (name: string): Role => roleOf[name] as Role;
export const names = (text = ''): string[] =>
  text
    .split(' ')
    .flatMap((word) => groups[word]?.split(' ') ?? word)
    .filter((name) => {
      if (name !== '' && !(name in roleOf)) throw new TypeError(`nobody is called ${name}`);
      return name !== '';
    });

/** Somebody, and the records that a row's path means when he asks. */
export interface Asking {
  client: Client;
  scene: Scene;
  make: Maker;
  /** The record that the credential is of; none of the anonymous. */
  bearer?: { kind: string; record: Wire };
}
export type Cast = Record<string, Asking>;

const kindOf = (role: string): string => (['environment', 'product', 'license'].includes(role) ? role : 'user');
const recordOf: Record<string, string> = { P: 'product', P2: 'product2', L: 'license', L2: 'license2' };

/** The customers, and the products, of a scene. */
export async function customersOf(world: World, stage: { scene: Scene; make: Maker }, who: string[]): Promise<Cast> {
  const cast: Cast = {};
  for (const name of who) {
    const [kind, record] = [kindOf(rolesName(name)), stage.scene[recordOf[name] ?? name]];
    cast[name] = { ...stage, client: await world.as(rolesName(name), record), bearer: { kind, record } };
  }
  return cast;
}

async function staffOf(world: World, stage: { scene: Scene; make: Maker }): Promise<Cast> {
  const cast: Cast = {};
  for (const name of names('S5')) {
    const record = await world.create('user', { role: rolesName(name) });
    cast[name] = { ...stage, client: await world.as(rolesName(name), record), bearer: { kind: 'user', record } };
  }
  return cast;
}

/** A world with everybody in it. Environments are isolated, and what they ask about is in the first one. */
export async function castOf(world: World): Promise<Cast> {
  const environment = await world.create('environment');
  const environment2 = await world.create('environment');
  const shared = await world.create('environment', { code: 'shared', isolation_strategy: 'SHARED' });
  const setting = await world.create('setting', { key: 'default_user_permissions', value: [...defaultPermissions.user] });
  const common = { environment, shared, setting, account: world.account as Wire };
  common.shared.token = await world.create('token', { bearer_type: 'environment', bearer_id: shared.id, environment_id: shared.id });
  const environmentToken = await world.create('token', { bearer_type: 'environment', bearer_id: environment.id, environment_id: environment.id });

  const global = await sceneOf(world);
  const inside = await sceneOf(world, { environment });
  for (const { scene } of [global, inside]) Object.assign(scene, common, { environmentToken });
  const cast: Cast = { ...(await staffOf(world, global)), ...(await customersOf(world, global, names('P* U* L*'))) };
  for (const [name, record] of [['E', environment], ['E2', environment2]] as const) // biome-ignore format: pairs
    cast[name] = { ...inside, client: (await world.as('environment', record)).in(record), bearer: { kind: 'environment', record } };
  cast.N = { ...global, client: world.anonymous() };
  cast.X = { ...global, client: await foreigner(world) };
  return cast;
}

/** An admin of another account, who asks for this one's. */
async function foreigner(world: World): Promise<Client> {
  const account: Attributes = await (await serverWith()).create('account');
  const bearer = await world.create('user', { account_id: account.id, role: 'admin' });
  const { secret } = await world.create('token', { account_id: account.id, bearer_type: 'user', bearer_id: bearer.id });
  return world.anonymous().with({ authorization: `Bearer ${secret}` });
}
