/** The two spellings of a key: snake case inside, lower camel case on the wire (spec/http.md 4.2). */
import { isJsonObject, type Json, type JsonObject, put } from './json-value.ts';
import { memoise } from './memo.ts';

/** Latin letters that are no base letter with an accent, so that Unicode does not decompose them. */
// biome-ignore format: one line reads as the table that it is
const ligatures: { [letter: string]: string } = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', þ: 'th', ð: 'd', đ: 'd', ħ: 'h', ı: 'i', ĳ: 'ij', ĸ: 'k', ł: 'l', ŀ: 'l', ŉ: 'n', ŋ: 'ng', ŧ: 't', ſ: 's',
};

/** Lower-case Latin letters without their accents. */
export const toAscii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/([a-z])\p{M}+/gu, '$1')
    .replace(/[^\0-\x7f]/gu, (letter) => ligatures[letter] ?? letter);

function toSnake(text: string): string {
  const words = text
    .replaceAll('::', '/')
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replaceAll('-', '_')
    .toLowerCase();
  return toAscii(words)
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/_{2,}/g, '_')
    .replace(/^_|_$/g, '');
}

function toCamel(text: string): string {
  const words = text.replace(/_([a-z0-9]*)/gi, (_, rest: string) => rest.slice(0, 1).toUpperCase() + rest.slice(1).toLowerCase());
  return words.slice(0, 1).toLowerCase() + words.slice(1);
}

/** A key as sent → the normalised key (spec/http.md 4.2 rules 1, 2): `firstName`, `FIRST_NAME` and `first name` are all `first_name`. Idempotent. */
export const snakeKey = memoise(toSnake, 4096);

/** A normalised key → its spelling in documents and error pointers: `max_machines` → `maxMachines`. */
export const camelKey = memoise(toCamel, 4096);

function mapKeys(value: Json, spell: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, spell));
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) put(result, spell(key), mapKeys(value[key]!, spell));
  return result;
}

/** A copy of a parsed body with every key at every depth normalised; of keys that become equal the last one sent wins. Recursive: `parseJson` bounds the depth. */
export const snakeKeys = <T extends Json>(json: T): T => mapKeys(json, snakeKey) as T;

/** A copy of stored JSON (metadata) with every key at every depth in lower camel case (spec/http.md 7.4). */
export const camelKeys = <T extends Json>(json: T): T => mapKeys(json, camelKey) as T;
