/** What is kept of a request (spec/events.md 7). Pure. */
import { isUtf8 } from 'node:buffer';
import { goesAt } from '../event-logs/life.ts';
import type { KernelConfig } from '../kernel/config.ts';
import { isSensitive, mask, maskedJson } from '../kernel/events/masking.ts';
import { type Json, type JsonObject, stringifyJson } from '../kernel/http/json.ts';
import { camelKeys } from '../kernel/http/keys.ts';
import type { Served } from '../kernel/http/serve.ts';
import { isFromOurPages } from '../kernel/names.ts';
import type { requestLogs } from './request-log.table.ts';

export type NewRequestLog = typeof requestLogs.$inferInsert;

const keptRequestHeaders = ['Accept', 'Content-Length', 'Content-Type', 'Origin', 'Host'];
const keptResponseHeaders = [
  ...['Content-Length', 'Content-Type', 'Date', 'Digest', 'Keygen-Account', 'Keygen-Bearer', 'Keygen-Date', 'Keygen-Digest', 'Keygen-Edition'],
  ...['Keygen-Environment', 'Keygen-License', 'Keygen-Mode', 'Keygen-Signature', 'Keygen-Token', 'Keygen-Version'],
];

const noNulls = (text: string): string => text.replaceAll('\0', '');

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Path and query with the values of sensitive parameters replaced. */
function shownUrl(raw: string): string {
  const mark = raw.indexOf('?');
  if (mark < 0) return raw;
  const parts = raw
    .slice(mark + 1)
    .split('&')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals >= 0 && isSensitive(decoded(part.slice(0, equals))) ? `${part.slice(0, equals)}=[FILTERED]` : part;
    });
  return `${raw.slice(0, mark)}?${parts.join('&')}`;
}

function requestBody({ context, incoming }: Served, limit: number): string | null {
  const { body } = context!;
  if (!('meta' in body || 'data' in body) || !incoming.body || incoming.body.length > limit) return null;
  const { meta, data } = body as JsonObject;
  return stringifyJson(camelKeys(mask({ ...(meta !== undefined && { meta }), ...(data !== undefined && { data }) }) as Json));
}

function responseBody({ body, headers, json }: Served['outgoing'], limit: number): string | null {
  const type = headers['Content-Type'] ?? '';
  if (body.length === 0 || body.length > limit) return null;
  if (json !== undefined) return maskedJson(json, body.toString());
  return /^text\/(?:plain|html)/.test(type) ? noNulls(body.toString()) : null;
}

/** Header values come byte by byte: they may be UTF-8, or nothing that can be read. */
function shownAgent(agent: string | undefined): string | null {
  if (agent === undefined || agent === '') return null;
  const bytes = Buffer.from(agent, 'latin1');
  const wide = /[^\0-\xff]/.test(agent);
  if (!wide && !isUtf8(bytes)) return null;
  return (wide ? agent : bytes.toString()).replace(/[^\0-\x7f]/gu, '?');
}

function kept(names: readonly string[], value: (name: string) => string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const found = value(name);
    if (found !== undefined) headers[name] = found;
  }
  return headers;
}

/** The length is added by the socket's side, later than headers are made. */
const responseHeaders = ({ headers, body }: Served['outgoing']): Record<string, string> =>
  kept(keptResponseHeaders, (name) => (name === 'Content-Length' && body.length > 0 ? String(Buffer.byteLength(body)) : headers[name]));

/** An instant as proxies write it: seconds with a fraction, or milli- or microseconds. */
function milliseconds(header: string | undefined): number | undefined {
  const [, whole, fraction = '0'] = /(\d{10,})(?:\.(\d+))?/.exec(header ?? '') ?? [];
  if (whole === undefined) return undefined;
  return whole.length > 12 ? Number(whole) / 10 ** (whole.length - 13) : Math.round(Number(`${whole}.${fraction}`) * 1000);
}

/** The row of a request log. @returns undefined for requests that are not logged (spec/events.md 7.2) */
export function requestLogOf(served: Served, config: KernelConfig): NewRequestLog | undefined {
  const { context, incoming, outgoing } = served;
  const { maxLoggedBodyBytes } = config;
  if (!context?.account || !context.route.logged) return undefined;
  if (isFromOurPages(config, incoming.headers.origin)) return undefined;
  const { headers } = incoming;
  const limit = maxLoggedBodyBytes ?? Number.POSITIVE_INFINITY;
  const received = context.now.getTime();
  const begun = milliseconds(headers['x-request-start'] ?? headers['x-queue-start']);
  const createdAt = begun !== undefined && begun <= received ? new Date(begun) : context.now;
  return {
    id: served.id,
    accountId: context.account.id,
    environmentId: context.environment?.id ?? null,
    createdAt,
    updatedAt: createdAt,
    expiresAt: goesAt(createdAt, context.account.plan?.requestLogRetentionDuration ?? null, config),
    url: shownUrl(incoming.target.raw),
    method: incoming.method,
    status: String(outgoing.status),
    ip: incoming.ip || null,
    userAgent: shownAgent(headers['user-agent']),
    requestorType: context.bearer ? `${context.bearer.kind}s` : null,
    requestorId: context.bearer?.id ?? null,
    resourceType: context.requestResource?.type ?? null,
    resourceId: context.requestResource?.id ?? null,
    requestHeaders: kept(keptRequestHeaders, (name) => headers[name.toLowerCase()]),
    requestBody: requestBody(served, limit),
    responseHeaders: responseHeaders(outgoing),
    responseBody: responseBody(outgoing, limit),
    responseSignature: outgoing.headers['Keygen-Signature'] ?? null,
    queueTime: received - createdAt.getTime(),
    runTime: served.milliseconds,
  };
}
