/** Configuration -> database -> app -> listen; nothing else. */
import { pino } from 'pino';
import { prepareAccount } from './accounts/first-start.ts';
import { App } from './app.ts';
import { readConfig } from './config.ts';
import { Clock } from './kernel/clock.ts';
import { keyring } from './kernel/crypto/sealing.ts';
import { openDatabase, StartError } from './kernel/database/database.ts';
import { migrate } from './kernel/database/migrate.ts';
import { listen } from './listen.ts';
import { welcome } from './welcome.ts';

const migrations = new URL('../migrations', import.meta.url).pathname;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  const clock = new Clock();
  const database = await openDatabase(
    config.databaseUrl === null ? { dataDir: config.dataDir } : { url: config.databaseUrl, connections: config.databaseConnections },
  );
  let app: App | undefined;
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      await app?.stop();
      await database.close();
      process.exit(0);
    })();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    await migrate(database, migrations, clock.now());
    app = new App({ config, database, clock, logger });
    if (config.mode === 'singleplayer') {
      const first = await prepareAccount(database, keyring(config.masterKeys[0]!, [...config.masterKeys.slice(1)]), config, clock.now());
      app.accounts.servedId = first.accountId;
      welcome(config, first);
    }
    await app.start();
    await listen(app.http, config);
  } catch (error) {
    await app?.stop().catch(() => {});
    await database.close().catch(() => {});
    throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof StartError ? `latchkey: ${error.message}` : error);
  process.exit(1);
});
