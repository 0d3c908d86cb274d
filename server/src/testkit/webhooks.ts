/** Where webhooks go in tests: to servers of this machine, and else nowhere. */
import type { Call, Caller } from '../kernel/outgoing/caller.ts';
import { caller } from '../kernel/outgoing/caller.ts';

/** A call that was made, as tests see it. */
export type Sent = Pick<Call, 'method' | 'headers'> & { url: string; body: string | undefined };

const loopback = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Calls loopback servers for real; any other host is a sink that answers 200, so no test touches the network or waits for a resolver. Keeps what was sent. */
export function testCaller(): Caller & { sent: Sent[] } {
  const real = caller({ allowPrivate: true });
  const sent: Sent[] = [];
  return {
    sent,
    async call(call) {
      sent.push({ method: call.method, url: call.url.href, headers: call.headers, body: call.body });
      return loopback.test(call.url.hostname) ? real.call(call) : { status: 200, location: undefined, body: '' };
    },
    close: () => real.close(),
  };
}
