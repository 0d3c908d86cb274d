/** Calls to strangers' servers: the one way out of the server for addresses that customers name. */
import type { lookup } from 'node:dns';

export interface Call {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

export interface Reply {
  status: number;
  location: string | undefined;
  /** null: it was longer than `longestReply` bytes. */
  body: string | null;
}

export interface Caller {
  /** Sends one request, no redirects followed. Rejects with the error of the socket, the resolver or the parser. */
  call(call: Call): Promise<Reply>;
  close(): Promise<void>;
}

export interface CallerOptions {
  /** Whether loopback, private and other special addresses may be called. */
  allowPrivate: boolean;
  /** Each for connecting, for the first byte and between bytes; three times as long for all of it. */
  timeoutMs?: number;
  longestReply?: number;
  /** The system's resolver, unless a test brings its own. */
  resolve?: typeof lookup;
}

/** A caller whose client is loaded by its first call: it takes some megabytes, which a server that calls nobody is spared. */
export function caller(options: CallerOptions): Caller {
  let client: Promise<Caller> | undefined;
  return {
    async call(call) {
      client ??= import('./client.ts').then(({ openClient }) => openClient(options));
      return (await client).call(call);
    },
    async close() {
      await (await client)?.close();
    },
  };
}
