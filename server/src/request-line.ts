import type { Served } from './kernel/http/serve.ts';

/** What the server's own log tells of a request. Neither path nor query nor headers as they were sent: license keys and tokens stand in them. */
export function requestLine({ id, incoming, outgoing, context, kind, milliseconds }: Served): Record<string, unknown> {
  const { account, bearer, requestResource } = context ?? {};
  return {
    requestId: id,
    method: incoming.method,
    route: context?.route.name ?? kind ?? 'refused',
    status: outgoing.status,
    ms: Math.round(milliseconds * 10) / 10,
    ip: incoming.ip,
    ...(account && { account: account.id }),
    ...(bearer && { bearer: `${bearer.kind}s/${bearer.id}` }),
    ...(requestResource && { resource: `${requestResource.type}/${requestResource.id}` }),
  };
}

/** A failure without the parameters of the query that failed: keys and digests stand among them. */
export function loggable(failure: unknown): unknown {
  if (!(failure instanceof Error) || !('params' in failure)) return failure;
  return Object.assign(new Error('a query failed'), {
    query: (failure as { query?: unknown }).query,
    cause: failure.cause,
    stack: failure.stack?.split('\n    at ').slice(1).join('\n    at '),
  });
}
