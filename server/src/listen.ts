import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { StartError } from './kernel/database/start-error.ts';

const reasons: Record<string, (config: Config) => string> = {
  EADDRINUSE: ({ port }) => `PORT should be a free port, but ${port} is in use.`,
  EACCES: ({ port }) => `PORT should be a port that this user may listen on, but ${port} is not.`,
  EADDRNOTAVAIL: ({ bind }) => `LATCHKEY_BIND should be an address of this machine, but ${bind} is not.`,
};

/** @returns the URL that it listens on. @throws {StartError} */
export async function listen(http: FastifyInstance, config: Config): Promise<string> {
  try {
    return await http.listen({ port: config.port, host: config.bind });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    throw reason ? new StartError(reason(config)) : error;
  }
}
