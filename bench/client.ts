/** A load generator: keep-alive connections on bare sockets, one request in flight on each. Lean, so that the server and not this gets the processor. */
import { connect, type Socket } from 'node:net';

export interface Target {
  port: number;
}

/** The next request of a scenario, as bytes. */
export type NextRequest = (index: number) => Buffer;

export interface Load {
  requests: number;
  seconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers by status. */
  statuses: Record<string, number>;
}

const headEnd = Buffer.from('\r\n\r\n');

/** A request as it goes over the socket. */
export function requestBytes(method: string, path: string, headers: Record<string, string>, body?: unknown): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [`${method} ${path} HTTP/1.1`, 'host: localhost', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (text !== '') lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(text)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

/** Reads one answer at a time off a socket. */
class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((status: string) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#data(bytes));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('the server closed a connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  send(request: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request);
    });
  }

  #data(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const end = this.#received.indexOf(headEnd);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    this.#received = this.#received.subarray(end + 4 + length);
    this.#resolve?.(head.slice(9, 12));
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }
}

const percentile = (sorted: Float64Array, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Sends requests for some seconds over connections that are spread over the targets. */
export async function load(targets: readonly Target[], connections: number, seconds: number, next: NextRequest): Promise<Load> {
  const open = await Promise.all(Array.from({ length: connections }, (_, index) => Connection.open(targets[index % targets.length]!.port)));
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const started = performance.now();
  const until = started + seconds * 1000;
  let index = 0;
  await Promise.all(
    open.map(async (connection) => {
      for (let now = performance.now(); now < until; ) {
        const status = await connection.send(next(index++));
        const done = performance.now();
        times.push(done - now);
        statuses[status] = (statuses[status] ?? 0) + 1;
        now = done;
      }
    }),
  );
  const elapsed = (performance.now() - started) / 1000;
  for (const connection of open) connection.close();
  const sorted = Float64Array.from(times).sort();
  return { requests: times.length, seconds: elapsed, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), statuses };
}
