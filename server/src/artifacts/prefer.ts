import type { Context } from '../kernel/http/context.ts';

/** What a client prefers (spec/http.md 2.5): the header, and only where there is none the query. */
export function preferences({ headers, query }: Pick<Context, 'headers' | 'query'>): ReadonlySet<string> {
  const text = headers.prefer ?? query.prefer;
  return new Set(typeof text === 'string' ? text.split(',').map((token) => token.trim()) : []);
}
