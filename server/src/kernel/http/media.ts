/** Media types: what the client accepts, what it gets, and what it sends (spec/http.md 3). */
import { memoise } from './memo.ts';
import { WireError } from './wire-error.ts';

const json = 'application/json';
const jsonApi = 'application/vnd.api+json';
const binary = 'application/octet-stream';

/** The types that the server knows, in the order in which a range such as `application/*` stands for them (3.1 rule 3). */
const knownTypes = [json, jsonApi, binary, 'application/xhtml+xml', 'text/html', 'text/plain'];

const synonyms = new Map([
  ['*', '*/*'],
  ['application/vnd.keygen+json', jsonApi],
  ['text/x-json', json],
  ['application/jsonrequest', json],
]);

/** What a route of each class can be asked for: http.md 2.2 (A, B), engines.md 2.3 (the others). `any` is not checked, nor is a path without route. */
const acceptable = {
  A: [jsonApi, json, binary],
  B: [jsonApi, json],
  html: ['text/html', 'application/xhtml+xml'],
  text: ['text/plain'],
  json: [json, 'application/vnd.npm.install-v1+json'],
  'json-or-binary': [json, binary],
  any: null,
  unmatched: null,
} satisfies { [mediaClass: string]: string[] | null };

export type MediaClass = keyof typeof acceptable;

/** What a route answers when the client does not choose. */
export type DefaultFormat = 'jsonapi' | 'json' | 'html' | 'text';

/** `contentType` is the response's header; errors are reduced when `format` is html or text (3.3). */
export interface Negotiated {
  contentType: string;
  format: 'json' | 'html' | 'text';
}

const answers = {
  jsonapi: { contentType: `${jsonApi}; charset=utf-8`, format: 'json' },
  json: { contentType: `${json}; charset=utf-8`, format: 'json' },
  html: { contentType: 'text/html; charset=utf-8', format: 'html' },
  text: { contentType: 'text/plain; charset=utf-8', format: 'text' },
} as const satisfies { [format in DefaultFormat]: Negotiated };

interface Accepted {
  types: string[];
  malformed: boolean;
}

const shape = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

const invalid = (what: string): WireError => new WireError('MIME_TYPE_INVALID', what);

/** The type of a header's member in lower case, synonyms resolved; parameters are dropped. */
function typeOf(member: string): string {
  const type = member.split(';', 1)[0]!.trim().toLowerCase();
  return synonyms.get(type) ?? type;
}

function qualityOf(member: string): number {
  const quality = Number.parseFloat(/;\s*q\s*=\s*([\d.]+)/i.exec(member)?.[1] ?? '1');
  return Number.isNaN(quality) ? 1 : quality;
}

/** The accepted types, best first, ranges expanded except for the one that means everything (3.1 rules 1-4). */
function parseAccept(header: string): Accepted {
  const members = header.split(',').filter((member) => member.trim() !== '');
  const ranked = members.map((member) => ({ type: typeOf(member), quality: qualityOf(member) })).sort((a, b) => b.quality - a.quality);
  const types = ranked.flatMap(({ type }) => {
    if (type === '*/*' || !type.endsWith('/*')) return [type];
    const expanded = knownTypes.filter((known) => known.startsWith(type.slice(0, -1)));
    return expanded.length > 0 ? expanded : [type];
  });
  return { types, malformed: ranked.some(({ type }) => !shape.test(type)) };
}

const accepted = memoise(parseAccept, 1024);

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const readAsJson = new Set([json, jsonApi, 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);

/** What stands in for a missing Accept header: the request's own type, for methods with a body after its defaults (3.1 rule 5, 3.4). */
function ownType(contentType: string, method: string): string {
  if (!methodsWithBody.has(method)) return contentType;
  const type = typeOf(contentType);
  return type === '' || (readAsJson.has(type) && type !== jsonApi) ? json : contentType;
}

/** The kind of JSON that the client names first, if it names one (3.2 rules 1, 2). */
function chosenJson(types: string[]): 'jsonapi' | 'json' | undefined {
  const first = types.find((type) => type === json || type === jsonApi);
  if (first === undefined) return undefined;
  return first === json ? 'json' : 'jsonapi';
}

/** Paths without route answer HTML to clients that say nothing, and what the client asks for first to the others (3.3). */
function unmatchedFormat(accept: string | undefined, types: string[]): DefaultFormat {
  if (!accept?.trim()) return 'html';
  const first = types.find((type) => knownTypes.includes(type));
  if (first?.startsWith('text/')) return first === 'text/html' ? 'html' : 'text';
  return first === 'application/xhtml+xml' ? 'html' : (chosenJson(types) ?? 'jsonapi');
}

/**
 * Chooses the response's media type. `method` in upper case; headers as received, undefined or blank when absent.
 * Throws `WireError` MIME_TYPE_INVALID when the class of the route cannot serve the client (spec/http.md 3.1-3.3).
 */
export function negotiate(
  accept: string | undefined,
  contentType: string | undefined,
  method: string,
  mediaClass: MediaClass,
  routeDefault: DefaultFormat = 'jsonapi',
): Negotiated {
  const { types, malformed } = accepted(accept?.trim() ? accept : ownType(contentType ?? '', method));
  if (mediaClass === 'unmatched') return answers[unmatchedFormat(accept, types)];
  const served: string[] | null = acceptable[mediaClass];
  if (served !== null) {
    if (malformed) throw invalid('malformed accept header');
    if (types.length > 0 && !types.some((type) => type === '*/*' || served.includes(type))) throw invalid('nothing acceptable');
  }
  if (routeDefault === 'html' || routeDefault === 'text') return answers[routeDefault];
  return answers[chosenJson(types) ?? routeDefault];
}

/**
 * Whether the body of a POST, PUT, PATCH or DELETE is parsed as JSON, or is as if none had been sent (spec/http.md 3.4).
 * Throws `WireError` MIME_TYPE_INVALID when the header is no media type.
 */
export function bodyKind(contentType: string | undefined): 'json' | 'none' {
  const type = typeOf(contentType ?? '');
  if (type === '' && !contentType?.trim()) return 'json';
  if (!shape.test(type)) throw invalid('malformed content type');
  return readAsJson.has(type) ? 'json' : 'none';
}

/** Old electron-builder uploads declare JSON but send the file: their bodies are never parsed (spec/http.md 3.4). `path` without query, method in upper case. */
export const isElectronUpload = (method: string, path: string, userAgent: string | undefined): boolean =>
  method === 'PUT' && path.endsWith('/artifact') && (userAgent ?? '').startsWith('electron-builder');
