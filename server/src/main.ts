/** Configuration -> database -> app -> listen; nothing else. */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { prepareAccount } from './accounts/first-start.ts';
import { App } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { Clock } from './kernel/clock.ts';
import { masterRing } from './kernel/crypto/sealing.ts';
import { type Database, openDatabase, StartError } from './kernel/database/database.ts';
import { migrate } from './kernel/database/migrate.ts';
import { listen } from './listen.ts';
import { tellSecrets, welcome } from './welcome.ts';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

const open = ({ databaseUrl, dataDir, databaseConnections }: Config): Promise<Database> =>
  openDatabase(databaseUrl === null ? { dataDir } : { url: databaseUrl, connections: databaseConnections });

/** Starts the server. @returns what stops it: requests in flight are finished, batches written, the database closed */
async function start(config: Config): Promise<() => Promise<void>> {
  const clock = new Clock();
  const database = await open(config);
  const metrics = config.metricsPort === null ? undefined : new (await import('./metrics.ts')).Metrics();
  const app = new App({ config, database, clock, logger: pino({ level: config.logLevel }), ...(metrics && { served: metrics.observe }) });
  let stopMetrics: (() => Promise<void>) | undefined;
  const stop = async () => {
    await stopMetrics?.();
    await app.stop();
    await database.close();
  };
  try {
    await migrate(database, migrations, clock.now());
    const first = config.mode === 'singleplayer' ? await prepareAccount(database, masterRing(config.masterKeys), config, clock.now()) : undefined;
    if (first) tellSecrets(config, first);
    app.accounts.servedId = first?.accountId;
    await app.start();
    stopMetrics = await metrics?.serve(app.services, config);
    await listen(app.http, config);
    welcome(config, first);
    return stop;
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/**
 * The PostgreSQL driver can throw from a timer when a connection dies under a query that is scheduled on it. Its query fails by itself, and the pool makes
 * another connection: no reason to stop serving. Anything else that nobody caught is a bug after which nothing can be trusted.
 */
process.on('uncaughtException', (error) => {
  console.error(error);
  if (!/node_modules\/postgres\/src\/connection\.js/.test(error.stack ?? '')) process.exit(1);
});

const fail = (error: unknown): never => {
  console.error(error instanceof StartError ? `latchkey: ${error.message}` : error);
  process.exit(1);
};

// A signal during the start waits for it, so that nothing is left half made.
const started = Promise.resolve().then(() => start(readConfig(process.env)));
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    started.then((stop) => stop()).then(() => process.exit(0), fail);
  });
started.catch(fail);
