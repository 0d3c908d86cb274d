/** A server with toy routes and without a database, for tests of the kernel: what is real needs no resource. */
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Clock } from '../clock.ts';
import type { KernelConfig } from '../config.ts';
import { keygenNames } from '../names.ts';
import type { Services } from '../services.ts';
import { Versions } from '../versions/registry.ts';
import { buildHttp } from './fastify.ts';
import type { Route } from './route.ts';
import { type Served, Server } from './serve.ts';

const config = {
  mode: 'singleplayer',
  host: 'localhost',
  extraHosts: [],
  domain: 'localhost',
  subdomain: '',
  baseUrl: 'https://localhost',
  portalOrigin: 'https://portal.localhost',
  names: keygenNames,
  listOrder: 'desc',
  healthStatus: 204,
  maxBodyBytes: null,
  requestTimeoutMs: 15_000,
  maxJobLatencyMs: 30_000,
  trustedProxies: [],
  rateLimits: null,
  pruning: { rows: 1000, pauseMs: 0, statementMs: 60_000 },
  storage: { directory: '.', s3: null, r2: null },
  legacySignatures: null,
  revision: null,
} satisfies Partial<KernelConfig>;

export const toyRoute = (name: string, path: string, more: Partial<Route>): Route => ({
  name,
  path,
  methods: ['GET'],
  base: 'host',
  media: 'any',
  auth: 'none',
  gated: false,
  logged: false,
  summary: name,
  status: 200,
  run: async () => ({ status: 200 }),
  ...more,
});

/** @param given what the routes use of a server's services */
export function toyServer(
  routes: readonly Route[],
  more: Partial<KernelConfig> = {},
  given: Partial<Services> = {},
): { http: FastifyInstance; served: Served[] } {
  const all = { ...config, ...more } as KernelConfig;
  const versions = new Versions([]);
  const services = { config: all, clock: new Clock(), logger: pino({ level: 'silent' }), versions, ...given } as unknown as Services;
  const nobody = async () => {};
  const served: Served[] = [];
  const gates = { account: nobody, environment: nobody, state: nobody, authenticate: nobody };
  const server = new Server({ services, gates, versions, throttle: null, served: (request) => served.push(request) });
  return { http: buildHttp({ config: all, routes, server }), served };
}
