/** How long it takes until many machines that die at once are culled, by any number of servers together. */
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../server/src/kernel/database/database.ts';
import { type Loaded, machineId } from './data.ts';
import type { ServerProcess } from './processes.ts';

export interface Culled {
  processes: number;
  machines: number;
  dead: number;
  /** From the first that is gone to the last; the sweep before it may have been up to its period away. */
  seconds: number;
}

/** A sweep comes every two minutes. */
const longest = 5 * 60_000;

/** Deaths that logs tell, or will: the servers are stopped before all is passed on. */
const told = `select (select count(*) from event_logs where account_id = $1 and event = 'machine.heartbeat.dead' and resource_id between $2 and $3)
  + (select count(*) from outbox where account_id = $1 and event = 'machine.heartbeat.dead' and (entry->'resource'->>'id')::uuid between $2 and $3) as count`;

/**
 * Lets the machines from `first` on die, and waits until servers have culled them.
 * @throws when it takes too long, or one was told dead twice
 */
export async function cull(url: string, { accountId, licenses }: Loaded, first: number, dead: number, start: () => Promise<ServerProcess[]>): Promise<Culled> {
  const database = await openDatabase({ url, connections: 1 });
  const range = [accountId, machineId(first), machineId(first + dead - 1)];
  const count = async (query: string): Promise<number> => Number((await database.rows(query, range))[0]!.count);
  const left = () => count('select count(*) from machines where account_id = $1 and id between $2 and $3');
  await database.rows(
    `update machines set last_heartbeat_at = last_heartbeat_at - interval '1 year', known_heartbeat_at = known_heartbeat_at - interval '1 year'
    where account_id = $1 and id between $2 and $3`,
    range,
  );
  const servers = await start();
  try {
    const asked = performance.now();
    let began = asked;
    for (let now = await left(); now > 0; now = await left()) {
      if (performance.now() - asked > longest) throw new Error(`${now} of ${dead} dead machines were not culled`);
      await wait(100);
      if (now === dead) began = performance.now();
    }
    const seconds = (performance.now() - began) / 1000;
    for (const server of servers) await server.stop();
    const deaths = await count(told);
    if (deaths !== dead) throw new Error(`${dead} machines died, and ${deaths} deaths were told`);
    return { processes: servers.length, machines: licenses, dead, seconds };
  } finally {
    for (const server of servers) await server.stop();
    await database.close();
  }
}
