/** Parts of objects, and whether a client has them already (RFC 9110). Pure. */

export interface Range {
  /** Bytes, both included. */
  first: number;
  last: number;
}

/**
 * What a `Range` header asks for of so many bytes. Of what is malformed, or several ranges, nothing is taken notice of, as the RFC allows.
 * @returns undefined: everything
 */
export function rangeOf(header: string | undefined, length: number): Range | 'unsatisfiable' | undefined {
  const [, from, to] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return Number(to) === 0 || length === 0 ? 'unsatisfiable' : { first: Math.max(0, length - Number(to)), last: length - 1 };
  const first = Number(from);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= length ? 'unsatisfiable' : { first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}

/** An object as conditions look at it; the etag in quotes. */
interface Version {
  etag: string;
  modified: Date;
}

type Headers = Readonly<Record<string, string | undefined>>;

const tags = (header: string): string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
/** HTTP dates know no milliseconds. */
const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
const isNotAfter = (modified: Date, header: string | undefined): boolean => header !== undefined && seconds(modified) <= Date.parse(header) / 1000;

/** Whether the client has this version, by its `If-None-Match`, or else its `If-Modified-Since`. */
export function isKnown(headers: Headers, { etag, modified }: Version): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) return match.trim() === '*' || tags(match).includes(etag);
  return isNotAfter(modified, headers['if-modified-since']);
}

/** Whether a range of this version is of use to the client, by its `If-Range`. */
export function rangeApplies(headers: Headers, { etag, modified }: Version): boolean {
  const condition = headers['if-range']?.trim();
  if (condition === undefined) return true;
  return condition.startsWith('"') ? condition === etag : Date.parse(condition) / 1000 === seconds(modified);
}
