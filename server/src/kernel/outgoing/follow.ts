import type { Call, Caller, Reply } from './caller.ts';

/** Redirects that lose the body and become a GET, and those that repeat the request. */
const becomesGet = new Set([301, 302, 303]);
const repeats = new Set([307, 308]);

/** The next request of a redirect; undefined: the reply is the last one. */
function next(call: Call, { status, location }: Reply): Call | undefined {
  if (location === undefined || !(becomesGet.has(status) || repeats.has(status))) return undefined;
  const url = new URL(location, call.url);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`a redirect to ${url.protocol} is not followed`);
  const { Authorization: _, ...open } = call.headers;
  const headers = url.origin === call.url.origin ? call.headers : open;
  if (repeats.has(status)) return { ...call, url, headers };
  const { body: __, ...rest } = call;
  const { 'Content-Type': ___, ...bodiless } = headers;
  return { ...rest, method: 'GET', url, headers: bodiless };
}

/** Sends a request and follows at most `limit` redirects; one more is an error (spec/events.md 5.2). */
export async function callThrough({ call: send }: Caller, first: Call, limit = 4): Promise<Reply> {
  let call = first;
  for (let redirects = 0; ; redirects++) {
    const reply = await send(call);
    const following = next(call, reply);
    if (!following) return reply;
    if (redirects === limit) throw new Error(`more than ${limit} redirects`);
    call = following;
  }
}
