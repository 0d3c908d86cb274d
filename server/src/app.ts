/** Composes the resources into one server. A new resource adds its line to each list that concerns it. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { CurrentAccounts } from './accounts/current-account.ts';
import type { Config } from './config.ts';
import entitlementRoutes from './entitlements/entitlement.routes.ts';
import { resolveEnvironment } from './environments/current-environment.ts';
import { writeEventLogs } from './event-logs/write.ts';
import { healthRoutes } from './health.routes.ts';
import type { Clock } from './kernel/clock.ts';
import { keyring } from './kernel/crypto/sealing.ts';
import { Batcher } from './kernel/database/batch.ts';
import { afterCommit, type Database, type Tx } from './kernel/database/database.ts';
import type { Cause } from './kernel/events/cause.ts';
import { Change, type EmitOptions, outboxEntry, type Payload } from './kernel/events/change.ts';
import type { OutboxEntry } from './kernel/events/outbox.table.ts';
import { Relay } from './kernel/events/relay.ts';
import { buildHttp } from './kernel/http/fastify.ts';
import type { Route } from './kernel/http/route.ts';
import { type Served, Server } from './kernel/http/serve.ts';
import type { Gates } from './kernel/http/stages.ts';
import type { Throttle } from './kernel/http/throttle.ts';
import type { Job } from './kernel/jobs/job.ts';
import { Jobs } from './kernel/jobs/jobs.ts';
import type { Services } from './kernel/services.ts';
import type { VersionChange } from './kernel/versions/change.ts';
import { Versions } from './kernel/versions/registry.ts';
import { type NewRequestLog, requestLogOf } from './request-logs/record.ts';
import { requestLogs } from './request-logs/request-log.table.ts';
import { Authenticator } from './tokens/authenticate.ts';
import { audience, rememberingAudience } from './webhook-endpoints/audience.ts';

const routes: Route[] = [...healthRoutes, ...entitlementRoutes];

const jobs: Job<never>[] = [];

const versionChanges: VersionChange[] = [];

/** What becomes of events, in this order. */
const consumers: ((tx: Tx, entries: readonly OutboxEntry[], services: Services) => Promise<void>)[] = [writeEventLogs];

interface Later {
  cause: Cause;
  event: string;
  payload: Payload<{ id: string; environmentId?: string | null }>;
  options: EmitOptions;
}

export interface AppOptions {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
}

export class App {
  readonly http: FastifyInstance;
  readonly routes: readonly Route[] = routes;
  readonly jobs: Jobs;
  readonly relay: Relay;
  readonly accounts: CurrentAccounts;
  readonly services: Services;
  readonly #options: AppOptions;
  readonly #later: Batcher<Later>;
  readonly #logs: Batcher<NewRequestLog>;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(options: AppOptions) {
    const { config, database, clock, logger } = options;
    this.#options = options;
    this.accounts = new CurrentAccounts({ database, ring: keyring(config.masterKeys[0]!, [...config.masterKeys.slice(1)]), config });
    const versions = new Versions(versionChanges);
    versions.checkRoutes(routes.map(({ name }) => name));
    this.services = {
      database,
      clock,
      config,
      logger,
      versions,
      account: (name) => this.accounts.byName(name),
      change: (cause, run) => this.#change(cause, run),
      emitLater: (cause, event, payload, emit = {}) => this.#later.add({ cause, event, payload: payload as Later['payload'], options: emit }),
    };
    this.jobs = new Jobs(database, clock, jobs, logger, this.services);
    this.relay = new Relay(database, (tx, entries) => this.#consume(tx, entries), logger);
    this.#later = new Batcher({ write: (items) => this.#emit(items), everyMilliseconds: 100, logger, name: 'events' });
    this.#logs = new Batcher({ write: (rows) => this.#log(rows), everyMilliseconds: 250, logger, name: 'request logs' });
    this.http = this.#http();
  }

  #http(): FastifyInstance {
    const { config } = this.#options;
    const authenticator = new Authenticator(this.#options.database);
    const gates: Gates = {
      account: (context) => this.accounts.resolve(context),
      environment: resolveEnvironment,
      state: async () => {},
      authenticate: (context) => authenticator.authenticate(context),
    };
    const throttle: Throttle | null = null;
    const server = new Server({ services: this.services, gates, versions: this.services.versions, throttle, served: (request) => this.#served(request) });
    return buildHttp({ config, routes, server });
  }

  #change<T>(cause: Cause, run: (change: Change) => Promise<T>): Promise<T> {
    return this.#options.database.transaction(async (tx) => {
      const result = await run(new Change(tx, cause, { audience: audience(), enqueue: this.jobs.enqueue }));
      afterCommit(tx, () => this.relay.wake());
      return result;
    });
  }

  async #consume(tx: Tx, entries: readonly OutboxEntry[]): Promise<void> {
    for (const consume of consumers) await consume(tx, entries, this.services);
  }

  async #emit(items: readonly Later[]): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      const hearers = rememberingAudience();
      const entries: OutboxEntry[] = [];
      for (const { cause, event, payload, options } of items) entries.push(await outboxEntry(tx, cause, hearers, event, payload, options));
      await this.#consume(tx, entries);
    });
  }

  async #log(rows: readonly NewRequestLog[]): Promise<void> {
    await this.#options.database.drizzle.insert(requestLogs).values([...rows]);
  }

  #served(request: Served): void {
    const { config, logger } = this.#options;
    const { incoming, outgoing, failure } = request;
    if (failure !== undefined) logger.error({ err: failure, requestId: request.id }, 'a request failed unexpectedly');
    logger.info(
      { requestId: request.id, method: incoming.method, path: incoming.target.path, status: outgoing.status, ms: Math.round(request.milliseconds * 10) / 10 },
      'request',
    );
    const row = requestLogOf(request, [...config.names.dashboardOrigins, config.portalOrigin]);
    if (row) this.#logs.add(row);
  }

  /** Starts background work. @param workers false: jobs and events wait until they are told to run, as tests do */
  async start({ workers = true } = {}): Promise<void> {
    await this.jobs.start({ workers });
    this.#unlisten = await this.accounts.listen();
    if (workers) this.relay.start();
    await this.http.ready();
  }

  /** Writes what waits in batches. */
  async flush(): Promise<void> {
    await Promise.all([this.#later.flush(), this.#logs.flush()]);
  }

  /** Finishes requests in flight, writes what waits, and leaves no timer or socket. The database stays open. */
  async stop(): Promise<void> {
    await this.http.close();
    await Promise.all([this.#later.close(), this.#logs.close()]);
    await this.relay.stop();
    await this.jobs.stop();
    await this.#unlisten?.();
  }
}
