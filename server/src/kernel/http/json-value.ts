/** JSON as the server holds it: integers beyond 2^53 are BigInt, float literals with a whole value are `Float`, and a JS number is either an integer or has a fraction. */
export type Json = null | boolean | number | bigint | string | Float | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** Text that `JSON.stringify` writes as it stands. */
export const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** A number written with a fraction or an exponent whose value is whole, such as `1.0` or `1e3`: a float, not an integer (spec/http.md 4.1). */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** Keeps the fraction, so that a float is still one when it comes back. */
  toJSON(): unknown {
    return rawJson(Math.abs(this.value) < 1e21 ? this.value.toFixed(1) : String(this.value));
  }

  valueOf(): number {
    return this.value;
  }
}

/** Sets an own property whatever its name: a plain assignment to `__proto__` would change the object's prototype. */
export function put<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Whether a value is a JSON object: neither a list nor a `Float`. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float);
