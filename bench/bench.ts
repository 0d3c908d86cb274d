/**
 * npm run bench -- [--seconds 5] [--connections 32] [--licenses 100000] [--large 1000000] [--only embedded|postgres] [--compare earlier.json] [--out results.json]
 * Starts its own databases and servers, measures, prints a table and writes JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './client.ts';
import { cull } from './cull.ts';
import { grow, type Loaded, prepare } from './data.ts';
import { ServerProcess, serverVariables, startPostgres } from './processes.ts';
import { type Measured, print, type Results, read, save } from './report.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type Yardstick, yardstick } from './yardstick.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    licenses: { type: 'string', default: '100000' },
    large: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    compare: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('./results/latest.json', import.meta.url)) },
  },
});
const seconds = Number(values.seconds);
/** Seconds until what runs is compiled. */
const warmUp = 3;
/** Machines that die at once. */
const dead = 10_000;
const connections = Number(values.connections);
const begun = new Date(performance.timeOrigin + performance.now());

type Where = { url: string } | { dataDir: string };
const variablesOf = (where: Where): Record<string, string> => ('url' in where ? { DATABASE_URL: where.url } : { LATCHKEY_DATA_DIR: where.dataDir });

async function measure(servers: ServerProcess[], scenario: Scenario): Promise<Omit<Measured, 'database' | 'processes' | 'licenses' | 'ofYardstick'>> {
  await load(servers, connections, warmUp, scenario.next);
  for (const server of servers) server.takePeakMegabytes();
  const cpuBefore = servers.reduce((sum, server) => sum + server.cpuSeconds, 0);
  const offset = Math.floor(performance.now()) * 1000;
  const result = await load(servers, connections, seconds, (index) => scenario.next(index + offset));
  const cpu = servers.reduce((sum, server) => sum + server.cpuSeconds, 0) - cpuBefore;
  const wrong = Object.entries(result.statuses).filter(([status]) => status !== scenario.status);
  if (wrong.length > 0) throw new Error(`${scenario.name}: expected ${scenario.status} only, but got ${JSON.stringify(result.statuses)}`);
  return {
    scenario: scenario.name,
    requestsPerSecond: result.requests / result.seconds,
    p50: result.p50,
    p99: result.p99,
    cpuPerRequest: (cpu * 1000) / result.requests,
    megabytes: Math.max(...servers.map((server) => server.takePeakMegabytes())),
  };
}

const startAll = (where: Where, processes: number): Promise<ServerProcess[]> =>
  Promise.all(Array.from({ length: processes }, () => ServerProcess.start(variablesOf(where))));

async function measureAll(where: Where, loaded: Loaded, processes: number, rates: Yardstick, only?: RegExp): Promise<Measured[]> {
  const servers = await startAll(where, processes);
  const measured: Measured[] = [];
  try {
    for (const scenario of scenarios(loaded, `run-${Math.floor(performance.now())}`)) {
      if (only && !only.test(scenario.name)) continue;
      const result = await measure(servers, scenario);
      const database = 'url' in where ? 'postgres' : 'embedded';
      const ofYardstick = { inFlight: result.requestsPerSecond / rates.inFlight, oneByOne: result.requestsPerSecond / rates.oneByOne };
      measured.push({ database, processes, licenses: loaded.licenses, ...result, ofYardstick });
      console.error(`${database}, ${processes} process(es), ${loaded.licenses} licenses: ${scenario.name}: ${Math.round(result.requestsPerSecond)} req/s`);
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return measured;
}

async function embedded(results: Results): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  try {
    const loaded = await prepare({ dataDir }, serverVariables.secretKey, Number(values.licenses));
    const rates = await yardstick({ dataDir }, loaded, connections, seconds);
    results.yardstick.embedded = rates;
    results.measured.push(...(await measureAll({ dataDir }, loaded, 1, rates)));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function onPostgres(results: Results): Promise<void> {
  const postgres = await startPostgres();
  try {
    const where = { url: postgres.url };
    const loaded = await prepare(where, serverVariables.secretKey, Number(values.licenses));
    const rates = await yardstick(where, loaded, connections, seconds);
    results.yardstick.postgres = rates;
    for (const processes of [1, 2]) results.measured.push(...(await measureAll(where, loaded, processes, rates)));
    if (Number(values.large) > loaded.licenses) {
      const large = await grow(where, loaded, Number(values.large));
      results.yardstick.postgresLarge = await yardstick(where, large, connections, seconds);
      results.measured.push(...(await measureAll(where, large, 1, results.yardstick.postgresLarge, /^validate-key|^list/)));
      for (const processes of [1, 2]) results.culled.push(await cull(postgres.url, large, 1 + processes * dead, dead, () => startAll(where, processes)));
    }
  } finally {
    postgres.stop();
  }
}

const earlier = values.compare === undefined ? undefined : read(values.compare);
const results: Results = { at: begun.toISOString(), node: process.version, yardstick: {}, measured: [], culled: [] };
if (values.only !== 'postgres') await embedded(results);
if (values.only !== 'embedded') await onPostgres(results);
print(results, earlier);
save(values.out, results);
