/** URLs of customers: products' and webhook endpoints' (spec/http.md 10.3, spec/events.md 3.4). */
import { type Facts, longer, type OpenRule, tooLong } from './rules.ts';

const characters = "(?:%[0-9a-f]{2}|[\\w.~!$&'()*+,;=:@/-])*";
/** RFC 3986 as far as it matters here: scheme, authority (userinfo, host, port), path, query and fragment, in ASCII without white space. */
const grammar = new RegExp(
  `^(?:(?<scheme>[a-z][a-z0-9+.-]*):)?(?://(?:[^\\s/?#@\\[\\]]*@)?(?<host>\\[[0-9a-f:.]+\\]|(?:%[0-9a-f]{2}|[\\w.~!$&'()*+,;=-])*)(?::\\d*)?(?=[/?#]|$))?${characters}(?:\\?(?:${characters}|[?\\[\\]])*)?(?:#(?:${characters}|[?\\[\\]])*)?$`,
  'i',
);

/** Hosts that customers' URLs may not name: the service's, and this server's own. */
function isForbidden(host: string, config: Facts['config']): boolean {
  if (host === 'localhost') return true;
  if (!config) return false;
  return [...config.names.forbiddenHosts, config.host, ...config.extraHosts, new URL(config.portalOrigin).hostname].includes(host);
}

/** What is wrong with a URL, as `[detail, kind]`; a URL that cannot be parsed has one fault, others may lack both scheme and host. */
export function urlFaults(url: string, protocols: readonly string[], config: Facts['config']): [string, string][] {
  const parts = /^[\x21-\x7e]+$/.test(url) ? grammar.exec(url)?.groups : undefined;
  if (!parts) return [['must be a valid URL', 'INVALID']];
  const faults: [string, string][] = [];
  const host = (parts.host ?? '').toLowerCase();
  if (!protocols.includes((parts.scheme ?? '').toLowerCase()))
    faults.push([`must be a valid URL using one of the following protocols: ${protocols.join(', ')}`, 'PROTOCOL_INVALID']);
  if (!/.\.[a-z]{2,}$/.test(host) || isForbidden(host, config)) faults.push(['must be a URL with a valid host', 'HOST_INVALID']);
  return faults;
}

/** Rules of a `url` attribute, to be spread into a list; null passes. @param limit in characters */
export const urlRules = <Row extends { url: string | null }>(protocols: readonly string[], limit: number): readonly OpenRule<Row>[] => [
  ({ url }, { config }) => {
    if (url === null) return undefined;
    const faults = urlFaults(url, protocols, config);
    if (longer(url, limit)) faults.push([tooLong(limit), 'TOO_LONG']);
    return faults.map(([detail, kind]) => ({ subject: 'url', detail, kind }));
  },
];
