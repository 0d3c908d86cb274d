/** What a route is: everything that the pipeline, the documentation and the tests need to know about it, and what it does. */
import type { Document } from '../jsonapi/document.ts';
import type { Context } from './context.ts';
import type { RouteFacts } from './route-facts.ts';

export type { Method, QueryDoc } from './route-facts.ts';

/** What a handler answers. Without a document or raw body: an empty one. */
export interface Answer {
  status: number;
  document?: Document;
  /** A body that is not JSON. */
  raw?: { body: string | Buffer; type: string };
  headers?: Record<string, string>;
}

export interface Route extends RouteFacts {
  run(context: Context): Promise<Answer>;
}
