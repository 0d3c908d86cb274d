/** Request targets: checked and brought to the form that is routed (spec/http.md 2.1). */
import { WireError } from './wire-error.ts';

/** A request target. All parts are still percent-encoded. */
export interface Target {
  /** Path and query exactly as received: what signatures cover (spec/http.md 12.2). */
  raw: string;
  /** The path as received: what pagination links repeat (spec/http.md 8.6). */
  path: string;
  /** The query without `?`; '' when there is none. */
  query: string;
  /** The path to route: single slashes, none at the end, no suffix. */
  route: string;
  /** What stood behind the first dot of a last segment that may not have dots, if it had one. Only `suffixAccept` knows what is allowed. */
  suffix: string | undefined;
}

const outsideUri = /[^A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]/;
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

/** Members of these collections may have dots, so they have no suffix (2.1 rule 2). */
const dotted = new Set(['machines', 'users', 'licenses', 'releases', 'packages', 'engines', 'artifacts']);

const apiBase = /^\/+v1(?=\/|$)/;
/** An API path up to a collection whose members take slashes, and the member. */
const slashed = /^(\/+v1(?:\/+accounts\/+[^/]+)?\/+(engines|(?:products\/+[^/]+\/+)?artifacts)\/+)(.*)$/s;

const tidy = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

function checkPath(path: string): void {
  if (!path.includes('%')) return;
  if (brokenEscape.test(path)) throw new WireError('URI_INVALID', 'malformed percent sequence');
  try {
    decodeURIComponent(path);
  } catch {
    throw new WireError('ENCODING_INVALID', 'path is not UTF-8');
  }
}

/** The names below the base: collection, member, collection, member ... so that those at odd places are members. */
function isDottedMember(route: string): boolean {
  const names = route.split('/').slice(2);
  const [, , ...below] = names;
  const places = names[0] === 'accounts' && names.length > 2 ? below : names;
  return places.length % 2 === 0 && dotted.has(places.at(-2) ?? '');
}

function routeOf(path: string): { route: string; suffix: string | undefined } {
  if (!apiBase.test(path)) return { route: path, suffix: undefined };
  const [, base, collection, member] = slashed.exec(path) ?? [];
  if (base !== undefined && member !== '') {
    const inner = collection === 'engines' ? member!.replace(/^([^/]+)\/+$/, '$1') : member!;
    return { route: `${tidy(base)}/${inner}`, suffix: undefined };
  }
  const route = tidy(path);
  const last = route.lastIndexOf('/') + 1;
  const dot = route.indexOf('.', last);
  if (dot <= last || isDottedMember(route)) return { route, suffix: undefined };
  return { route: route.slice(0, dot), suffix: route.slice(dot + 1) };
}

/**
 * Reads a raw request target. Paths outside `/v1` are routed as they are; below `/v1`, artifacts and engines keep everything behind their collection's name.
 * Throws `WireError` URI_INVALID for characters that no URI has and for malformed percent sequences in the path, ENCODING_INVALID when the path does not
 * decode to UTF-8. The query is decoded by `parseQuery`.
 */
export function parseTarget(target: string): Target {
  if (outsideUri.test(target)) throw new WireError('URI_INVALID', 'unsafe character');
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const raw = relative.startsWith('?') || relative === '' ? `/${relative}` : relative;
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  checkPath(path);
  return { raw, path, query: mark < 0 ? '' : raw.slice(mark + 1), ...routeOf(path) };
}

const suffixes: { [suffix: string]: string } = { json: 'application/json', jsonapi: 'application/vnd.api+json' };

/**
 * The media type that a path's suffix asks for in place of the Accept header, undefined without suffix. Throws `WireError` MIME_TYPE_INVALID for suffixes other
 * than `json` and `jsonapi`; ask only when a route matched, since other paths are 404s (spec/http.md 2.1 rule 2).
 */
export function suffixAccept(suffix: string | undefined): string | undefined {
  if (suffix === undefined) return undefined;
  if (!Object.hasOwn(suffixes, suffix)) throw new WireError('MIME_TYPE_INVALID', 'unknown suffix');
  return suffixes[suffix];
}
