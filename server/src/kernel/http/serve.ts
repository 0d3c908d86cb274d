/** One request from its first byte to its last, in the order of spec/http.md 15. Knows nothing of Fastify. */
import { signatureHeaders } from '../crypto/response-signature.ts';
import { uuid } from '../id.ts';
import { answerOnce, type Written } from '../idempotency/once.ts';
import { requestKey } from '../idempotency/request-key.ts';
import type { Services } from '../services.ts';
import type { ObjectServer, Transfer } from '../storage/object-server.ts';
import type { Versions } from '../versions/registry.ts';
import { currentVersion, isApiVersion } from '../versions/supported.ts';
import { Context } from './context.ts';
import { asApiError, errorDocument, phraseOf } from './error-document.ts';
import { type ApiError, apiError } from './errors.ts';
import { headerBytes } from './header-text.ts';
import { corsHeaders, type Headers, routedHeaders } from './headers.ts';
import type { Incoming, Outgoing } from './incoming.ts';
import { parseJson, stringifyJson } from './json.ts';
import { snakeKeys } from './keys.ts';
import { bodyKind, isElectronUpload, type Negotiated, negotiate } from './media.ts';
import { suffixAccept } from './path.ts';
import { parseQuery } from './query.ts';
import type { Answer, Route } from './route.ts';
import { type Gates, stages, stagesWithoutAccount, stagesWithoutRoute } from './stages.ts';
import type { Throttle } from './throttle.ts';

/** What is known of a request when it has been answered; for request logs, server logs and metrics. */
export interface Served {
  id: string;
  incoming: Incoming;
  outgoing: Outgoing;
  /** undefined: refused before a route was reached, or no route's affair. */
  context: Context | undefined;
  /** What stands for a route where there is none: an object that was transferred. */
  kind?: 'storage';
  milliseconds: number;
  /** A bug that the client was not told of. */
  failure: unknown;
}

export interface ServeOptions {
  services: Services;
  gates: Gates;
  versions: Versions;
  throttle: Throttle | null;
  served(request: Served): void;
}

const early = 'application/vnd.api+json; charset=utf-8';
const wantsBody = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const emptyStatuses = new Set([204, 304]);
/** From how many characters on a text is made bytes once; hashing, counting and sending it would each do so again. */
const longBody = 16_384;

/** What stands in for a route where there is none. */
const unmatched: Route = {
  name: 'unmatched',
  methods: [],
  path: '',
  base: 'host',
  media: 'any',
  auth: 'none',
  gated: false,
  logged: true,
  summary: '',
  status: 404,
  run() {
    throw apiError('NOT_FOUND');
  },
};

export class Server {
  readonly #options: ServeOptions;
  readonly #routed: Headers;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#routed = routedHeaders(options.services.config);
  }

  /** Answers a request. Never rejects: whatever goes wrong becomes an error of the documented form. @param route undefined where none matched */
  async serve(incoming: Incoming, route: Route | undefined): Promise<Outgoing> {
    const started = performance.now();
    const id = uuid();
    const request = new Exchange(id, incoming, route ?? unmatched, this.#options, this.#routed);
    const outgoing = await request.answer(route !== undefined);
    const { context, failure } = request;
    this.#options.served({ id, incoming, outgoing, context, failure, milliseconds: performance.now() - started });
    return outgoing;
  }

  /** An object that is transferred on its socket (kernel/storage): limited and told of like any request. */
  async transfer(transfer: Transfer, objects: ObjectServer): Promise<void> {
    const { throttle, services } = this.#options;
    const { incoming, response } = transfer;
    const started = performance.now();
    const id = uuid();
    response.setHeader('X-Request-Id', id);
    const { status, failure } = await objects.serve(transfer, () => throttle?.admit(incoming, services.clock.now()));
    const outgoing = { status, headers: {}, body: '' };
    this.#options.served({ id, incoming, outgoing, context: undefined, kind: 'storage', failure, milliseconds: performance.now() - started });
  }

  /** Answers what could not even be parsed. */
  refuse(incoming: Pick<Incoming, 'headers'>, error: unknown): Outgoing {
    const { config } = this.#options.services;
    const { error: known } = asApiError(error);
    return earlyAnswer(known, config.names, corsHeaders(incoming.headers.origin, config.portalOrigin), uuid());
  }
}

function earlyAnswer(error: ApiError, names: Services['config']['names'], cors: Headers, id: string): Outgoing {
  const headers = { ...cors, ...error.headers, 'X-Request-Id': id, 'Content-Type': early };
  return { status: error.status, headers, body: stringifyJson(errorDocument(error, names)) };
}

function stagesOf(route: Route): typeof stages {
  if (route === unmatched) return stagesWithoutRoute;
  return route.base === 'root' || route.base === 'host' || route.base === 'ping' ? stagesWithoutAccount : stages;
}

class Exchange {
  readonly #id: string;
  readonly #incoming: Incoming;
  readonly #route: Route;
  readonly #options: ServeOptions;
  readonly #routed: Headers;
  readonly #cors: Headers;
  #limits: Headers = {};
  #media: Negotiated = { contentType: early, format: 'json' };
  context: Context | undefined;
  failure: unknown;

  constructor(id: string, incoming: Incoming, route: Route, options: ServeOptions, routed: Headers) {
    this.#id = id;
    this.#incoming = incoming;
    this.#route = route;
    this.#options = options;
    this.#routed = routed;
    this.#cors = corsHeaders(incoming.headers.origin, options.services.config.portalOrigin);
  }

  async answer(matched: boolean): Promise<Outgoing> {
    try {
      await this.#throttle();
      this.#negotiate(matched);
      const query = parseQuery(matched ? this.#incoming.target.query : '');
      const body = matched ? this.#body() : {};
      this.context = this.#newContext(query);
      this.context.body = body as Record<string, unknown>;
    } catch (error) {
      return this.#earlyError(error);
    }
    try {
      return await this.#finish(this.context, await this.#withinTime(this.#route_(this.context)));
    } catch (error) {
      return this.#error(this.context, error);
    }
  }

  async #throttle(): Promise<void> {
    if (this.#options.throttle) this.#limits = await this.#options.throttle.admit(this.#incoming, this.#options.services.clock.now());
  }

  #negotiate(matched: boolean): void {
    const { headers, method, target } = this.#incoming;
    const accept = matched ? (suffixAccept(target.suffix) ?? headers.accept) : headers.accept;
    this.#media = negotiate(accept, headers['content-type'], method, matched ? this.#route.media : 'unmatched');
  }

  #body(): unknown {
    const { method, headers, body, target } = this.#incoming;
    if (!wantsBody.has(method) || isElectronUpload(method, target.path, headers['user-agent'])) return {};
    if (bodyKind(headers['content-type']) === 'none' || !body) return {};
    return snakeKeys(parseJson(body));
  }

  #newContext(query: ReturnType<typeof parseQuery>): Context {
    const { services } = this.#options;
    const { method, target, host, headers, params, ip, body } = this.#incoming;
    return new Context({ services, id: this.#id, route: this.#route, method, target, host, headers, params, query, ip, version: currentVersion, bytes: body });
  }

  async #route_(context: Context): Promise<Written> {
    for (const stage of stagesOf(this.#route)) {
      const waiting = stage(context, this.#options.gates);
      if (waiting) await waiting;
    }
    const key = requestKey(context);
    const work = () => this.#route.run(context).then((answer) => this.#written(context, answer));
    return key ? answerOnce(context, key, work) : work();
  }

  #written(context: Context, { status, document, raw, headers }: Answer): Written {
    if (raw) return { status, body: raw.body, type: raw.type, headers };
    if (!document) return { status, body: '', headers };
    this.#options.versions.response(document, this.#route.name, context.version);
    return { status, body: stringifyJson(document), type: this.#media.contentType, headers, json: document };
  }

  /** @throws {ApiError} 503 when the answer takes longer than the configured time; the work goes on and ends by itself */
  async #withinTime(work: Promise<Written>): Promise<Written> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(apiError('TIMEOUT')), this.#options.services.config.requestTimeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #finish(context: Context, { status, body, type, headers, json }: Written): Promise<Outgoing> {
    const sent = typeof body === 'string' && body.length > longBody ? Buffer.from(body) : body;
    const outgoing = await this.#send(context, status, sent, type, headers);
    return json === undefined ? outgoing : { ...outgoing, json };
  }

  #earlyError(thrown: unknown): Outgoing {
    const { error, unexpected } = asApiError(thrown);
    if (unexpected) this.failure = thrown;
    return earlyAnswer(error, this.#options.services.config.names, this.#cors, this.#id);
  }

  #error(context: Context, thrown: unknown): Promise<Outgoing> | Outgoing {
    const { error, unexpected } = asApiError(thrown);
    if (unexpected) this.failure = thrown;
    if (error.early && error.kind !== 'ENCODING_INVALID') return this.#earlyError(error);
    this.#options.versions.errors(error, this.#route.name, isApiVersion(context.version) ? context.version : currentVersion);
    const { names } = this.#options.services.config;
    const headers = { ...error.headers, ...(error.status === 401 && { 'WWW-Authenticate': `${context.scheme ?? 'Bearer'} realm="keygen"` }) };
    const { format, contentType } = this.#isUnknown(context) ? this.#unmatchedMedia() : this.#media;
    if (error.kind === 'INVALID_API_VERSION') return this.#plain(error, contentType);
    if (format === 'html') return this.#send(context, error.status, phraseOf(error.status), contentType, headers);
    if (format === 'text') return this.#send(context, error.status, '', contentType, headers);
    const json = errorDocument(error, names, this.#id);
    return this.#finish(context, { status: error.status, body: stringifyJson(json), type: contentType, headers, json });
  }

  /** Without a route, or with one that this version does not have: the answer is as if there were no account (spec/events.md 7.2). */
  #isUnknown({ version }: Context): boolean {
    return this.#route === unmatched || (this.#route.until !== undefined && version > this.#route.until);
  }

  #unmatchedMedia(): Negotiated {
    const { headers, method } = this.#incoming;
    return negotiate(headers.accept, headers['content-type'], method, 'unmatched');
  }

  /** Neither signed nor with any Keygen-* header. */
  #plain(error: ApiError, contentType: string): Outgoing {
    const body = stringifyJson(errorDocument(error, this.#options.services.config.names, this.#id));
    return { status: error.status, headers: { ...this.#cors, ...this.#limits, 'X-Request-Id': this.#id, 'Content-Type': contentType }, body };
  }

  async #send(context: Context, status: number, body: string | Buffer, type: string | undefined, more: Headers = {}): Promise<Outgoing> {
    const headers: Headers = { ...this.#routed, ...this.#cors, ...this.#limits, 'X-Request-Id': this.#id, 'Keygen-Version': context.version };
    if (type !== undefined && !emptyStatuses.has(status)) headers['Content-Type'] = type;
    const account = this.#isUnknown(context) ? undefined : context.account;
    if (account) {
      headers['Keygen-Account'] = account.id;
      if (context.bearer) headers['Keygen-Bearer'] = context.bearer.id;
      const token = context.token?.id ?? context.refusedTokenId;
      if (token) headers['Keygen-Token'] = token;
      if (context.environment) headers['Keygen-Environment'] = headerBytes(context.environment.code);
      Object.assign(headers, await this.#signature(context, body));
    }
    Object.assign(headers, more);
    this.#options.versions.headers(headers, context.version);
    return { status, headers, body };
  }

  #signature(context: Context, body: string | Buffer): Promise<Headers> {
    const { account, signature, method, host, target } = context;
    const { legacySignatures } = this.#options.services.config;
    const legacy = legacySignatures === 'always' || (legacySignatures !== null && account!.createdAt < legacySignatures);
    const message = { accountId: account!.id, method, host, target: target.raw, date: context.now, body };
    return signatureHeaders(account!.keys, message, signature, legacy);
  }
}
