import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, newWorld, type Wire, type World } from '../../test/kit.ts';
import type { Role } from '../kernel/access/roles.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const policyAttributes = { require_check_in: true, check_in_interval: 'day', check_in_interval_count: 1, duration: 86_400 };

interface Action {
  method: 'get' | 'post' | 'delete';
  path(license: Wire, machine: Wire): string;
  body?(license: Wire): unknown;
  /** What the license must be like. */
  license?: object;
}
const action = (name: string, more: Partial<Action> = {}): Action => ({ method: 'post', path: ({ id }) => `/licenses/${id}/actions/${name}`, ...more });
const ofMachine = (name: string, more: Partial<Action> = {}): Action => ({ method: 'post', path: (_, { id }) => `/machines/${id}/actions/${name}`, ...more });

const actions: Record<string, Action> = {
  'quick validate': action('validate', { method: 'get' }),
  validate: action('validate'),
  'validate-key': action('', { path: () => '/licenses/actions/validate-key', body: ({ key }) => ({ meta: { key } }) }),
  'check-in': action('check-in'),
  renew: action('renew'),
  revoke: action('revoke', { method: 'delete' }),
  suspend: action('suspend'),
  reinstate: action('reinstate', { license: { suspended: true } }),
  increment: action('increment-usage'),
  decrement: action('decrement-usage', { license: { uses: 1 } }),
  'reset usage': action('reset-usage'),
  'check-out': action('check-out'),
  'check-out file': action('check-out', { method: 'get' }),
  'machine check-out': ofMachine('check-out'),
  'machine check-out file': ofMachine('check-out', { method: 'get' }),
  proof: ofMachine('generate-offline-proof'),
};

type Actor = 'A' | 'D' | 'SA' | 'SU' | 'RO' | 'P' | 'P?' | 'U' | 'Ul' | 'U?' | 'L' | 'L?' | 'N';
const staff: [Actor, Role][] = [['A', 'admin'], ['D', 'developer'], ['SA', 'sales-agent'], ['SU', 'support-agent'], ['RO', 'read-only']]; // biome-ignore format: a table

interface People {
  policy: Wire;
  owner: Wire;
  licensee: Wire;
}
async function people(policy: object): Promise<People> {
  const [owner, licensee] = [await world.create('user'), await world.create('user')];
  return { policy: await world.create('policy', { ...policyAttributes, ...policy }), owner, licensee };
}

async function licenseOf({ policy, owner, licensee }: People, attributes: object = {}): Promise<{ license: Wire; machine: Wire }> {
  const expiry = new Date(world.server.clock.now().getTime() + 1e9);
  const license = await world.create('license', { policy_id: policy.id, owner_id: owner.id, expiry, ...attributes });
  await world.create('license_user', { license_id: license.id, user_id: licensee.id });
  return { license, machine: await world.create('machine', { license_id: license.id }) };
}

async function clientOf(actor: Actor, { policy, owner, licensee }: People, license: Wire): Promise<Client> {
  const role = staff.find(([name]) => name === actor)?.[1];
  if (role) return world.as(role);
  switch (actor) {
    case 'P':
      return world.as('product', { id: policy.product_id });
    case 'P?':
      return world.as('product');
    case 'U':
      return world.as('user', owner);
    case 'Ul':
      return world.as('user', licensee);
    case 'U?':
      return world.as('user');
    case 'L':
      return world.as('license', license);
    case 'L?':
      return world.as('license');
    default:
      return world.anonymous();
  }
}

// biome-ignore format: a table
const matrix: [string, Record<Actor, number>][] = [
  ['quick validate',         { A: 200, D: 200, SA: 200, SU: 200, RO: 200, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['validate',               { A: 200, D: 200, SA: 200, SU: 200, RO: 200, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['validate-key',           { A: 200, D: 200, SA: 200, SU: 200, RO: 200, P: 200, 'P?': 403, U: 200, Ul: 200, 'U?': 403, L: 200, 'L?': 403, N: 200 }],
  ['check-in',               { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 403, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['renew',                  { A: 200, D: 200, SA: 200, SU: 403, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['revoke',                 { A: 204, D: 204, SA: 204, SU: 403, RO: 403, P: 204, 'P?': 404, U: 204, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['suspend',                { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 403, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['reinstate',              { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 403, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['increment',              { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 403, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['decrement',              { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 403, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['reset usage',            { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 403, Ul: 403, 'U?': 404, L: 403, 'L?': 404, N: 401 }],
  ['check-out',              { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['check-out file',         { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['machine check-out',      { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['machine check-out file', { A: 200, D: 200, SA: 200, SU: 200, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 200, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
  ['proof',                  { A: 200, D: 200, SA: 200, SU: 403, RO: 403, P: 200, 'P?': 404, U: 200, Ul: 403, 'U?': 404, L: 200, 'L?': 404, N: 401 }],
];

async function statusOf(name: string, actor: Actor, who: People, attributes: object = {}): Promise<number> {
  const { method, path, body, license: state } = actions[name]!;
  const { license, machine } = await licenseOf(who, { ...state, ...attributes });
  const client = await clientOf(actor, who, license);
  return (await client.send(method.toUpperCase(), path(license, machine), body?.(license))).status;
}

describe.each(matrix)('%s', (name, expected) => {
  test('is for those who may', async () => {
    const who = await people({});
    const got: Record<string, number> = {};
    for (const actor of Object.keys(expected) as Actor[]) got[actor] = await statusOf(name, actor, who);
    expect(got).toEqual(expected);
  });
});

describe('protection', () => {
  // biome-ignore format: a table
  const cases: [string, 'license' | 'policy', Actor, number][] = [
    ['check-in', 'license', 'U', 403], ['increment', 'license', 'U', 403], ['check-out', 'license', 'U', 403], ['check-out', 'license', 'Ul', 403],
    ['machine check-out', 'license', 'U', 403], ['machine check-out', 'license', 'Ul', 403], ['proof', 'license', 'U', 403],
    ['renew', 'license', 'U', 200], ['revoke', 'license', 'U', 204], ['validate', 'license', 'U', 200],
    ['check-in', 'license', 'L', 200], ['increment', 'license', 'L', 200], ['check-out', 'license', 'L', 200], ['machine check-out', 'license', 'L', 200], ['proof', 'license', 'L', 200],
    ['renew', 'policy', 'U', 403], ['revoke', 'policy', 'U', 403], ['check-in', 'policy', 'U', 200], ['increment', 'policy', 'U', 200],
    ['check-in', 'license', 'P', 200], ['renew', 'policy', 'A', 200],
  ];
  test.each(cases)('%s of a protected %s by %s: %d', async (name, what, actor, status) => {
    const who = await people({ protected: what === 'policy' });
    expect(await statusOf(name, actor, who, { protected: what === 'license' })).toBe(status);
  });

  test("is the policy's where the license does not say", async () => {
    const who = await people({ protected: true });
    expect(await statusOf('check-in', 'U', who, { protected: null })).toBe(403);
  });
});

describe('permissions', () => {
  // biome-ignore format: a table
  const needed: [string, string][] = [
    ['quick validate', 'license.validate'], ['validate', 'license.validate'], ['validate-key', 'license.validate'], ['check-in', 'license.check-in'],
    ['renew', 'license.renew'], ['revoke', 'license.revoke'], ['suspend', 'license.suspend'], ['reinstate', 'license.reinstate'],
    ['increment', 'license.usage.increment'], ['decrement', 'license.usage.decrement'], ['reset usage', 'license.usage.reset'],
    ['check-out', 'license.check-out,license.read'], ['machine check-out', 'machine.check-out,machine.read'], ['proof', 'machine.proofs.generate'],
  ];
  test.each(needed)('%s needs %s of the bearer and of the token', async (name, list) => {
    const who = await people({});
    const names = list.split(',');
    const { method, path, body, license: state } = actions[name]!;
    const { license, machine } = await licenseOf(who, state);
    const send = async (bearer: string[], token: string[]) => {
      const user = await world.create('user', { role: 'admin', permissions: bearer });
      const { secret } = await world.create('token', { bearer_type: 'user', bearer_id: user.id, permissions: token });
      const client = world.anonymous().with({ authorization: `Bearer ${secret}` });
      return client.send(method.toUpperCase(), path(license, machine), body?.(license));
    };
    for (const missing of names) {
      const rest = ['product.read', ...names.filter((one) => one !== missing)];
      const detail = (of: string) => `You do not have permission to complete the request (${of} lacks permission to perform action)`;
      const weak = await send(rest, ['*']);
      expect([weak.status, weak.errors]).toEqual([403, [{ title: 'Access denied', detail: detail('admin') }]]);
      const weakToken = await send(['*'], rest);
      expect([weakToken.status, weakToken.errors]).toEqual([403, [{ title: 'Access denied', detail: detail('token') }]]);
    }
    expect((await send(names, names)).status).toBeLessThan(300);
  });
});

describe('environments', () => {
  const lax = ['quick validate', 'validate', 'validate-key', 'proof'];

  test.each(Object.keys(actions))('%s: where the license is', async (name) => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const isolated = await world.create('environment', { isolation_strategy: 'ISOLATED' });
    const admin = await world.as('admin');
    const { method, path, body, license: state } = actions[name]!;
    const send = async (client: Client, where: Wire) => {
      const within = where ? { environment_id: where.id } : {};
      const policy = await world.create('policy', { ...policyAttributes, ...within });
      const license = await world.create('license', { policy_id: policy.id, expiry: '2099-01-01', ...within, ...state });
      const machine = await world.create('machine', { license_id: license.id, ...within });
      return client.send(method.toUpperCase(), path(license, machine), body?.(license));
    };
    const inShared = await world.as('environment', shared);
    const ok = name === 'revoke' ? 204 : 200;
    expect((await send(inShared.in(shared), shared)).status).toBe(ok);
    expect((await send(inShared.in(shared), undefined)).status).toBe(lax.includes(name) ? 200 : 403);
    expect((await send(inShared, shared)).status).toBe(401);
    const hidden = async (client: Client, where: Wire) => {
      const { status, meta } = await send(client, where);
      expect(name === 'validate-key' ? [status, meta.code] : status).toEqual(name === 'validate-key' ? [200, 'NOT_FOUND'] : 404);
    };
    await hidden(inShared.in(shared), isolated);
    await hidden(admin, shared);
    await hidden(admin, isolated);
    await hidden((await world.as('environment', isolated)).in(isolated), undefined);
  });

  test('a machine of a shared environment on a global license can be checked out', async () => {
    const shared = await world.create('environment', { isolation_strategy: 'SHARED' });
    const license = await world.create('license');
    const machine = await world.create('machine', { license_id: license.id, environment_id: shared.id });
    const client = (await world.as('environment', shared)).in(shared);
    const { data } = await client.post(`/machines/${machine.id}/actions/check-out?include=license`, undefined, 200);
    expect(data.relationships.environment.data).toEqual({ type: 'environments', id: shared.id });
  });
});
