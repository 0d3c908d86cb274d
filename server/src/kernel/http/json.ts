/** JSON bodies: bytes to values and values to text, with integers of any size and floats kept apart (spec/http.md 4.1). */
import { isUtf8 } from 'node:buffer';
import { maximumDepth, parseTolerant } from './json-tolerant.ts';
import { Float, isJsonObject, type Json, type JsonObject, rawJson } from './json-value.ts';
import { WireError } from './wire-error.ts';

export { Float, isJsonObject, type Json, type JsonObject } from './json-value.ts';

/** Numbers that the native parser would change: integers that may be unsafe, float literals. May also hit inside a text, which only costs time. */
const lossyNumber = /(?:^|"\s*:\s*|[,[]\s*)-?(?:\d{16}|\d{1,15}[.eE])/;
/** Surrogate escapes that may be lone. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

export const hasLossyNumber = (text: string): boolean => lossyNumber.test(text);

/**
 * Parses a request body. An empty body is `{}`, and a list or scalar X is `{ data: X }`. Objects keep the order of the keys as sent, except that a JS object
 * moves keys that look like array indexes ("1") to the front: that decides only which of several unknown keys is reported.
 * Throws `WireError` JSON_INVALID (spec/http.md 4.1).
 */
export function parseJson(bytes: Buffer): JsonObject {
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw new WireError('JSON_INVALID', 'not UTF-8');
  const value = parseText(bytes.toString(), bytes);
  return isJsonObject(value) ? value : { data: value };
}

function parseText(text: string, bytes: Buffer): Json {
  if (lossyNumber.test(text) || surrogateEscape.test(text) || isDeep(bytes)) return parseTolerant(text);
  try {
    return JSON.parse(text) as Json;
  } catch {
    return parseTolerant(text);
  }
}

/** Whether a valid text nests beyond the limit. Each level takes two brackets, so a short text cannot. */
function isDeep(bytes: Buffer): boolean {
  if (bytes.length <= 2 * maximumDepth) return false;
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) inText = !inText;
    else if (inText) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maximumDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

const writeBigInt = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? rawJson(String(value)) : value);

/**
 * JSON text, with BigInt in full and `Float` with its fraction. A replacer makes native stringifying take twice as long, so it is used only when the native
 * one stumbles over a BigInt; that needs no change of BigInt's prototype, which belongs to whoever embeds the server. Throws TypeError for circles.
 */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, writeBigInt);
  }
}

/** The type of a value as messages name it (spec/http.md 5.3). */
export function jsonType(value: Json): 'null' | 'array' | 'object' | 'float' | 'integer' | 'string' | 'boolean' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Float) return 'float';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return typeof value as 'object' | 'string' | 'boolean';
}
