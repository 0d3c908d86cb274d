/** Which changes apply to which version and route, and their application to documents, errors and headers. */
import type { ApiError } from '../http/errors.ts';
import type { Document, ResourceObject } from '../jsonapi/document.ts';
import type { VersionChange } from './change.ts';
import { currentVersion } from './supported.ts';

/** `licenses.{list,show}` and `licenses.actions.*` as a regular expression. */
function patternOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll('.', '\\.')
    .replaceAll('*', '[^.]+')
    .replace(/\{([^}]+)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`);
  return new RegExp(`^${source}$`);
}

export class Versions {
  readonly #changes: VersionChange[];
  readonly #patterns = new Map<VersionChange, RegExp[]>();
  readonly #perRoute = new Map<string, VersionChange[]>();

  constructor(changes: readonly VersionChange[]) {
    this.#changes = [...changes].sort((a, b) => (a.until === b.until ? a.row - b.row : a.until < b.until ? 1 : -1));
    for (const change of changes) this.#patterns.set(change, change.on === 'all' ? [] : change.on.map(patternOf));
  }

  /** The changes, newest first, for the changelog of the API and for tests. */
  get changes(): readonly VersionChange[] {
    return this.#changes;
  }

  /** @throws when a change names routes that do not exist: it would never run */
  checkRoutes(names: readonly string[]): void {
    for (const [change, patterns] of this.#patterns)
      for (const pattern of patterns)
        if (!names.some((name) => pattern.test(name))) throw new Error(`version change ${change.name} names no route: ${pattern.source}`);
  }

  #forRoute(route: string, version: string): VersionChange[] {
    if (version === currentVersion) return [];
    const key = `${version} ${route}`;
    let changes = this.#perRoute.get(key);
    if (!changes) {
      changes = this.#changes.filter((change) => version <= change.until && (change.on === 'all' || this.#patterns.get(change)!.some((p) => p.test(route))));
      this.#perRoute.set(key, changes);
    }
    return changes;
  }

  /** Rewrites the document of a response, in place. */
  response(document: Document, route: string, version: string): void {
    for (const change of this.#forRoute(route, version)) apply(change, document);
    forgetOlder(document);
  }

  /** Rewrites a document by its types alone: webhook payloads, files, `/me` (spec/http.md 13.3). @param from the version that it is in */
  data(document: Document, version: string, from: string = currentVersion): void {
    for (const change of this.#changes) if (version <= change.until && from > change.until && !change.responsesOnly) apply(change, document);
    forgetOlder(document);
  }

  errors(error: ApiError, route: string, version: string): void {
    for (const { errors } of this.#forRoute(route, version)) if (errors?.status === error.status) for (const item of error.errors) errors.rewrite(item);
  }

  headers(headers: Record<string, string>, version: string): void {
    for (const change of this.#changes) {
      if (!change.headers || version > change.until) continue;
      for (const [from, to] of Object.entries(change.headers)) {
        if (headers[from] === undefined) continue;
        headers[to] = headers[from];
        delete headers[from];
      }
    }
  }
}

function visitAll(document: Document, visit: (resource: ResourceObject) => void): void {
  if (Array.isArray(document.data)) document.data.forEach(visit);
  else if (document.data) visit(document.data);
  document.included?.forEach(visit);
}

/** What was there for version changes only has served its purpose. */
function forgetOlder(document: Document): void {
  visitAll(document, (resource) => {
    if (resource.older) delete resource.older;
  });
}

function apply(change: VersionChange, document: Document): void {
  const visit = (resource: ResourceObject): void => {
    change.resources?.[resource.type]?.(resource, document);
    change.everyResource?.(resource, document);
  };
  const { data } = document;
  if (!change.single) visitAll(document, visit);
  else if (data && !Array.isArray(data)) visit(data);
  if (document.meta && change.meta) change.meta(document.meta);
}
