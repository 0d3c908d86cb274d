/** Access matrices: one request, sent as every kind of bearer. */
import { type Role, roles } from '../src/kernel/access/roles.ts';
import type { Attributes, Client, World } from './kit.ts';

export type Who = Role | 'anonymous';
/** Who takes part in a test, by role, or by any other name that it gives them. */
export type Cast = Record<string, Client>;

/**
 * Somebody of every role, and a stranger. The environment is a shared one, so that it sees global records, and acts within itself.
 * @param given the records of those that are to be somebody in particular
 */
export async function castOf(world: World, given: { [R in Role]?: Attributes } = {}): Promise<Cast> {
  const environment = given.environment ?? (await world.create('environment', { isolation_strategy: 'SHARED' }));
  const cast: Cast = { anonymous: world.anonymous() };
  for (const role of roles)
    cast[role] = role === 'environment' ? (await world.as(role, environment)).in(environment as { code: unknown }) : await world.as(role, given[role]);
  return cast;
}

type Path = string | ((who: string) => string | Promise<string>);
type Sent = [method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: Path, body?: unknown];

/** What each of the cast is answered, by status. @param sent the path may be made for each, where a request uses up what it is about */
export async function statusesOf(cast: Cast, ...[method, path, body]: Sent): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const [who, client] of Object.entries(cast)) {
    const target = typeof path === 'string' ? path : await path(who);
    statuses[who] = (await client.send(method, target, typeof body === 'function' ? await body(who) : body)).status;
  }
  return statuses;
}

/** `grants(cast, { 200: 'admin product', 403: 'user' })`: the same the other way round, for expectations; whoever is not named gets `otherwise`. */
export function grants(cast: Cast, byStatus: { [status: number]: string | undefined }, otherwise: number): Record<string, number> {
  const expected = Object.fromEntries(Object.keys(cast).map((who) => [who, otherwise]));
  for (const [status, names] of Object.entries(byStatus)) for (const name of names?.split(' ') ?? []) expected[name] = Number(status);
  return expected;
}
