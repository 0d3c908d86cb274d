/** Who the client is, behind proxies (spec/http.md 1.1). */
import ipaddr from 'ipaddr.js';

const alwaysTrusted = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal']);

const parse = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address) : undefined);

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

/** The client's address: the last one in `X-Forwarded-For` that no trusted proxy has. Loopback and private ranges are trusted, and those configured. */
export function clientAddress(peer: string, forwarded: string | undefined, trusted: readonly string[]): string {
  const own = parse(peer)?.toString() ?? peer;
  if (forwarded === undefined) return own;
  const isTrusted = (address: string) => alwaysTrusted.has(parse(address)?.range() ?? '') || inRanges(address, trusted);
  const chain = [...forwarded.split(',').map((part) => part.trim()), own];
  const client = chain.toReversed().find((address) => !isTrusted(address)) ?? chain[0]!;
  return parse(client)?.toString() ?? own;
}
