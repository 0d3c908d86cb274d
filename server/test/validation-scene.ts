/** Licenses with all that validation may look at, made of records; for tests over HTTP. */
import type { Attributes, Wire, World } from './kit.ts';

export interface MachineGiven extends Attributes {
  /** Whose machine it is. */
  of?: 'owner' | 'licensee' | 'stranger';
  components?: string[];
  processes?: number;
}

export interface Given {
  policy?: Attributes;
  license?: Attributes;
  owner?: Attributes;
  /** How many users are attached. */
  licensees?: number;
  machines?: MachineGiven[];
  /** Codes: of the license itself, and of its policy. */
  entitlements?: string[];
  inherited?: string[];
  environment?: Wire;
}

export interface Scene {
  license: Wire;
  policy: Wire;
  owner: Wire;
  licensee: Wire;
  stranger: Wire;
  machines: Wire[];
}

async function entitle(world: World, codes: string[], join: 'license_entitlement' | 'policy_entitlement', parent: Attributes): Promise<void> {
  for (const code of codes) {
    const entitlement = await world.create('entitlement', { code });
    await world.create(join, { ...parent, entitlement_id: entitlement.id });
  }
}

async function machineOf(world: World, license: Wire, people: Pick<Scene, 'owner' | 'licensee' | 'stranger'>, given: MachineGiven): Promise<Wire> {
  const { of, components = [], processes = 0, ...attributes } = given;
  const machine = await world.create('machine', { license_id: license.id, ...(of && { owner_id: people[of].id }), ...attributes });
  for (const fingerprint of components) await world.create('machine_component', { machine_id: machine.id, fingerprint });
  for (let n = 0; n < processes; n++) await world.create('machine_process', { machine_id: machine.id });
  return machine;
}

const sum = (machines: MachineGiven[], name: string): number => machines.reduce((total, machine) => total + Number(machine[name] ?? 0), 0);

export async function scene(world: World, given: Given = {}): Promise<Scene> {
  const { licensees = 0, machines = [], environment } = given;
  const within = environment ? { environment_id: environment.id } : {};
  const policy = await world.create('policy', { ...within, max_machines: null, ...given.policy });
  const owner = given.owner && (await world.create('user', { ...within, ...given.owner }));
  const people = { owner, stranger: await world.create('user', { ...within }), licensee: undefined as Wire };
  const license = await world.create('license', { ...within, policy_id: policy.id, ...(owner && { owner_id: owner.id }), ...given.license });
  for (let n = 0; n < licensees; n++) {
    people.licensee = await world.create('user', { ...within, email: `licensee-${n}-${license.id}@example.com` });
    await world.create('license_user', { ...within, license_id: license.id, user_id: people.licensee.id });
  }
  await entitle(world, given.entitlements ?? [], 'license_entitlement', { ...within, license_id: license.id });
  await entitle(world, given.inherited ?? [], 'policy_entitlement', { ...within, policy_id: policy.id });
  const made: Wire[] = [];
  for (const machine of machines) made.push(await machineOf(world, license, people, { ...within, ...machine }));
  const counters = {
    users_count: licensees,
    machines_count: machines.length,
    machines_core_count: sum(machines, 'cores'),
    machines_memory: sum(machines, 'memory'),
    machines_disk: sum(machines, 'disk'),
  };
  return { ...people, policy, machines: made, license: { ...(await world.server.update('license', license.id, counters)), key: license.key } };
}
