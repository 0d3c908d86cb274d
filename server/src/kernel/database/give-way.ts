import { setImmediate as turn } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';

/** Milliseconds that statements may take one after the other before the event loop gets a turn. */
const longest = 10;

/**
 * Makes a client give way. The embedded database works on the event loop's own thread, and a statement begins as soon as the last one ends: without a pause no
 * timer fires, no socket is read and no connection accepted (libuv does one a turn) until all that waits for the database has been served.
 */
export function giveWay(client: PGlite): PGlite {
  const send = client.execProtocolStream.bind(client);
  let since: number | undefined;
  client.execProtocolStream = async (message, options) => {
    if (since === undefined) {
      since = performance.now();
      setImmediate(() => {
        since = undefined;
      });
    } else if (performance.now() - since > longest) await turn();
    return send(message, options);
  };
  return client;
}
