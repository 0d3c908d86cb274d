/** Hands out and takes in objects by signed URLs, byte for byte and without holding them in memory. Nothing else of a request counts: no credentials, no media types. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { KernelConfig } from '../config.ts';
import { asApiError, errorDocument } from '../http/error-document.ts';
import { type ApiError, apiError, notFound } from '../http/errors.ts';
import type { Incoming } from '../http/incoming.ts';
import { stringifyJson } from '../http/json.ts';
import { isKnown, rangeApplies, rangeOf } from './range.ts';
import { objectPrefix } from './signed-url.ts';
import { largestObject, type OpenObject, type OwnStore } from './store.ts';

/** Browsers fetch and put from any page, without credentials; what they get is never a page of this server. */
const always: Record<string, string> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, PUT, OPTIONS',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, ETag, Last-Modified, Accept-Ranges',
  'Access-Control-Max-Age': '86400',
  'Cache-Control': 'private, no-transform, max-age=0',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
};

/** A transfer on which nothing moves for so long is given up. */
const idleMs = 120_000;
/** What is refused unread up to this size leaves the connection as it is. */
const smallBody = 1024 * 1024;

export interface Transfer {
  incoming: Incoming;
  request: IncomingMessage;
  response: ServerResponse;
}

/** How a transfer ended; `failure` is a fault of ours. */
export interface Transferred {
  status: number;
  failure: unknown;
}

/** A body while it is not too long. The request is left whole where it is, so that it can still be answered. */
async function* limited(request: IncomingMessage, largest: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > largest) throw apiError('BODY_TOO_LARGE');
    yield chunk as Buffer;
  }
}

const isBodyTooLarge = (error: unknown): boolean => error instanceof Error && 'kind' in error && error.kind === 'BODY_TOO_LARGE';

export class ObjectServer {
  readonly #store: OwnStore;
  readonly #config: Pick<KernelConfig, 'names'>;
  readonly #now: () => Date;
  readonly #largest: number;
  readonly #open = new Set<ServerResponse>();

  constructor(store: OwnStore, { config, now, largest = largestObject }: { config: Pick<KernelConfig, 'names'>; now: () => Date; largest?: number }) {
    this.#store = store;
    this.#config = config;
    this.#now = now;
    this.#largest = largest;
  }

  /** Whether a path is an object's. */
  serves = (path: string): boolean => path.startsWith(objectPrefix);

  /** Answers on the socket. Never rejects: when the client goes away, that was it. @param admit throws where the client is to wait, or is not served at all */
  async serve(transfer: Transfer, admit: () => unknown): Promise<Transferred> {
    const { response } = transfer;
    this.#open.add(response);
    response.setTimeout(idleMs, () => response.destroy());
    try {
      await admit();
      await this.#answer(transfer);
      return { status: response.statusCode, failure: undefined };
    } catch (thrown) {
      return this.#refuse(transfer, thrown);
    } finally {
      this.#open.delete(response);
    }
  }

  /** Cuts what is still being transferred. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  async #answer(transfer: Transfer): Promise<void> {
    const { incoming, response } = transfer;
    const { method, target } = incoming;
    for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
    if (method === 'OPTIONS') return void response.writeHead(200, { 'Content-Length': 0 }).end();
    const key = decodeURIComponent(target.path.slice(objectPrefix.length));
    const allowed = method === 'HEAD' ? 'GET' : method;
    const isKnownMethod = allowed === 'GET' || allowed === 'PUT';
    if (!isKnownMethod || !(await this.#store.admits({ method: allowed, key, query: target.query, now: this.#now() })))
      throw apiError('FORBIDDEN', { detail: 'The URL does not allow this, or is no longer valid' });
    await (allowed === 'PUT' ? this.#take(key, transfer) : this.#give(key, transfer));
  }

  async #give(key: string, { incoming, response }: Transfer): Promise<void> {
    const object = await this.#store.open(key);
    if (!object) throw notFound('object');
    const etag = `"${object.etag}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Last-Modified', object.modified.toUTCString());
    response.setHeader('Accept-Ranges', 'bytes');
    if (isKnown(incoming.headers, { etag, modified: object.modified })) {
      await object.close();
      return void response.writeHead(304).end();
    }
    await this.#send(object, etag, incoming, response);
  }

  async #send(object: OpenObject, etag: string, { method, headers }: Incoming, response: ServerResponse): Promise<void> {
    const { length, modified } = object;
    const range = method === 'GET' && rangeApplies(headers, { etag, modified }) ? rangeOf(headers.range, length) : undefined;
    if (range === 'unsatisfiable') {
      await object.close();
      return void response.writeHead(416, { 'Content-Range': `bytes */${length}`, 'Content-Length': 0 }).end();
    }
    const sent = range ? range.last - range.first + 1 : length;
    response.writeHead(range ? 206 : 200, {
      'Content-Type': object.type ?? 'application/octet-stream',
      'Content-Disposition': 'attachment',
      'Content-Length': sent,
      ...(range && { 'Content-Range': `bytes ${range.first}-${range.last}/${length}` }),
    });
    if (method === 'HEAD' || sent === 0) {
      await object.close();
      return void response.end();
    }
    await pipeline(object.stream(range), response);
  }

  async #take(key: string, { incoming, request, response }: Transfer): Promise<void> {
    if (Number(incoming.headers['content-length'] ?? 0) > this.#largest) throw apiError('BODY_TOO_LARGE');
    const { etag } = await this.#store.write(key, limited(request, this.#largest), this.#now());
    response.writeHead(200, { 'Content-Length': 0, ETag: `"${etag}"` }).end();
  }

  #refuse({ incoming, request, response }: Transfer, thrown: unknown): Transferred {
    if (response.destroyed || response.headersSent || (request.destroyed && !request.complete)) {
      response.destroy();
      return { status: response.headersSent ? response.statusCode : 499, failure: undefined };
    }
    const { error, unexpected } = asApiError(thrown);
    this.#write(error, incoming, response, Number(incoming.headers['content-length'] ?? 0) > smallBody || isBodyTooLarge(thrown));
    return { status: error.status, failure: unexpected ? thrown : undefined };
  }

  #write(error: ApiError, { method }: Incoming, response: ServerResponse, close: boolean): void {
    const body = stringifyJson(errorDocument(error, this.#config.names));
    for (const name of ['ETag', 'Last-Modified', 'Accept-Ranges']) response.removeHeader(name);
    const headers = { 'Content-Type': 'application/vnd.api+json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
    response.writeHead(error.status, { ...headers, ...(close && { Connection: 'close' }) }).end(method === 'HEAD' ? undefined : body);
  }
}
