/** The reference that errors point at: a page per topic, with an anchor for each attribute and relationship (spec/http.md 10.4). Pure. */
import type { Param, Shape } from '../kernel/http/params.ts';
import type { DocumentFacts, RouteFacts } from '../kernel/http/route-facts.ts';
import type { VersionChange } from '../kernel/versions/change.ts';
import { apiVersions } from '../kernel/versions/supported.ts';
import { described, documentsOf, pathOf } from './document.ts';
import { Html, html, page } from './html.ts';
import { resourceSchema, type Schema } from './schemas.ts';

interface Topic {
  name: string;
  documents: DocumentFacts[];
  routes: RouteFacts[];
}

/** Topics in alphabetical order, each with the wire types that it is about and the routes that answer them. */
function topicsOf(all: readonly RouteFacts[]): Map<string, Topic> {
  const routes = described(all);
  const documents = [...documentsOf(routes).values()];
  const names = [...new Set(documents.map(({ records }) => records.topic))].sort();
  return new Map(
    names.map((name) => {
      const own = documents.filter(({ records }) => records.topic === name);
      return [name, { name, documents: own, routes: routes.filter(({ document }) => own.some(({ type }) => type === document?.type)) }];
    }),
  );
}

const childrenOf = (param: Param<unknown, boolean> | undefined, ...path: string[]): Shape =>
  path.reduce<Shape>((shape, name) => shape[name]?.spec.children ?? {}, param?.spec.children ?? {});

/** What a topic's resources have or take: names of attributes or of relationships. */
function membersOf({ documents, routes }: Topic, kind: 'attributes' | 'relationships'): string[] {
  const shown = documents.flatMap((document) => document[kind]);
  const taken = routes.flatMap(({ body }) => Object.keys(childrenOf(body, 'data', kind)));
  return [...new Set([...shown, ...taken])];
}

function typeName(schema: Schema | undefined): string {
  const type = schema?.type;
  if (type === undefined) return '';
  const names = Array.isArray(type) ? type.join(' or ') : String(type);
  return schema?.format === undefined ? names : `${names} (${schema.format})`;
}

function memberTable(topic: Topic, kind: 'attributes' | 'relationships', infix: string): Html {
  const names = membersOf(topic, kind);
  if (names.length === 0) return html``;
  const shown = topic.documents.map((facts) => ((resourceSchema(facts).properties as Schema)[kind] as Schema).properties as Record<string, Schema>);
  const typeOf = (name: string) => (kind === 'attributes' ? typeName(shown.find((properties) => properties[name])?.[name]) : '');
  const rows = names.map((name) => html`<tr id="${topic.name}-object-${infix}-${name}"><td><code>${name}</code></td><td>${typeOf(name)}</td></tr>\n`);
  return html`<h3>${kind === 'attributes' ? 'Attributes' : 'Relationships'}</h3><table><tbody>${rows}</tbody></table>`;
}

function routeTable(routes: readonly RouteFacts[]): Html {
  const rows = routes.map(
    (route) =>
      html`<tr id="${route.name}"><td><code>${route.methods.join(', ')}</code></td><td><code>${pathOf(route)}</code></td><td>${route.summary}${route.until && ` (up to ${route.until})`}</td></tr>\n`,
  );
  return html`<h2 id="endpoints">Endpoints</h2><table><tbody>${rows}</tbody></table>`;
}

function topicPage(topic: Topic): Html {
  const types = topic.documents.map(({ type }) => html`<code>${type}</code> `);
  return html`<p><a href="/docs">Reference</a></p><h1>${topic.name}</h1>
<h2 id="${topic.name}-object">The object</h2><p>Type: ${types}</p>
${memberTable(topic, 'attributes', 'attrs')}${memberTable(topic, 'relationships', 'relationships')}${routeTable(topic.routes)}`;
}

function versioningPage(changes: readonly VersionChange[]): Html {
  const listed = apiVersions.toReversed().map((version) => {
    const told = changes.filter(({ until }) => until === version);
    return told.length > 0 && html`<h2 id="${version}">Up to ${version}</h2><ul>${told.map(({ says }) => html`<li>${says}</li>`)}</ul>`;
  });
  return html`<h1>Versioning</h1>
<p>The header <code>Keygen-Version</code> chooses the API version of a request; without it the account’s counts. There are: ${apiVersions.join(', ')}. What older versions see:</p>
${listed.filter((item) => item instanceof Html)}`;
}

/** Pages about no resource that errors and headers point at. */
const guides: Record<string, (changes: readonly VersionChange[]) => Html> = {
  authentication: () => html`<h1>Authentication</h1>
<h2 id="token-authentication">With a token</h2><p><code>Authorization: Bearer &lt;token&gt;</code>. A token is a text such as <code>admin-…v3</code>, not its id.</p>
<h2 id="license-authentication">With a license key</h2><p><code>Authorization: License &lt;key&gt;</code>, where the license’s policy has the authentication strategy <code>LICENSE</code> or <code>MIXED</code>.</p>
<h2 id="user-authentication">With e-mail and password</h2><p><code>POST /v1/accounts/{account}/tokens</code> with basic credentials makes a token.</p>`,
  versioning: versioningPage,
  'rate-limiting': () => html`<h1>Rate limits</h1>
<p>An answer with status 429 says in <code>Retry-After</code> after how many seconds to ask again; <code>X-RateLimit-*</code> describe the window that is closest to its limit. Attempts to sign in, to reset passwords and to change second factors are limited to five in their window. Addresses that probe for weaknesses are not answered for half an hour.</p>`,
  idempotency: () => html`<h1>Idempotency</h1>
<p>A <code>POST</code> with the header <code>Idempotency-Key</code> can be sent again when its answer was lost: within 24 hours the same request with the same key is answered as it was before, with <code>Idempotent-Replayed: true</code>, and is not done again. The key is any text of up to 255 characters that you use for no other request, such as a random UUID. Requests that were refused keep no answer.</p>
<ul><li><code>IDEMPOTENCY_KEY_IN_USE</code> (409): the first request is still being worked on; send it again later.</li>
<li><code>IDEMPOTENCY_KEY_REUSED</code> (422): the key belongs to another request.</li>
<li><code>IDEMPOTENCY_KEY_INVALID</code> (400): the key is blank or too long.</li></ul>`,
  webhooks: () => html`<h1>Webhooks</h1>
<p>Events are posted to <a href="/docs/api/webhook-endpoints/">webhook endpoints</a> as JSON:API documents of the type <code>webhook-events</code>, signed like responses. Answer with a status below 300; other answers are repeated.</p>`,
};

function indexPage(topics: ReadonlyMap<string, Topic>): Html {
  const links = (names: readonly string[]) => html`<ul>${names.map((name) => html`<li><a href="/docs/api/${name}/">${name}</a></li>`)}</ul>`;
  return html`<h1>Latchkey</h1><p>The whole API as an OpenAPI 3.1 document: <a href="/openapi.json">/openapi.json</a></p>
<nav><h2>Guides</h2>${links(Object.keys(guides))}<h2>Resources</h2>${links([...topics.keys()])}</nav>`;
}

/** @param path below `/docs`, without slashes at its ends. @returns undefined where there is no page */
export function referencePage(path: string, routes: readonly RouteFacts[], changes: readonly VersionChange[]): string | undefined {
  const topics = topicsOf(routes);
  if (path === '' || path === 'api') return page('Reference', indexPage(topics));
  const name = /^api\/([a-z0-9-]+)$/.exec(path)?.[1] ?? '';
  const topic = topics.get(name);
  if (topic) return page(name, topicPage(topic));
  return Object.hasOwn(guides, name) ? page(name, guides[name]!(changes)) : undefined;
}
