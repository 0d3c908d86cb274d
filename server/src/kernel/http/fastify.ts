/** The server on Fastify: sockets, routing and bodies. What a request means is serve.ts's business. */
import type { Server as NodeServer } from 'node:http';
import { isIP } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { KernelConfig } from '../config.ts';
import { uuid } from '../id.ts';
import type { ObjectServer } from '../storage/object-server.ts';
import { clientAddress, isTrustedProxy } from './address.ts';
import { apiError } from './errors.ts';
import { corsHeaders } from './headers.ts';
import type { Incoming, Outgoing } from './incoming.ts';
import { parseTarget, type Target } from './path.ts';
import type { Route } from './route.ts';
import type { Server } from './serve.ts';

interface Read {
  target: Target | undefined;
  failure: unknown;
  contentType: string | undefined;
}

/** What was found out about a request before it was routed. */
const reads = new WeakMap<object, Read>();
const unreadable = '/-/unreadable';

const hostOf = (header: string | undefined): string => (header ?? '').replace(/:\d+$/, '').toLowerCase();

/** Where the routes of short URLs stand for the router; only their hosts lead there. */
const shortBase = '/-/short-urls';
const shortHost = /^(?:get|bin)\.(.+)$/;
const isShortHost = (header: string | undefined, { mode, domain }: KernelConfig): boolean =>
  mode === 'multiplayer' && shortHost.exec(hostOf(header))?.[1] === domain;

/** The path to route on a host of short URLs: what answers on every host stays where it is (spec/http.md 1.1, 1.5). */
function shortRoute({ route }: Target): string {
  if (/^\/(?:v1|-)(?:\/|$)/.test(route)) return route;
  return `${shortBase}${route.replace(/^((?:\/+[^/]+){1,2})\/+$/, '$1')}`;
}

/**
 * Reads the target and gives the router its tidy form. The content type is hidden from Fastify, which would refuse what we read leniently: bodies come to us as bytes,
 * and media.ts judges them.
 */
function rewriteUrl(raw: { url?: string | undefined; headers: Record<string, unknown> }, config: KernelConfig): string {
  const contentType = raw.headers['content-type'] as string | undefined;
  if (contentType !== undefined) raw.headers['content-type'] = 'application/octet-stream';
  try {
    const target = parseTarget(raw.url ?? '/');
    reads.set(raw, { target, failure: undefined, contentType });
    return isShortHost(raw.headers.host as string | undefined, config) ? shortRoute(target) : target.route;
  } catch (failure) {
    reads.set(raw, { target: undefined, failure, contentType });
    return unreadable;
  }
}

function singleHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  const list = headers as Record<string, string | undefined>;
  for (const name in headers) if (Array.isArray(headers[name])) list[name] = (headers[name] as string[]).join(', ');
  return list;
}

function incomingOf(request: FastifyRequest, config: KernelConfig): Incoming {
  const { target, contentType } = reads.get(request.raw)!;
  const headers = singleHeaders({ ...request.headers });
  if (contentType !== undefined) headers['content-type'] = contentType;
  return {
    method: request.method,
    target: target!,
    host: hostOf(headers.host),
    headers,
    params: (request.params ?? {}) as Record<string, string>,
    ip: clientAddress(request.socket.remoteAddress ?? '', headers['x-forwarded-for'], config.trustedProxies),
    body: request.body instanceof Buffer ? request.body : undefined,
  };
}

function send(reply: FastifyReply, { status, headers, body }: Outgoing): FastifyReply {
  for (const name in headers) reply.raw.setHeader(name, headers[name]!);
  reply.code(status);
  return reply.send(body.length > 0 ? body : undefined);
}

/** Where a route stands: every base path that it has (spec/http.md 1.1). */
function pathsOf({ base, path }: Route): string[] {
  switch (base) {
    case 'account':
    case 'ping':
      return [`/v1/accounts/:account${path}`, `/v1${path}`];
    case 'itself':
      return [`/v1/accounts/:account${path}`];
    case 'short':
      return [`${shortBase}${path}`];
    default:
      return [path];
  }
}

/** Which hosts a path answers on (spec/http.md 1.1). In development, where the API host is a bare name or an address, all. */
function answersOn(route: Route, path: string, host: string, config: KernelConfig): boolean {
  if (route.base === 'short') return isShortHost(host, config);
  if (!config.host.includes('.') || isIP(config.host) !== 0 || config.extraHosts.includes(host)) return true;
  if (route.base === 'itself' || route.base === 'root') return host === (config.subdomain ? `${config.subdomain}.${config.domain}` : config.domain);
  if (route.base === 'account' && path.startsWith('/v1/accounts/')) return host === config.domain || host.endsWith(`.${config.domain}`);
  return true;
}

export interface HttpOptions {
  config: KernelConfig;
  routes: readonly Route[];
  server: Server;
  /** Where objects are handed out by this server. */
  objects?: ObjectServer | undefined;
}

/** Bytes of a request's line and headers. License keys with signed data in them go there, and may be longer than Node's default. */
const maxHeaderSize = 65_536;

const served = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

function preflight({ headers }: FastifyRequest, config: KernelConfig): Outgoing {
  const asked = headers['access-control-request-headers'];
  const cors = corsHeaders(headers.origin, config.portalOrigin);
  return { status: 200, headers: { ...cors, ...(asked !== undefined && { 'Access-Control-Allow-Headers': String(asked) }) }, body: '' };
}

/** A server that is addressed by https sends what its proxy took in plain http there; probes of its health may come either way (spec/http.md 11.1). */
function towardsHttps({ method, headers, socket }: FastifyRequest, target: Target, config: KernelConfig): Outgoing | undefined {
  if (!config.baseUrl.startsWith('https:') || !isTrustedProxy(socket.remoteAddress ?? '', config.trustedProxies)) return undefined;
  const scheme = String(headers['x-forwarded-proto'] ?? '').split(',', 1)[0]!;
  if (scheme.trim().toLowerCase() !== 'http' || /^\/v1\/health(?:\/|$)/.test(target.route)) return undefined;
  const host = hostOf(headers.host);
  const origin = host === '' || host === config.host ? config.baseUrl : `https://${host}`;
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  return { status, headers: { ...corsHeaders(headers.origin, config.portalOrigin), 'X-Request-Id': uuid(), Location: `${origin}${target.raw}` }, body: '' };
}

/** What Fastify itself objects to: bodies that are too long, or that do not arrive as announced. It has a place for every method that HTTP knows, and none for others. */
function asOurs(error: { code?: string; statusCode?: number }): unknown {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return apiError('BODY_TOO_LARGE');
  if (error.code === 'FST_ERR_NOT_FOUND') return apiError('HTTP_METHOD_INVALID');
  return error.statusCode !== undefined && error.statusCode < 500 ? apiError('BAD_REQUEST', { early: true }) : error;
}

/** Requests are checked by our own schemas; Fastify's compilers, which nobody would use, take a tenth of the time that a start takes. */
function noCompiler(): never {
  throw new TypeError('routes have no schemas of Fastify');
}

/** Builds the Fastify instance with every route. It listens when it is told to. */
export function buildHttp({ config, routes, server, objects }: HttpOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: config.maxBodyBytes ?? Number.MAX_SAFE_INTEGER,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // Without a Host header Node would refuse with an answer of its own.
    http: { requireHostHeader: false, maxHeaderSize },
    rewriteUrl: (raw) => rewriteUrl(raw, config),
    routerOptions: { maxParamLength: 32_768 },
    frameworkErrors: (error, request, reply) => void refuse(request as FastifyRequest, reply as FastifyReply, error),
    clientErrorHandler: (error, socket) => refuseOnSocket(error, socket, config),
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) =>
    send(reply, server.refuse({ headers: singleHeaders({ ...request.headers }) }, error));

  app.addHook('onRequest', async (request, reply) => {
    const { failure, target } = reads.get(request.raw) ?? {};
    if (target && objects?.serves(target.path)) {
      reply.hijack();
      await server.transfer({ incoming: incomingOf(request, config), request: request.raw, response: reply.raw }, objects);
      return reply;
    }
    if (isPreflight(request)) return send(reply, preflight(request, config));
    if (failure !== undefined) return refuse(request, reply, failure);
    const elsewhere = target && towardsHttps(request, target, config);
    if (elsewhere) return send(reply, elsewhere);
    return served.has(request.method) ? undefined : send(reply, await server.serve(incomingOf(request, config), undefined));
  });
  app.setErrorHandler((error: { code?: string; statusCode?: number }, request, reply) => refuse(request, reply, asOurs(error)));
  // An `Expect` that Node does not know is not a reason to refuse.
  (app.server as NodeServer).on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.setNotFoundHandler(async (request, reply) => send(reply, await server.serve(incomingOf(request, config), undefined)));

  for (const route of routes.filter(({ mode = config.mode }) => mode === config.mode))
    for (const path of pathsOf(route))
      for (const method of route.methods)
        app.route({
          method: method === 'GET' ? ['GET', 'HEAD'] : method,
          url: path,
          ...(route.maxBodyBytes !== undefined && { bodyLimit: route.maxBodyBytes }),
          handler: async (request, reply) => {
            const incoming = incomingOf(request, config);
            return send(reply, await server.serve(incoming, answersOn(route, path, incoming.host, config) ? route : undefined));
          },
        });
  return app;
}

interface ParserError {
  code?: string;
  /** The bytes that had come when the parser gave up. */
  rawPacket?: unknown;
}

/** Which of ours an objection of Node's parser is. A blank within the target leaves it without a protocol. */
function objectionOf({ code }: ParserError, head: string): ReturnType<typeof apiError> {
  if (code === 'HPE_INVALID_METHOD') return apiError('HTTP_METHOD_INVALID');
  const blanks = code === 'HPE_INVALID_CONSTANT' && /^[A-Z]+ [^\r\n]* [^\r\n]* HTTP\/1\.[01]\r?\n/.test(head);
  return apiError(blanks || code === 'HPE_INVALID_URL' ? 'URI_INVALID' : 'BAD_REQUEST');
}

/** What Node's parser refuses never becomes a request: it is answered on the socket. */
function refuseOnSocket(error: ParserError, socket: { writable: boolean; end(text: string): void; destroy(): void }, config: KernelConfig): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const head = error.rawPacket instanceof Buffer ? error.rawPacket.toString('latin1').split('\r\n\r\n', 1)[0]! : '';
  const body = JSON.stringify({ errors: objectionOf(error, head).errors });
  const headers = {
    ...corsHeaders(/^origin:[ \t]*(.*?)[ \t]*$/im.exec(head)?.[1], config.portalOrigin),
    'Content-Type': 'application/vnd.api+json; charset=utf-8',
    'X-Request-Id': uuid(),
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('')}\r\n${body}`);
}
