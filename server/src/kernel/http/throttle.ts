/** Rate limits (spec/http.md 11.2, 11.3; spec/auth.md 12): which rules there are. What they count with is in counters.ts. */
import { createHash } from 'node:crypto';
import type { KernelConfig } from '../config.ts';
import { parseUuid } from '../id.ts';
import { inRanges } from './address.ts';
import { type Counters, MemoryCounters } from './counters.ts';
import { apiError } from './errors.ts';
import type { Headers } from './headers.ts';
import type { Incoming } from './incoming.ts';
import { parseJson } from './json.ts';
import { snakeKeys } from './keys.ts';

export interface Throttle {
  /** Counts a request. @returns headers for its response. @throws {ApiError} 429, 403 */
  admit(incoming: Incoming, now: Date): Headers | Promise<Headers>;
}

type Limits = NonNullable<KernelConfig['rateLimits']>;

/** A request as rules see it. */
interface Asked extends Pick<Incoming, 'method' | 'headers' | 'body' | 'ip'> {
  /** Decoded and tidy. */
  path: string;
  query: string;
  /** The account as the path names it; undefined on paths without one. */
  account: string | undefined;
  /** What follows the account in the path. */
  rest: string;
}

interface Rule {
  /** Name of its window, as headers tell it. */
  window: string;
  seconds: number;
  limit: number;
  /** What requests are counted by besides account and address; undefined: the rule does not concern this one. */
  subject(asked: Asked): string | undefined;
}

const minute = 60;
const hour = 3600;
/** Bodies of password resets are small; longer ones are counted together, unread. */
const longestRead = 16_384;

/** E-mail and password of basic credentials (spec/auth.md 2.2). */
function basicEmail(authorization: string | undefined): string | undefined {
  const encoded = /^\s*basic\s(.*)$/is.exec(authorization ?? '')?.[1];
  const [, email, password] = /^([^:]*@[^:]*):(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return password === undefined ? undefined : email!.toLowerCase();
}

/** `meta.email` of a body that nobody has parsed yet. */
function emailInBody(body: Buffer | undefined): string | undefined {
  if (!body || body.length === 0) return undefined;
  if (body.length > longestRead) return '';
  try {
    const { meta } = snakeKeys(parseJson(body)) as { meta?: { email?: unknown } | null };
    return typeof meta?.email === 'string' ? meta.email.trim().toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

/** An identifier in one spelling, so that another one gets no new window. */
const spelled = (identifier: string): string => parseUuid(identifier) ?? identifier.toLowerCase();

const userOf = (rest: string, pattern: RegExp): string | undefined => {
  const user = pattern.exec(rest)?.[1];
  return user === undefined ? undefined : spelled(user);
};

/** Attempts on credentials, only below an account that the path names (spec/http.md 11.3, rules 3 to 6). */
const attempts: readonly Rule[] = [
  {
    window: 'auth',
    seconds: minute,
    limit: 5,
    subject: ({ method, rest, headers }) => (method === 'POST' && rest === '/tokens' ? basicEmail(headers.authorization) : undefined),
  },
  {
    window: 'rstpwd',
    seconds: hour,
    limit: 5,
    subject: ({ method, rest, body }) => (method === 'POST' && rest === '/passwords' ? emailInBody(body) : undefined),
  },
  {
    window: 'mutpwd',
    seconds: 10 * minute,
    limit: 5,
    subject: ({ method, rest }) => (method === 'POST' ? userOf(rest, /^\/users\/([^/]+)\/actions\/(?:update|reset)-password$/) : undefined),
  },
  {
    window: 'mutmfa',
    seconds: 10 * minute,
    limit: 5,
    subject: ({ method, rest }) => {
      if (method === 'POST') return userOf(rest, /^\/users\/([^/]+)\/second-factors$/);
      return ['PATCH', 'PUT', 'DELETE'].includes(method) ? userOf(rest, /^\/users\/([^/]+)\/second-factors\/[^/]+$/) : undefined;
    },
  },
];

const probe = /\/etc\/passwd|\/etc\/profile|\/wp-content|\/wp-admin|\/wp-login|\/cgi-bin/i;
const script = /\.(?:php|cgi)$/i;
const probes = { count: 3, seconds: 10 * minute, blockSeconds: 30 * minute };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Whatever a request authenticates with. */
function credential({ headers, query }: Asked): string {
  const inQuery = /(?:^|&)(?:token|auth)=([^&]*)/.exec(query)?.[1];
  return headers.authorization ?? inQuery ?? headers.cookie ?? '';
}

/** All requests of a client (rules 1, 2). */
function perClient({ perSecond, perMinute }: Limits): Rule[] {
  const rule = (window: string, seconds: number, limit: number | null): Rule[] =>
    limit === null ? [] : [{ window, seconds, limit, subject: (asked) => sha256(credential(asked)) }];
  return [...rule('1s', 1, perSecond), ...rule('1m', minute, perMinute)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function asked({ method, headers, body, ip, target }: Incoming): Asked {
  const path = decoded(target.route);
  const [, account, rest = ''] = /^\/v1\/accounts\/([^/]+)(\/.*)?$/s.exec(path) ?? [];
  return { method, headers, body, ip, path, query: target.query, account: account === undefined ? undefined : spelled(account), rest };
}

const headersOf = (window: string, count: number, limit: number, remaining: number, reset: number): Headers => ({
  'X-RateLimit-Window': window,
  'X-RateLimit-Count': String(count),
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Remaining': String(remaining),
  'X-RateLimit-Reset': String(reset),
});

const blocked = () => apiError('ADDRESS_BLOCKED', { headers: headersOf('blacklist', 0, 0, 0, 0) });

/** A rule's window at an instant, with what was counted in it. */
interface Counted {
  rule: Rule;
  count: number;
  /** Unix seconds. */
  ends: number;
}

export class RateLimits implements Throttle {
  readonly #limits: Limits;
  readonly #counters: Counters;
  readonly #perClient: readonly Rule[];

  constructor(limits: Limits, counters: Counters = new MemoryCounters()) {
    this.#limits = limits;
    this.#counters = counters;
    this.#perClient = perClient(limits);
  }

  async admit(incoming: Incoming, now: Date): Promise<Headers> {
    const { allow, block } = this.#limits;
    const request = asked(incoming);
    if (allow.length > 0 && inRanges(request.ip, allow)) return {};
    if (block.length > 0 && inRanges(request.ip, block)) throw blocked();
    await this.#probes(request, now);
    const general = await this.#count(this.#perClient, request, now);
    if (request.account !== undefined) await this.#count(attempts, request, now);
    const closest = general.toSorted((a, b) => b.count / b.rule.limit - a.count / a.rule.limit)[0];
    return closest ? headersOf(closest.rule.window, closest.count, closest.rule.limit, closest.rule.limit - closest.count, closest.ends) : {};
  }

  /** Rule 7. The probes themselves are answered; whoever has sent enough of them is not heard any more. */
  async #probes({ ip, path, query }: Asked, now: Date): Promise<void> {
    const block = `block ${ip}`;
    if ((await this.#counters.read(block, now)) > 0) throw blocked();
    if (!probe.test(path) && !probe.test(decoded(query)) && !script.test(path)) return;
    const ends = windowEnd(probes.seconds, now);
    const count = await this.#counters.add(`probe ${ip} ${ends}`, new Date(ends * 1000), now);
    if (count >= probes.count) await this.#counters.add(block, new Date(now.getTime() + probes.blockSeconds * 1000), now);
  }

  /** @throws {ApiError} 429 */
  async #count(rules: readonly Rule[], request: Asked, now: Date): Promise<Counted[]> {
    const counted: Counted[] = [];
    for (const rule of rules) {
      const subject = rule.subject(request);
      if (subject === undefined) continue;
      const ends = windowEnd(rule.seconds, now);
      const key = `${rule.window} ${ends} ${request.ip} ${sha256(`${request.account ?? ''}\n${subject}`)}`;
      const count = await this.#counters.add(key, new Date(ends * 1000), now);
      if (count > rule.limit) throw tooMany(rule, count, ends, now);
      counted.push({ rule, count, ends });
    }
    return counted;
  }
}

/** Windows are aligned to the epoch. @returns unix seconds */
const windowEnd = (seconds: number, now: Date): number => (Math.floor(now.getTime() / 1000 / seconds) + 1) * seconds;

function tooMany({ window, limit }: Rule, count: number, ends: number, now: Date) {
  const wait = Math.max(1, Math.ceil(ends - now.getTime() / 1000));
  return apiError('TOO_MANY_REQUESTS', { headers: { ...headersOf(window, count, limit, 0, ends), 'Retry-After': String(wait) } });
}
