/** Composes the resources into one server. A new resource adds its line to each list that concerns it. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import accountRoutes from './accounts/account.routes.ts';
import { CurrentAccounts } from './accounts/current-account.ts';
import { passGate } from './accounts/gate.ts';
import { countRequest, pruneRequestCounts } from './accounts/request-count.ts';
import artifactRoutes from './artifacts/artifact.routes.ts';
import { processUpload } from './artifacts/process-upload.ts';
import { pruneDownloadLinks, pruneUpgradeLinks } from './artifacts/prune-links.ts';
import { removeLinksOfRelease } from './artifacts/remove-links.ts';
import { shortUrlRoutes } from './artifacts/short-urls.routes.ts';
import artifactHadKey from './artifacts/versions/1.0-artifact-had-key.ts';
import artifactHadProduct from './artifacts/versions/1.0-artifact-had-product.ts';
import { waitForUpload } from './artifacts/wait-for-upload.ts';
import { removeObject } from './artifacts/yank.ts';
import componentRoutes from './components/component.routes.ts';
import type { Config } from './config.ts';
import dimensionRoutes from './dimensions/dimension.routes.ts';
import entitlementRoutes from './entitlements/entitlement.routes.ts';
import { resolveEnvironment } from './environments/current-environment.ts';
import environmentRoutes from './environments/environment.routes.ts';
import { removeEnvironment } from './environments/remove-environment.ts';
import eventLogRoutes from './event-logs/event-log.routes.ts';
import { eventLogRetention } from './event-logs/retention.ts';
import { writeEventLogs } from './event-logs/write.ts';
import groupRoutes from './groups/group.routes.ts';
import { healthRoutes } from './health.routes.ts';
import type { Clock } from './kernel/clock.ts';
import { masterRing } from './kernel/crypto/sealing.ts';
import { Batcher } from './kernel/database/batch.ts';
import { afterCommit, type Database, type Tx } from './kernel/database/database.ts';
import type { LateWrite } from './kernel/database/late-write.ts';
import { salvaging } from './kernel/database/salvage.ts';
import type { Cause } from './kernel/events/cause.ts';
import { Change, type EmitOptions, outboxEntry, type Payload } from './kernel/events/change.ts';
import type { OutboxEntry } from './kernel/events/outbox.table.ts';
import { Relay } from './kernel/events/relay.ts';
import { MemoryCounters } from './kernel/http/counters.ts';
import { buildHttp } from './kernel/http/fastify.ts';
import type { Route } from './kernel/http/route.ts';
import { type Served, Server } from './kernel/http/serve.ts';
import type { Gates } from './kernel/http/stages.ts';
import { RateLimits } from './kernel/http/throttle.ts';
import { uuid } from './kernel/id.ts';
import { pruneIdempotencyKeys } from './kernel/idempotency/prune.ts';
import type { Job } from './kernel/jobs/job.ts';
import { Jobs } from './kernel/jobs/jobs.ts';
import { type Caller, caller } from './kernel/outgoing/caller.ts';
import type { Services } from './kernel/services.ts';
import { ObjectServer } from './kernel/storage/object-server.ts';
import { openStorage } from './kernel/storage/open.ts';
import type { Storage } from './kernel/storage/store.ts';
import type { VersionChange } from './kernel/versions/change.ts';
import identityHeaders from './kernel/versions/changes/1.3-identity-headers.ts';
import nestedMetadataKeys from './kernel/versions/changes/1.4-nested-metadata-keys.ts';
import { Versions } from './kernel/versions/registry.ts';
import keyRoutes from './keys/key.routes.ts';
import { licenseCheckedOut } from './licenses/check-out.license.ts';
import checkOutRoutes from './licenses/check-out.routes.ts';
import { startExpiries } from './licenses/first-event-expiry.ts';
import { notifyOfCheckIns, notifyOfExpiries } from './licenses/license.notify.ts';
import { removeLicense } from './licenses/license.removal.ts';
import licenseRoutes from './licenses/license.routes.ts';
import licenseActionRoutes from './licenses/license-actions.routes.ts';
import { followPolicy } from './licenses/machines-follow.ts';
import validationRoutes from './licenses/validate.routes.ts';
import codeWasConstant from './licenses/versions/1.1-code-was-constant.ts';
import overageWasInvalid from './licenses/versions/1.1-overage-was-invalid.ts';
import ownerNotFoundWasUserNotFound from './licenses/versions/1.5-owner-not-found-was-user-not-found.ts';
import ownerWasUser from './licenses/versions/1.5-owner-was-user.ts';
import { sweepMachines, watchMachine } from './machines/machine.heartbeats.ts';
import machineRoutes from './machines/machine.routes.ts';
import machineCheckOutRoutes, { machineCheckedOut } from './machines/machine-check-out.routes.ts';
import offlineProofRoutes from './machines/offline-proof.routes.ts';
import heartbeatWasNotStarted from './machines/versions/1.2-heartbeat-not-started.ts';
import machineUserWasLicenseOwner from './machines/versions/1.5-owner-was-user.ts';
import { referenceRoutes } from './openapi/reference.routes.ts';
import packageRoutes from './packages/package.routes.ts';
import policyRoutes from './policies/policy.routes.ts';
import { removePolicy } from './policies/remove-policy.ts';
import { policyVersions } from './policies/versions/index.ts';
import { sweepProcesses, watchProcess } from './processes/process.heartbeats.ts';
import processRoutes from './processes/process.routes.ts';
import productRoutes from './products/product.routes.ts';
import { removeProduct } from './products/remove-product.ts';
import profileRoutes from './profiles/profile.routes.ts';
import releaseRoutes from './releases/release.routes.ts';
import { removeReleasesOfPackage } from './releases/remove-releases.ts';
import artifactsWasArtifact from './releases/versions/1.0-artifacts-was-artifact.ts';
import draftWasNotPublished from './releases/versions/1.0-draft-was-not-published.ts';
import releaseHadItsArtifactsAttributes from './releases/versions/1.0-release-had-its-artifacts-attributes.ts';
import { loggable, requestLine } from './request-line.ts';
import { type NewRequestLog, requestLogOf } from './request-logs/record.ts';
import requestLogRoutes from './request-logs/request-log.routes.ts';
import { requestLogRetention } from './request-logs/retention.ts';
import { writeRequestLogs } from './request-logs/write.ts';
import settingRoutes from './settings/setting.routes.ts';
import { Authenticator } from './tokens/authenticate.ts';
import { pruneTokens } from './tokens/prune.ts';
import tokenRoutes from './tokens/token.routes.ts';
import credentialsWereInvalid from './tokens/versions/1.7-credentials-were-invalid.ts';
import { removeUser } from './users/remove-user.ts';
import userRoutes from './users/user.routes.ts';
import { audience, rememberingAudience } from './webhook-endpoints/audience.ts';
import webhookEndpointRoutes from './webhook-endpoints/webhook-endpoint.routes.ts';
import { createWebhookEvents } from './webhook-events/create.ts';
import { deliverWebhook } from './webhook-events/deliver.ts';
import { pruneWebhookEvents } from './webhook-events/prune.ts';
import webhookEventRoutes from './webhook-events/webhook-event.routes.ts';

export const routes: Route[] = [
  ...healthRoutes,
  ...profileRoutes,
  ...tokenRoutes,
  ...userRoutes,
  ...accountRoutes,
  ...settingRoutes,
  ...environmentRoutes,
  ...entitlementRoutes,
  ...groupRoutes,
  ...keyRoutes,
  ...policyRoutes,
  ...productRoutes,
  ...webhookEndpointRoutes,
  ...webhookEventRoutes,
  ...eventLogRoutes,
  ...requestLogRoutes,
  ...licenseRoutes,
  ...validationRoutes,
  ...licenseActionRoutes,
  ...checkOutRoutes,
  ...machineRoutes,
  ...componentRoutes,
  ...processRoutes,
  ...machineCheckOutRoutes,
  ...offlineProofRoutes,
  ...releaseRoutes,
  ...artifactRoutes,
  ...packageRoutes,
  ...dimensionRoutes,
  ...shortUrlRoutes(() => routes),
  ...referenceRoutes(() => routes),
];

const jobs: Job<never>[] = [
  removeUser,
  pruneTokens,
  removeEnvironment,
  removeProduct,
  removeReleasesOfPackage,
  removeLinksOfRelease,
  waitForUpload,
  processUpload,
  removeObject,
  pruneDownloadLinks,
  pruneUpgradeLinks,
  removePolicy,
  removeLicense,
  followPolicy,
  sweepMachines,
  watchMachine,
  sweepProcesses,
  watchProcess,
  notifyOfExpiries,
  notifyOfCheckIns,
  deliverWebhook,
  pruneWebhookEvents,
  eventLogRetention,
  requestLogRetention,
  licenseCheckedOut,
  machineCheckedOut,
  pruneIdempotencyKeys,
  pruneRequestCounts,
];

export const versionChanges: VersionChange[] = [
  credentialsWereInvalid,
  nestedMetadataKeys,
  identityHeaders,
  ...policyVersions,
  ownerWasUser,
  ownerNotFoundWasUserNotFound,
  machineUserWasLicenseOwner,
  overageWasInvalid,
  codeWasConstant,
  heartbeatWasNotStarted,
  artifactsWasArtifact,
  releaseHadItsArtifactsAttributes,
  draftWasNotPublished,
  artifactHadKey,
  artifactHadProduct,
];

/** What becomes of events, in this order. */
const consumers: ((tx: Tx, entries: readonly OutboxEntry[], services: Services) => Promise<void>)[] = [writeEventLogs, createWebhookEvents, startExpiries];

/** Small enough that no request waits for a batch to be put together. */
const batchSize = 100;

interface Later {
  cause: Cause;
  event: string;
  payload: Payload<{ id: string; environmentId?: string | null }>;
  /** With the id of the event, so that a batch that is written again is no second event. */
  options: EmitOptions & { id?: string };
}

export interface AppOptions {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
  /** Told of every request that was answered. */
  served?: (request: Served) => void;
  /** How strangers' servers are called; the test kit lets nothing out. */
  outgoing?: Caller;
  /** Where artifacts are kept; the test kit's misbehaves when it is told to. */
  storage?: Storage;
}

/** How long a stop waits for transfers of artifacts, which may take hours. */
const transferGraceMs = 10_000;

export class App {
  readonly http: FastifyInstance;
  readonly routes: readonly Route[] = routes;
  readonly jobs: Jobs;
  readonly relay: Relay;
  readonly accounts: CurrentAccounts;
  readonly services: Services;
  /** What rate limits count with. */
  readonly counters = new MemoryCounters();
  readonly #options: AppOptions;
  readonly #later: Batcher<Later>;
  readonly #logs: Batcher<NewRequestLog>;
  readonly #objects: ObjectServer | undefined;
  readonly #lateWrites = new Map<LateWrite<never>, Batcher<unknown>>();
  #unlisten: (() => Promise<void>) | undefined;

  constructor(options: AppOptions) {
    const { config, database, clock, logger } = options;
    this.#options = options;
    const ring = masterRing(config.masterKeys);
    this.accounts = new CurrentAccounts({ database, ring, config });
    const versions = new Versions(versionChanges);
    versions.checkRoutes(routes.map(({ name }) => name));
    this.services = {
      database,
      clock,
      config,
      logger,
      versions,
      jobHealth: () => this.jobs.health(),
      ring,
      accountsChanged: (db) => this.accounts.changed(db),
      account: (name) => this.accounts.byName(name),
      change: (cause, run, outer) => this.#change(cause, run, outer),
      emitLater: (cause, event, payload, emit = {}) =>
        this.#later.add({ cause, event, payload: payload as Later['payload'], options: { id: uuid(), ...emit } }),
      writeLater: (write, item) => this.#lateWrite(write).add(item),
      enqueue: (db, job, payload, enqueue) => this.jobs.enqueue(db, job, payload, enqueue),
      enqueueMany: (db, job, payloads, enqueue) => this.jobs.enqueueMany(db, job, payloads, enqueue),
      outgoing: options.outgoing ?? caller({ allowPrivate: config.allowPrivateWebhooks }),
      storage: options.storage ?? openStorage(config.storage, { origin: () => config.baseUrl, ring }),
    };
    const { own } = this.services.storage;
    this.#objects = own && new ObjectServer(own, { config, now: () => clock.now() });
    this.jobs = new Jobs(database, clock, jobs, logger, this.services);
    this.relay = new Relay(database, (tx, entries) => this.#consume(tx, entries), logger);
    this.#later = new Batcher({ write: (items) => this.#emit(items), everyMilliseconds: 100, size: batchSize, logger, name: 'events' });
    this.#logs = new Batcher({
      write: (rows) => writeRequestLogs(this.services, rows),
      everyMilliseconds: 250,
      size: batchSize,
      capacity: 10_000,
      logger,
      name: 'request logs',
    });
    this.http = this.#http();
  }

  #http(): FastifyInstance {
    const { config } = this.#options;
    const authenticator = new Authenticator(this.#options.database);
    const gates: Gates = {
      account: (context) => this.accounts.resolve(context),
      environment: resolveEnvironment,
      state: passGate,
      authenticate: (context) => authenticator.authenticate(context),
    };
    const throttle = config.rateLimits && new RateLimits(config.rateLimits, this.counters);
    const server = new Server({ services: this.services, gates, versions: this.services.versions, throttle, served: (request) => this.#served(request) });
    return buildHttp({ config, routes, server, objects: this.#objects });
  }

  #change<T>(cause: Cause, run: (change: Change) => Promise<T>, outer?: Tx): Promise<T> {
    const within = async (tx: Tx): Promise<T> => {
      const result = await run(new Change(tx, cause, { audience: audience(), rememberingAudience, enqueue: this.jobs.enqueue }));
      afterCommit(tx, () => this.relay.wake());
      return result;
    };
    return outer ? within(outer) : this.#options.database.transaction(within);
  }

  async #consume(tx: Tx, entries: readonly OutboxEntry[]): Promise<void> {
    for (const consume of consumers) await consume(tx, entries, this.services);
  }

  #emit(items: readonly Later[]): Promise<void> {
    const { database, logger } = this.#options;
    const write = (some: readonly Later[]) =>
      database.transaction(async (tx) => {
        const hearers = rememberingAudience();
        const entries: OutboxEntry[] = [];
        for (const { cause, event, payload, options } of some) entries.push(await outboxEntry(tx, cause, hearers, event, payload, options));
        await this.#consume(tx, entries);
      });
    return salvaging(items, write, ({ event }, error) => logger.error({ err: error, event }, 'an event could not be passed on and is lost'));
  }

  #lateWrite<T>(write: LateWrite<T>): Batcher<T> {
    const { logger } = this.#options;
    const known = this.#lateWrites.get(write) as Batcher<T> | undefined;
    if (known) return known;
    const batcher = new Batcher<T>({ ...write, write: (items) => write.write(items, this.#options.database), logger });
    this.#lateWrites.set(write, batcher as Batcher<unknown>);
    return batcher;
  }

  get #batchers() {
    return [this.#later, this.#logs, ...this.#lateWrites.values()];
  }

  #served(request: Served): void {
    const { config, logger } = this.#options;
    if (request.failure !== undefined) logger.error({ err: loggable(request.failure), requestId: request.id }, 'a request failed unexpectedly');
    logger.info(requestLine(request), 'request');
    this.#options.served?.(request);
    countRequest(request, this.services);
    const row = requestLogOf(request, config);
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
    await Promise.all(this.#batchers.map((batcher) => batcher.flush()));
  }

  /** Finishes requests in flight, writes what waits, and leaves no timer or socket. The database stays open. */
  async stop(): Promise<void> {
    const impatient = setTimeout(() => this.#objects?.cut(), transferGraceMs);
    await this.http.close();
    clearTimeout(impatient);
    await Promise.all(this.#batchers.map((batcher) => batcher.close()));
    await this.relay.stop();
    await this.jobs.stop();
    await this.services.outgoing.close();
    this.services.storage.close();
    await this.#unlisten?.();
  }
}
