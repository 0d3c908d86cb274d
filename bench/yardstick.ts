/** The measure of all: the bare driver doing the one indexed select that validation cannot avoid. */
import { PGlite } from '@electric-sql/pglite';
import postgres from 'postgres';
import { type Loaded, licenseKey } from './data.ts';

const statement = 'select * from licenses where account_id = $1 and md5(key) = md5($2) and key = $2';

async function loop(concurrency: number, seconds: number, loaded: Loaded, select: (accountId: string, key: string) => Promise<unknown>): Promise<number> {
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < until) await select(loaded.accountId, licenseKey(((done++ * 7919) % loaded.licenses) + 1));
    }),
  );
  return done / ((performance.now() - started) / 1000);
}

/** Selects per second. */
export interface Yardstick {
  /** As many in flight as the benchmark has connections, over ten connections of the driver's: the most that there is. The embedded database does one at a time. */
  inFlight: number;
  /** A single loop: the next one when the last is there. */
  oneByOne: number;
}

export async function yardstick(where: { url: string } | { dataDir: string }, loaded: Loaded, concurrency: number, seconds: number): Promise<Yardstick> {
  if ('url' in where) {
    const sql = postgres(where.url, { max: 10 });
    const select = (accountId: string, key: string) => sql.unsafe(statement, [accountId, key], { prepare: true });
    const inFlight = await loop(concurrency, seconds, loaded, select);
    const oneByOne = await loop(1, seconds, loaded, select);
    await sql.end();
    return { inFlight, oneByOne };
  }
  const lite = await PGlite.create(`${where.dataDir}/database`);
  const rate = await loop(1, seconds, loaded, (accountId, key) => lite.query(statement, [accountId, key]));
  await lite.close();
  return { inFlight: rate, oneByOne: rate };
}
