/** Results as a table and as JSON, and their comparison with an earlier run. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Culled } from './cull.ts';
import type { Yardstick } from './yardstick.ts';

export interface Measured {
  database: 'embedded' | 'postgres';
  processes: number;
  licenses: number;
  scenario: string;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** Milliseconds of the server's processor time. */
  cpuPerRequest: number;
  megabytes: number;
  /** Shares of the yardstick's rates. */
  ofYardstick: Yardstick;
}

export interface Results {
  at: string;
  node: string;
  yardstick: Record<string, Yardstick>;
  measured: Measured[];
  culled: Culled[];
}

const keyOf = (m: Measured): string => `${m.database}/${m.processes}/${m.licenses}/${m.scenario}`;
const round = (value: number, digits = 0): string => value.toFixed(digits);

export function print(results: Results, earlier: Results | undefined): void {
  const before = new Map(earlier?.measured.map((m) => [keyOf(m), m]));
  const rows = results.measured.map((m) => {
    const old = before.get(keyOf(m));
    return {
      database: m.database,
      processes: m.processes,
      licenses: m.licenses,
      scenario: m.scenario,
      'req/s': round(m.requestsPerSecond),
      'p50 ms': round(m.p50, 2),
      'p99 ms': round(m.p99, 2),
      'cpu ms': round(m.cpuPerRequest, 3),
      MB: round(m.megabytes),
      'of selects in flight': round(m.ofYardstick.inFlight, 3),
      'one by one': round(m.ofYardstick.oneByOne, 3),
      ...(earlier && { 'than before': old ? `${round((m.requestsPerSecond / old.requestsPerSecond - 1) * 100)} %` : 'new' }),
    };
  });
  for (const [name, { inFlight, oneByOne }] of Object.entries(results.yardstick))
    console.log(`yardstick, ${name}: ${round(inFlight)} selects/s in flight, ${round(oneByOne)} one by one`);
  console.table(rows);
  for (const { processes, machines, dead, seconds } of results.culled)
    console.log(`${dead} of ${machines} machines that died at once were culled in ${round(seconds, 1)} s by ${processes} process(es)`);
}

export function save(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`written to ${path}`);
}

/** @throws when there is no such file */
export function read(path: string): Results {
  if (!existsSync(path)) throw new Error(`there is no earlier result at ${path}`);
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}
