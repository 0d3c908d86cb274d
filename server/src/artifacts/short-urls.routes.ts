/** Short URLs of downloads, which are handed to people and package tools (spec/http.md 1.5, spec/distribution.md 17). */
import type { Route } from '../kernel/http/route.ts';
import { artifactDocument as document } from './artifact.document.ts';
import { downloads } from './download.ts';

const facts = { base: 'short', mode: 'multiplayer', methods: ['GET'], media: 'any', auth: 'optional', gated: true, logged: false, document } as const;
const one = { answers: 'artifacts', status: downloads.status } as const;
const many = { answers: 'artifacts[]', status: 200 } as const;

/** Version 1.0 knew artifacts by their filenames alone; later ones name a release first. @param routes all of the server: the same is answered as by them */
export function shortUrlRoutes(routes: () => readonly Route[]): Route[] {
  const by = (name: string): Route['run'] => routes().find((route) => route.name === name)!.run;
  const answered: Route['run'] = (context) => {
    const { id, '*': rest } = context.params;
    if (context.version > '1.0') return by(rest === undefined ? 'releases.artifacts.list' : 'releases.artifacts.show')(context);
    context.params = { ...context.params, '*': rest === undefined ? id! : `${id}/${rest}` };
    return by('artifacts.show')(context);
  };
  return [
    {
      ...facts,
      ...many,
      name: 'short-urls.account',
      path: '/:account',
      until: '1.0',
      summary: 'List release artifacts',
      run: (context) => by('artifacts.list')(context),
    },
    { ...facts, ...many, name: 'short-urls.release', path: '/:account/:id', summary: 'List the release artifacts of a release', run: answered },
    { ...facts, ...one, name: 'short-urls.artifact', path: '/:account/:id/*', summary: 'Show a release artifact of a release', run: answered },
  ];
}
