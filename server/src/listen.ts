import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './kernel/database/start-error.ts';

/** The variables that say where to listen, with their values. */
interface Place {
  port: readonly [string, number];
  address: readonly [string, string];
}

const reasons: Record<string, (place: Place) => string> = {
  EADDRINUSE: ({ port: [name, value] }) => `${name} should be a free port, but ${value} is in use.`,
  EACCES: ({ port: [name, value] }) => `${name} should be a port that this user may listen on, but ${value} is not.`,
  EADDRNOTAVAIL: ({ address: [name, value] }) => `${name} should be an address of this machine, but ${value} is not.`,
};

/** Runs what listens. @throws {StartError} one line that names the variable which is wrong */
export async function listenAt<T>(start: () => Promise<T>, place: Place): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    throw reason ? new StartError(reason(place)) : error;
  }
}

/** @returns the URL that it listens on. @throws {StartError} */
export const listen = (http: FastifyInstance, { port, bind }: Config): Promise<string> =>
  listenAt(() => http.listen({ port, host: bind }), { port: ['PORT', port], address: ['LATCHKEY_BIND', bind] });
