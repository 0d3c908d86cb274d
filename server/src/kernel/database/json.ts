import { hasLossyNumber, stringifyJson } from '../http/json.ts';
import { parseTolerant } from '../http/json-tolerant.ts';
import { customType } from './drizzle.ts';

/** A json value as Postgres writes it, exactly: integers beyond 2^53 are BigInt, whole floats `Float` (kernel/http/json-value.ts). Both drivers read with it. */
export const parseColumn = (text: string): unknown => (hasLossyNumber(text) ? parseTolerant(text) : JSON.parse(text));

/** A jsonb column that keeps every number exactly; Drizzle's own `jsonb` throws on a BigInt, and reads a text such as "5" as a number. */
export const exactJson = customType<{ data: unknown; driverData: unknown }>({ dataType: () => 'jsonb', toDriver: stringifyJson });
