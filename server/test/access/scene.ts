/** The records that access matrices are about: everything one product's customers have, and the same of another product, in one environment. */
import type { Attributes, Wire, World } from '../kit.ts';

/** Records by name. */
export type Scene = Record<string, Wire>;

export interface SceneOptions {
  /** Where it all is; nothing: the global environment. */
  environment?: Wire;
  /** What its users and licenses may do; nothing: what they may by default. */
  permissions?: string[];
  /** The flags that restrict customers (spec/auth.md 10.7). */
  license?: boolean | null;
  policy?: boolean;
}

const in25Years = '2050-01-01T00:00:00.000Z';
const policyAttributes = {
  floating: true,
  max_machines: null,
  duration: 86_400 * 30,
  require_check_in: true,
  check_in_interval: 'day',
  check_in_interval_count: 1,
};

/** Makes records of a scene anew, for requests that use up what they are about. */
export class Maker {
  readonly #world: World;
  readonly #options: SceneOptions;

  constructor(world: World, options: SceneOptions) {
    this.#world = world;
    this.#options = options;
  }

  create(type: string, attributes: Attributes = {}): Promise<Wire> {
    return this.#world.create(type, { environment_id: this.#options.environment?.id ?? null, ...attributes });
  }
  /** A record of a kind that is in no environment. */
  unscoped = (type: string, attributes: Attributes = {}): Promise<Wire> => this.#world.create(type, attributes);
  /** Removes records that only one of can exist. */
  async forget(table: string, which: string): Promise<Scene> {
    await this.#world.server.sql(`delete from ${table} where account_id = $1 and ${which}`, [this.#world.account.id]);
    return {};
  }
  user = (attributes: Attributes = {}): Promise<Wire> => {
    const { permissions } = this.#options;
    return this.create('user', { ...(permissions && { permissions }), ...attributes });
  };
  policy = async ({ product }: Scene, attributes: Attributes = {}): Promise<Wire> =>
    this.create('policy', { ...policyAttributes, product_id: product.id, protected: this.#options.policy ?? false, ...attributes });

  /** A license of the owner, with its users, in the group. */
  async license({ policy, owner, licensee, operator, group }: Scene, attributes: Attributes = {}): Promise<Wire> {
    const { permissions, license: flag = false } = this.#options;
    const given = { policy_id: policy.id, owner_id: owner.id, group_id: group.id, protected: flag, uses: 9, expiry: in25Years };
    const made = await this.create('license', { ...given, ...(permissions && { permissions }), ...attributes });
    for (const user of [licensee, operator]) await this.create('license_user', { license_id: made.id, user_id: user.id });
    return made;
  }
  otherLicense({ policy2, owner2 }: Scene): Promise<Wire> {
    const { permissions } = this.#options;
    return this.create('license', { policy_id: policy2.id, owner_id: owner2.id, ...(permissions && { permissions }) });
  }
  machine = ({ license, operator, group }: Scene, attributes: Attributes = {}): Promise<Wire> =>
    this.create('machine', { license_id: license.id, owner_id: operator.id, group_id: group.id, ...attributes });
  /** A release that has been published. */
  release = (product: Wire, attributes: Attributes = {}): Promise<Wire> =>
    this.create('release', { product_id: product.id, status: 'PUBLISHED', ...attributes });
  /** An artifact whose bytes are there. */
  artifact = (release: Wire, attributes: Attributes = {}): Promise<Wire> =>
    this.create('release_artifact', { release_id: release.id, status: 'UPLOADED', ...attributes });
  token = (kind: string, bearer: Wire, attributes: Attributes = {}): Promise<Wire> =>
    this.create('token', { bearer_type: kind, bearer_id: bearer.id, ...attributes });
  async entitlement({ license }: Scene): Promise<Wire> {
    const made = await this.create('entitlement');
    await this.create('license_entitlement', { license_id: license.id, entitlement_id: made.id });
    return made;
  }
  /** An entitlement that a release asks for. */
  async constrained(release: Wire): Promise<Wire> {
    const made = await this.create('entitlement');
    await this.create('release_entitlement_constraint', { release_id: release.id, entitlement_id: made.id });
    return made;
  }
  async inherited({ policy }: Scene): Promise<Wire> {
    const made = await this.create('entitlement');
    await this.create('policy_entitlement', { policy_id: policy.id, entitlement_id: made.id });
    return made;
  }
}

const webhooksOf = async (make: Maker, product?: Wire): Promise<[Wire, Wire]> => {
  const endpoint = await make.create('webhook_endpoint', product ? { product_id: product.id } : {});
  return [endpoint, await make.create('webhook_event', { webhook_endpoint_id: endpoint.id, endpoint: endpoint.url })];
};

/** Those who take part, besides the vendor's staff. */
async function people(make: Maker, scene: Scene): Promise<void> {
  for (const name of ['owner', 'licensee', 'operator', 'groupOwner', 'stranger', 'owner2']) scene[name] = await make.user();
  scene.group = await make.create('group');
  scene.group2 = await make.create('group');
  scene.member = await make.user({ group_id: scene.group.id });
  scene.groupOwnership = await make.create('group_owner', { group_id: scene.group.id, user_id: scene.groupOwner.id });
  scene.admin = await make.create('user', { role: 'admin' });
  scene.developer = await make.create('user', { role: 'developer' });
}

async function licensing(make: Maker, scene: Scene): Promise<void> {
  scene.product = await make.create('product');
  scene.product2 = await make.create('product');
  scene.policy = await make.policy(scene);
  scene.nextPolicy = await make.policy(scene);
  scene.pooled = await make.policy(scene, { use_pool: true });
  scene.policy2 = await make.policy({ product: scene.product2 });
  const pooled2 = await make.policy({ product: scene.product2 }, { use_pool: true });
  scene.key = await make.create('key', { policy_id: scene.pooled.id });
  scene.key2 = await make.create('key', { policy_id: pooled2.id });
  scene.license = await make.license(scene);
  scene.license2 = await make.otherLicense(scene);
  scene.entitlement = await make.entitlement(scene);
  scene.inherited = await make.inherited(scene);
  scene.entitlement2 = await make.entitlement({ license: scene.license2 });
  scene.loose = await make.create('entitlement');
}

async function machinery(make: Maker, scene: Scene): Promise<void> {
  scene.machine = await make.machine(scene);
  scene.machine2 = await make.create('machine', { license_id: scene.license2.id });
  for (const [suffix, machine] of [
    ['', scene.machine],
    ['2', scene.machine2],
  ]) {
    scene[`component${suffix}`] = await make.create('machine_component', { machine_id: machine.id });
    scene[`process${suffix}`] = await make.create('machine_process', { machine_id: machine.id });
  }
}

/** What the products' customers may download: `release` asks for an entitlement that the license has. */
async function distribution(make: Maker, scene: Scene): Promise<void> {
  const { product, product2, entitlement } = scene;
  scene.release = await make.release(product, { version: '1.0.0' });
  scene.newer = await make.release(product, { version: '2.0.0' });
  scene.release2 = await make.release(product2);
  scene.constraint = await make.create('release_entitlement_constraint', { release_id: scene.release.id, entitlement_id: entitlement.id });
  scene.artifact = await make.artifact(scene.release);
  scene.artifact2 = await make.artifact(scene.release2);
  scene.package = await make.create('release_package', { product_id: product.id });
  scene.package2 = await make.create('release_package', { product_id: product2.id });
  await dimensions(make, scene);
}

/** What only the first product names, and no more than drafts and artifacts that nobody has uploaded. */
async function dimensions(make: Maker, scene: Scene): Promise<void> {
  for (const name of ['channel', 'platform', 'arch', 'engine']) scene[name] = await make.unscoped(`release_${name}`);
  const { product, channel, platform, arch, engine } = scene;
  const draft = await make.create('release', { product_id: product.id, channel_id: channel.id });
  await make.create('release_artifact', { release_id: draft.id, platform_id: platform.id, arch_id: arch.id });
  await make.create('release_package', { product_id: product.id, engine_id: engine.id });
}

async function records(make: Maker, scene: Scene): Promise<void> {
  [scene.endpoint, scene.webhookEvent] = await webhooksOf(make, scene.product);
  [scene.endpoint2, scene.webhookEvent2] = await webhooksOf(make, scene.product2);
  [scene.generalEndpoint, scene.generalWebhookEvent] = await webhooksOf(make);
  scene.eventLog = await make.create('event_log');
  scene.requestLog = await make.create('request_log');
  for (const [name, kind] of [
    ['owner', 'user'],
    ['license', 'license'],
    ['product', 'product'],
    ['admin', 'user'],
    ['developer', 'user'],
  ] as const)
    scene[`${name}Token`] = await make.token(kind, scene[name]);
}

/** All of it. @returns the records, and what makes more of them */
export async function sceneOf(world: World, options: SceneOptions = {}): Promise<{ scene: Scene; make: Maker }> {
  const make = new Maker(world, options);
  const scene: Scene = {};
  await people(make, scene);
  await licensing(make, scene);
  await machinery(make, scene);
  await distribution(make, scene);
  await records(make, scene);
  return { scene, make };
}
