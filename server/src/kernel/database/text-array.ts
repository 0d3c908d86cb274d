import { parameter } from './values.ts';

/** Characters that JSON writes otherwise than an array's text does. */
const unlike = /[\0-\x1f\x7f\ud800-\udfff]/;

/** A quoted element; where JSON's quoting is the same, the native one is several times as fast. */
const quoted = (text: string): string => (unlike.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : JSON.stringify(text));

function element(value: unknown): string {
  if (Array.isArray(value)) return quoted(textArray(value));
  const plain = parameter(value);
  return plain === null ? 'NULL' : quoted(String(plain));
}

/** A list as PostgreSQL writes a one-dimensional array: `{"a",NULL}`. Lists within it are texts of that form, objects JSON, instants ISO texts; absent is NULL. */
export const textArray = (values: readonly unknown[]): string => `{${values.map(element).join(',')}}`;
