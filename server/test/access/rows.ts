/** Rows of access matrices, and how they become tests. */
import { expect, test } from 'vitest';
import { roleInWords } from '../../src/kernel/access/roles.ts';
import type { Client, Wire, World } from '../kit.ts';
import { type Asking, type Cast, castOf, customers, customersOf, everybody, names, rolesName } from './cast.ts';
import { catalogue, permissionsOf } from './permissions.ts';
import { type Maker, type Scene, type SceneOptions, sceneOf } from './scene.ts';

/** One request, and what everybody is answered. Names are those of cast.ts. */
export interface Row {
  /** Method and path; `{license}` is the id of that record of the scene. */
  ask: string;
  /** The permissions that it takes: without one of them nobody may. */
  needs: string[];
  may: string;
  /** Who is refused, with 403. */
  sees?: string;
  /** What all others are answered: 404 where the path names a record, else 403. */
  others?: number;
  /** Who is answered something else. */
  also?: { [status: number]: string };
  ok?: number;
  body?: (scene: Scene) => unknown;
  /** The records that a successful request uses up, made anew for each. */
  fresh?: (make: Maker, scene: Scene) => Promise<Scene>;
  /** Reasons of refusals which neither a missing permission nor the role rule explains. */
  reasons?: Record<string, string>;
  /** Who may also, once customers hold every permission that they can be given. */
  granted?: string;
  /** Who may not where the license is protected, and where the policy is. */
  licenseProtected?: string;
  policyProtected?: string;
  /** Asked inside the shared environment by all that can be there. */
  shared?: boolean;
  /** Asks with a token of its own that the request may use up; `{ownToken}` is that token. */
  ownToken?: boolean;
}

export const reasons = {
  role: 'ensure the token or license is allowed to access all resources',
  record: 'record environment is not compatible with the current environment',
  notionless: 'record is not compatible with the current environment',
};
const usual: Record<string, number> = { GET: 200, POST: 201, PUT: 200, PATCH: 200, DELETE: 204 };
const methodOf = (row: Row): string => row.ask.split(' ')[0]!;
export const okOf = (row: Row): number => row.ok ?? usual[methodOf(row)]!;

/** The answers that a row promises. */
function promised(row: Row, who: readonly string[], holds: 'D' | 'Da' = 'D', may = names(row.may)): Record<string, string> {
  const byName = new Map<string, number>([
    ['N', 401],
    ['X', 401],
  ]);
  const set = (text: string | undefined, status: number) => {
    for (const name of names(text)) byName.set(name, status);
  };
  set(row.sees, 403);
  for (const [status, text] of Object.entries(row.also ?? {})) set(text, Number(status));
  for (const name of may) byName.set(name, okOf(row));
  const others = row.others ?? (row.ask.includes('{') ? 404 : 403);
  return Object.fromEntries(who.map((name) => [name, told(byName.get(name) ?? others, () => reasonFor(row, name, holds))]));
}

const told = (status: number, reason: () => string): string => (status === 403 ? `403 ${reason()}` : String(status));

function reasonFor(row: Row, name: string, holds: string): string {
  const role = rolesName(name);
  const given = Object.entries(row.reasons ?? {}).find(([text]) => names(text).includes(name))?.[1];
  const held = permissionsOf(role, holds);
  return given ?? (row.needs.every((need) => held.includes(need)) ? reasons.role : `${roleInWords(role)} lacks permission to perform action`);
}

/** What somebody is answered. A refusal shows its reason. */
export async function answerTo(client: Client, row: Row, scene: Scene): Promise<string> {
  const [method, template = ''] = row.ask.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name) => {
    if (!scene[name]) throw new TypeError(`no ${name} in the scene`);
    return scene[name].id;
  });
  const { status, errors } = await client.send(method!, path, row.body?.(scene));
  const detail = String(errors?.[0]?.detail);
  const reason = /^You do not have permission to complete the request \((.*)\)$/.exec(detail)?.[1] ?? detail;
  return told(status, () => reason);
}

/** The asker with a token of its own, which the request may use up. */
async function withOwnToken(world: World, { bearer, client, scene }: Asking): Promise<{ client: Client; scene: Scene }> {
  if (!bearer) return { client, scene: { ...scene, ownToken: scene.ownerToken } };
  const { kind, record } = bearer;
  const environment_id = kind === 'environment' ? record.id : record.environment_id;
  const ownToken = await world.create('token', { bearer_type: kind, bearer_id: record.id, environment_id });
  return { client: client.with({ authorization: `Bearer ${ownToken.secret}` }), scene: { ...scene, ownToken } };
}

async function asked(world: World, cast: Cast, row: Row, who: readonly string[], expected: Record<string, string>): Promise<void> {
  const actual: Record<string, string> = {};
  for (const name of who) {
    const asking = cast[name]!;
    const { client, scene } = row.ownToken ? await withOwnToken(world, asking) : asking;
    const made = row.fresh && expected[name] === String(okOf(row)) ? await row.fresh(asking.make, scene) : {};
    const here = row.shared && !name.startsWith('E') && name !== 'X' ? client.in('shared') : client;
    actual[name] = await answerTo(here, row, { ...scene, ...made });
  }
  expect(actual, row.ask).toEqual(expected);
}

/** An admin who lacks one permission, or whose token does. */
async function adminWithout({ world, lacking }: Stages, permission: string, where: 'role' | 'token'): Promise<Client> {
  const known = lacking.get(`${where} ${permission}`);
  if (known) return known;
  const permissions = catalogue.filter((name) => name !== permission);
  const user = await world.create('user', { role: 'admin', ...(where === 'role' && { permissions }) });
  const { secret } = await world.create('token', { bearer_id: user.id, ...(where === 'token' && { permissions }) });
  const client = world.anonymous().with({ authorization: `Bearer ${secret}` });
  lacking.set(`${where} ${permission}`, client);
  return client;
}

/** A world in which customers may hold all that they can be given, and where they are held back by flags. */
export interface Stages {
  world: World;
  everybody: Cast;
  granted: Cast;
  licenseProtected: Cast;
  policyProtected: Cast;
  inherited: Cast;
  /** Admins without a permission, as rows ask for them. */
  lacking: Map<string, Client>;
}

/** For `beforeAll`: rows share a world, since whoever is refused changes nothing, and whoever is not uses records of its own. */
export async function stagesOf(world: World): Promise<Stages> {
  const stage = async (options: SceneOptions) => customersOf(world, await sceneOf(world, { permissions: ['*'], ...options }), customers);
  return {
    world,
    everybody: await castOf(world),
    granted: await stage({}),
    licenseProtected: await stage({ license: true, policy: false }),
    policyProtected: await stage({ license: false, policy: true }),
    inherited: await stage({ license: null, policy: true }),
    lacking: new Map(),
  };
}

async function withoutPermission(stages: Stages, row: Row): Promise<void> {
  const actual: Record<string, string> = {};
  const { scene } = stages.everybody.A!;
  for (const permission of row.needs)
    for (const where of ['role', 'token'] as const) {
      const client = await adminWithout(stages, permission, where);
      actual[`${where} without ${permission}`] = await answerTo(row.shared ? client.in('shared') : client, row, scene);
    }
  const refused = (name: string) => `403 ${name.startsWith('role') ? 'admin' : 'token'} lacks permission to perform action`;
  expect(actual, row.ask).toEqual(Object.fromEntries(Object.keys(actual).map((name) => [name, refused(name)])));
}

const without = (from: readonly string[], text: string | undefined): string[] => from.filter((name) => !names(text).includes(name));

/** Everybody; the members and owners of a group are strangers wherever a row does not name them. */
function askersOf(row: Row): string[] {
  const named = names([row.may, row.sees, ...Object.values(row.also ?? {})].join(' '));
  return everybody.filter((name) => !['groupOwner', 'member'].includes(name) || named.includes(name));
}

/** Customers to whom a row says more than that there is nothing. */
const concerned = ({ may, sees, granted }: Row): string[] => {
  const named = names(`${may} ${sees ?? ''} ${granted ?? ''}`);
  return customers.filter((name) => named.includes(name));
};

/** A test per row: who may, who is refused and why, and for whom there is nothing. @param stages what `beforeAll` made */
export function testRows(rows: readonly Row[], stages: () => Stages): void {
  test.each(rows.map((row) => [row.ask, row.may || 'nobody', row] as const))('%s is for %s', async (_, _who, row) => {
    const { world, everybody: cast } = stages();
    const who = askersOf(row);
    await asked(world, cast, row, who, promised(row, who));
    if (!row.ownToken) await withoutPermission(stages(), row);
  });

  const grantable = rows.filter(({ granted }) => granted !== undefined);
  test.each(grantable.map((row) => [row.ask, row.granted || 'nobody', row] as const))(
    '%s by customers with every permission: also %s',
    async (_, _granted, row) => {
      const { world, granted } = stages();
      const who = concerned(row);
      await asked(world, granted, row, who, promised(row, who, 'Da', names(`${row.may} ${row.granted}`)));
    },
  );

  const guarded = rows.filter((row) => row.licenseProtected || row.policyProtected);
  test.each(guarded.map((row) => [row.ask, row.licenseProtected || 'nobody', row.policyProtected || 'nobody', row] as const))(
    '%s: a protected license keeps out %s, a protected policy %s',
    async (_, _license, _policy, row) => {
      const { world, ...casts } = stages();
      const may = names(`${row.may} ${row.granted ?? ''}`).filter((name) => customers.includes(name));
      for (const [stage, refused] of [
        ['licenseProtected', row.licenseProtected],
        ['policyProtected', row.policyProtected],
        // a license that does not say is as protected as its policy
        ['inherited', `${row.licenseProtected ?? ''} ${row.policyProtected ?? ''}`],
      ] as const) {
        const guardedRow = { ...row, sees: refused ?? '' };
        await asked(world, casts[stage], guardedRow, may, promised(guardedRow, may, 'Da', without(may, refused)));
      }
    },
  );
}

export const to = (type: string, record: Wire): Wire => ({ data: record && { type, id: record.id } });
/** A document to send: attributes, and relationships by name, type and record. */
export const doc = (type: string, attributes: Wire, relationships?: Wire) => ({ data: { type, attributes, ...(relationships && { relationships }) } });
