/** One request on its way through the server: what its stages find out about it, and the only way to change anything. */
import type { Asker, Bearer, BearerToken, CurrentEnvironment } from '../access/access.ts';
import type { AcceptedSignature } from '../crypto/response-signature.ts';
import { afterCommit, type Db, type Tx } from '../database/database.ts';
import type { LateWrite } from '../database/late-write.ts';
import type { Cause, RequestResource } from '../events/cause.ts';
import type { Change, EmitOptions, Payload } from '../events/change.ts';
import type { CurrentAccount, Services } from '../services.ts';
import type { Sender } from './params.ts';
import type { Target } from './path.ts';
import type { Query } from './query.ts';
import type { RouteFacts } from './route-facts.ts';

export class Context implements Asker {
  readonly services: Services;
  readonly id: string;
  readonly now: Date;
  readonly route: RouteFacts;
  readonly method: string;
  readonly target: Target;
  /** Without port, lower case. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What the path says. A short URL says it otherwise than the route that answers it. */
  params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly ip: string;
  /** The body as it was sent; undefined: none. */
  readonly bytes: Buffer | undefined;
  /** Parsed, keys in snake case. */
  body: Record<string, unknown> = {};
  version: string;
  /** Set by the pipeline's account stage; only routes without an account run without it. */
  account!: CurrentAccount;
  environment: CurrentEnvironment | null = null;
  bearer: Bearer | null = null;
  token: BearerToken | null = null;
  requestResource: RequestResource | null = null;
  /** What the client wants its response signed with. */
  signature: AcceptedSignature = { algorithm: 'ed25519', spelled: 'ed25519' };
  /** A token that exists but was refused is still named in `Keygen-Token` (spec/auth.md 2.4). */
  refusedTokenId: string | null = null;
  /** The transaction that all of the route runs within, where there is one (kernel/idempotency). */
  outer: Tx | undefined;
  /** Scheme of the credentials, as `WWW-Authenticate` names it. */
  scheme: string | null = null;

  constructor(init: {
    services: Services;
    id: string;
    route: RouteFacts;
    method: string;
    target: Target;
    host: string;
    headers: Record<string, string | undefined>;
    params: Record<string, string>;
    query: Query;
    ip: string;
    version: string;
    bytes?: Buffer | undefined;
  }) {
    this.services = init.services;
    this.id = init.id;
    this.now = init.services.clock.now();
    this.route = init.route;
    this.method = init.method;
    this.target = init.target;
    this.host = init.host;
    this.headers = init.headers;
    this.params = init.params;
    this.query = init.query;
    this.ip = init.ip;
    this.version = init.version;
    this.bytes = init.bytes;
  }

  get accountId(): string {
    return this.account.id;
  }

  get db(): Db {
    return this.outer ?? this.services.database.drizzle;
  }

  get sender(): Sender {
    return { role: this.bearer?.role ?? 'anonymous', version: this.version };
  }

  /** This request as the cause of changes and events. */
  get cause(): Cause {
    const { accountId, environment, bearer, token, now, id, requestResource } = this;
    return { accountId, environment, bearer, token, now, requestId: id, requestResource };
  }

  /** Runs a change and its events in one transaction; whatever it throws undoes both. */
  change<T>(run: (change: Change) => Promise<T>): Promise<T> {
    return this.services.change(this.cause, run, this.outer);
  }

  /** Emits an event of no change (`Services.emitLater`), unless what the request runs within is undone. */
  emitLater<Row extends { id: string; environmentId?: string | null }>(event: string, payload: Payload<Row>, options?: EmitOptions): void {
    const { cause } = this;
    afterCommit(this.db, () => this.services.emitLater(cause, event, payload, options));
  }

  /** The same for `Services.writeLater`. */
  writeLater<T>(write: LateWrite<T>, item: T): void {
    afterCommit(this.db, () => this.services.writeLater(write, item));
  }
}
