/** What logs do not tell (spec/events.md 8). */
import { Float, stringifyJson } from '../http/json.ts';
import { memoise } from '../http/memo.ts';

const sensitive = /passw|digest|priv|key|token|secret|crypt|salt|certificate|otp|redirect|cvv|cvc|ssn|auth/i;

export const isSensitive = memoise((name: string): boolean => sensitive.test(name), 4096);

/** Values that look like objects and are none. */
const isScalarObject = (value: unknown): value is Date | Float => value instanceof Date || value instanceof Float;

function maskText(text: string): string {
  const characters = [...text];
  if (characters.length < 2) return '...';
  const shown = characters.length < 20 ? 1 : 4;
  return `${characters.slice(0, shown).join('')}...${characters.slice(-shown).join('')}`;
}

/** Masks a value whole: structure and keys stay. */
export function maskValue(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(maskValue);
  if (isScalarObject(value)) return maskText(value instanceof Date ? value.toISOString() : stringifyJson(value));
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item)]));
  return maskText(String(value));
}

/** Masks the sensitive members of a JSON value, at every depth that objects and lists of objects reach. What has none to mask is returned as it is, not copied. */
export function mask(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isScalarObject(value)) return value;
  return Array.isArray(value) ? maskList(value) : maskObject(value as Record<string, unknown>);
}

function maskList(list: unknown[]): unknown[] {
  const masked = list.map((item) => (Array.isArray(item) ? item : mask(item)));
  return masked.some((item, index) => item !== list[index]) ? masked : list;
}

function maskObject(object: Record<string, unknown>): Record<string, unknown> {
  let masked = object;
  for (const key of Object.keys(object)) {
    const value = object[key];
    const shown = isSensitive(key) ? maskValue(value) : mask(value);
    if (shown === value) continue;
    if (masked === object) masked = { ...object };
    masked[key] = shown;
  }
  return masked;
}

/** The members that `mask` changes, in the order of the value's JSON. @returns false when a list within a list may have such that stay as they are */
function sensitiveMembers(value: unknown, found: [key: string, value: unknown][]): boolean {
  if (typeof value !== 'object' || value === null || isScalarObject(value)) return true;
  if (Array.isArray(value)) return value.every((item) => !Array.isArray(item) && sensitiveMembers(item, found));
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (!isSensitive(key)) {
      if (!sensitiveMembers(item, found)) return false;
    } else if (item !== null && item !== undefined && typeof item !== 'boolean') found.push([key, item]);
  }
  return true;
}

/**
 * The JSON of what `mask` makes of a value, for one whose JSON is at hand: the sensitive members are replaced in the text, which for a document of some
 * kilobytes takes half the time of writing it anew. The first place that has such a member's key and value
 * is the member, since texts within the JSON have their quotes escaped.
 */
export function maskedJson(value: unknown, text: string): string {
  const found: [key: string, value: unknown][] = [];
  if (!sensitiveMembers(value, found)) return stringifyJson(mask(value));
  let masked = '';
  let from = 0;
  for (const [key, item] of found) {
    const name = JSON.stringify(key);
    const plain = `${name}:${stringifyJson(item)}`;
    const at = text.indexOf(plain, from);
    if (at < 0) return stringifyJson(mask(value));
    masked += `${text.slice(from, at)}${name}:${stringifyJson(maskValue(item))}`;
    from = at + plain.length;
  }
  return masked + text.slice(from);
}
