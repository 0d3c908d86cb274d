/** What our tests are written with: one server per worker and mode, bearers of every role, and answers that are checked as they come. */
import { expect } from 'vitest';
import type { Role } from '../src/kernel/access/roles.ts';
import { openDatabase } from '../src/kernel/database/database.ts';
import { uuid } from '../src/kernel/id.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../src/testkit.ts';

export type Attributes = Record<string, unknown>;
export type { TestServer } from '../src/testkit.ts';

// biome-ignore lint/suspicious/noExplicitAny: wire documents are looked into freely by tests, and every look is an assertion
export type Wire = any;

const shared = globalThis as unknown as { latchkeyServers?: Map<string, Promise<TestServer>> };
shared.latchkeyServers ??= new Map();

/** A database of this worker's own on the server that DATABASE_URL names; the embedded one without. */
export async function scratchDatabase(): Promise<string | undefined> {
  const base = process.env.DATABASE_URL;
  if (!base) return undefined;
  const name = `latchkey_test_${uuid().replaceAll('-', '')}`;
  const server = await openDatabase({ url: base, connections: 1 });
  await server.script(`create database ${name}`);
  await server.close();
  return Object.assign(new URL(base), { pathname: `/${name}` }).href;
}

/** How many servers a worker keeps: each embedded database holds some hundred megabytes. */
const kept = 3;

/** Closes the server that was used longest ago, to make room for another. */
async function closeOldest(): Promise<void> {
  const [key, oldest] = shared.latchkeyServers!.entries().next().value!;
  shared.latchkeyServers!.delete(key);
  await (await oldest).close();
}

/** The worker's server with these options; started once. */
export function serverWith(options: Omit<TestServerOptions, 'databaseUrl'> = {}): Promise<TestServer> {
  const key = JSON.stringify(options);
  const servers = shared.latchkeyServers!;
  let server = servers.get(key);
  if (!server) {
    const room = servers.size >= kept ? closeOldest() : Promise.resolve();
    server = room.then(scratchDatabase).then((databaseUrl) => startTestServer({ ...options, ...(databaseUrl !== undefined && { databaseUrl }) }));
  } else servers.delete(key);
  // Put last: the one that was used longest ago goes first.
  servers.set(key, server);
  return server;
}

/** Gives every POST an idempotency key, so that all tests also pass within its transaction. */
const alwaysKeyed = process.env.LATCHKEY_TEST_KEYED === '1';

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** The parsed body, and its members. */
  json: Wire;
  data: Wire;
  errors: Wire;
  meta: Wire;
  links: Wire;
  included: Wire;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  /** Sent as it is instead of a JSON body. */
  payload?: string | Buffer;
  environment?: string;
  version?: string;
}

/** Sends requests as somebody; each method takes the expected status last and fails with the answer when it is another one. */
export class Client {
  readonly #server: TestServer;
  readonly #headers: Record<string, string>;
  readonly #base: string;

  constructor(server: TestServer, base: string, headers: Record<string, string>) {
    this.#server = server;
    this.#base = base;
    this.#headers = headers;
  }

  /** The same bearer with more headers. */
  with(headers: Record<string, string>): Client {
    return new Client(this.#server, this.#base, { ...this.#headers, ...headers });
  }
  in(environment: { code?: unknown } | string): Client {
    return this.with({ 'keygen-environment': typeof environment === 'string' ? environment : String(environment.code) });
  }
  at(version: string): Client {
    return this.with({ 'keygen-version': version });
  }

  async send(method: string, path: string, body?: unknown, expected?: number): Promise<Answered> {
    const raw = typeof body === 'string' || body instanceof Buffer;
    const key = alwaysKeyed && method === 'POST' && { 'idempotency-key': uuid() };
    const response = await this.#server.inject({
      method,
      url: `${this.#base}${path}`,
      headers: { ...key, ...this.#headers },
      ...(body !== undefined && { payload: raw ? body : JSON.stringify(body) }),
    });
    const json = response.body !== '' && /json/.test(String(response.headers['content-type'])) ? JSON.parse(response.body) : undefined;
    if (expected !== undefined) expect(response.statusCode, `${method} ${path}: ${response.body}`).toBe(expected);
    const { data, errors, meta, links, included } = json ?? {};
    return { status: response.statusCode, headers: response.headers, body: response.body, json, data, errors, meta, links, included };
  }
  get = (path: string, expected?: number) => this.send('GET', path, undefined, expected);
  post = (path: string, body?: unknown, expected?: number) => this.send('POST', path, body, expected);
  patch = (path: string, body?: unknown, expected?: number) => this.send('PATCH', path, body, expected);
  put = (path: string, body?: unknown, expected?: number) => this.send('PUT', path, body, expected);
  delete = (path: string, body?: unknown, expected?: number) => this.send('DELETE', path, body, expected);
}

/** What is of no account. */
const ownerless = ['account', 'plan'];

/** An account to test in, with whom and what a test needs of it. */
export class World {
  readonly server: TestServer;
  readonly account: Attributes;
  readonly #clients = new Map<string, Client>();

  constructor(server: TestServer, account: Attributes) {
    this.server = server;
    this.account = account;
  }

  get base(): string {
    return `/v1/accounts/${this.account.id}`;
  }

  /** A record in this account. */
  create = (type: string, attributes: Attributes = {}): Promise<Wire> =>
    this.server.create(type, { ...(!ownerless.includes(type) && { account_id: this.account.id }), ...attributes });

  anonymous(): Client {
    return new Client(this.server, this.base, {});
  }

  /** Somebody with a token of its own: a record of the kind that the role belongs to, made when it is not given. */
  async as(role: Role, record?: Attributes): Promise<Client> {
    const key = `${role} ${record?.id ?? ''}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const kind = role === 'environment' || role === 'product' || role === 'license' ? role : 'user';
    const bearer = record ?? (await this.create(kind, kind === 'user' ? { role: role.replace('-', '_') } : {}));
    const environment_id = kind === 'environment' ? bearer.id : (bearer.environment_id ?? null);
    const { secret } = await this.create('token', { bearer_type: kind, bearer_id: bearer.id, environment_id });
    const client = new Client(this.server, this.base, { authorization: `Bearer ${secret}` });
    this.#clients.set(key, client);
    return client;
  }

  /** With a license key. */
  withKey(license: Attributes): Client {
    return new Client(this.server, this.base, { authorization: `License ${license.key}` });
  }

  /** The names of all events so far, after background work is done. */
  async emitted(): Promise<string[]> {
    await this.server.jobs.run();
    const rows = await this.server.sql('select event from event_logs where account_id = $1 order by created_at, id', [this.account.id]);
    return rows.map((row) => String(row.event));
  }

  async count(table: string): Promise<number> {
    const [row] = await this.server.sql(`select count(*)::int as count from ${table} where account_id = $1`, [this.account.id]);
    return Number(row!.count);
  }
}

/** An emptied server and a fresh account in it; for `beforeEach`. */
export async function newWorld(options: Omit<TestServerOptions, 'databaseUrl'> = {}): Promise<World> {
  const server = await serverWith(options);
  await server.reset();
  const account = await server.create('account');
  return new World(server, account);
}

/** Runs the same thing n times at once. */
export const inParallel = <T>(n: number, run: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: n }, (_, index) => run(index)));

/** A fault of the parameter check. */
export const badRequest = (detail: string, pointer: string) => [{ title: 'Bad request', detail, source: { pointer } }];
