/** The headers of responses (spec/http.md 11). */
import type { KernelConfig } from '../config.ts';

export type Headers = Record<string, string>;

/** On every routed response. */
const constant: Headers = {
  'Cache-Control': 'no-transform, no-store, max-age=0',
  'Content-Security-Policy': "default-src 'none'; report-uri /-/csp-reports; report-to csp-reports;",
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Content-Type-Options': 'nosniff',
  'X-XSS-Protection': '0',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Keygen-Edition': 'EE',
};

export function routedHeaders(config: KernelConfig): Headers {
  const endpoints = [{ url: `${config.baseUrl}/-/csp-reports` }];
  return {
    ...constant,
    'Report-To': `{ "group": "csp-reports", "max_age": 10886400, "endpoints": ${JSON.stringify(endpoints).replace('[{', '[{ ').replace('}]', ' }]').replace('"url":', '"url": ')} }`,
    'Keygen-Mode': config.mode,
    ...(config.revision !== null && { 'Keygen-Revision': config.revision }),
    ...(config.baseUrl.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' }),
  };
}

const exposed = [
  ...['keygen-accept-signature', 'keygen-signature', 'keygen-date', 'keygen-digest', 'keygen-account-id', 'keygen-bearer-id', 'keygen-token-id'],
  ...['keygen-account', 'keygen-bearer', 'keygen-token', 'keygen-environment', 'keygen-license', 'keygen-edition', 'keygen-mode', 'keygen-revision'],
  ...['keygen-version', 'x-ratelimit-window', 'x-ratelimit-count', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id'],
  ...['x-signature', 'date', 'digest'],
].join(', ');

/** On every response to a request with `Origin` (spec/http.md 11.5). */
export function corsHeaders(origin: string | undefined, portalOrigin: string): Headers {
  if (origin === undefined) return {};
  const portal = origin === portalOrigin;
  return {
    'Access-Control-Allow-Origin': portal ? origin : '*',
    ...(portal && { 'Access-Control-Allow-Credentials': 'true' }),
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'Access-Control-Expose-Headers': exposed,
    'Access-Control-Max-Age': '86400',
    Vary: 'Origin',
  };
}
