/** The HTTP client of calls to strangers' servers. */
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, request } from 'undici';
import type { Caller, CallerOptions } from './caller.ts';

/** A host that leads to this machine or its networks, and is not called. */
export class PrivateAddress extends Error {
  override name = 'PrivateAddress';
  readonly code = 'EPRIVATE';

  constructor(host: string) {
    super(`${host} is no public address`);
  }
}

const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';

/** A resolver that gives public addresses only. It is the connection's own, so the address that was checked is the one that is dialled. */
function publicLookup(resolve: typeof systemLookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const allowed = addresses.filter(({ address }) => isPublic(address));
      if (allowed.length === 0) return callback(new PrivateAddress(host), '');
      return options.all ? callback(null, allowed) : callback(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}

/** Names are checked where they are resolved; addresses in a URL are not resolved, so they are checked here. */
function connectorOf({ allowPrivate, timeoutMs, resolve }: Required<CallerOptions>): buildConnector.connector {
  const lookup = allowPrivate ? (resolve as LookupFunction) : publicLookup(resolve);
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false, lookup } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) return callback(new PrivateAddress(host), null);
    return connect(options, callback);
  };
}

async function readUpTo(stream: AsyncIterable<Buffer>, limit: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Connections are not kept: a receiver that closes an idle one just as it is used again would look as if it had failed. */
export function openClient(given: CallerOptions): Caller {
  const options: Required<CallerOptions> = { timeoutMs: 15_000, longestReply: 2048, resolve: systemLookup, ...given };
  const { timeoutMs, longestReply } = options;
  const dispatcher = new Agent({ connect: connectorOf(options), headersTimeout: timeoutMs, bodyTimeout: timeoutMs, pipelining: 0, allowH2: false });
  return {
    async call({ url, signal, ...call }) {
      const whole = AbortSignal.timeout(3 * timeoutMs);
      const over = signal ? AbortSignal.any([signal, whole]) : whole;
      const { statusCode, headers, body } = await request(url, { ...call, dispatcher, signal: over, reset: true });
      const { location } = headers;
      return { status: statusCode, location: Array.isArray(location) ? location[0] : location, body: await readUpTo(body, longestReply) };
    },
    close: () => dispatcher.destroy(),
  };
}
