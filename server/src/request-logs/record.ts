/** What is kept of a request (spec/events.md 7). Pure. */
import { isSensitive, mask } from '../kernel/events/masking.ts';
import type { Context } from '../kernel/http/context.ts';
import type { Json } from '../kernel/http/json.ts';
import { stringifyJson } from '../kernel/http/json.ts';
import { camelKeys } from '../kernel/http/keys.ts';
import type { Served } from '../kernel/http/serve.ts';
import type { requestLogs } from './request-log.table.ts';

export type NewRequestLog = typeof requestLogs.$inferInsert;

const keptRequestHeaders = ['Accept', 'Content-Length', 'Content-Type', 'Origin', 'Host'];
const keptResponseHeaders = [
  ...['Content-Length', 'Content-Type', 'Date', 'Digest', 'Keygen-Account', 'Keygen-Bearer', 'Keygen-Date', 'Keygen-Digest', 'Keygen-Edition'],
  ...['Keygen-Environment', 'Keygen-License', 'Keygen-Mode', 'Keygen-Signature', 'Keygen-Token', 'Keygen-Version'],
];

const noNulls = (text: string): string => text.replaceAll('\0', '');

/** Path and query with the values of sensitive parameters replaced. */
function shownUrl(raw: string): string {
  const mark = raw.indexOf('?');
  if (mark < 0) return raw;
  const parts = raw
    .slice(mark + 1)
    .split('&')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals >= 0 && isSensitive(part.slice(0, equals)) ? `${part.slice(0, equals)}=[FILTERED]` : part;
    });
  return `${raw.slice(0, mark)}?${parts.join('&')}`;
}

function requestBody({ body }: Context): string | null {
  const kept = { ...('meta' in body && { meta: body.meta }), ...('data' in body && { data: body.data }) };
  return Object.keys(kept).length > 0 ? noNulls(stringifyJson(camelKeys(mask(kept) as Json))) : null;
}

function responseBody({ body, headers }: Served['outgoing']): string | null {
  const type = headers['Content-Type'] ?? '';
  if (body.length === 0 || typeof body !== 'string') return null;
  if (/json/.test(type)) return stringifyJson(mask(JSON.parse(body)));
  return /^text\/(?:plain|html)/.test(type) ? body : null;
}

const milliseconds = (header: string | undefined): number | undefined => {
  const digits = /(\d{10,})(?:\.(\d+))?/.exec(header ?? '');
  if (!digits) return undefined;
  const value = Number(digits[1]);
  return digits[1]!.length > 12 ? value / 10 ** (digits[1]!.length - 13) : value * 1000;
};

/** The row of a request log. @returns undefined for requests that are not logged (spec/events.md 7.2) */
export function requestLogOf(served: Served, dashboardOrigins: readonly string[]): NewRequestLog | undefined {
  const { context, incoming, outgoing } = served;
  if (!context?.account || !context.route.logged || dashboardOrigins.includes(incoming.headers.origin ?? '')) return undefined;
  const { headers } = incoming;
  const received = context.now.getTime();
  const begun = milliseconds(headers['x-request-start'] ?? headers['x-queue-start']);
  const createdAt = begun !== undefined && begun <= received ? new Date(begun) : context.now;
  const agent = headers['user-agent'] ?? '';
  return {
    id: served.id,
    accountId: context.account.id,
    environmentId: context.environment?.id ?? null,
    createdAt,
    updatedAt: createdAt,
    url: shownUrl(incoming.target.raw),
    method: incoming.method,
    status: String(outgoing.status),
    ip: incoming.ip || null,
    userAgent: agent === '' ? null : agent.replace(/[^\x20-\x7e]/g, '?'),
    requestorType: context.bearer ? `${context.bearer.kind}s` : null,
    requestorId: context.bearer?.id ?? null,
    resourceType: context.requestResource?.type ?? null,
    resourceId: context.requestResource?.id ?? null,
    requestHeaders: Object.fromEntries(
      keptRequestHeaders.flatMap((name) => (headers[name.toLowerCase()] === undefined ? [] : [[name, headers[name.toLowerCase()]!]])),
    ),
    requestBody: requestBody(context),
    responseHeaders: Object.fromEntries(keptResponseHeaders.flatMap((name) => (outgoing.headers[name] === undefined ? [] : [[name, outgoing.headers[name]!]]))),
    responseBody: responseBody(outgoing),
    responseSignature: outgoing.headers['Keygen-Signature'] ?? null,
    queueTime: received - createdAt.getTime(),
    runTime: served.milliseconds,
  };
}
