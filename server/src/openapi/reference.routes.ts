import { stringifyJson } from '../kernel/http/json.ts';
import type { Answer, Route } from '../kernel/http/route.ts';
import { oncePerServer } from '../kernel/services.ts';
import { openApiDocument } from './document.ts';
import { html, page, pagePolicy } from './html.ts';
import { referencePage } from './reference.ts';

const open = { base: 'host', media: 'any', auth: 'none', gated: false, logged: false, methods: ['GET'], status: 200 } as const;

const htmlAnswer = (status: number, body: string): Answer => ({
  status,
  raw: { body, type: 'text/html; charset=utf-8' },
  headers: { 'Content-Security-Policy': pagePolicy },
});

/** The API's description for machines and for people. @param routes all of the server, these among them */
export function referenceRoutes(routes: () => readonly Route[]): Route[] {
  const described = oncePerServer(({ config }) => stringifyJson(openApiDocument(routes(), config.baseUrl)));
  const run: Route['run'] = async ({ params, services }) => {
    const path = (params['*'] ?? '').replace(/^\/+|\/+$/g, '');
    const found = referencePage(path, routes(), services.versions.changes);
    return found === undefined ? htmlAnswer(404, page('Not found', html`<h1>Not found</h1><p><a href="/docs">Reference</a></p>`)) : htmlAnswer(200, found);
  };
  return [
    {
      ...open,
      name: 'openapi',
      path: '/openapi.json',
      summary: 'The OpenAPI document',
      run: async ({ services }) => ({ status: 200, raw: { body: described(services), type: 'application/json; charset=utf-8' } }),
    },
    { ...open, name: 'docs', path: '/docs', summary: 'The reference', run },
    { ...open, name: 'docs.page', path: '/docs/*', summary: 'A page of the reference', run },
  ];
}
