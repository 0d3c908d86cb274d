import { describe, expect, test } from 'vitest';
import { newWorld, type Wire, type World } from '../../test/kit.ts';
import { routes } from '../app.ts';
import { errorCatalogue } from '../kernel/http/errors.ts';
import { described, documentsOf, openApiDocument, pathOf } from './document.ts';
import { html } from './html.ts';

const document = openApiDocument(routes, 'https://licenses.example.com') as Wire;
const operations = Object.entries<Wire>(document.paths).flatMap(([path, item]) =>
  Object.entries<Wire>(item).map(([method, operation]) => ({ path, method, operation })),
);

/** Every value in a document with the place where it stands. */
function* walk(value: unknown, at = '#'): Generator<[string, unknown]> {
  yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* walk(item, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}
const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<Wire>((value, key) => value?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);

describe('the OpenAPI document', () => {
  test('has every route, under each of its methods', () => {
    for (const route of described(routes))
      for (const method of route.methods) expect(document.paths[pathOf(route)]?.[method.toLowerCase()], `${method} ${route.name}`).toBeDefined();
  });

  test('has the idempotency key on every POST that knows who asks, and nowhere else', () => {
    const keyed = operations.filter(({ operation }) => operation.parameters.some(({ $ref }: Wire) => $ref === '#/components/parameters/idempotencyKey'));
    const expected = operations.filter(
      ({ path, method, operation }) => method === 'post' && path.startsWith('/v1/accounts/{') && operation.security.length > 0,
    );
    expect(expected.length).toBeGreaterThan(30);
    expect(keyed).toEqual(expected);
    expect(at('#/components/parameters/idempotencyKey')).toMatchObject({ name: 'Idempotency-Key', in: 'header', required: false });
  });

  test('is valid OpenAPI 3.1: its structure', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(Object.keys(document).sort()).toEqual(['components', 'externalDocs', 'info', 'openapi', 'paths', 'servers', 'tags']);
    for (const path of Object.keys(document.paths)) expect(path).toMatch(/^\//);
    const tags = document.tags.map(({ name }: { name: string }) => name);
    expect(new Set(tags).size).toBe(tags.length);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const kinds = { get: 1, post: 1, put: 1, patch: 1, delete: 1 };
    const members = ['operationId', 'tags', 'summary', 'description', 'deprecated', 'parameters', 'requestBody', 'responses', 'security'];
    for (const { method, operation } of operations) {
      expect(kinds).toHaveProperty(method);
      for (const member of Object.keys(operation)) expect(members).toContain(member);
      for (const tag of operation.tags) expect(tags).toContain(tag);
      for (const scheme of operation.security.flatMap(Object.keys)) expect(document.components.securitySchemes).toHaveProperty(scheme);
    }
  });

  test('names the parameters of each path, and only those, and none twice', () => {
    for (const { path, operation } of operations) {
      const parameters: Wire[] = operation.parameters.map((parameter: Wire) => (parameter.$ref ? at(parameter.$ref) : parameter));
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name).sort()).toEqual([...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name).sort());
      for (const parameter of parameters) {
        expect(parameter).toMatchObject({ name: expect.any(String), in: expect.stringMatching(/^(path|query|header)$/), schema: expect.any(Object) });
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
      }
      const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  test('refers only to what it has', () => {
    for (const [place, value] of walk(document)) {
      if (!place.endsWith('/$ref') || typeof value !== 'string') continue;
      expect(at(value), `${place} -> ${value}`).toBeDefined();
    }
  });

  test('has a status, a description and schemas for each response', () => {
    for (const { operation } of operations)
      for (const [status, given] of Object.entries<Wire>(operation.responses)) {
        const response = given.$ref ? at(given.$ref) : given;
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response).toMatchObject({ description: expect.any(String) });
        for (const media of Object.values<Wire>(response.content ?? {})) expect(media.schema).toBeTypeOf('object');
      }
  });

  const types = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
  test('has schemas of JSON Schema 2020-12', () => {
    for (const [place, value] of walk(document)) {
      if (!/\/(?:schemas|properties)\/[^/]+$|\/schema$|\/items$/.test(place) || typeof value !== 'object' || value === null) continue;
      const schema = value as Wire;
      for (const type of [schema.type ?? []].flat()) if (!/\/properties\/type$/.test(place)) expect(types, place).toContain(type);
      if (Array.isArray(schema.required)) for (const name of schema.required) expect(schema.properties, place).toHaveProperty([name]);
      expect(schema.nullable, place).toBeUndefined();
    }
  });

  test('knows the shape of every type that routes answer', () => {
    const documents = documentsOf(routes);
    const unknown = routes.flatMap(({ answers, name }) =>
      answers !== undefined && !documents.has(answers.replace(/\[\]$/, '')) ? [`${name}: ${answers}`] : [],
    );
    expect(unknown).toEqual([]);
  });

  test('tells what entitlements are and take', () => {
    expect(document.components.schemas.entitlements.properties).toMatchObject({
      type: { const: 'entitlements' },
      attributes: { properties: { name: { type: 'string' }, metadata: { type: 'object' }, created: { format: 'date-time' } } },
      relationships: { properties: { account: { $ref: '#/components/schemas/Relationship' } } },
    });
    const body = document.paths['/v1/accounts/{account}/entitlements'].post.requestBody;
    expect(body.required).toBe(true);
    expect(body.content['application/vnd.api+json'].schema).toMatchObject({
      required: ['data'],
      additionalProperties: false,
      properties: { data: { required: ['type', 'attributes'], properties: { attributes: { required: ['name', 'code'] } } } },
    });
  });

  test('is served to anybody, on any host, in any media type', async () => {
    const { server } = await newWorld();
    const response = await server.inject({ url: '/openapi.json', headers: { host: 'any.test', accept: 'text/html', authorization: 'Bearer wrong' } });
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(response.body).paths).toEqual(document.paths);
    expect(response.headers['keygen-account']).toBeUndefined();
  });
});

describe('the reference', () => {
  const open = async (world: World, url: string) => world.server.inject({ url: url.replace('https://localhost', '').split('#')[0]! });

  test.each(['/docs', '/docs/', '/docs/api', '/docs/api/'])('%s leads to every topic', async (url) => {
    const world = await newWorld();
    const index = await open(world, url);
    expect([index.statusCode, index.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const links = [...index.body.matchAll(/href="(\/docs[^"]*)"/g)].map(([, link]) => link!);
    expect(links).toEqual(expect.arrayContaining(['/docs/api/entitlements/', '/docs/api/licenses/', '/docs/api/authentication/']));
    for (const link of links) expect([link, (await open(world, link)).statusCode]).toEqual([link, 200]);
  });

  test('loads nothing from anywhere, and its policy allows nothing', async () => {
    const world = await newWorld();
    const { body, headers } = await open(world, '/docs/api/entitlements/');
    expect(body).not.toMatch(/<script|src=|@import|url\(|https?:/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+';/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test.each(['/docs/nothing', '/docs/api/nothing/', '/docs/api/entitlements/x', '/docs/api/__proto__', '/docs/..%2f', '/docs/%3Cscript%3E'])(
    '%s is no page',
    async (url) => {
      const world = await newWorld();
      const response = await open(world, url);
      expect([response.statusCode, response.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
      expect(response.body).not.toContain('<script');
    },
  );

  test('every link of an error leads to a page and an anchor of our own', async () => {
    const world = await newWorld({ config: { names: 'latchkey' } });
    const admin = await world.as('admin');
    const refused = await admin.post('/entitlements', { data: { type: 'entitlements', attributes: { name: 'a'.repeat(300), code: 'actions' } } }, 422);
    const wanted = refused.errors.map(({ links }: Wire) => links.about);
    expect(wanted).toEqual([
      'https://localhost/docs/api/entitlements/#entitlements-object-attrs-code',
      'https://localhost/docs/api/entitlements/#entitlements-object-attrs-name',
    ]);
    const general = Object.values(errorCatalogue).flatMap(({ about }) => (about === undefined ? [] : [`${world.server.config.names.docs}/${about}`]));
    for (const about of [...wanted, ...general, `${world.server.config.names.docs}/rate-limiting/`, `${world.server.config.names.docs}/webhooks/`]) {
      const { statusCode, body } = await open(world, about);
      expect([about, statusCode]).toEqual([about, 200]);
      const anchor = about.split('#')[1];
      if (anchor) expect(body).toContain(`id="${anchor}"`);
    }
  });

  test('has an anchor for whatever a validation may point at', async () => {
    const world = await newWorld();
    for (const { attributes, relationships, records } of documentsOf(routes).values()) {
      const { body } = await open(world, `/docs/api/${records.topic}/`);
      const anchors = [...attributes.map((name) => `-attrs-${name}`), ...relationships.map((name) => `-relationships-${name}`), ''];
      for (const anchor of anchors) expect(body).toContain(`id="${records.topic}-object${anchor}"`);
    }
  });

  test('escapes what it is told', () => expect(html`<p>${'<b>&"\''}${[html`<i>`, '<']}</p>`.text).toBe('<p>&lt;b&gt;&amp;&quot;&#39;<i>&lt;</p>'));
});
