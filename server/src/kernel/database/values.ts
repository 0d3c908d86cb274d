import { stringifyJson } from '../http/json.ts';
import { parseArrayText } from './array-text.ts';
import { parseColumn } from './json.ts';

/** Type ids of pg_type that the drivers are told about. */
export const oid = { bytea: 17, int8: 20, json: 114, textArray: 1009, jsonb: 3802, date: 1082, timestamp: 1114, timestamptz: 1184 } as const;

const int8 = (text: string): number | bigint => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
};
const same = (text: string): string => text;

/** An instant as Postgres writes it, in milliseconds precision. */
export const parseInstant = (text: string): Date => new Date(text);

/** How values that leave the database are read, on both drivers, by type id. */
export const parsers: Record<number, (text: string) => unknown> = {
  [oid.int8]: int8,
  [oid.json]: parseColumn,
  [oid.jsonb]: parseColumn,
  [oid.textArray]: parseArrayText,
  [oid.bytea]: (text) => Buffer.from(text.slice(2), 'hex'),
  [oid.date]: same,
  [oid.timestamp]: same,
};

/** A parameter of raw SQL as both drivers take it: instants, objects and bigints as text, absent as null. */
export function parameter(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) return value;
  return stringifyJson(value);
}
