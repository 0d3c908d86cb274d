import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { common, type Database, type Drizzle, type Row } from './connection.ts';
import { lockDirectory } from './data-directory.ts';
import { onPglite } from './drizzle.ts';
import { giveWay } from './give-way.ts';
import { prepareStatements } from './pglite-statements.ts';
import { directoryStartError } from './start-error.ts';
import { oid, parameter, parseInstant, parsers } from './values.ts';

/** A script with a BEGIN of its own runs within a transaction (its BEGIN is then void), so that a failure in it is undone before the next query gets the one connection. */
async function runScript(client: PGlite, text: string): Promise<Row[]> {
  const results = await (/^\s*BEGIN\b/i.test(text) ? client.transaction((tx) => tx.exec(text)) : client.exec(text));
  return results.flatMap((result) => result.rows as Row[]);
}

function wrap(bare: PGlite, unlock: () => void): Database {
  const client = giveWay(prepareStatements(bare));
  let closing: Promise<void> | undefined;
  return {
    driver: 'pglite',
    ...common(onPglite(client, { casing: 'snake_case' }) as unknown as Drizzle),
    rows: async (text, params = []) => (await client.query<Row>(text, params.map(parameter))).rows,
    script: (text) => runScript(client, text),
    listen: (channel, handler) => client.listen(channel, handler),
    dump: () => client.dumpDataDir('none'),
    close: () => {
      closing ??= client.close().finally(unlock);
      return closing;
    },
  };
}

const options: PGliteOptions = { parsers: { ...parsers, [oid.timestamptz]: parseInstant } };

/** A new cluster gets its name when it is whole, so that a start that is cut short leaves nothing that blocks the next. */
async function openCluster(directory: string): Promise<PGlite> {
  const cluster = join(directory, 'database');
  if (!existsSync(cluster)) {
    const draft = `${cluster}.new`;
    rmSync(draft, { recursive: true, force: true });
    await (await PGlite.create(draft)).close();
    renameSync(draft, cluster);
  }
  return PGlite.create(cluster, options);
}

/** Opens the embedded database below a directory, which is created and locked; StartError when that does not work. */
export async function openDirectory(dataDir: string): Promise<Database> {
  const directory = resolve(dataDir);
  const unlock = await lockDirectory(directory);
  try {
    return wrap(await openCluster(directory), unlock);
  } catch (error) {
    unlock();
    throw directoryStartError(error, directory);
  }
}

/** Opens an embedded database in memory, empty or as a template (`Database.dump`) has it. */
export async function openMemory(template?: Blob | Buffer): Promise<Database> {
  const loadDataDir = template instanceof Uint8Array ? new Blob([new Uint8Array(template)]) : template;
  return wrap(await PGlite.create({ ...options, loadDataDir }), () => {});
}
