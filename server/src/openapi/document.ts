/** The OpenAPI 3.1 document, made from the routes. Pure. */
import { errorCatalogue } from '../kernel/http/errors.ts';
import type { DocumentFacts, Method, RouteFacts } from '../kernel/http/route-facts.ts';
import { takesKey } from '../kernel/idempotency/request-key.ts';
import { currentVersion } from '../kernel/versions/supported.ts';
import { commonSchemas, paramSchema, resourceSchema, type Schema } from './schemas.ts';

const jsonTypes = ['application/vnd.api+json', 'application/json'];
const inJson = (schema: Schema) => Object.fromEntries(jsonTypes.map((type) => [type, { schema }]));
const ref = (kind: string, name: string): Schema => ({ $ref: `#/components/${kind}/${name}` });

/** The routes that the documentation is about: short URLs say nothing that these do not, on hosts of their own. */
export const described = <R extends RouteFacts>(routes: readonly R[]): R[] => routes.filter(({ base }) => base !== 'short');

/** Every wire type whose shape is known, by name. */
export function documentsOf(routes: readonly RouteFacts[]): Map<string, DocumentFacts> {
  return new Map(routes.flatMap(({ document }) => (document ? [[document.type, document]] : [])));
}

/** Names of the parameters in a path: `:id`, and `path` for the rest of it. */
const parameterPattern = /:([A-Za-z_]+)(?:\([^)]*\))?|\*/g;

/** Where a route stands, in the notation of OpenAPI. Routes of an account also stand under `/v1` alone. */
export function pathOf({ base, path }: RouteFacts): string {
  const prefix = base === 'account' || base === 'itself' || base === 'ping' ? '/v1/accounts/:account' : '';
  return `${prefix}${path}`.replace(parameterPattern, (_, name?: string) => `{${name ?? 'path'}}`) || '/';
}

const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const inQuery = (name: string, description: string) => ({ name, in: 'query', required: false, description, schema: { type: 'string' } });

const listParameters = ['limit', 'order', 'pageNumber', 'pageSize', 'pageCursor'];

function parametersOf(route: RouteFacts, method: Method, path: string): Schema[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);
  const own = Object.entries(route.query ?? {}).map(([name, description]) => inQuery(name, description));
  const withAccount = route.base === 'account' || route.base === 'itself';
  return [
    ...names.map((name) => (name === 'account' ? ref('parameters', 'account') : inPath(name))),
    ...(route.answers?.endsWith('[]') ? listParameters.map((name) => ref('parameters', name)) : []),
    ...own,
    ref('parameters', 'version'),
    ...(withAccount ? [ref('parameters', 'environment'), ref('parameters', 'acceptSignature')] : []),
    ...(method === 'POST' && takesKey(route) ? [ref('parameters', 'idempotencyKey')] : []),
  ];
}

function success(route: RouteFacts, documents: ReadonlyMap<string, DocumentFacts>): Schema {
  const { answers, status } = route;
  if (answers === undefined || status === 204) return { description: status === 204 ? 'Done; no body' : 'Done' };
  const type = answers.replace(/\[\]$/, '');
  const resource = documents.has(type) ? ref('schemas', type) : ref('schemas', 'Resource');
  const data = answers.endsWith('[]') ? { type: 'array', items: resource } : { oneOf: [resource, { type: 'null' }] };
  const links = answers.endsWith('[]') ? { links: ref('schemas', 'PageLinks') } : {};
  const schema = {
    type: 'object',
    required: ['data'],
    properties: { data, meta: { type: 'object' }, included: { type: 'array', items: ref('schemas', 'Resource') }, ...links },
  };
  return { description: answers.endsWith('[]') ? `A page of ${type}` : `One of ${type}, or null`, content: inJson(schema) };
}

function failures({ auth, base, body, path, methods }: RouteFacts): number[] {
  const changes = methods.some((method) => method !== 'GET');
  const member = path.includes(':') || base !== 'host';
  return [400, ...(auth === 'none' ? [] : [401, 403]), ...(member ? [404] : []), ...(changes ? [409] : []), ...(changes || body ? [422] : []), 429, 500, 503];
}

const credentials = [{ token: [] }, { license: [] }, { basic: [] }, { query: [] }];

function operation(route: RouteFacts, method: Method, path: string, documents: ReadonlyMap<string, DocumentFacts>): Schema {
  const { name, summary, body, auth, until, methods } = route;
  return {
    operationId: method === methods[0] ? name : `${name}.${method.toLowerCase()}`,
    tags: [name.split('.')[0]],
    summary,
    ...(until !== undefined && { deprecated: true, description: `Up to API version ${until}.` }),
    parameters: parametersOf(route, method, path),
    ...(body && { requestBody: { required: body.spec.required, content: inJson(paramSchema(body)) } }),
    responses: {
      [route.status]: success(route, documents),
      ...Object.fromEntries(failures(route).map((status) => [status, ref('responses', `Error${status}`)])),
    },
    security: auth === 'none' ? [] : [...credentials, ...(auth === 'optional' ? [{}] : [])],
  };
}

function pathsOf(routes: readonly RouteFacts[], documents: ReadonlyMap<string, DocumentFacts>): Record<string, Schema> {
  const paths: Record<string, Schema> = {};
  for (const route of routes) {
    const path = pathOf(route);
    const item = paths[path] ?? {};
    for (const method of route.methods) item[method.toLowerCase()] ??= operation(route, method, path, documents);
    paths[path] = item;
  }
  return paths;
}

/** One response per status of the catalogue, with the codes that it may carry. */
function errorResponses(): Record<string, Schema> {
  const rows = Object.entries(errorCatalogue);
  const statuses = [...new Set(rows.map(([, { status }]) => status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = rows.filter(([, row]) => row.status === status).map(([name, row]) => row.code ?? name);
      const known = [...new Set(codes.filter(Boolean))];
      const description = known.length > 0 ? `Codes: ${known.map((code) => `\`${code}\``).join(', ')}` : 'Without code';
      return [`Error${status}`, { description, content: inJson(ref('schemas', 'Errors')) }];
    }),
  );
}

const header = (name: string, description: string) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } });

const parameters: Record<string, Schema> = {
  account: { ...inPath('account'), description: 'Id or slug. Servers of one account, and custom domains, have every path under `/v1` alone, too.' },
  version: header('Keygen-Version', 'API version; the account’s when left out.'),
  environment: header('Keygen-Environment', 'Id or code of the environment; the global one when left out.'),
  acceptSignature: header('Keygen-Accept-Signature', 'How the response is to be signed: `algorithm="ed25519"`.'),
  idempotencyKey: {
    ...header(
      'Idempotency-Key',
      'For requests that may be sent again: within 24 hours the same request with the same key is answered the same, and done once.',
    ),
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  limit: { ...inQuery('limit', 'Size of a list without pages: 1 to 100.'), schema: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
  order: { ...inQuery('order', 'Newest or oldest first.'), schema: { enum: ['asc', 'desc'] } },
  pageNumber: { ...inQuery('page[number]', 'Page by number.'), schema: { type: 'integer', minimum: 1, maximum: 100 } },
  pageSize: { ...inQuery('page[size]', 'Records of a page.'), schema: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
  pageCursor: inQuery('page[cursor]', 'Page by the id of the last record received; empty for the first page.'),
};

const securitySchemes: Record<string, Schema> = {
  token: { type: 'http', scheme: 'bearer', description: 'A token: `Authorization: Bearer <token>`' },
  license: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'A license key: `Authorization: License <key>`' },
  basic: { type: 'http', scheme: 'basic', description: '`token:<token>` or `license:<key>`; e-mail and password to make a token' },
  query: { type: 'apiKey', in: 'query', name: 'token', description: 'A token, where headers cannot be set' },
};

/** @param all routes of the server @param baseUrl of this server, without a slash at the end */
export function openApiDocument(all: readonly RouteFacts[], baseUrl: string): Schema {
  const routes = described(all);
  const documents = documentsOf(routes);
  const tags = [...new Set(routes.map(({ name }) => name.split('.')[0]!))].sort();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: currentVersion,
      description: 'Software licensing and distribution. Bodies are JSON:API documents; keys are read in any case style.',
    },
    servers: [{ url: baseUrl }],
    externalDocs: { url: `${baseUrl}/docs` },
    tags: tags.map((name) => ({ name })),
    paths: pathsOf(routes, documents),
    components: {
      schemas: { ...commonSchemas, ...Object.fromEntries([...documents].map(([type, facts]) => [type, resourceSchema(facts)])) },
      parameters,
      responses: errorResponses(),
      securitySchemes,
    },
  };
}
