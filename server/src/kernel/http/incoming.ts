import type { Headers } from './headers.ts';
import type { Target } from './path.ts';

/** A request as it came in. */
export interface Incoming {
  method: string;
  target: Target;
  host: string;
  headers: Record<string, string | undefined>;
  params: Record<string, string>;
  ip: string;
  body: Buffer | undefined;
}

/** A response as it goes out. */
export interface Outgoing {
  status: number;
  headers: Headers;
  body: string | Buffer;
  /** What a JSON body says, for the log. */
  json?: unknown;
}
