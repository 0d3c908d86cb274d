/** Who the client is, behind proxies (spec/http.md 1.1). */
import ipaddr from 'ipaddr.js';
import { memoise } from './memo.ts';

const alwaysTrusted = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal']);

const parse = memoise((address: string) => (ipaddr.isValid(address) ? ipaddr.process(address) : undefined), 4096);

/** Whether an address lies in one of the ranges (`10.0.0.0/8`, or a single address). */
export function inRanges(address: string, ranges: readonly string[]): boolean {
  const parsed = parse(address);
  if (!parsed) return false;
  return ranges.some((range) => {
    const [network, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.process(range), undefined];
    if (network.kind() !== parsed.kind()) return false;
    return parsed.match(network as never, (bits ?? (parsed.kind() === 'ipv4' ? 32 : 128)) as never);
  });
}

/** Whether an address is a proxy's that may say for whom it speaks: loopback, private ranges, and those configured. */
export const isTrustedProxy = (address: string, configured: readonly string[]): boolean =>
  alwaysTrusted.has(parse(address)?.range() ?? '') || inRanges(address, configured);

/** The client's address: the last one in `X-Forwarded-For` that no trusted proxy has. */
export function clientAddress(peer: string, forwarded: string | undefined, trusted: readonly string[]): string {
  const own = parse(peer)?.toString() ?? peer;
  if (forwarded === undefined) return own;
  const chain = [...forwarded.split(',').map((part) => part.trim()), own];
  const client = chain.toReversed().find((address) => !isTrustedProxy(address, trusted)) ?? chain[0]!;
  return parse(client)?.toString() ?? own;
}
