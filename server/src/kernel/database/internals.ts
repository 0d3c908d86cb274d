import type { Db } from './database.ts';
import type { SQL } from './drizzle.ts';

/** What Drizzle keeps for itself, and both drivers have: the dialect that writes SQL, and the session that runs it with a mapper of our own. */
interface Internals {
  dialect: { sqlToQuery(query: SQL): { sql: string; params: unknown[] } };
  session: {
    prepareQuery(
      query: object,
      fields: undefined,
      name: string | undefined,
      inArrays: true,
      map: (rows: unknown[][]) => unknown,
    ): { execute(values?: object): Promise<unknown> };
  };
}

export const internals = (db: Db): Internals => db as unknown as Internals;
