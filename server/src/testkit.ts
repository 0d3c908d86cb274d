/** A throwaway server for tests: ours, and those of people who integrate with Latchkey (docs/testing.md). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { setRequestCount } from './accounts/request-count.ts';
import { App } from './app.ts';
import { type Config, hostParts, readConfig } from './config.ts';
import { Clock } from './kernel/clock.ts';
import { masterRing } from './kernel/crypto/sealing.ts';
import { type Database, openDatabase } from './kernel/database/database.ts';
import { migrate } from './kernel/database/migrate.ts';
import { emptyTables } from './kernel/database/reset.ts';
import { cachedTemplate } from './kernel/database/template.ts';
import { jobSetupTables } from './kernel/jobs/boss.ts';
import { keygenNames, latchkeyNames } from './kernel/names.ts';
import { openStorage } from './kernel/storage/open.ts';
import { forgetNotified } from './licenses/first-event-expiry.ts';
import { factories } from './testkit/all-factories.ts';
import { Factories } from './testkit/factories.ts';
import type { Attributes } from './testkit/factory.ts';
import { schedulesCalled } from './testkit/schedules.ts';
import { testStorage } from './testkit/storage.ts';
import { testCaller } from './testkit/webhooks.ts';

export interface TestServerOptions {
  mode?: 'singleplayer' | 'multiplayer';
  /** A PostgreSQL server instead of the embedded database. */
  databaseUrl?: string;
  config?: Partial<Omit<Config, 'names' | 'rateLimits' | 'legacySignatures' | 'storage'>> & {
    names?: 'keygen' | 'latchkey';
    /** false: none, which is the default here. */
    rateLimits?: boolean | Config['rateLimits'];
    legacySignatures?: boolean | Date;
    /** Where the URLs of artifacts lead, when not to this server; or a directory to keep them in, as the product does. */
    storage?: { publicUrl?: string; directory?: string };
  };
}

export interface InjectOptions {
  method?: string;
  /** Written as fetch writes it: what no URL has is percent-encoded, and dot segments are resolved. */
  url: string;
  /** Those that are undefined are not sent. */
  headers?: Record<string, string | string[] | undefined>;
  payload?: string | Uint8Array;
  remoteAddress?: string;
}

export interface Injected {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  rawPayload: Buffer;
}

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
const keptTables = ['public.migrations', ...jobSetupTables];
const masterKey = createHash('sha256').update('latchkey test kit').digest();

function testConfig({ mode = 'singleplayer', databaseUrl, config = {} }: TestServerOptions): Config {
  const { names = 'keygen', rateLimits = false, legacySignatures = true, storage: _, ...given } = config;
  const host = given.host ?? 'localhost';
  const { domain, subdomain } = hostParts(host, given.domain ?? null, given.subdomain ?? null);
  const baseUrl = given.baseUrl ?? `https://${host}`;
  const standard = readConfig({ LATCHKEY_SECRET_KEY: masterKey.toString('hex'), LATCHKEY_HOST: host, LOG_LEVEL: process.env.LATCHKEY_TEST_LOG ?? 'silent' });
  return {
    ...standard,
    port: 0,
    bind: '127.0.0.1',
    mode,
    databaseUrl: databaseUrl ?? null,
    domain,
    subdomain,
    baseUrl,
    portalOrigin: `https://portal.${domain}`,
    passwordCost: 'cheap',
    maxBodyBytes: null,
    maxLoggedBodyBytes: null,
    ...given,
    // The first is where `url` leads, whatever the API host is called.
    extraHosts: ['127.0.0.1', ...(given.extraHosts ?? [])],
    cloud: mode === 'multiplayer' && (given.cloud ?? false),
    names: names === 'keygen' ? keygenNames : latchkeyNames(baseUrl, [host]),
    rateLimits: rateLimits === true ? standard.rateLimits : rateLimits === false ? null : rateLimits,
    legacySignatures: legacySignatures === true ? 'always' : legacySignatures === false ? null : legacySignatures,
  };
}

/** The embedded database with every migration applied, made once and cached: starting from nothing costs seconds. */
async function template(): Promise<Buffer> {
  const key = createHash('sha256').update(readFileSync(join(migrations, 'meta', '_journal.json')));
  for (const file of JSON.parse(readFileSync(join(migrations, 'meta', '_journal.json'), 'utf8')).entries as { tag: string }[])
    key.update(readFileSync(join(migrations, `${file.tag}.sql`)));
  return cachedTemplate(join(tmpdir(), 'latchkey-testkit'), key.digest('hex').slice(0, 16), async () => {
    const database = await openDatabase({ memory: true });
    const clock = new Clock();
    await migrate(database, migrations, clock.now());
    const app = new App({ config: testConfig({}), database, clock, logger: pino({ level: 'silent' }) });
    await app.jobs.start({ workers: false });
    await app.jobs.stop();
    const dump = await database.dump!();
    await database.close();
    return dump;
  });
}

/** Starts a server on a free loopback port, with its own database. */
export async function startTestServer(options: TestServerOptions = {}) {
  const config = testConfig(options);
  const clock = new Clock();
  const database: Database = await openDatabase(options.databaseUrl ? { url: options.databaseUrl } : { memory: true, template: await template() });
  await migrate(database, migrations, clock.now());
  const logger = pino({ level: config.logLevel });
  const outgoing = testCaller();
  const { publicUrl, directory } = options.config?.storage ?? {};
  let url = '';
  const kept = testStorage(publicUrl, () => url);
  const inDirectory =
    directory === undefined ? undefined : openStorage({ directory, s3: null, r2: null }, { origin: () => url, ring: masterRing(config.masterKeys) });
  const app = new App({ config, database, clock, logger, outgoing, storage: inDirectory ?? kept });
  await app.start({ workers: false });
  url = await app.http.listen({ port: 0, host: '127.0.0.1' });
  const made = new Factories(app, masterRing(config.masterKeys), factories, kept);

  const drain = async (): Promise<void> => {
    for (;;) {
      await app.flush();
      await app.relay.drain();
      if ((await app.jobs.run()) === 0) break;
    }
    await app.flush();
  };

  return {
    url,
    /** The server's own configuration, for tests that compare with it. */
    config,
    /** Its database, for tests of what stands below the API. */
    database,
    async inject({ method = 'GET', url: target, headers = {}, payload, remoteAddress }: InjectOptions): Promise<Injected> {
      const sent = Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])));
      const response = await app.http.inject({
        method: method as 'GET',
        validate: false,
        url: target,
        // What is undefined here keeps the name of the library that injects out of request logs.
        headers: { 'user-agent': undefined, host: config.host, ...sent },
        ...(payload !== undefined && { payload: typeof payload === 'string' ? payload : Buffer.from(payload) }),
        ...(remoteAddress !== undefined && { remoteAddress }),
      });
      return { statusCode: response.statusCode, headers: response.headers as Injected['headers'], body: response.body, rawPayload: response.rawPayload };
    },
    /** Raw SQL; `$1` parameters. */
    async sql(text: string, params: readonly unknown[] = []) {
      const rows = await database.rows(text, params);
      app.accounts.forget();
      return rows;
    },
    create: (type: string, attributes: Attributes = {}) => made.create(type, attributes),
    update: (type: string, id: string, attributes: Attributes) => made.update(type, id, attributes),
    find: (type: string, where: Attributes = {}) => made.find(type, where),
    clock: {
      freeze: (at: string | Date) => clock.freeze(at),
      travel: (milliseconds: number) => clock.travel(milliseconds),
      release: () => clock.release(),
      now: () => clock.now(),
    },
    jobs: {
      run: drain,
      /** Fires one schedule, by its name or by what the specification calls it. */
      async cron(name: string): Promise<void> {
        await app.flush();
        await app.relay.drain();
        for (const schedule of schedulesCalled(name)) await app.jobs.cron(schedule);
      },
      pending: (name?: string) => app.jobs.pending(name),
    },
    /** Calls to webhook endpoints since the last reset; hosts other than this machine are a sink that answers 200. */
    webhooks: { sent: outgoing.sent },
    /** Where artifacts are: tells it to misbehave, until the next reset. */
    storage: { simulate: kept.simulate },
    /** How many requests an account has made today. */
    requestCount: {
      async set(accountId: string, count: number): Promise<void> {
        await app.flush();
        await setRequestCount(app.services, accountId, clock.now(), count);
      },
    },
    /** Singleplayer: which account is served; null: none. */
    configure({ accountId }: { accountId?: string | null }): void {
      if (accountId !== undefined) app.accounts.servedId = accountId;
    },
    /** Empties all data, releases the clock and all simulations. */
    async reset(): Promise<void> {
      await app.flush();
      await emptyTables(database, keptTables);
      clock.release();
      outgoing.sent.length = 0;
      kept.reset();
      app.accounts.forget();
      app.counters.clear();
      forgetNotified(app.services);
      app.accounts.servedId = undefined;
    },
    async close(): Promise<void> {
      await app.stop();
      await database.close();
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;
