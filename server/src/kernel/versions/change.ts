/** Version changes: data transformations at the edge. The code inside knows the newest version only (spec/http.md 13). */

import type { ErrorObject } from '../http/errors.ts';
import type { Document, ResourceObject } from '../jsonapi/document.ts';

/** Rewrites one resource of a type, in place, wherever it stands: single, in a list, in `included`, in webhooks and files. */
export type ResourceChange = (resource: ResourceObject, document: Document) => void;

export interface VersionChange {
  /** `1.5-owner-was-user`: the newest version that sees the old form, and what that was. */
  name: string;
  /** Applied when the version is this or older. */
  until: string;
  /** The row of spec/http.md 13.4, which is also the order within a version. */
  row: number;
  /** One sentence for customers. */
  says: string;
  /** Names of routes, with `*` and `{a,b}`; or 'all'. A pattern that matches no route stops the start. */
  on: readonly string[] | 'all';
  resources?: Readonly<Record<string, ResourceChange>>;
  /** Only of documents about one resource, and to that one: neither in lists nor in `included`. */
  single?: boolean;
  /** Every resource, whatever its type. */
  everyResource?: ResourceChange;
  /** The document's `meta`. */
  meta?: (meta: Record<string, unknown>) => void;
  /** Errors of one status. */
  errors?: { status: number; rewrite(error: ErrorObject): void };
  /** Renames of response headers. */
  headers?: Readonly<Record<string, string>>;
  /** Only for responses: webhooks, files and `/me` are left as they are. */
  responsesOnly?: boolean;
  /** `[now, then]`, and then in `included` where that is another: run by the registry's test. */
  example?: readonly [ResourceObject, ResourceObject, ResourceObject?];
}

export const versionChange = (change: VersionChange): VersionChange => change;

/** Renames a member and keeps its place in the order of members. */
export function rename(object: Record<string, unknown> | undefined, from: string, to: string): void {
  if (!object || !(from in object)) return;
  const entries = Object.entries(object).map(([key, value]) => [key === from ? to : key, value] as const);
  for (const key of Object.keys(object)) delete object[key];
  for (const [key, value] of entries) object[key] = value;
}
